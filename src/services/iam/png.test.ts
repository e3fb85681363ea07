import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { toPng } from "./png.ts";

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
