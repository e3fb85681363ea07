/**
 * The two cyclic redundancy checks that clients of S3 send and Node does not have, byte by byte from
 * tables. Both are reflected, begin with ones and end inverted.
 */

const castagnoli = 0x82f63b78;

/** Continues CRC-32C: begin with 0. */
export function crc32c(bytes: Uint8Array, previous: number): number {
  let crc = ~previous;
  for (let at = 0; at < bytes.length; at++) {
    crc = (crc >>> 8) ^ (table32[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}

const table32 = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? castagnoli : 0);
  return value;
});

/** 64 bits in two halves: BigInt would take a hundred times as long. */
export type Crc64 = { readonly high: number; readonly low: number };

const nvme: Crc64 = { high: 0x9a6c9329, low: 0xac4bc9b5 };

/** Continues CRC-64/NVME: begin with both halves 0. */
export function crc64nvme(bytes: Uint8Array, previous: Crc64): Crc64 {
  let high = ~previous.high;
  let low = ~previous.low;
  for (let at = 0; at < bytes.length; at++) {
    const index = (low ^ (bytes[at] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (tables64.low[index] ?? 0);
    high = (high >>> 8) ^ (tables64.high[index] ?? 0);
  }
  return { high: ~high >>> 0, low: ~low >>> 0 };
}

const tables64 = makeTables64();

function makeTables64(): { readonly high: Uint32Array; readonly low: Uint32Array } {
  const tables = { high: new Uint32Array(256), low: new Uint32Array(256) };
  for (let index = 0; index < 256; index++) {
    let [high, low] = [0, index];
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = low & 1;
      low = ((low >>> 1) | (high << 31)) ^ (isOdd ? nvme.low : 0);
      high = (high >>> 1) ^ (isOdd ? nvme.high : 0);
    }
    tables.high[index] = high;
    tables.low[index] = low;
  }
  return tables;
}
