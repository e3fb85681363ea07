/**
 * QR codes (ISO/IEC 18004) of a text: bytes, error correction of level L, versions 1 to 20, which is more
 * than the longest address of a virtual MFA device needs.
 */
import { bytesInVersion, makeCodewords } from "./qr-codewords.ts";

/** Rows of modules; true is dark. No margin. */
export type QrCode = readonly (readonly boolean[])[];

const mostVersion = 20;

/** What is drawn: each module, and whether it belongs to the patterns that carry no data. */
type Canvas = {
  readonly version: number;
  readonly size: number;
  readonly dark: boolean[][];
  readonly isPattern: boolean[][];
};

export function makeQrCode(text: string): QrCode {
  const bytes = Buffer.from(text);
  const versions = Array.from({ length: mostVersion }, (_, index) => index + 1);
  const version = versions.find((one) => bytesInVersion(one) >= bytes.length);
  if (version === undefined) throw new RangeError(`${bytes.length} bytes are too many for a code`);
  const canvas = blank(version);
  drawPatterns(canvas);
  drawData(canvas, makeCodewords(version, bytes));
  const masked = masks.map((_, mask) => withMask(canvas, mask));
  return masked.reduce((best, one) => (penaltyOf(one) < penaltyOf(best) ? one : best));
}

function blank(version: number): Canvas {
  const size = version * 4 + 17;
  const grid = (): boolean[][] => Array.from({ length: size }, () => Array(size).fill(false));
  return { version, size, dark: grid(), isPattern: grid() };
}

function set({ dark, isPattern }: Canvas, x: number, y: number, isDark: boolean): void {
  const [row, fixed] = [dark[y], isPattern[y]];
  if (!row || !fixed || x < 0 || x >= row.length) return;
  row[x] = isDark;
  fixed[x] = true;
}

const isBit = (bits: number, at: number): boolean => ((bits >>> at) & 1) === 1;

function drawPatterns(canvas: Canvas): void {
  const { size, version } = canvas;
  for (let at = 0; at < size; at++) {
    set(canvas, 6, at, at % 2 === 0);
    set(canvas, at, 6, at % 2 === 0);
  }
  const far = size - 4;
  for (const [x, y] of [
    [3, 3],
    [far, 3],
    [3, far],
  ] as const) {
    drawRings(canvas, { x, y, reach: 4, light: [2, 4] });
  }
  const steps = alignments(version);
  const last = steps.length - 1;
  for (const [row, y] of steps.entries()) {
    for (const [column, x] of steps.entries()) {
      const isCorner = (row === 0 || row === last) && (column === 0 || column === last);
      if (isCorner && !(row === last && column === last)) continue;
      drawRings(canvas, { x, y, reach: 2, light: [1] });
    }
  }
  drawFormat(canvas, 0);
  if (version >= 7) drawVersion(canvas);
}

type Rings = {
  readonly x: number;
  readonly y: number;
  readonly reach: number;
  readonly light: readonly number[];
};

/** Squares around a middle; `light` are the distances from it that are not dark. */
function drawRings(canvas: Canvas, { x, y, reach, light }: Rings): void {
  for (let down = -reach; down <= reach; down++) {
    for (let across = -reach; across <= reach; across++) {
      const distance = Math.max(Math.abs(down), Math.abs(across));
      if (y + down >= 0) set(canvas, x + across, y + down, !light.includes(distance));
    }
  }
}

/** The middles of alignment patterns, across and down alike. */
function alignments(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const size = version * 4 + 17;
  const step = Math.ceil((size - 13) / (2 * (count - 1))) * 2;
  const rest = Array.from({ length: count - 1 }, (_, index) => size - 7 - index * step);
  return [6, ...rest.toReversed()];
}

/** Which mask lies over the data, and how much is for correction (L), twice. */
function drawFormat(canvas: Canvas, mask: number): void {
  const { size } = canvas;
  const told = (1 << 3) | mask;
  const bits = ((told << 10) | remainder(told, 10, 0x537)) ^ 0x5412;
  for (let at = 0; at < 15; at++) {
    const isDark = isBit(bits, at);
    // The timing patterns in row and column 6 are stepped over.
    if (at < 8) set(canvas, 8, at < 6 ? at : at + 1, isDark);
    else set(canvas, at === 8 ? 7 : 14 - at, 8, isDark);
    if (at < 8) set(canvas, size - 1 - at, 8, isDark);
    else set(canvas, 8, size - 15 + at, isDark);
  }
  set(canvas, 8, size - 8, true);
}

function drawVersion(canvas: Canvas): void {
  const { version, size } = canvas;
  const bits = (version << 12) | remainder(version, 12, 0x1f25);
  for (let at = 0; at < 18; at++) {
    const [far, near] = [size - 11 + (at % 3), Math.floor(at / 3)];
    set(canvas, far, near, isBit(bits, at));
    set(canvas, near, far, isBit(bits, at));
  }
}

/** Of `value`, moved up by `degree` bits, divided by `divisor` in binary polynomials. */
function remainder(value: number, degree: number, divisor: number): number {
  let rest = value;
  for (let at = 0; at < degree; at++) rest = (rest << 1) ^ (isBit(rest, degree - 1) ? divisor : 0);
  return rest;
}

/** From the lower right in columns two wide, up and down by turns, past the patterns. */
function drawData({ size, dark, isPattern }: Canvas, codewords: Uint8Array): void {
  let at = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    const isUpward = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const y = isUpward ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        const row = dark[y];
        if (!row || isPattern[y]?.[x]) continue;
        row[x] = isBit(codewords[at >> 3] ?? 0, 7 - (at & 7));
        at += 1;
      }
    }
  }
}

/** Whether a module is turned over. */
const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

function withMask(canvas: Canvas, mask: number): boolean[][] {
  const dark = canvas.dark.map((row, y) =>
    row.map((isDark, x) => isDark !== (!canvas.isPattern[y]?.[x] && masks[mask]?.(x, y) === true)),
  );
  drawFormat({ ...canvas, dark }, mask);
  return dark;
}

/** How hard a code is to read: long runs, blocks of one colour, what looks like a corner, imbalance. */
function penaltyOf(dark: readonly (readonly boolean[])[]): number {
  const rows = dark.map((row) => row.map(Number).join(""));
  const columns = dark.map((_, x) => dark.map((row) => Number(row[x])).join(""));
  const lines = [...rows, ...columns];
  const runs = lines.flatMap((line) => line.match(/0{5,}|1{5,}/g) ?? []);
  const corners = lines.flatMap((line) => line.match(/(?=0000(?=1011101)|1011101(?=0000))/g) ?? []);
  const text = rows.join("");
  const share = text.replaceAll("0", "").length / text.length;
  return (
    runs.reduce((sum, run) => sum + run.length - 2, 0) +
    3 * countBlocks(dark) +
    40 * corners.length +
    10 * Math.floor(Math.abs(share * 100 - 50) / 5)
  );
}

function countBlocks(dark: readonly (readonly boolean[])[]): number {
  let count = 0;
  for (const [y, row] of dark.entries()) {
    const below = dark[y + 1];
    if (!below) break;
    for (let x = 0; x + 1 < row.length; x++) {
      const colour = row[x];
      if (colour === row[x + 1] && colour === below[x] && colour === below[x + 1]) count += 1;
    }
  }
  return count;
}
