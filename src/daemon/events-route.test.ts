import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BusEvent } from "../loops/event-feed.ts";
import { eventsRoute } from "./events-route.ts";
import { closeServer, listen } from "./listen.ts";

const event = (id: string): BusEvent => ({
  version: "0",
  id,
  "detail-type": "ECS Task State Change",
  source: "aws.ecs",
  account: "1",
  time: "2026-01-01T00:00:00Z",
  region: "r",
  resources: [],
  detail: {},
});

describe("/_neargate/events", () => {
  const listeners = new Set<(event: BusEvent) => void>();
  const route = eventsRoute({
    recent: () => [event("a"), event("b")],
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const server = createServer((request, response) => {
    if (route.match(request)) void route.handle(request, response);
    else response.writeHead(404).end();
  });
  let url: string;
  beforeEach(async () => {
    url = `http://127.0.0.1:${await listen(server, "127.0.0.1", 0)}/_neargate/events`;
  });
  afterEach(() => closeServer(server));

  const idsIn = (text: string): string[] =>
    text
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as BusEvent).id);

  it("asked once: the events kept, one JSON a line, then the end", async () => {
    const response = await fetch(url);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(idsIn(await response.text())).toEqual(["a", "b"]);
    expect(listeners.size).toBe(0);
  });

  it("followed: those that come as well, until the reader leaves", async () => {
    const leave = new AbortController();
    const response = await fetch(`${url}?follow`, { signal: leave.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? "";
    while (listeners.size === 0) await new Promise(setImmediate);
    for (const listener of listeners) listener(event("c"));
    while (!text.includes('"c"')) text += (await reader?.read())?.value ?? "";
    expect(idsIn(text)).toEqual(["a", "b", "c"]);
    leave.abort();
    while (listeners.size > 0) await new Promise(setImmediate);
  });

  it("another method or path: not this route's", async () => {
    expect((await fetch(url, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${url}x`)).status).toBe(404);
  });
});
