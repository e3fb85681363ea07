import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import fc from "../../../test/builders/properties.ts";
import { chunkSigner } from "../sigv4/chunk-signer.ts";
import { type ChunkedOptions, type ChunkSigner, readChunked } from "./aws-chunked.ts";

const plain: ChunkedOptions = { trailers: "none" };

function read(encoded: Buffer | string, options: ChunkedOptions = plain) {
  const reader = readChunked(options);
  const content = Buffer.concat(reader.push(Buffer.from(encoded)));
  return { content: content.toString("latin1"), trailers: Object.fromEntries(reader.end()) };
}

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "none";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("chunks", () => {
  it("with and without signatures: joined", () => {
    const signed = `3;chunk-signature=${"0".repeat(64)}\r\nabc\r\n0;chunk-signature=${"0".repeat(64)}\r\n\r\n`;
    expect(read(signed).content).toBe("abc");
    expect(read("3\r\nabc\r\n2\r\n\r\n\r\n0\r\n\r\n").content).toBe("abc\r\n");
    expect(read("0\r\n\r\n").content).toBe("");
    expect(read("0\r\n").content).toBe("");
  });

  it("cut into pieces anywhere: the same content", () => {
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(bytes),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        (all, cuts) => {
          const encoded = Buffer.concat([
            ...all
              .filter((chunk) => chunk.length > 0)
              .flatMap((chunk) => [
                Buffer.from(`${chunk.length.toString(16)}\r\n`),
                chunk,
                Buffer.from("\r\n"),
              ]),
            Buffer.from("0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"),
          ]);
          const reader = readChunked({ trailers: "plain" });
          const pieces: Buffer[] = [];
          for (let at = 0; at < encoded.length; ) {
            const size = cuts.next().value;
            pieces.push(...reader.push(encoded.subarray(at, at + size)));
            at += size;
          }
          expect([...reader.end()]).toEqual([["x-amz-checksum-crc32", "AAAAAA=="]]);
          expect(Buffer.concat(pieces).equals(Buffer.concat(all))).toBe(true);
        },
      ),
    );
  });

  it.each([
    ["cut off within a chunk", "5\r\nabc"],
    ["cut off after a chunk", "3\r\nabc\r\n"],
    ["a length that is none", "x\r\nabc\r\n0\r\n\r\n"],
    ["a chunk longer than its length", "2\r\nabc\r\n0\r\n\r\n"],
    ["a line without end", "a".repeat(2_000)],
    ["more after the end", "0\r\n\r\n0\r\n\r\n"],
  ])("%s: IncompleteBody", (_what, encoded) => {
    expect(codeOf(() => read(encoded))).toBe("IncompleteBody");
  });

  it("another length than announced: IncompleteBody", () => {
    expect(read("3\r\nabc\r\n0\r\n\r\n", { ...plain, length: 3 }).content).toBe("abc");
    for (const length of [2, 4]) {
      const options = { ...plain, length };
      expect(codeOf(() => read("3\r\nabc\r\n0\r\n\r\n", options))).toBe("IncompleteBody");
    }
  });

  it("trailers: as announced, or MalformedTrailerError", () => {
    const options = { trailers: "plain" } as const;
    expect(read("0\r\nX-Amz-Checksum-Crc32: a \r\n\r\n", options).trailers).toEqual({
      "x-amz-checksum-crc32": "a",
    });
    const cases = [
      ["0\r\n\r\n", "plain"],
      ["0\r\nno trailer\r\n\r\n", "plain"],
      ["0\r\na:b\r\n", "plain"],
      ["0\r\na:b\r\n\r\n", "signed"],
      ["0\r\na:b\r\n\r\n", "none"],
    ] as const;
    for (const [encoded, trailers] of cases) {
      expect(codeOf(() => read(encoded, { trailers }))).toBe("MalformedTrailerError");
    }
  });
});

describe("signed chunks", () => {
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  // The published example of a body of 65 KiB in two chunks.
  const seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const published = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ];
  const signer = (): ChunkSigner =>
    chunkSigner(secret, {
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      scope: { date: "20130524", region: "us-east-1", service: "s3" },
      date: "20130524T000000Z",
      signedHeaders: ["host"],
      signature: seed,
      expires: undefined,
      sessionToken: undefined,
    });
  const contents = ["a".repeat(65_536), "a".repeat(1_024), ""];
  const encode = (signatures: readonly string[], chunks = contents) =>
    chunks
      .map((text, at) => {
        const head = `${text.length.toString(16)};chunk-signature=${signatures[at]}\r\n`;
        return text === "" ? head : `${head}${text}\r\n`;
      })
      .join("");

  it("the published example: believed", () => {
    const options = { ...plain, signer: signer(), length: 66_560 };
    expect(read(`${encode(published)}\r\n`, options).content).toHaveLength(66_560);
  });

  it("a byte, a signature or the order changed, or none: SignatureDoesNotMatch", () => {
    const spoilt = [
      encode(published, [`b${"a".repeat(65_535)}`, ...contents.slice(1)]),
      encode([published[1] ?? "", published[0] ?? "", published[2] ?? ""]),
      encode(["0".repeat(64), ...published.slice(1)]),
      encode(published, [contents[0] ?? "", ""]),
      "3\r\nabc\r\n0\r\n",
    ];
    for (const encoded of spoilt) {
      const options = { ...plain, signer: signer() };
      expect(codeOf(() => read(`${encoded}\r\n`, options))).toBe("SignatureDoesNotMatch");
    }
  });

  it("signed trailers: believed, or refused when changed or not signed", () => {
    const hex = (text: string) => createHash("sha256").update(text).digest("hex");
    const own = signer();
    const end = own.signChunk(hex(""));
    const trailer = own.signTrailer(hex("x-amz-checksum-crc32c:sOO8/Q==\n"));
    const head = `0;chunk-signature=${end}\r\n`;
    const options = () => ({ trailers: "signed", signer: signer() }) as const;
    const lines = (value: string, signature: string, between = "\r\n") =>
      `${head}x-amz-checksum-crc32c:${value}${between}x-amz-trailer-signature:${signature}\r\n\r\n`;
    for (const between of ["\r\n", "\n\r\n"]) {
      const { trailers } = read(lines("sOO8/Q==", trailer, between), options());
      expect(trailers).toMatchObject({ "x-amz-checksum-crc32c": "sOO8/Q==" });
    }
    for (const encoded of [lines("AAAAAA==", trailer), lines("sOO8/Q==", "0".repeat(64))]) {
      expect(codeOf(() => read(encoded, options()))).toBe("SignatureDoesNotMatch");
    }
  });
});
