import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bodyLimit } from "./bodies/collected.ts";
import { read, type ServiceModule } from "./service.ts";
import { startTestGateway, type TestGateway } from "./testing.ts";

const sts: ServiceModule = {
  name: "sts",
  operations: {
    GetCallerIdentity: read<GetCallerIdentityRequest, GetCallerIdentityResponse>({
      action: "sts:GetCallerIdentity",
      resources: () => ["*"],
      accepts: {},
      run: () => ({ Account: "1" }),
    }),
  },
};

const call = "Action=GetCallerIdentity&Version=2011-06-15";
const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { "x-amz-target": "AmazonSSM.GetParameter" };

let cloud: TestGateway;
let extraCalls = 0;
beforeAll(async () => {
  const answer = (_request: unknown, response: { end(text: string): void }) => {
    extraCalls += 1;
    response.end("extra");
  };
  cloud = await startTestGateway([sts], {
    extraRoutes: [
      { match: ({ url }) => url?.startsWith("/app") ?? false, handle: answer, anyOrigin: true },
      { match: ({ url }) => url?.startsWith("/_neargate/") ?? false, handle: answer },
      {
        match: ({ url }) => url === "/reads",
        handle: async (request) => {
          for await (const _bytes of request) extraCalls += 1;
        },
      },
      {
        match: ({ url }) => url === "/broken",
        handle: () => Promise.reject(new Error("a broken route")),
      },
    ],
  });
});
afterAll(() => cloud.close());
beforeEach(() => {
  extraCalls = 0;
  cloud.logger.lines.length = 0;
});

type Answer = { status: number; headers: IncomingHttpHeaders; body: string; continued: boolean };

type Call = {
  headers?: Record<string, string>;
  body?: string | Buffer;
  path?: string;
  method?: string;
};

/** `fetch` does not let one set Host. */
function send({ headers = form, body = call, path = "/", method = "POST" }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let continued = false;
    const request = httpRequest(
      { host: "127.0.0.1", port: cloud.port, method, path, headers, agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
            continued,
          }),
        );
      },
    );
    request.on("error", reject);
    if (headers["expect"]) {
      request.on("continue", () => {
        continued = true;
        request.end(body);
      });
      request.flushHeaders();
    } else {
      request.end(body);
    }
  });
}

describe("the front door", () => {
  it.each([
    "localhost:4566",
    "127.0.0.1",
    "[::1]:4566",
    "web-1.us-east-1.elb.localhost",
    "sts.us-east-1.amazonaws.com",
    "ecs.us-east-1.api.aws",
    "LOCALHOST",
  ])("Host %s: comes in", async (host) => {
    expect((await send({ headers: { ...form, host } })).status).toBe(200);
  });

  it.each([
    "attacker.example",
    "localhost.attacker.example",
    "amazonaws.com.attacker.example",
    "192.168.1.5",
    "127.0.0.1.nip.io",
    "notlocalhost",
    "[::2]",
    "a:b",
  ])("Host %s: 403, for routes beside the API too", async (host) => {
    expect((await send({ headers: { ...form, host } })).status).toBe(403);
    expect((await send({ headers: { host }, path: "/app" })).status).toBe(403);
    expect(extraCalls).toBe(0);
  });

  it.each<Record<string, string>>([
    { origin: "https://attacker.example" },
    { origin: "null" },
    { origin: "http://localhost:3000" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("a browser elsewhere, %o: 403 for the API and the control routes", async (extra) => {
    const headers = { ...form, ...extra, host: "localhost:4566" };
    expect((await send({ headers })).status).toBe(403);
    expect((await send({ headers, path: "/_neargate/reset" })).status).toBe(403);
    expect(extraCalls).toBe(0);
  });

  it("a browser elsewhere, asking a user's application: comes in", async () => {
    const headers = { origin: "https://other.example", "sec-fetch-site": "cross-site" };
    expect((await send({ headers, path: "/app" })).body).toBe("extra");
  });

  it("this engine's own pages: come in", async () => {
    const host = "localhost:4566";
    const headers = { ...form, host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
    expect((await send({ headers })).status).toBe(200);
  });
});

describe("bodies", () => {
  it("compressed: decoded", async () => {
    const headers = { ...form, "content-encoding": "gzip" };
    expect((await send({ headers, body: gzipSync(call) })).status).toBe(200);
  });

  it("in signed chunks: joined", async () => {
    const [one, two] = [call.slice(0, 10), call.slice(10)];
    const chunk = (text: string) =>
      `${text.length.toString(16)};chunk-signature=${"0".repeat(64)}\r\n${text}\r\n`;
    const body = `${chunk(one)}${chunk(two)}${chunk("")}`;
    const headers = { ...form, "content-encoding": "aws-chunked" };
    expect((await send({ headers, body })).status).toBe(200);
    const streaming = { ...form, "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" };
    expect((await send({ headers: streaming, body })).status).toBe(200);
  });

  it.each([
    ["not compressed as announced", { "content-encoding": "gzip" }, "plain"],
    ["of an unknown encoding", { "content-encoding": "zip" }, "plain"],
    ["not chunked as announced", { "content-encoding": "aws-chunked" }, "plain"],
    ["a chunk longer than the body", { "content-encoding": "aws-chunked" }, "ffffffff\r\nabc\r\n"],
  ])("%s: 400", async (_what, encoding, body) => {
    expect((await send({ headers: { ...form, ...encoding }, body })).status).toBe(400);
  });

  it("over the limit as announced: 413 in the protocol's form, unread", async () => {
    const headers = { ...form, "content-length": String(bodyLimit + 1), expect: "100-continue" };
    const answer = await send({ headers });
    expect(answer).toMatchObject({ status: 413, continued: false });
    expect(answer.body).toContain("<Code>RequestEntityTooLarge</Code>");
  });

  it("over the limit without announcing: 413", async () => {
    const body = Buffer.alloc(bodyLimit + 1, "a");
    const answer = await send({ headers: { ...json, "transfer-encoding": "chunked" }, body });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body).__type).toBe("RequestEntityTooLargeException");
  });

  it("over the limit once decompressed: 413", async () => {
    const body = gzipSync(Buffer.alloc(bodyLimit + 1));
    expect(body.length).toBeLessThan(100_000);
    const headers = { ...form, "content-encoding": "gzip" };
    expect((await send({ headers, body })).status).toBe(413);
  });

  it("Expect: 100-continue within the limit: continued and answered", async () => {
    const headers = { ...form, expect: "100-continue", "content-length": String(call.length) };
    expect(await send({ headers })).toMatchObject({ status: 200, continued: true });
  });

  it("a body that stops arriving: 408 and the connection ends", async () => {
    const socket = connect(cloud.port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    const ended = once(socket, "close");
    while (!text) await cloud.clock.advance(31_000);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toMatch(/connection: close/i);
    await cloud.clock.advance(2_000);
    await ended;
  });

  it("to a route beside the API, a body that stops arriving: 408 and the connection ends", async () => {
    const socket = connect(cloud.port, "127.0.0.1");
    socket.write("POST /reads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
    let text = "";
    let isClosed = false;
    socket.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    socket.on("close", () => {
      isClosed = true;
    });
    while (!isClosed) await cloud.clock.advance(10_000);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("a client that leaves in the middle: nothing said in the log", async () => {
    const socket = connect(cloud.port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
    await cloud.clock.advance(1);
    socket.destroy();
    await once(socket, "close");
    await cloud.clock.advance(60_000);
    expect(cloud.logger.lines.filter(({ level }) => level !== "debug")).toEqual([]);
  });
});

describe("the server", () => {
  it("every answer: the request's id in a header, another each time", async () => {
    const ids = [await send({}), await send({})].map(({ headers }) => headers["x-amzn-requestid"]);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("headers over the limit: 431", async () => {
    const headers = { ...form, "x-long": "a".repeat(40_000) };
    expect((await send({ headers })).status).toBe(431);
  });

  it("a route beside the API that fails: 500 without the reason, which is in the log", async () => {
    const answer = await send({ path: "/broken" });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain("broken");
    const errors = cloud.logger.lines.splice(0).filter(({ level }) => level === "error");
    expect(errors).toHaveLength(1);
  });

  it("a hundred requests on one connection at a time: all answered", async () => {
    const url = `${cloud.url}/?${call}`;
    const answers = await Promise.all(Array.from({ length: 100 }, () => fetch(url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
