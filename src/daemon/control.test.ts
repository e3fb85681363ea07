import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createControlApi } from "./control.ts";
import { closeServer, listen, PortTakenError } from "./listen.ts";

describe("control API", () => {
  const api = createControlApi([
    { method: "GET", path: "health", run: () => ({ status: "running" }) },
    { method: "POST", path: "echo", run: (body) => body },
  ]);
  const server = createServer((request, response) => {
    if (api.match(request)) void api.handle(request, response);
    else response.writeHead(404).end();
  });
  let base: string;
  beforeEach(async () => {
    base = `http://127.0.0.1:${await listen(server, "127.0.0.1", 0)}/_neargate/`;
  });
  afterEach(() => closeServer(server));

  it("a known route: JSON", async () => {
    const response = await fetch(`${base}health`);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({ status: "running" });
  });

  it("a body: handed to the route", async () => {
    const response = await fetch(`${base}echo`, { method: "POST", body: '{"seconds": 5}' });
    expect(await response.json()).toEqual({ seconds: 5 });
  });

  it.each([
    ["unknown", "GET", undefined, 404],
    ["health", "POST", undefined, 405],
    ["echo", "POST", "{", 400],
    ["echo", "POST", "[1]", 400],
    ["echo", "POST", `{"a":"${"x".repeat(70_000)}"}`, 413],
  ])("%s by %s with a bad body or name: refused in JSON", async (path, method, body, status) => {
    const response = await fetch(base + path, { method, ...(body && { body }) });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty("message");
  });

  it("a port that is taken: a sentence that says what to do", async () => {
    const port = Number(new URL(base).port);
    const second = listen(createServer(), "127.0.0.1", port);
    await expect(second).rejects.toThrow(PortTakenError);
    await expect(second).rejects.toThrow("--port");
  });
});
