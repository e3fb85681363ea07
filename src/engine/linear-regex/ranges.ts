/** Sets of characters as ranges of code points, and those that have a name. */

/** Inclusive ranges of code points, in order. */
export type Ranges = readonly (readonly [number, number])[];

const lastCodePoint = 0x10ffff;

const digits: Ranges = [[0x30, 0x39]];
const words: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const spaces: Ranges = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];
export const perlClasses: Readonly<Record<string, Ranges>> = { d: digits, w: words, s: spaces };
export const posixClasses: Readonly<Record<string, Ranges>> = {
  alnum: [...digits, [0x41, 0x5a], [0x61, 0x7a]],
  alpha: [
    [0x41, 0x5a],
    [0x61, 0x7a],
  ],
  ascii: [[0, 0x7f]],
  blank: [
    [9, 9],
    [0x20, 0x20],
  ],
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: digits,
  graph: [[0x21, 0x7e]],
  lower: [[0x61, 0x7a]],
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [9, 13],
    [0x20, 0x20],
  ],
  upper: [[0x41, 0x5a]],
  word: words,
  xdigit: [...digits, [0x41, 0x46], [0x61, 0x66]],
};
export const all: Ranges = [[0, lastCodePoint]];

export function invert(ranges: Ranges): Ranges {
  const inverted: (readonly [number, number])[] = [];
  let next = 0;
  for (const [low, high] of [...ranges].sort(([a], [b]) => a - b)) {
    if (low > next) inverted.push([next, low - 1]);
    next = Math.max(next, high + 1);
  }
  if (next <= lastCodePoint) inverted.push([next, lastCodePoint]);
  return inverted;
}

/** With the other case of its ASCII letters. */
export function withBothCases(ranges: Ranges): Ranges {
  const shifted = (low: number, high: number, by: number) =>
    ranges.flatMap(([from, to]): (readonly [number, number])[] => {
      const [start, end] = [Math.max(from, low), Math.min(to, high)];
      return start <= end ? [[start + by, end + by]] : [];
    });
  return [...ranges, ...shifted(0x41, 0x5a, 32), ...shifted(0x61, 0x7a, -32)];
}
