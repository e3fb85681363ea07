/** Pictures in black and white as PNG (RFC 2083): one bit a pixel, no palette. */
import { crc32, deflateSync } from "node:zlib";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** `dark`: rows of squares, each drawn `scale` pixels wide, with `margin` light squares around them. */
export function toPng(
  dark: readonly (readonly boolean[])[],
  { scale, margin }: { readonly scale: number; readonly margin: number },
): Buffer {
  const side = (dark.length + 2 * margin) * scale;
  const lines = Array.from({ length: side }, (_, y) => {
    const row = dark[Math.floor(y / scale) - margin] ?? [];
    const line = Buffer.alloc(1 + Math.ceil(side / 8));
    for (let x = 0; x < side; x++) {
      const isLight = !row[Math.floor(x / scale) - margin];
      const at = 1 + (x >> 3);
      if (isLight) line[at] = (line[at] ?? 0) | (0x80 >> (x & 7));
    }
    return line;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.writeUInt8(1, 8);
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(lines))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
