import { describe, expect, it } from "vitest";
import { type ChecksumName, checksumBytes, checksumNames, startChecksum } from "./checksums.ts";

/** Of the text that catalogues of checksums give the value of. */
const known: Readonly<Record<ChecksumName, string>> = {
  crc32: "cbf43926",
  crc32c: "e3069283",
  crc64nvme: "ae8b14860a799888",
  md5: "25f9e794323b453885f5181f1b624d0b",
  sha1: "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
  sha256: "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
  sha512:
    "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a" +
    "d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
};

describe.each(checksumNames)("%s", (name) => {
  it("of the digits from 1 to 9: the published value, in as many bytes as are told", () => {
    const checksum = startChecksum(name);
    checksum.update(Buffer.from("123456789"));
    const value = Buffer.from(checksum.end(), "base64");
    expect(value.toString("hex")).toBe(known[name]);
    expect(value).toHaveLength(checksumBytes[name]);
  });

  it("of bytes in pieces: that of the whole", () => {
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 7919) % 256));
    const whole = startChecksum(name);
    whole.update(bytes);
    const pieces = startChecksum(name);
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [1, 1_000],
      [1_000, 5_000],
    ]) {
      pieces.update(bytes.subarray(from, to));
    }
    expect(pieces.end()).toBe(whole.end());
  });
});
