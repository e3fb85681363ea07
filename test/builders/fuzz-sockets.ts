/**
 * Hostile bytes over connections: requests that are cut off, that lie about their length, that run into
 * each other, and bodies in encodings that they are not in. What may never come of one is what may never
 * come of a hostile request, and the server has to go on.
 */
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import * as s3Exports from "@aws-sdk/client-s3";
import type { ApiRequest } from "../../src/gateway/request.ts";
import { startTestGateway, type TestGateway } from "../../src/gateway/testing.ts";
import { linkModel } from "../../src/gateway/wire/shapes.ts";
import { sequentialIds } from "../../src/seams/ids.ts";
import { buildModelOf } from "../../tools/wire-model.ts";
import { startAllServices } from "./all-services.ts";
import { type Chosen, declaredOperations, type FuzzFinding, leaks } from "./fuzz-run.ts";
import { hostileRequest } from "./hostile.ts";
import { hostileWords } from "./hostile-world.ts";
import { echoService } from "./sdk-echo.ts";

const atOnce = 16;
const casesOfAWorld = 5_000;
// Far beyond what the slowest machine needs: only a connection that nobody ends takes so long.
const hangMs = 30_000;

type World = { readonly cloud: TestGateway; readonly operations: readonly Chosen[] };

export async function fuzzSockets(cases: number, seed: number): Promise<FuzzFinding[]> {
  const { fraction } = sequentialIds(seed);
  const findings = new Map<string, FuzzFinding>();
  for (let done = 0; done < cases; done += casesOfAWorld) {
    const worlds: World[] = [
      { cloud: await startAllServices(), operations: declaredOperations() },
      await streamingWorld(),
    ];
    let at = done;
    const worker = async (): Promise<void> => {
      for (at++; at <= Math.min(cases, done + casesOfAWorld); at++) {
        const { cloud, operations } = worlds[at % 3 === 0 ? 1 : 0] as World;
        const { linked, name } = operations[at % operations.length] as Chosen;
        const request = hostileRequest(linked, name, { fraction, words: hostileWords });
        const script = spoil(request, fraction);
        const reason = explainFault(await play(cloud.port, script), cloud);
        const text = script
          .map((bytes) => bytes.toString("latin1"))
          .join("|")
          .slice(0, 1_500);
        if (reason !== undefined) findings.set(reason, { operation: name, reason, request: text });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    for (const { cloud } of worlds) {
      if (!(await isAlive(cloud))) {
        findings.set("dead", { operation: "", reason: "the server answers no more", request: "" });
      }
      await cloud.close();
    }
  }
  return [...findings.values()];
}

/** S3's operations, some of which read bodies as they come. */
async function streamingWorld(): Promise<World> {
  const model = buildModelOf("s3", s3Exports);
  const read = async (input: Readonly<Record<string, unknown>>) => {
    if (input["Body"] !== undefined) await buffer(input["Body"] as Readable);
    return {};
  };
  const cloud = await startTestGateway([echoService(model, read)], { models: () => model });
  const linked = linkModel(model);
  const streaming = ["PutObject", "UploadPart"];
  const names = Object.keys(model.operations).flatMap((name, at) => [
    name,
    streaming[at % 2] ?? name,
  ]);
  return { cloud, operations: names.map((name) => ({ linked, name })) };
}

type Fraction = () => number;

const of = <T>(choices: readonly T[], fraction: Fraction): T =>
  choices[Math.floor(fraction() * choices.length)] as T;

/** Most of what is sent is as it should be, or nothing would get in. */
const mostly = <T>(good: T, others: readonly T[], fraction: Fraction): T =>
  fraction() < 0.8 ? good : of(others, fraction);

/** The pieces in which bytes are sent. */
function spoil(request: ApiRequest, fraction: Fraction): Buffer[] {
  const [headers, body] = spoilBody(request, fraction);
  const url = mostly(request.url, ["*", "http://x/", "//", "/%", "\u0000"], fraction);
  const hosts = ["bucket.s3.localhost", "evil.example", ""];
  const framing = mostly<readonly string[]>(
    [`Content-Length: ${body.length}`],
    [
      [`Content-Length: ${body.length + 7}`],
      [`Content-Length: ${Math.max(0, body.length - 7)}`],
      [`Content-Length: ${body.length}`, "Transfer-Encoding: chunked"],
      [`Content-Length: ${body.length}`, "Expect: 100-continue"],
      ["Transfer-Encoding: chunked"],
      ["Content-Length: -1"],
      ["Content-Length: 99999999999999999999"],
      [`Content-Length: ${body.length}`, "Upgrade: websocket", "Connection: Upgrade"],
      [],
    ],
    fraction,
  );
  const lines = [
    `${request.method} ${url} HTTP/1.1`,
    `Host: ${mostly("localhost", hosts, fraction)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`),
    ...framing,
  ];
  const whole = Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]);
  const bytes = mostly<() => Buffer>(
    () => whole,
    [
      () => whole.subarray(0, Math.floor(fraction() * whole.length)),
      () => Buffer.concat([whole, whole]),
      () => Buffer.concat([whole, Buffer.from("\r\n\u0000rubbish HTTP/9\r\n\r\n")]),
      () => flip(whole, fraction),
    ],
    fraction,
  )();
  const cut = Math.floor(fraction() * bytes.length);
  return fraction() < 0.5 ? [bytes] : [bytes.subarray(0, cut), bytes.subarray(cut)];
}

function flip(bytes: Buffer, fraction: Fraction): Buffer {
  const copy = Buffer.from(bytes);
  for (let left = 3; left > 0; left--) {
    copy[Math.floor(fraction() * copy.length)] = Math.floor(fraction() * 256);
  }
  return copy;
}

/** A body in some encoding or with some promise, kept or not, and the headers that say so. */
function spoilBody({ headers, body }: ApiRequest, fraction: Fraction) {
  const size = body.length.toString(16);
  const chunks = (text: string) =>
    Buffer.concat([Buffer.from(`${size}${text}\r\n`), body, Buffer.from(`\r\n0${text}\r\n\r\n`)]);
  const streaming = (name: string) => ({
    "x-amz-content-sha256": `STREAMING-${name}`,
    "x-amz-decoded-content-length": of([String(body.length), "1", "x", "-1"], fraction),
  });
  const cases: readonly (() => readonly [object, Buffer])[] = [
    () => [{}, body],
    () => [{ "content-encoding": "gzip" }, gzipSync(body)],
    () => [{ "content-encoding": "gzip" }, body],
    () => [
      { "content-encoding": of(["br", "deflate", "zip", ",,,", "gzip,gzip,gzip,gzip"], fraction) },
      body,
    ],
    () => [{ "content-encoding": "aws-chunked" }, chunks("")],
    () => [{ "content-encoding": "aws-chunked,gzip" }, chunks("")],
    () => [streaming("UNSIGNED-PAYLOAD-TRAILER"), chunks("")],
    () => [
      { ...streaming("UNSIGNED-PAYLOAD-TRAILER"), "x-amz-trailer": "x-amz-checksum-crc32" },
      chunks("").subarray(0, -2),
    ],
    () => [streaming("AWS4-HMAC-SHA256-PAYLOAD"), chunks(`;chunk-signature=${"0".repeat(64)}`)],
    () => [streaming("AWS4-HMAC-SHA256-PAYLOAD"), body],
    () => [
      { "x-amz-content-sha256": of(["UNSIGNED-PAYLOAD", "x", "0".repeat(64)], fraction) },
      body,
    ],
    () => [{ "content-md5": of(["x", "AAAAAAAAAAAAAAAAAAAAAA=="], fraction) }, body],
    () => [{ "x-amz-checksum-crc32": of(["x", "AAAAAA=="], fraction) }, body],
  ];
  const [plain, ...spoilt] = cases;
  const [more, sent] = fraction() < 0.5 && plain ? plain() : of(spoilt, fraction)();
  return [{ ...headers, ...more }, sent] as const;
}

/** What came back until the server ended the connection; undefined when it never did. */
function play(port: number, script: readonly Buffer[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    const hang = setTimeout(() => {
      resolve(undefined);
      socket.destroy();
    }, hangMs);
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      // Most of it has come: whoever says no more has nothing else to wait for.
      if (!text.startsWith("HTTP/1.1 100")) socket.end();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(hang);
      resolve(text);
    });
    for (const bytes of script) socket.write(bytes);
    // A request that is whole gets its answer; one that is not would wait for more.
    setTimeout(() => socket.end(), 5);
  });
}

function explainFault(text: string | undefined, { logger }: TestGateway): string | undefined {
  if (text === undefined) return "hangs";
  const error = logger.lines.find(({ level }) => level === "error");
  logger.lines.length = 0;
  if (error) return `in the log: ${error.message} ${String(error.fields["error"])}`;
  const statuses = text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
  const bad = statuses.find((status) => / 5/.test(status) && !/ 50[13]/.test(status));
  if (bad) return bad;
  const leak = leaks.exec(text)?.[0] ?? (text.includes(process.cwd()) ? "a path" : undefined);
  return leak === undefined ? undefined : `tells of the inside: ${leak}`;
}

async function isAlive({ url }: TestGateway): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  return answer !== undefined && answer.status < 500;
}
