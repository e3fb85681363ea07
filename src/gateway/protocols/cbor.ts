/**
 * CBOR (RFC 8949), as far as Smithy's RPC v2 uses it: no undefined map keys, timestamps under tag 1.
 *
 * Reading gives plain objects, arrays, `Uint8Array`, `Date` and scalars. Whole numbers beyond what a
 * double holds exactly become the nearest one.
 */
import { setEntry } from "../wire/entries.ts";
import { mostValues } from "./complexity.ts";

export class CborError extends Error {}

// Every level costs at least a byte: without a bound, a body could be nested as deep as it is long.
const deepest = 128;
const breakByte = 0xff;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The one value that `bytes` hold. Throws a `CborError`. */
export function readCbor(bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw new CborError("more than one value");
  return value;
}

class Reader {
  readonly #bytes: Buffer;
  at = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  value(depth: number): unknown {
    if (depth > deepest) throw new CborError("nested too deeply");
    if (++this.#values > mostValues) throw new CborError("too many values");
    const head = this.#byte();
    const [major, info] = [head >> 5, head & 31];
    switch (major) {
      case 0:
        return Number(this.#argument(info));
      case 1:
        return Number(-1n - BigInt(this.#argument(info)));
      case 2:
        return new Uint8Array(this.#string(info, 2));
      case 3:
        return decodeText(this.#string(info, 3));
      case 4:
        return this.#list(info, depth);
      case 5:
        return this.#map(info, depth);
      case 6:
        return this.#tagged(Number(this.#argument(info)), depth);
      default:
        return this.#simple(info);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new CborError("cut off");
    this.at++;
    return byte;
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.at) throw new CborError("cut off");
    const taken = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info === 24) return this.#byte();
    if (info === 25) return this.#take(2).readUInt16BE();
    if (info === 26) return this.#take(4).readUInt32BE();
    if (info === 27) return this.#take(8).readBigUInt64BE();
    throw new CborError("a length that is none");
  }

  #string(info: number, major: number): Buffer {
    if (info !== 31) return this.#take(Number(this.#argument(info)));
    const parts: Buffer[] = [];
    while (!this.#isBreak()) {
      const head = this.#byte();
      if (head >> 5 !== major || (head & 31) === 31)
        throw new CborError("a wrong part of a string");
      parts.push(this.#take(Number(this.#argument(head & 31))));
    }
    return Buffer.concat(parts);
  }

  #list(info: number, depth: number): unknown[] {
    const result: unknown[] = [];
    this.#each(info, () => result.push(this.value(depth + 1)));
    return result;
  }

  #map(info: number, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    this.#each(info, () => {
      const key = this.value(depth + 1);
      if (typeof key !== "string") throw new CborError("a key that is no text");
      setEntry(result, key, this.value(depth + 1));
    });
    return result;
  }

  // A count is not believed: each element must be there, so that memory is bound by the body.
  #each(info: number, read: () => void): void {
    if (info === 31) {
      while (!this.#isBreak()) read();
      return;
    }
    const count = Number(this.#argument(info));
    if (count > this.#bytes.length - this.at) throw new CborError("cut off");
    for (let done = 0; done < count; done++) read();
  }

  #isBreak(): boolean {
    if (this.#bytes[this.at] !== breakByte) return false;
    this.at++;
    return true;
  }

  #tagged(tag: number, depth: number): unknown {
    const value = this.value(depth + 1);
    if (tag !== 1) return value;
    const date = typeof value === "number" ? new Date(Math.round(value * 1000)) : undefined;
    if (!date || Number.isNaN(date.getTime())) throw new CborError("a time that is none");
    return date;
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        return readHalf(this.#take(2).readUInt16BE());
      case 26:
        return this.#take(4).readFloatBE();
      case 27:
        return this.#take(8).readDoubleBE();
      default:
        throw new CborError("an unknown simple value");
    }
  }
}

function decodeText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new CborError("text that is not UTF-8");
  }
}

function readHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Objects, arrays, bytes, dates and scalars; members that are undefined are left out. */
export function writeCbor(value: unknown): Buffer {
  const parts: Buffer[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

function write(value: unknown, parts: Buffer[]): void {
  switch (typeof value) {
    case "boolean":
      parts.push(Buffer.of(value ? 0xf5 : 0xf4));
      return;
    case "number":
      parts.push(writeNumber(value));
      return;
    case "bigint":
      parts.push(value < 0n ? head(1, -1n - value) : head(0, value));
      return;
    case "string": {
      const text = Buffer.from(value);
      parts.push(head(3, text.length), text);
      return;
    }
    default:
      writeObject(value, parts);
  }
}

function writeObject(value: unknown, parts: Buffer[]): void {
  if (typeof value !== "object" || value === null) {
    parts.push(Buffer.of(0xf6));
  } else if (value instanceof Date) {
    parts.push(Buffer.of(0xc1), writeNumber(value.getTime() / 1000));
  } else if (value instanceof Uint8Array) {
    parts.push(head(2, value.byteLength), Buffer.from(value));
  } else if (Array.isArray(value)) {
    parts.push(head(4, value.length));
    for (const element of value) write(element, parts);
  } else {
    const entries = Object.entries(value).filter(([, held]) => held !== undefined);
    parts.push(head(5, entries.length));
    for (const [key, held] of entries) {
      write(key, parts);
      write(held, parts);
    }
  }
}

function writeNumber(value: number): Buffer {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    return value < 0 ? head(1, -1 - value) : head(0, value);
  }
  const double = Buffer.alloc(9);
  double[0] = 0xfb;
  double.writeDoubleBE(value, 1);
  return double;
}

function head(major: number, argument: number | bigint): Buffer {
  const high = major << 5;
  if (argument < 24) return Buffer.of(high | Number(argument));
  const [info, size] =
    argument < 0x100
      ? [24, 1]
      : argument < 0x10000
        ? [25, 2]
        : argument < 2 ** 32
          ? [26, 4]
          : [27, 8];
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = high | info;
  if (size === 8) bytes.writeBigUInt64BE(BigInt(argument), 1);
  else bytes.writeUIntBE(Number(argument), 1, size);
  return bytes;
}
