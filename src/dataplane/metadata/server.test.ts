import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectTo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manualClock } from "../../seams/clock.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { createAuthority } from "./authority.ts";
import type { MetadataServer, TaskCall, TaskRequest } from "./port.ts";
import { createMetadataServer } from "./server.ts";
import { proxyHeader } from "./testing.ts";

describe("metadata server", () => {
  const clock = manualClock();
  const logger = recordingLogger();
  let directory: string;
  let socketPath: string;
  let server: MetadataServer;
  let authority: ReturnType<typeof createAuthority>;
  const asked: TaskRequest[] = [];
  const answer = async (request: TaskRequest) => {
    asked.push(request);
    if (request.path === "/fails") throw new Error("scripted");
    return { status: request.method === "GET" ? 200 : 201, body: { path: request.path } };
  };
  /** Tells who was connected, and gives back what they send. */
  const connect = (socket: Socket, { vpcId, address, calledAddress }: TaskCall): void => {
    socket.write(`${vpcId} ${address} at ${calledAddress} `);
    socket.pipe(socket);
  };

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), "ng-metadata-"));
    socketPath = path.join(directory, "metadata.sock");
    const wall = { ...clock, wall: Date.now };
    authority = createAuthority({ file: path.join(directory, "authority.json"), clock: wall });
    // Long enough for those who are only held up by a busy machine.
    const limits = { timeoutMs: 4_000, checkEveryMs: 50 };
    server = createMetadataServer({ socketPath, authority, clock, logger, limits });
    await server.start();
    asked.length = 0;
    server.serve({ answer, connect });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const send = (...parts: Buffer[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connectTo(socketPath);
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

  it("a question: handed on with who asks, what for and its body; the query apart", async () => {
    expect(await get("vpc-b", "/v4/t-2/task?x=1")).toEqual({
      status: 200,
      body: { path: "/v4/t-2/task" },
    });
    const header = proxyHeader({ address: "10.0.1.5", uniqueId: "vpc-a" });
    const put = "PUT /api HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
    expect(await send(header, Buffer.from(put))).toMatch(/^HTTP\/1.1 201 /);
    expect(asked).toEqual([
      {
        caller: { vpcId: "vpc-b", address: "10.0.1.4" },
        method: "GET",
        path: "/v4/t-2/task",
        body: "",
      },
      { caller: { vpcId: "vpc-a", address: "10.0.1.5" }, method: "PUT", path: "/api", body: "{}" },
    ]);
  });

  it("headers or a body that do not end, too many headers: cut off, and others are answered", async () => {
    const from = proxyHeader({ address: "10.0.1.4", uniqueId: "vpc-a" });
    const slow = [
      send(from, Buffer.from("GET / HTTP/1.1\r\nHo")),
      send(from, Buffer.from("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab")),
    ];
    const many = send(from, Buffer.from(`GET / HTTP/1.1\r\n${"X-A: b\r\n".repeat(5_000)}\r\n`));
    expect(await get("vpc-b", "/v4/t-2/task")).toMatchObject({ status: 200 });
    expect(await many).toMatch(/^HTTP\/1.1 431 /);
    for (const one of slow) expect(await one).toMatch(/^HTTP\/1.1 408 /);
    expect(asked.map(({ path }) => path)).toEqual(["/v4/t-2/task"]);
  });

  it("an answer that fails: 500 and a line in the log, nothing of why", async () => {
    expect(await get("vpc-a", "/fails")).toEqual({ status: 500, body: "internal failure" });
    expect(logger.lines.some(({ level }) => level === "error")).toBe(true);
  });

  it("a body that is too long: 413", async () => {
    const header = proxyHeader({ address: "10.0.1.4", uniqueId: "vpc-a" });
    const head = `PUT /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${70_000}\r\n\r\n`;
    const text = await send(header, Buffer.from(head), Buffer.alloc(70_000, 97));
    expect(text).toMatch(/^HTTP\/1.1 413 /);
  });

  it("a connection to the port of AWS's APIs: handed on whole, with who it is", async () => {
    const header = proxyHeader({ address: "10.0.1.4", uniqueId: "vpc-a", port: 4566 });
    const socket = connectTo(socketPath);
    socket.end(Buffer.concat([header, Buffer.from("POST / HTTP/1.1")]));
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toBe("vpc-a 10.0.1.4 at 169.254.170.2 POST / HTTP/1.1");
    expect(asked).toEqual([]);
  });

  it("another address than the task endpoint's: AWS's APIs, at the port of plain HTTP too", async () => {
    const caller = { address: "10.0.1.4", uniqueId: "vpc-a" };
    const socket = connectTo(socketPath);
    socket.end(Buffer.concat([proxyHeader({ ...caller, to: "10.0.1.9" }), Buffer.from("GET /")]));
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toBe("vpc-a 10.0.1.4 at 10.0.1.9 GET /");
  });

  const speak = async (servername: string, ca: string | undefined): Promise<string> => {
    const caller = { address: "10.0.1.4", uniqueId: "vpc-a", to: "10.0.1.9", port: 443 };
    const below = connectTo(socketPath);
    below.write(proxyHeader(caller));
    const socket = connectTls({ socket: below, servername, ca });
    socket.on("secureConnect", () => socket.end("GET /"));
    let text = "";
    try {
      for await (const chunk of socket) text += chunk;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? "";
    }
    return text;
  };

  it("the port of TLS: certified by the engine's own authority for the name that is asked for", async () => {
    const ca = await authority.certificate();
    const said = "vpc-a 10.0.1.4 at 10.0.1.9 GET /";
    expect(await speak("ssm.eu-west-1.amazonaws.com", ca)).toBe(said);
    expect(await speak("vpce-1.logs.eu-west-1.vpce.amazonaws.com", ca)).toBe(said);
    expect(await speak("ssm.eu-west-1.amazonaws.com", undefined)).toMatch(/SELF_SIGNED/);
    expect(await speak("example.com", ca)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    const again = createAuthority({ file: path.join(directory, "authority.json"), clock });
    expect(await again.certificate()).toBe(ca);
  });

  it("before anybody answers: come again", async () => {
    const early = createMetadataServer({
      socketPath: `${socketPath}.early`,
      authority,
      clock,
      logger,
    });
    await early.start();
    const socket = connectTo(`${socketPath}.early`);
    socket.write(Buffer.concat([proxyHeader({ address: "10.0.1.4" }), http("/v4/x")]));
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1.1 503 /);
    await early.stop();
  });

  it("the header in pieces, the request behind it: answered", async () => {
    const header = proxyHeader({ address: "10.0.1.4", uniqueId: "vpc-a" });
    const answered = send(header.subarray(0, 9), header.subarray(9), http("/v4/ta-1"));
    expect(await answered).toContain('{"path":"/v4/ta-1"}');
  });

  it("several requests on one connection: each answered", async () => {
    const header = proxyHeader({ address: "10.0.1.4", uniqueId: "vpc-a" });
    const first = Buffer.from("GET /v4/ta-1 HTTP/1.1\r\nHost: x\r\n\r\n");
    const text = await send(header, first, http("/v4/ta-2"));
    expect(text).toContain('{"path":"/v4/ta-1"}');
    expect(text).toContain('{"path":"/v4/ta-2"}');
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
    const second = createMetadataServer({ socketPath, authority, clock, logger });
    await second.start();
    second.serve({ answer, connect });
    expect((await get("vpc-a", "/v4/tz-1")).status).toBe(200);
    await second.stop();
  });
});
