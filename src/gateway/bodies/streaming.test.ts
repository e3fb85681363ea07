/** Bodies that are not collected, over real connections: a service of our own in the form of S3. */
import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import * as s3Exports from "@aws-sdk/client-s3";
import {
  GetObjectCommand,
  type GetObjectOutput,
  type GetObjectRequest,
  HeadObjectCommand,
  type HeadObjectOutput,
  type HeadObjectRequest,
  PutBucketTaggingCommand,
  type PutBucketTaggingRequest,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectOutput,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildModelOf } from "../../../tools/wire-model.ts";
import { live, type ServiceModule } from "../service.ts";
import { startTestGateway, type TestGateway } from "../testing.ts";
import { startChecksum } from "./checksums.ts";

const mib = 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, "x");
// What lies in buffers of the kernel, of Node and of the client while nobody reads; seldom over 10 MiB.
const heldAtMost = 40 * mib;
const manyBytes = 128 * mib;

type Put = Omit<PutObjectCommandInput, "Body"> & { Body?: Readable };
let take: (input: Put) => Promise<PutObjectOutput> = () => Promise.resolve({});
let give: (input: GetObjectRequest) => GetObjectOutput = () => ({});

const common = { resources: () => ["*"] };
const putObject = live<Put, PutObjectOutput>({
  ...common,
  action: "s3:PutObject",
  accepts: {
    ...{ Bucket: true, Key: true, Body: true, ContentLength: true, ContentEncoding: true },
    ...{ ContentMD5: true, ContentType: true, ChecksumAlgorithm: true, ChecksumCRC32: true },
    ...{ ChecksumCRC32C: true, ChecksumCRC64NVME: true, ChecksumSHA1: true, ChecksumSHA256: true },
  },
  run: (_context, input) => take(input),
});
const objects: ServiceModule = {
  name: "s3",
  missingMember: () => undefined,
  operations: {
    PutObject: putObject,
    GetObject: live<GetObjectRequest, GetObjectOutput>({
      ...common,
      action: "s3:GetObject",
      accepts: { Bucket: true, Key: true, ChecksumMode: true },
      run: async (_context, input) => give(input),
    }),
    HeadObject: live<HeadObjectRequest, HeadObjectOutput>({
      ...common,
      action: "s3:GetObject",
      accepts: { Bucket: true, Key: true },
      run: async () => ({ ContentLength: 12_345, ETag: '"e"' }),
    }),
    PutBucketTagging: live<PutBucketTaggingRequest, object>({
      ...common,
      action: "s3:PutBucketTagging",
      accepts: {
        ...{ Bucket: true, Tagging: true, ContentMD5: true, ChecksumAlgorithm: true },
      },
      run: async () => ({}),
    }),
  },
};

let cloud: TestGateway;
let s3: S3Client;
beforeAll(async () => {
  const model = buildModelOf("s3", s3Exports);
  cloud = await startTestGateway([objects], { models: () => model });
  s3 = cloud.client(S3Client);
  s3.config.forcePathStyle = true;
});
afterAll(() => cloud.close());
beforeEach(() => {
  take = async ({ Body }) => {
    if (Body) await buffer(Body);
    return {};
  };
  give = () => ({});
});

const object = { Bucket: "bucket", Key: "a/key" };

/** `manyBytes` in pieces, and how many of them were asked for so far. */
function many(): { readonly stream: Readable; asked: number } {
  const count = { asked: 0 };
  const pieces = (function* () {
    for (; count.asked < manyBytes; count.asked += piece.length) yield piece;
  })();
  return Object.assign(count, { stream: Readable.from(pieces) });
}

/** Resolves when `count` has stood still for many turns of the event loop. */
async function standsStill(count: () => number): Promise<void> {
  for (let last = -1; last !== count(); ) {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

type Raw = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  path?: string;
};

type Answer = { status: number; headers: IncomingHttpHeaders; body: string; code: string };

function send({ method = "PUT", headers = {}, body = "", path = "/bucket/key" }: Raw) {
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port: cloud.port, method, path, agent: false, headers: asS3(headers) },
      async (response) => {
        const text = (await buffer(response)).toString();
        const code = /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? "";
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, code });
      },
    );
    request.on("error", reject).end(body);
  });
}

const asS3 = (headers: Record<string, string>) => ({
  authorization:
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
  "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
  ...headers,
});

const digestOf = (name: Parameters<typeof startChecksum>[0], content: string): string => {
  const checksum = startChecksum(name);
  checksum.update(Buffer.from(content));
  return checksum.end();
};

describe("a body that the operation reads as it comes", () => {
  it("more than any limit of a collected one: all of it arrives", async () => {
    let total = 0;
    take = async ({ Body, ContentLength }) => {
      for await (const bytes of Body ?? []) total += bytes.length;
      return { ETag: String(ContentLength) };
    };
    const answer = await s3.send(
      new PutObjectCommand({ ...object, Body: many().stream, ContentLength: manyBytes }),
    );
    expect(total).toBe(manyBytes);
    expect(answer.ETag).toBe(String(manyBytes));
  });

  it("an operation that is slow: the client waits, and nothing piles up here", async () => {
    const source = many();
    let total = 0;
    const goOn = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    take = async ({ Body }) => {
      for await (const bytes of Body ?? []) {
        total += bytes.length;
        begun.resolve();
        await goOn.promise;
      }
      return {};
    };
    const put = s3.send(
      new PutObjectCommand({ ...object, Body: source.stream, ContentLength: manyBytes }),
    );
    await begun.promise;
    await standsStill(() => source.asked);
    expect(source.asked).toBeLessThan(heldAtMost);
    goOn.resolve();
    await put;
    expect(total).toBe(manyBytes);
  });

  it("an operation that answers without reading: its answer, and the connection ends", async () => {
    take = async () => ({ ETag: '"early"' });
    const body = Buffer.alloc(64 * mib);
    const answer = await send({ body }).catch((error: NodeJS.ErrnoException) => error.code);
    // A client that goes on writing may see the reset before the answer.
    if (typeof answer !== "object") expect(answer).toMatch(/EPIPE|ECONNRESET/);
    else expect(answer.headers).toMatchObject({ etag: '"early"', connection: "close" });
    expect((await send({ headers: { expect: "100-continue" } })).headers["etag"]).toBe('"early"');
  });

  it("a client that leaves in the middle: the operation hears of it and nothing is in the log", async () => {
    const heard = Promise.withResolvers<unknown>();
    take = async ({ Body }) => {
      try {
        for await (const _bytes of Body ?? []) left.destroy();
        heard.resolve("the end");
      } catch (error) {
        heard.resolve(error);
        throw error;
      }
      return {};
    };
    const left = httpRequest({
      ...{ host: "127.0.0.1", port: cloud.port, method: "PUT", path: "/bucket/key" },
      headers: asS3({ "content-length": "1000" }),
    });
    left.on("error", () => {});
    left.write("some");
    expect(await heard.promise).toMatchObject({ code: "IncompleteBody" });
    expect(cloud.logger.lines.filter(({ level }) => level !== "debug")).toEqual([]);
  });

  it("a client that sends nothing more: RequestTimeout and the connection ends", async () => {
    const slow = httpRequest({
      ...{ host: "127.0.0.1", port: cloud.port, method: "PUT", path: "/bucket/key" },
      headers: asS3({ "content-length": "1000" }),
    });
    slow.on("error", () => {});
    let text = "";
    let isClosed = false;
    slow.on("response", async (response) => {
      text = `${response.statusCode} ${await buffer(response)}`;
    });
    slow.on("close", () => {
      isClosed = true;
    });
    slow.write("some");
    while (!isClosed || text === "") await cloud.clock.advance(10_000);
    expect(text).toMatch(/^400 .*<Code>RequestTimeout<\/Code>/s);
  });
});

describe("an answer that is a stream", () => {
  it("a client that is slow: the operation waits; one that reads: gets all", async () => {
    const source = many();
    give = () => ({ Body: source.stream as never, ContentLength: manyBytes });
    const { Body } = await s3.send(new GetObjectCommand(object));
    await standsStill(() => source.asked);
    expect(source.asked).toBeLessThan(heldAtMost);
    let total = 0;
    for await (const bytes of Body as Readable) total += bytes.length;
    expect(total).toBe(manyBytes);
  });

  it("a client that leaves: the operation's stream ends, even one that has nothing to say", async () => {
    const silent = new Readable({ read() {} });
    silent.push("first");
    give = () => ({ Body: silent as never });
    const { Body } = await s3.send(new GetObjectCommand(object));
    const ended = once(silent, "close");
    (Body as Readable).destroy();
    await ended;
  });

  it("a client that takes nothing for long: is cut off", async () => {
    const source = many();
    give = () => ({ Body: source.stream as never, ContentLength: manyBytes });
    const { Body } = await s3.send(new GetObjectCommand(object));
    await standsStill(() => source.asked);
    await cloud.clock.advance(60_000);
    await expect(buffer(Body as Readable)).rejects.toThrow();
    expect(source.stream.destroyed).toBe(true);
  });

  it("fewer bytes than promised: the client hears of it", async () => {
    give = () => ({ Body: Readable.from([piece]) as never, ContentLength: piece.length + 1 });
    const { Body } = await s3.send(new GetObjectCommand(object));
    await expect(buffer(Body as Readable)).rejects.toThrow();
  });

  it("all there at once, as bytes, text or a blob: the same for the client", async () => {
    for (const body of ["text", Buffer.from("text"), new Blob(["text"])]) {
      give = () => ({ Body: body as never });
      const { Body } = await s3.send(new GetObjectCommand(object));
      expect(await Body?.transformToString()).toBe("text");
    }
  });

  it("the checksum that a client asks for: is believed, and a wrong one is not", async () => {
    give = ({ ChecksumMode }) => ({
      Body: Readable.from([Buffer.from("text")]) as never,
      ...(ChecksumMode && { ChecksumCRC32: digestOf("crc32", "text") }),
    });
    const get = () => s3.send(new GetObjectCommand({ ...object, ChecksumMode: "ENABLED" }));
    expect(await (await get()).Body?.transformToString()).toBe("text");
    give = () => ({
      Body: Readable.from(["other"]) as never,
      ChecksumCRC32: digestOf("crc32", "text"),
    });
    const { Body } = await get();
    await expect(Body?.transformToString()).rejects.toThrow(/checksum/i);
  });

  it("HEAD: the length of what is not sent", async () => {
    expect((await s3.send(new HeadObjectCommand(object))).ContentLength).toBe(12_345);
  });
});

describe("what a request says of its body", () => {
  it.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "%s by the SDK, of a stream in a trailer and of text in a header: believed",
    async (ChecksumAlgorithm) => {
      const texts: string[] = [];
      take = async ({ Body, ContentLength, ContentEncoding }) => {
        texts.push(
          `${await buffer(Body ?? Readable.from([]))} ${ContentLength} ${ContentEncoding}`,
        );
        return {};
      };
      const asked = { ...object, ChecksumAlgorithm };
      await s3.send(
        new PutObjectCommand({
          ...asked,
          Body: Readable.from([Buffer.from("text")]),
          ContentLength: 4,
        }),
      );
      await s3.send(new PutObjectCommand({ ...asked, Body: "text", ContentEncoding: "gzip" }));
      expect(texts).toEqual(["text 4 undefined", "text 4 gzip"]);
    },
  );

  const trailed = (value: string) => ({
    headers: {
      "content-encoding": "aws-chunked",
      "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length": "4",
      "x-amz-trailer": "x-amz-checksum-crc32",
    },
    body: `4\r\ntext\r\n0\r\n${value}\r\n`,
  });
  const crc = digestOf("crc32", "text");
  const hash = Buffer.from(digestOf("sha256", "text"), "base64").toString("hex");

  it.each<[string, string, Raw]>([
    ["an MD5 that is right", "believed", { headers: { "content-md5": digestOf("md5", "text") } }],
    ["an MD5 that is wrong", "BadDigest", { headers: { "content-md5": digestOf("md5", "other") } }],
    ["an MD5 that is none", "InvalidDigest", { headers: { "content-md5": "x" } }],
    ["a checksum that is right", "believed", { headers: { "x-amz-checksum-crc32": crc } }],
    ["a checksum that is wrong", "BadDigest", { headers: { "x-amz-checksum-crc32": "AAAAAA==" } }],
    ["a checksum that is none", "InvalidRequest", { headers: { "x-amz-checksum-crc32": "x" } }],
    [
      "two checksums",
      "InvalidRequest",
      { headers: { "x-amz-checksum-crc32": crc, "x-amz-checksum-crc32c": crc } },
    ],
    [
      "an algorithm without its checksum",
      "InvalidRequest",
      { headers: { "x-amz-sdk-checksum-algorithm": "CRC32" } },
    ],
    [
      "a checksum not known here",
      "NotImplemented",
      { headers: { "x-amz-checksum-xxhash64": crc } },
    ],
    ["a hash that is right", "believed", { headers: { "x-amz-content-sha256": hash } }],
    [
      "a hash of something else",
      "XAmzContentSHA256Mismatch",
      { headers: { "x-amz-content-sha256": "0".repeat(64) } },
    ],
    ["a hash that is none", "InvalidArgument", { headers: { "x-amz-content-sha256": "abc" } }],
    ["a trailer that is right", "believed", trailed(`x-amz-checksum-crc32:${crc}\r\n`)],
    ["a trailer that is wrong", "BadDigest", trailed("x-amz-checksum-crc32:AAAAAA==\r\n")],
    ["a trailer that is missing", "MalformedTrailerError", trailed("")],
    [
      "a trailer that was not announced",
      "MalformedTrailerError",
      trailed(`x-amz-checksum-sha1:${crc}\r\n`),
    ],
    [
      "another length once decoded",
      "IncompleteBody",
      { ...trailed(""), body: "5\r\ntexts\r\n0\r\n\r\n" },
    ],
    ["chunks that end too early", "IncompleteBody", { ...trailed(""), body: "4\r\nte" }],
    [
      "chunks of no length",
      "MissingContentLength",
      { headers: { "content-encoding": "aws-chunked" }, body: "4\r\ntext\r\n0\r\n\r\n" },
    ],
  ])("%s: %s", async (_what, outcome, raw) => {
    const { code, status } = await send({ body: "text", ...raw });
    expect(code === "" ? { status } : { code }).toEqual(
      outcome === "believed" ? { status: 200 } : { code: outcome },
    );
  });

  it("of a body that is collected: believed from the SDK, and refused when it is wrong", async () => {
    const Tagging = { TagSet: [{ Key: "a", Value: "b" }] };
    await s3.send(new PutBucketTaggingCommand({ Bucket: "bucket", Tagging }));
    const body = "<Tagging><TagSet></TagSet></Tagging>";
    const put = (headers: Record<string, string>) =>
      send({ path: "/bucket?tagging", body, headers }).then(({ code }) => code);
    expect(await put({ "content-md5": digestOf("md5", body) })).toBe("");
    expect(await put({ "content-md5": digestOf("md5", "other") })).toBe("BadDigest");
    expect(await put({ "x-amz-checksum-crc32": "AAAAAA==" })).toBe("BadDigest");
    expect(await put({ "x-amz-content-sha256": "0".repeat(64) })).toBe("XAmzContentSHA256Mismatch");
  });
});
