/** Time-based one-time passwords (RFC 6238): six digits, a new one every thirty seconds. */
import { makeMac } from "../seams/crypto.ts";

const stepMs = 30_000;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of `seed`, in Base 32, at `at` milliseconds since the epoch. */
export const codeAt = (seed: string, at: number): string =>
  codeOfStep(decodeBase32(seed), Math.floor(at / stepMs));

export type Window = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How many codes before and after may be meant. */
  readonly steps: number;
};

/** By how many codes a device is ahead (or behind) that gives `first` and then `second`; undefined for none. */
export function findDrift(
  seed: string,
  [first, second]: readonly [string, string],
  { at, steps }: Window,
): number | undefined {
  const key = decodeBase32(seed);
  const middle = Math.floor(at / stepMs);
  const drifts = Array.from({ length: 2 * steps + 1 }, (_, index) => index - steps);
  return drifts.find(
    (drift) =>
      codeOfStep(key, middle + drift) === first && codeOfStep(key, middle + drift + 1) === second,
  );
}

/** Whether `code` is one of those around `at`. */
export function isCodeAround(seed: string, code: string, { at, steps }: Window): boolean {
  const key = decodeBase32(seed);
  const middle = Math.floor(at / stepMs);
  return Array.from({ length: 2 * steps + 1 }, (_, index) => middle + index - steps).some(
    (step) => codeOfStep(key, step) === code,
  );
}

export const driftMs = (drift: number): number => drift * stepMs;

function codeOfStep(key: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.max(0, step)));
  const mac = makeMac("sha1", key, counter);
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000;
  return String(number).padStart(6, "0");
}

/** Of whole groups of eight characters, which is all that seeds here have. */
function decodeBase32(text: string): Buffer {
  const bits = Array.from(text, (character) =>
    alphabet.indexOf(character).toString(2).padStart(5, "0"),
  ).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
}
