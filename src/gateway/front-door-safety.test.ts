/** That no client can stall the others, over real connections. */
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bodyLimit } from "./bodies/collected.ts";
import { read, type ServiceModule } from "./service.ts";
import { startTestGateway, type TestGateway } from "./testing.ts";

let answer = "1";
let answered = 0;
const sts: ServiceModule = {
  name: "sts",
  operations: {
    GetCallerIdentity: read<GetCallerIdentityRequest, GetCallerIdentityResponse>({
      action: "sts:GetCallerIdentity",
      resources: () => ["*"],
      accepts: {},
      run() {
        answered += 1;
        return { Account: answer };
      },
    }),
  },
};

const mib = 1024 * 1024;
let cloud: TestGateway;
let strict: TestGateway;
const sockets: Socket[] = [];
beforeAll(async () => {
  cloud = await startTestGateway([sts], { mostHeldBytes: 24 * mib });
  // Long enough for those who are only held up by a busy machine.
  strict = await startTestGateway([sts], { headers: { timeoutMs: 5_000, checkEveryMs: 50 } });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await cloud.close();
  await strict.close();
});

type Talk = Socket & { text: string; isClosed: boolean };

/** A connection of which what comes back is kept. */
function open(first = "", of = cloud): Talk {
  const socket = Object.assign(connect(of.port, "127.0.0.1"), { text: "", isClosed: false });
  sockets.push(socket);
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    socket.text += chunk;
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    socket.isClosed = true;
  });
  if (first !== "") socket.write(first);
  return socket;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const call = "Action=GetCallerIdentity&Version=2011-06-15";
const head = (length: number, more = ""): string =>
  "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
  `Content-Length: ${length}\r\n${more}\r\n`;
const small = `${head(call.length)}${call}`;

/** Small requests, each on a connection of its own, one after the other. */
async function smallOnes(count = 20, of = cloud): Promise<void> {
  for (let at = 0; at < count; at++) {
    const response = await fetch(`${of.url}/?${call}`);
    expect(response.status).toBe(200);
    await response.text();
  }
}

const answersIn = (text: string): string[] => text.match(/HTTP\/1\.1 \d+/g) ?? [];

describe.concurrent("headers that do not end", () => {
  it("letter by letter: cut off, while others are served", async () => {
    const slow = Array.from({ length: 30 }, () => open("POST / HTTP/1.1\r\nHost: local", strict));
    const drip = setInterval(() => {
      for (const one of slow) if (!one.destroyed) one.write("h");
    }, 20);
    try {
      await smallOnes(20, strict);
      await until(() => slow.every(({ isClosed }) => isClosed));
    } finally {
      clearInterval(drip);
    }
    expect(slow.every(({ text }) => text.startsWith("HTTP/1.1 408 "))).toBe(true);
  });

  it("none at all, on a new connection: cut off", async () => {
    const silent = open("", strict);
    await until(() => silent.isClosed);
  });

  it("on a connection that has had an answer: cut off", async () => {
    const reused = open(small, strict);
    await until(() => reused.text.includes("</GetCallerIdentityResponse>"));
    reused.write("POST / HTTP/1.1\r\nHo");
    await until(() => reused.isClosed);
    expect(answersIn(reused.text)).toEqual(["HTTP/1.1 200", "HTTP/1.1 408"]);
  });

  it("of two hosts: 400", async () => {
    const two = open(`${head(call.length, "HOST: evil.example\r\n")}${call}`);
    const same = open(`${head(call.length, "Host: localhost\r\n")}${call}`);
    await until(() => two.isClosed && same.isClosed);
    expect([...answersIn(two.text), ...answersIn(same.text)]).toEqual([
      "HTTP/1.1 400",
      "HTTP/1.1 400",
    ]);
  });

  it("too many, or a URL too long: 431", async () => {
    const many = open(`POST / HTTP/1.1\r\n${"X-A: b\r\n".repeat(10_000)}`);
    const long = open(`GET /${"a".repeat(100_000)} HTTP/1.1\r\n`);
    await until(() => many.isClosed && long.isClosed);
    expect([...answersIn(many.text), ...answersIn(long.text)]).toEqual([
      "HTTP/1.1 431",
      "HTTP/1.1 431",
    ]);
  });
});

describe("bodies", () => {
  it("of 10 MB, and of clients that stop in the middle: small requests beside them are answered", async () => {
    const large = open(head(bodyLimit));
    const stopped = Array.from({ length: 30 }, () => open(`${head(1_000)}abc`));
    const piece = Buffer.alloc(bodyLimit / 10, "a");
    for (let at = 0; at < 10; at++) {
      await smallOnes(5);
      expect(large.text).toBe("");
      large.write(piece);
    }
    await until(() => large.text !== "");
    expect(answersIn(large.text)).toEqual(["HTTP/1.1 404"]);
    while (!stopped.every(({ isClosed }) => isClosed)) await cloud.clock.advance(10_000);
    expect(stopped.every(({ text }) => text.startsWith("HTTP/1.1 408 "))).toBe(true);
  });

  it("more of them at once than are held: turned away with 503, and small ones are not", async () => {
    const nearlyWhole = Buffer.alloc(bodyLimit - 1, "a");
    const held = [open(head(bodyLimit)), open(head(bodyLimit))];
    for (const one of held) await new Promise((resolve) => one.write(nearlyWhole, resolve));
    const third = open(head(bodyLimit));
    third.write(nearlyWhole);
    await until(() => third.text !== "");
    expect(third.text).toMatch(/^HTTP\/1\.1 503 /);
    expect(third.text).toContain("<Code>ServiceUnavailable</Code>");
    await smallOnes();
    for (const one of held) one.write("a");
    await until(() => held.every(({ text }) => text !== ""));
    // What was held is let go of.
    const next = open(head(bodyLimit));
    next.write(Buffer.alloc(bodyLimit, "a"));
    await until(() => next.text !== "");
    expect(next.text).toMatch(/^HTTP\/1\.1 404 /);
  });

  it("that unfold: 413, 400 for too many times, and small ones beside them are answered", async () => {
    const bomb = gzipSync(Buffer.alloc(100 * mib));
    const twice = gzipSync(bomb);
    const bombs = Array.from({ length: 4 }, (_, at) => {
      const body = at % 2 ? twice : bomb;
      const socket = open(
        head(body.length, `Content-Encoding: ${at % 2 ? "gzip, gzip" : "gzip"}\r\n`),
      );
      socket.write(body);
      return socket;
    });
    const nested = open(`${head(3, `Content-Encoding: ${"gzip,".repeat(100)}gzip\r\n`)}abc`);
    await smallOnes();
    await until(() => [...bombs, nested].every(({ text }) => text !== ""));
    expect(bombs.map(({ text }) => text.slice(9, 12))).toEqual(["413", "413", "413", "413"]);
    expect(nested.text).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("longer than announced, or announced in two ways: nothing of one is taken for another", async () => {
    const longer = open(`${head(call.length)}${call}GET /secret HTTP/1.1\r\n\r\n`);
    const both = open(
      `${head(call.length, "Transfer-Encoding: chunked\r\n")}0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    );
    const two = open(`${head(4, "Content-Length: 5\r\n")}abcde`);
    await until(() => [longer, both, two].every(({ isClosed }) => isClosed));
    expect(answersIn(longer.text)).toEqual(["HTTP/1.1 200", "HTTP/1.1 400"]);
    expect(answersIn(both.text)).toEqual(["HTTP/1.1 400"]);
    expect(answersIn(two.text)).toEqual(["HTTP/1.1 400"]);
  });
});

describe("many requests in one go", () => {
  it("all answered, in order, and others between them", async () => {
    const piped = open(small.repeat(500));
    await smallOnes();
    await until(() => answersIn(piped.text).length === 500);
    expect(new Set(answersIn(piped.text))).toEqual(new Set(["HTTP/1.1 200"]));
    piped.destroy();
  });

  it("with rubbish after them: those are answered, then 400 and the end", async () => {
    const piped = open(`${small.repeat(3)}\u0000\u0001rubbish\r\n\r\n`);
    await until(() => piped.isClosed);
    expect(answersIn(piped.text).at(-1)).toBe("HTTP/1.1 400");
    expect(piped.text).not.toMatch(/node|\.ts|Error:/);
  });
});

describe("answers", () => {
  it("that a client does not take: it is cut off, while others are served", async () => {
    answer = "a".repeat(32 * mib);
    const before = answered;
    const lazy = open(small);
    lazy.pause();
    await until(() => answered > before);
    answer = "1";
    await smallOnes();
    await cloud.clock.advance(31_000);
    lazy.resume();
    await until(() => lazy.isClosed);
    expect(lazy.text.length).toBeLessThan(32 * mib);
  });
});
