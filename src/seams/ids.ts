/** Identifiers and randomness; the only place that draws random bits. */
import { randomBytes, randomFillSync, randomInt } from "node:crypto";

export type Ids = {
  /** `length` lower-case hex digits. */
  hex(length: number): string;
  /** A version 4 UUID. */
  uuid(): string;
  /** `length` decimal digits, the first not zero. */
  digits(length: number): string;
  /** `length` characters of `alphabet`. */
  pick(alphabet: string, length: number): string;
  /** A fraction in [0, 1). */
  fraction(): number;
};

/** IAM's unique ids use base 32: no 0, 1, 8, 9. */
export const iamAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const uuidBytes = 16;
// Random bits are drawn for many at a time: each drawing costs as much as dozens of them.
const drawn = Buffer.alloc(uuidBytes * 128);
let nextDrawn = drawn.length;

function drawUuid(): string {
  if (nextDrawn === drawn.length) {
    randomFillSync(drawn);
    nextDrawn = 0;
  }
  // Version 4, variant 10.
  drawn[nextDrawn + 6] = ((drawn[nextDrawn + 6] ?? 0) & 0x0f) | 0x40;
  drawn[nextDrawn + 8] = ((drawn[nextDrawn + 8] ?? 0) & 0x3f) | 0x80;
  const hex = drawn.toString("hex", nextDrawn, nextDrawn + uuidBytes);
  nextDrawn += uuidBytes;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function randomIds(): Ids {
  return {
    hex: (length) =>
      randomBytes(Math.ceil(length / 2))
        .toString("hex")
        .slice(0, length),
    uuid: drawUuid,
    digits: (length) =>
      Array.from({ length }, (_, at) => (at === 0 ? randomInt(1, 10) : randomInt(10))).join(""),
    pick: (alphabet, length) =>
      Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join(""),
    fraction: () => randomInt(2 ** 32) / 2 ** 32,
  };
}

/** The same ids in the same order every time: a counter spread by a multiplicative hash. */
export function sequentialIds(seed = 1): Ids {
  let state = seed >>> 0;
  // mulberry32, a small generator in the public domain; only repeatability matters here.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = (alphabet: string, length: number): string =>
    Array.from({ length }, () => alphabet[Math.floor(fraction() * alphabet.length)]).join("");
  const hex = (length: number): string => pick("0123456789abcdef", length);
  return {
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
    digits: (length) => pick("123456789", 1) + pick("0123456789", length - 1),
    pick,
    fraction,
  };
}
