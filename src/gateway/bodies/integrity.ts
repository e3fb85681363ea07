/**
 * What a request says of its own body, and whether it is so: the hash that was signed, `Content-MD5`,
 * and `x-amz-checksum-…` as a header or as a trailer.
 */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../api-error.ts";
import { headerOf } from "../request.ts";
import {
  badDigest,
  contentHashMismatch,
  invalidContentHash,
  invalidDigest,
  invalidRequest,
  malformedTrailer,
  wrongChunkSignature,
} from "./body-errors.ts";
import { type ChecksumName, checksumBytes, checksumNames, startChecksum } from "./checksums.ts";

export type IntegrityOptions = {
  /** Its checksum headers are about the body, and not about what the operation makes. */
  readonly hasChecksum: boolean;
  /** Judge the hash that was signed, in the words of S3 or of the others; undefined: do not. */
  readonly signedHash: "s3" | "other" | undefined;
};

/** Sees the bytes of a body go by, without their chunks. */
export type Integrity = {
  update(bytes: Uint8Array): void;
  /** Throws an `ApiError` when the body is not what was said. */
  end(trailers: ReadonlyMap<string, string>): void;
};

type Check = {
  update(bytes: Uint8Array): void;
  end(trailers: ReadonlyMap<string, string>): void;
};

/** Throws an `ApiError` for what says nothing that can be. */
export function startIntegrity(headers: IncomingHttpHeaders, options: IntegrityOptions): Integrity {
  const checks = [
    signedHashCheck(headers, options.signedHash),
    md5Check(headers),
    ...(options.hasChecksum ? [checksumCheck(headers)] : []),
  ].filter((check) => check !== undefined);
  return {
    update: (bytes) => {
      for (const check of checks) check.update(bytes);
    },
    end: (trailers) => {
      for (const check of checks) check.end(trailers);
    },
  };
}

const unhashed = new Set([
  "UNSIGNED-PAYLOAD",
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
]);

function signedHashCheck(
  headers: IncomingHttpHeaders,
  words: IntegrityOptions["signedHash"],
): Check | undefined {
  const wanted = headerOf(headers, "x-amz-content-sha256");
  if (words === undefined || wanted === undefined || unhashed.has(wanted)) return undefined;
  if (words === "s3" && !/^[0-9a-fA-F]{64}$/.test(wanted)) throw invalidContentHash();
  const digest = createHash("sha256");
  return {
    update: (bytes) => digest.update(bytes),
    end: () => {
      if (digest.digest("hex") === wanted.toLowerCase()) return;
      throw words === "s3" ? contentHashMismatch() : wrongChunkSignature();
    },
  };
}

function md5Check(headers: IncomingHttpHeaders): Check | undefined {
  const wanted = headerOf(headers, "content-md5");
  if (wanted === undefined) return undefined;
  if (!isBase64Of(wanted, checksumBytes.md5)) throw invalidDigest();
  const checksum = startChecksum("md5");
  return {
    update: checksum.update,
    end: () => {
      if (checksum.end() !== wanted) throw badDigest("Content-MD5");
    },
  };
}

const prefix = "x-amz-checksum-";
// Headers of the same beginning that hold no checksum.
const others = new Set([`${prefix}algorithm`, `${prefix}mode`, `${prefix}type`]);

function checksumCheck(headers: IncomingHttpHeaders): Check | undefined {
  const sent = Object.keys(headers).filter((name) => name.startsWith(prefix) && !others.has(name));
  const trailer = headerOf(headers, "x-amz-trailer")?.trim().toLowerCase();
  if (sent.length + (trailer === undefined ? 0 : 1) > 1) {
    throw invalidRequest(
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const header = sent[0] ?? trailer;
  if (header === undefined) return requireNone(headers);
  const name = toChecksumName(header);
  if (sent[0]) toValue(header, name, headerOf(headers, header));
  const checksum = startChecksum(name);
  return {
    update: checksum.update,
    end(trailers) {
      const wanted = sent[0] ? headerOf(headers, header) : trailers.get(header);
      if (wanted === undefined) throw malformedTrailer();
      if (checksum.end() !== toValue(header, name, wanted)) throw badDigest(name.toUpperCase());
    },
  };
}

function requireNone(headers: IncomingHttpHeaders): undefined {
  if (headers["x-amz-sdk-checksum-algorithm"] === undefined) return undefined;
  throw invalidRequest(
    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or " +
      "x-amz-trailer headers were found.",
  );
}

function toChecksumName(header: string): ChecksumName {
  const name = header.slice(prefix.length);
  const known = checksumNames.find((one) => `${prefix}${one}` === header);
  if (known) return known;
  if (header.startsWith(`${prefix}xxhash`)) {
    throw new ApiError("NotImplemented", `Neargate does not verify ${name} checksums yet`, {
      status: 501,
    });
  }
  throw invalidRequest("The value specified in the x-amz-trailer header is not supported");
}

function toValue(header: string, name: ChecksumName, value: string | undefined): string {
  if (value !== undefined && isBase64Of(value, checksumBytes[name])) return value;
  throw invalidRequest(`Value for ${header} header is invalid.`);
}

function isBase64Of(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, "base64");
  return decoded.length === bytes && decoded.toString("base64") === text;
}
