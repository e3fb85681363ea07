import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { toPng } from "./png.ts";
import { makeQrCode, type QrCode } from "./qr-code.ts";
import { multiply } from "./qr-codewords.ts";

const textOf = (length: number): string =>
  "otpauth://totp/phone@000000000000?secret=".padEnd(length, "ABCDEFGH234567").slice(0, length);

const printed = (code: QrCode): string => code.map((row) => row.map(Number).join("")).join("\n");

/** The 26 codewords of a code of version 1, as the standard lays them out. */
function codewordsOf(code: QrCode): number[] {
  const dark = (x: number, y: number): boolean => code[y]?.[x] ?? false;
  const format = Array.from({ length: 15 }, (_, bit) =>
    bit < 8 ? dark(20 - bit, 8) : dark(8, 6 + bit),
  );
  // The mask stands in three bits, over which a fixed pattern lies; level L is 01.
  const told = format.reduce((sum, one, bit) => sum | (Number(one) << bit), 0) ^ 0x5412;
  expect(told >> 13).toBe(1);
  const masks = [
    (x: number, y: number) => (x + y) % 2,
    (_: number, y: number) => y % 2,
    (x: number) => x % 3,
    (x: number, y: number) => (x + y) % 3,
    (x: number, y: number) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
    (x: number, y: number) => ((x * y) % 2) + ((x * y) % 3),
    (x: number, y: number) => (((x * y) % 2) + ((x * y) % 3)) % 2,
    (x: number, y: number) => (((x + y) % 2) + ((x * y) % 3)) % 2,
  ];
  const mask = masks[(told >> 10) & 7];
  const isData = (x: number, y: number): boolean =>
    x !== 6 && y !== 6 && !(x < 9 && y < 9) && !(x < 9 && y > 12) && !(x > 12 && y < 9);
  let bits = "";
  for (const [turn, right] of [20, 18, 16, 14, 12, 10, 8, 5, 3, 1].entries()) {
    for (let step = 0; step < 21; step++) {
      const y = turn % 2 === 0 ? 20 - step : step;
      for (const x of [right, right - 1]) {
        if (isData(x, y)) bits += Number(dark(x, y) !== (mask?.(x, y) === 0));
      }
    }
  }
  return (bits.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 2));
}

describe("QR codes", () => {
  it("a short text, read back by the standard: its bytes, and no error in the correction", () => {
    const words = codewordsOf(makeQrCode("a code of MFA"));
    expect(words).toHaveLength(26);
    const bits = words.map((word) => word.toString(2).padStart(8, "0")).join("");
    expect(bits.slice(0, 4)).toBe("0100");
    const length = Number.parseInt(bits.slice(4, 12), 2);
    const text = (bits.slice(12, 12 + length * 8).match(/.{8}/g) ?? []).map((word) =>
      String.fromCharCode(Number.parseInt(word, 2)),
    );
    expect(text.join("")).toBe("a code of MFA");
    // As a polynomial it has the roots 2^0 to 2^6.
    let root = 1;
    for (let at = 0; at < 7; at++) {
      expect(words.reduce((sum, word) => multiply(sum, root) ^ word, 0)).toBe(0);
      root = multiply(root, 2);
    }
  });

  // Each was read by another reader when it was written down.
  it.each([
    [17, 1, "089fbcc329bee6f7"],
    [60, 4, "82570eb202c55b78"],
    [200, 9, "39a4f458f5510897"],
    [330, 12, "f51acbd718930872"],
    [800, 20, "7d7649d83a2f9218"],
  ])(
    "a text of %i bytes: version %i, as other readers understand it",
    (length, version, digest) => {
      const code = makeQrCode(textOf(length));
      expect(code).toHaveLength(17 + 4 * version);
      expect(createHash("sha256").update(printed(code)).digest("hex").slice(0, 16)).toBe(digest);
    },
  );

  it("a text that is too long: refused", () => {
    expect(() => makeQrCode(textOf(900))).toThrow(RangeError);
  });
});

describe("PNG", () => {
  it("two squares of two pixels: signature, size, and lines of bits with a margin", () => {
    const png = toPng(
      [
        [true, false],
        [false, true],
      ],
      { scale: 2, margin: 1 },
    );
    expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png.readUInt8(24)]).toEqual([8, 8, 1]);
    const length = png.readUInt32BE(33);
    const lines = [...inflateSync(png.subarray(41, 41 + length))];
    const [light, first, second] = [0b11111111, 0b11001111, 0b11110011];
    const rows = [light, light, first, first, second, second, light, light];
    expect(lines).toEqual(rows.flatMap((row) => [0, row]));
  });
});
