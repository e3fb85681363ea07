/** What a QR code carries: bytes with their head, in blocks, each with its Reed-Solomon code, interleaved. */

// Of level L, by version, which begins with 1 (ISO/IEC 18004, table 9).
const checksInBlock = [
  7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
];
const blockCounts = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8];

/** Codewords that fit between the patterns. */
function capacityOf(version: number): number {
  const alignments = version === 1 ? 0 : Math.floor(version / 7) + 2;
  const size = version * 4 + 17;
  const corners = 3 * 64 + 2 * 15 + 1;
  const timing = 2 * (size - 16);
  // Alignment patterns on the timing patterns share five modules with them.
  const aligned = alignments === 0 ? 0 : 25 * (alignments ** 2 - 3) - 10 * (alignments - 2);
  const told = version >= 7 ? 2 * 18 : 0;
  return Math.floor((size ** 2 - corners - timing - aligned - told) / 8);
}

function layoutOf(version: number) {
  const [checks = 0, blocks = 1] = [checksInBlock[version - 1], blockCounts[version - 1]];
  return { checks, blocks, data: capacityOf(version) - checks * blocks };
}

const countBits = (version: number): number => (version < 10 ? 8 : 16);

/** How long a text may be. */
export const bytesInVersion = (version: number): number =>
  layoutOf(version).data - Math.ceil((4 + countBits(version)) / 8);

export function makeCodewords(version: number, bytes: Uint8Array): Uint8Array {
  const { checks, blocks, data } = layoutOf(version);
  const words = toWords(version, bytes, data);
  const short = Math.floor(data / blocks);
  const longer = data % blocks;
  const parts = Array.from({ length: blocks }, (_, at) => {
    const start = at * short + Math.max(0, at - (blocks - longer));
    return words.subarray(start, start + short + (at >= blocks - longer ? 1 : 0));
  });
  return Uint8Array.from([
    ...interleave(parts),
    ...interleave(parts.map((part) => checksOf(part, checks))),
  ]);
}

/** Mode, length, bytes and an end, filled up. */
function toWords(version: number, bytes: Uint8Array, length: number): Uint8Array {
  const bits =
    `0100${bytes.length.toString(2).padStart(countBits(version), "0")}` +
    Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const whole = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
  const words = (whole.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 2));
  for (let at = 0; words.length < length; at++) words.push(at % 2 === 0 ? 0xec : 0x11);
  return Uint8Array.from(words);
}

function interleave(parts: readonly Uint8Array[]): number[] {
  const longest = Math.max(...parts.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => parts.flatMap((part) => part[at] ?? [])).flat();
}

/** The remainder of the words by the generator of that degree. */
function checksOf(words: Uint8Array, degree: number): Uint8Array {
  const generator = generatorOf(degree);
  let rest: number[] = Array(degree).fill(0);
  for (const word of words) {
    const factor = word ^ (rest[0] ?? 0);
    rest = [...rest.slice(1), 0].map((each, at) => each ^ multiply(generator[at] ?? 0, factor));
  }
  return Uint8Array.from(rest);
}

/** The product of `x - 2^i`, without its first coefficient, which is 1. */
function generatorOf(degree: number): number[] {
  let product = [1];
  let root = 1;
  for (let at = 0; at < degree; at++) {
    const by = root;
    const shifted = [...product, 0];
    product = shifted.map((each, index) => each ^ multiply(product[index - 1] ?? 0, by));
    root = multiply(root, 2);
  }
  return product.slice(1);
}

/** In GF(2^8) by the polynomial 0x11d. */
export function multiply(left: number, right: number): number {
  let product = 0;
  for (let at = 7; at >= 0; at--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((right >>> at) & 1) * left;
  }
  return product;
}
