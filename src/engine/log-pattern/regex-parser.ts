/**
 * Reads what AWS documents of regular expressions in filter patterns: `^ $ . [] | ? * + {m,n}`,
 * `\d \D \s \S \w \W \xhh` and escaped signs.
 */

export type RegexItem =
  | { readonly type: "start" | "end" }
  | {
      readonly type: "character";
      readonly accepts: (code: number) => boolean;
      readonly least: number;
      readonly most: number;
    };

type Accepts = (code: number) => boolean;

const codes = (from: string, to = from): Accepts => {
  const [least, most] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
  return (code) => code >= least && code <= most;
};
const either =
  (...parts: readonly Accepts[]): Accepts =>
  (code) =>
    parts.some((accepts) => accepts(code));
const not =
  (accepts: Accepts): Accepts =>
  (code) =>
    !accepts(code);

const digit = codes("0", "9");
const word = either(digit, codes("a", "z"), codes("A", "Z"), codes("_"));
const blank = either(codes(" "), codes("\t", "\r"));
const classes: Readonly<Record<string, Accepts>> = {
  d: digit,
  D: not(digit),
  s: blank,
  S: not(blank),
  w: word,
  W: not(word),
  t: codes("\t"),
  n: codes("\n"),
  r: codes("\r"),
};

const allowed = /^[A-Za-z0-9_#=@/;,:\-^$?[\]{}|\\*+.\s]$/;
const mostTimes = 1_000;

class Invalid extends Error {}

/** Its alternatives; undefined for what is none. */
export function parseRegex(source: string): RegexItem[][] | undefined {
  try {
    return readAlternatives([...source]);
  } catch (error) {
    if (error instanceof Invalid) return undefined;
    throw error;
  }
}

function readAlternatives(text: readonly string[]): RegexItem[][] {
  const alternatives: RegexItem[][] = [[]];
  const reader = { text, at: 0 };
  while (reader.at < text.length) {
    const sign = text[reader.at];
    if (sign === "|") {
      reader.at += 1;
      alternatives.push([]);
      continue;
    }
    alternatives.at(-1)?.push(readItem(reader));
  }
  return alternatives;
}

type Reader = { readonly text: readonly string[]; at: number };

function readItem(reader: Reader): RegexItem {
  const sign = take(reader);
  if (sign === "^") return { type: "start" };
  if (sign === "$") return { type: "end" };
  if (/^[*+?{}\]]$/.test(sign) || !allowed.test(sign)) throw new Invalid();
  return { type: "character", accepts: readSet(reader, sign), ...readTimes(reader) };
}

function readSet(reader: Reader, sign: string): Accepts {
  if (sign === ".") return not(either(codes("\n"), codes("\r")));
  if (sign === "\\") return readEscape(reader).accepts;
  return sign === "[" ? readBracket(reader) : codes(sign);
}

/** `character`: the one that it is, if it is one. */
function readEscape(reader: Reader): { accepts: Accepts; character: string | undefined } {
  const sign = take(reader);
  if (sign === "x") {
    const digits = take(reader) + take(reader);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw new Invalid();
    const character = String.fromCodePoint(Number.parseInt(digits, 16));
    return { accepts: codes(character), character };
  }
  const known = Object.hasOwn(classes, sign) ? classes[sign] : undefined;
  if (known) return { accepts: known, character: undefined };
  if (/^[A-Za-z0-9]$/.test(sign)) throw new Invalid();
  return { accepts: codes(sign), character: sign };
}

function readBracket(reader: Reader): Accepts {
  const isNegated = reader.text[reader.at] === "^";
  if (isNegated) reader.at += 1;
  const parts: Accepts[] = [];
  for (let sign = take(reader); sign !== "]"; sign = take(reader)) {
    const first = readBracketed(reader, sign);
    const [dash, after] = [reader.text[reader.at], reader.text[reader.at + 1]];
    if (dash !== "-" || after === undefined || after === "]" || first.character === undefined) {
      parts.push(first.accepts);
      continue;
    }
    reader.at += 1;
    const last = readBracketed(reader, take(reader)).character;
    if (last === undefined || last < first.character) throw new Invalid();
    parts.push(codes(first.character, last));
  }
  if (parts.length === 0) throw new Invalid();
  const any = either(...parts);
  return isNegated ? not(any) : any;
}

function readBracketed(reader: Reader, sign: string) {
  if (sign === "\\") return readEscape(reader);
  if (!allowed.test(sign)) throw new Invalid();
  return { accepts: codes(sign), character: sign };
}

function readTimes(reader: Reader): { least: number; most: number } {
  const many = Number.POSITIVE_INFINITY;
  const [, sign, from, comma, to] =
    /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(
      reader.text.slice(reader.at, reader.at + 12).join(""),
    ) ?? [];
  if (sign === undefined && from === undefined) return { least: 1, most: 1 };
  reader.at += sign === undefined ? `{${from}${comma}${to}}`.length : 1;
  // Short or long, it matches all the same.
  if (reader.text[reader.at] === "?") reader.at += 1;
  if (sign === "?") return { least: 0, most: 1 };
  if (sign !== undefined) return { least: sign === "+" ? 1 : 0, most: many };
  const least = Number(from);
  const most = comma === "" ? least : to === "" ? many : Number(to);
  if (most < least || least > mostTimes || (most !== many && most > mostTimes)) throw new Invalid();
  return { least, most };
}

function take(reader: Reader): string {
  const sign = reader.text[reader.at];
  if (sign === undefined) throw new Invalid();
  reader.at += 1;
  return sign;
}
