import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manualClock } from "../../seams/clock.ts";
import { recordingLogger } from "../../seams/logger.ts";
import type { MetadataEntry, MetadataServer } from "./port.ts";
import { createMetadataServer } from "./server.ts";
import { proxyHeader } from "./testing.ts";

const entry = (vpcId: string, address: string, taskId: string): MetadataEntry => ({
  vpcId,
  address,
  task: { TaskARN: taskId },
  containers: [
    { runtimeId: `${taskId}-1`, document: { Name: "app" } },
    { runtimeId: `${taskId}-2`, document: { Name: "sidecar" } },
  ],
});

describe("metadata server", () => {
  const clock = manualClock();
  const logger = recordingLogger();
  let directory: string;
  let socketPath: string;
  let server: MetadataServer;

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "ng-metadata-"));
    socketPath = path.join(directory, "metadata.sock");
    server = createMetadataServer({ socketPath, clock, logger });
    await server.start();
    // Two VPCs with one CIDR: the address alone does not say who asks.
    server.set([entry("vpc-a", "10.0.1.4", "ta"), entry("vpc-b", "10.0.1.4", "tb")]);
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const send = (...parts: Buffer[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(socketPath);
      let text = "";
      socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      socket.on("close", () => resolve(text)).on("error", reject);
      for (const part of parts) socket.write(part);
    });
  const http = (target: string, method = "GET"): Buffer =>
    Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: 169.254.170.2\r\nConnection: close\r\n\r\n`);
  const get = async (vpcId: string, target: string, method = "GET") => {
    const header = proxyHeader({ address: "10.0.1.4", uniqueId: vpcId });
    const text = await send(Buffer.concat([header, http(target, method)]));
    const [head = "", body = ""] = text.split("\r\n\r\n");
    return { status: Number(head.split(" ")[1]), body: JSON.parse(body) as unknown };
  };

  it("a container's and its task's document, in both versions: the caller's own", async () => {
    for (const version of ["v3", "v4"]) {
      const container = await get("vpc-b", `/${version}/tb-2`);
      expect(container).toEqual({ status: 200, body: { Name: "sidecar" } });
      const task = await get("vpc-b", `/${version}/tb-2/task`);
      expect(task).toEqual({ status: 200, body: { TaskARN: "tb" } });
    }
  });

  it("statistics: null for each container, as before the first sample", async () => {
    expect(await get("vpc-a", "/v4/ta-1/stats")).toEqual({ status: 200, body: null });
    expect(await get("vpc-a", "/v4/ta-1/task/stats")).toEqual({
      status: 200,
      body: { "ta-1": null, "ta-2": null },
    });
  });

  it("the id of a task with the same address in another VPC: 404", async () => {
    expect((await get("vpc-a", "/v4/tb-1")).status).toBe(404);
    expect((await get("vpc-c", "/v4/tb-1")).status).toBe(404);
  });

  it("a task that has been taken from the table: 404", async () => {
    server.set([]);
    expect((await get("vpc-a", "/v4/ta-1")).status).toBe(404);
  });

  it("unknown paths, credentials, other methods: refused with words", async () => {
    expect(await get("vpc-a", "/v4/ta-1/nothing")).toMatchObject({ status: 404 });
    expect(await get("vpc-a", "/")).toMatchObject({ status: 404 });
    expect(await get("vpc-a", "/v4/ta-1", "PUT")).toMatchObject({ status: 405 });
    expect(await get("vpc-a", "/v2/credentials/0b9f")).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining("credentials") },
    });
  });

  it("the header in pieces, the request behind it: answered", async () => {
    const header = proxyHeader({ address: "10.0.1.4", uniqueId: "vpc-a" });
    const answered = send(header.subarray(0, 9), header.subarray(9), http("/v4/ta-1"));
    expect(await answered).toContain('{"Name":"app"}');
  });

  it("several requests on one connection: each answered", async () => {
    const header = proxyHeader({ address: "10.0.1.4", uniqueId: "vpc-a" });
    const first = Buffer.from("GET /v4/ta-1 HTTP/1.1\r\nHost: x\r\n\r\n");
    const text = await send(header, first, http("/v4/ta-2"));
    expect(text).toContain('{"Name":"app"}');
    expect(text).toContain('{"Name":"sidecar"}');
  });

  it("a connection with no PROXY header: closed without an answer", async () => {
    expect(await send(http("/v4/ta-1"))).toBe("");
  });

  it("a connection that sends nothing: closed after a while", async () => {
    const silent = send();
    await clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(10_000);
    expect(await silent).toBe("");
  });

  it("started where an engine was killed: takes the socket over", async () => {
    const second = createMetadataServer({ socketPath, clock, logger });
    await second.start();
    second.set([entry("vpc-a", "10.0.1.4", "tz")]);
    expect((await get("vpc-a", "/v4/tz-1")).status).toBe(200);
    await second.stop();
  });
});
