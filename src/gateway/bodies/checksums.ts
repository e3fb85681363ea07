/** Checksums of bodies as `x-amz-checksum-…` and `Content-MD5` carry them, made as the bytes go by. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { crc32c, crc64nvme } from "./crc.ts";

export const checksumNames = [
  "crc32",
  "crc32c",
  "crc64nvme",
  "md5",
  "sha1",
  "sha256",
  "sha512",
] as const;

export type ChecksumName = (typeof checksumNames)[number];

export type Checksum = {
  update(bytes: Uint8Array): void;
  /** Base64. Once, at the end. */
  end(): string;
};

/** Base64 of so many bytes. */
export const checksumBytes: Readonly<Record<ChecksumName, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
};

export function startChecksum(name: ChecksumName): Checksum {
  switch (name) {
    case "crc32":
      return startCrc(crc32);
    case "crc32c":
      return startCrc(crc32c);
    case "crc64nvme":
      return startCrc64();
    default: {
      const digest = createHash(name);
      return { update: (bytes) => digest.update(bytes), end: () => digest.digest("base64") };
    }
  }
}

function startCrc(next: (bytes: Uint8Array, previous: number) => number): Checksum {
  let crc = 0;
  return {
    update: (bytes) => {
      crc = next(bytes, crc);
    },
    end: () => toBase64([crc]),
  };
}

function startCrc64(): Checksum {
  let crc = { high: 0, low: 0 };
  return {
    update: (bytes) => {
      crc = crc64nvme(bytes, crc);
    },
    end: () => toBase64([crc.high, crc.low]),
  };
}

function toBase64(words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [at, word] of words.entries()) bytes.writeUInt32BE(word, at * 4);
  return bytes.toString("base64");
}
