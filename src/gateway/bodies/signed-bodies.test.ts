/** Bodies that a key signs which was issued here: whole, in chunks, and not at all. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import * as s3Exports from "@aws-sdk/client-s3";
import {
  type PutBucketTaggingRequest,
  PutObjectCommand,
  type PutObjectRequest,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildModelOf } from "../../../tools/wire-model.ts";
import { manualClock } from "../../seams/clock.ts";
import { iamService } from "../../services/iam/service.ts";
import { live, type ServiceModule } from "../service.ts";
import { stringToSign } from "../sigv4/canonical-request.ts";
import { chunkSigner } from "../sigv4/chunk-signer.ts";
import { printBasicDate, type Signature } from "../sigv4/signature.ts";
import { sign, signingKey } from "../sigv4/verify.ts";
import { startTestGateway, type TestGateway } from "../testing.ts";
import { loadModel } from "../wire/model.ts";

type Put = Omit<PutObjectRequest, "Body"> & { Body?: Readable };
let taken = "";
const objects: ServiceModule = {
  name: "s3",
  missingMember: () => undefined,
  operations: {
    PutObject: live<Put, object>({
      action: "s3:PutObject",
      resources: () => ["arn:aws:s3:::bucket/key"],
      accepts: {
        ...{ Bucket: true, Key: true, Body: true, ContentLength: true, ContentType: true },
        ...{ ChecksumAlgorithm: true, ChecksumCRC32: true },
      },
      async run(_context, { Body }) {
        taken = await text(Body ?? Readable.from([]));
        return {};
      },
    }),
    PutBucketTagging: live<PutBucketTaggingRequest, object>({
      action: "s3:PutBucketTagging",
      resources: () => ["arn:aws:s3:::bucket"],
      accepts: { Bucket: true, Tagging: true },
      run: async (_context, { Tagging }) => {
        taken = JSON.stringify(Tagging?.TagSet);
        return {};
      },
    }),
  },
};

let cloud: TestGateway;
let keys = { accessKeyId: "", secretAccessKey: "" };
beforeAll(async () => {
  const model = buildModelOf("s3", s3Exports);
  const models = (name: string) => (name === "s3" ? model : loadModel(name));
  cloud = await startTestGateway([objects, iamService()], {
    models,
    // The SDK signs by the time of the machine.
    clock: manualClock(Date.now()),
  });
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: "u" }));
  const Statement = [{ Effect: "Allow", Action: "s3:*", Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: "u", PolicyName: "p", PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "u" }));
  keys = {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
});
afterAll(() => cloud.close());

const signingHeaders = ["host", "x-amz-content-sha256", "x-amz-date"];

/** A request that is signed with `payload` as the hash of its body, ready for its chunks. */
function signedHead(payload: string, more: Record<string, string>, path: string) {
  const date = printBasicDate(cloud.clock.wall());
  const headers = {
    host: `127.0.0.1:${cloud.port}`,
    "x-amz-content-sha256": payload,
    "x-amz-date": date,
    ...more,
  };
  const unsigned: Signature = {
    accessKeyId: keys.accessKeyId,
    scope: { date: date.slice(0, 8), region: "us-east-1", service: "s3" },
    date,
    signedHeaders: signingHeaders,
    signature: "",
    expires: undefined,
    sessionToken: undefined,
  };
  const request = { method: "PUT", url: path, headers, body: Buffer.alloc(0) };
  const key = signingKey(keys.secretAccessKey, unsigned);
  const signature = { ...unsigned, signature: sign(key, stringToSign(request, unsigned)) };
  const place = `${keys.accessKeyId}/${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${place}, SignedHeaders=${signingHeaders.join(";")}, ` +
    `Signature=${signature.signature}`;
  return { signature, headers: { ...headers, authorization } };
}

const hex = (content: string): string => createHash("sha256").update(content).digest("hex");

type Chunked = { readonly trailer?: string; readonly path?: string; readonly spoil?: boolean };

/** Sends pieces as signed chunks; `spoil` changes a byte after it was signed. */
async function putChunks(pieces: readonly string[], { trailer, path, spoil }: Chunked = {}) {
  const payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
  const { signature, headers } = signedHead(
    trailer === undefined ? payload : `${payload}-TRAILER`,
    {
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": String(pieces.join("").length),
      ...(trailer !== undefined && { "x-amz-trailer": "x-amz-checksum-crc32" }),
    },
    path ?? "/bucket/key",
  );
  const signer = chunkSigner(keys.secretAccessKey, signature);
  const chunks = pieces.map((piece) => {
    const sent = spoil ? piece.replace(/.$/, "!") : piece;
    return `${piece.length.toString(16)};chunk-signature=${signer.signChunk(hex(piece))}\r\n${sent}\r\n`;
  });
  let body = `${chunks.join("")}0;chunk-signature=${signer.signChunk(hex(""))}\r\n`;
  if (trailer !== undefined) {
    const line = `x-amz-checksum-crc32:${trailer}\n`;
    body += `${line.trim()}\r\nx-amz-trailer-signature:${signer.signTrailer(hex(line))}\r\n`;
  }
  return outcome(
    await fetch(`${cloud.url}${path ?? "/bucket/key"}`, {
      method: "PUT",
      headers,
      body: `${body}\r\n`,
    }),
  );
}

async function outcome(response: Response): Promise<string> {
  const code = /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1];
  return `${response.status} ${code ?? taken}`;
}

describe("a body that is signed", () => {
  it("in chunks: believed, and refused when a byte was changed on the way", async () => {
    expect(await putChunks(["one, ", "two"])).toBe("200 one, two");
    expect(await putChunks(["one, ", "two"], { spoil: true })).toBe("403 SignatureDoesNotMatch");
  });

  it("in chunks with a signed checksum: believed, or BadDigest", async () => {
    expect(await putChunks(["text"], { trailer: "O4unxw==" })).toBe("200 text");
    expect(await putChunks(["text"], { trailer: "AAAAAA==" })).toBe("400 BadDigest");
  });

  it("in chunks, of an operation that has it whole: the same", async () => {
    const path = "/bucket?tagging";
    const document = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    expect(await putChunks([document], { path })).toBe('200 [{"Key":"a","Value":"b"}]');
    expect(await putChunks([document], { path, spoil: true })).toBe("403 SignatureDoesNotMatch");
  });

  it("whole: believed, and XAmzContentSHA256Mismatch when it is another", async () => {
    const { headers } = signedHead(hex("text"), {}, "/bucket/key");
    const put = (body: string) =>
      fetch(`${cloud.url}/bucket/key`, { method: "PUT", headers, body });
    expect(await outcome(await put("text"))).toBe("200 text");
    expect(await outcome(await put("test"))).toBe("400 XAmzContentSHA256Mismatch");
  });

  it("by the SDK, whole and as a stream: believed", async () => {
    const s3 = cloud.client(S3Client, {}, keys);
    s3.config.forcePathStyle = true;
    const object = { Bucket: "bucket", Key: "key" };
    await s3.send(new PutObjectCommand({ ...object, Body: "whole" }));
    expect(taken).toBe("whole");
    const Body = Readable.from([Buffer.from("streamed")]);
    await s3.send(new PutObjectCommand({ ...object, Body, ContentLength: 8 }));
    expect(taken).toBe("streamed");
  });

  it("in a presigned URL nothing is said of it: believed", async () => {
    const date = printBasicDate(cloud.clock.wall());
    const place = `${keys.accessKeyId}/${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
    const url =
      `/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(place)}` +
      `&X-Amz-Date=${date}&X-Amz-Expires=300&X-Amz-SignedHeaders=host`;
    const signature: Signature = {
      accessKeyId: keys.accessKeyId,
      scope: { date: date.slice(0, 8), region: "us-east-1", service: "s3" },
      date,
      signedHeaders: ["host"],
      signature: "",
      expires: 300,
      sessionToken: undefined,
    };
    const headers = { host: `127.0.0.1:${cloud.port}` };
    const request = { method: "PUT", url, headers, body: Buffer.alloc(0) };
    const signed = sign(
      signingKey(keys.secretAccessKey, signature),
      stringToSign(request, signature),
    );
    const put = (end: string) =>
      fetch(`${cloud.url}${url}&X-Amz-Signature=${end}`, { method: "PUT", body: "by URL" });
    expect(await outcome(await put(signed))).toBe("200 by URL");
    expect(await outcome(await put("0".repeat(64)))).toBe("403 SignatureDoesNotMatch");
  });
});
