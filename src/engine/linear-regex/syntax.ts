/**
 * Reads a regular expression of the RE2 kind (Go's): no back-references and no looking around, so that
 * matching takes a time in proportion to the text. Gives a tree; what it cannot be throws.
 */

import { all, invert, perlClasses, posixClasses, type Ranges, withBothCases } from "./ranges.ts";

export type AnchorKind = "text-start" | "text-end" | "line-start" | "line-end" | "word" | "no-word";

export type Node =
  | { readonly type: "empty" }
  | { readonly type: "set"; readonly ranges: Ranges }
  | { readonly type: "anchor"; readonly kind: AnchorKind }
  | { readonly type: "all"; readonly parts: readonly Node[] }
  | { readonly type: "any"; readonly parts: readonly Node[] }
  | {
      readonly type: "repeat";
      readonly part: Node;
      readonly least: number;
      /** `Infinity` for no bound. */
      readonly most: number;
    };

/** `message` is in the words of Go's regexp package. */
export class RegexSyntaxError extends Error {}

type Flags = { readonly i: boolean; readonly m: boolean; readonly s: boolean };

const newline = 0x0a;
const mostRepeats = 1000;
const deepest = 200;

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };
const anchors: Readonly<Record<string, AnchorKind>> = {
  A: "text-start",
  z: "text-end",
  b: "word",
  B: "no-word",
};

export function parseRegex(source: string): Node {
  const fail = (what: string, piece: string): never => {
    throw new RegexSyntaxError(`error parsing regexp: ${what}: \`${piece}\``);
  };
  let at = 0;
  let depth = 0;
  const takes = (text: string): boolean => {
    if (!source.startsWith(text, at)) return false;
    at += text.length;
    return true;
  };
  const codePoint = (): number => {
    const point = source.codePointAt(at);
    if (point === undefined) return fail("trailing backslash at end of expression", "");
    at += point > 0xffff ? 2 : 1;
    return point;
  };

  const alternatives = (given: Flags): { node: Node; flags: Flags } => {
    let flags = given;
    const choices: Node[] = [];
    let parts: Node[] = [];
    while (at < source.length && source[at] !== ")") {
      if (takes("|")) {
        choices.push({ type: "all", parts });
        parts = [];
        continue;
      }
      const inline = /^\(\?([ims]*)(?:-([ims]+))?\)/.exec(source.slice(at));
      if (inline && inline[0] !== "(?)") {
        at += inline[0].length;
        flags = withFlags(flags, inline[1] ?? "", inline[2] ?? "");
        continue;
      }
      parts.push(repeated(atom(flags)));
    }
    if (choices.length === 0) return { node: { type: "all", parts }, flags };
    return { node: { type: "any", parts: [...choices, { type: "all", parts }] }, flags };
  };

  const group = (flags: Flags): Node => {
    const begin = at - 1;
    if (++depth > deepest) fail("expression nests too deeply", source);
    let inner = flags;
    if (takes("?")) {
      const kind = /^(?:P?<[A-Za-z_]\w*>|([ims]*)(?:-([ims]+))?:)/.exec(source.slice(at));
      if (!kind) return fail("invalid or unsupported Perl syntax", source.slice(begin, at + 1));
      at += kind[0].length;
      inner = withFlags(flags, kind[1] ?? "", kind[2] ?? "");
    }
    const { node } = alternatives(inner);
    if (!takes(")")) fail("missing closing )", source);
    depth -= 1;
    return node;
  };

  const atom = (flags: Flags): Node => {
    const begin = at;
    if (takes("(")) return group(flags);
    if (takes("[")) return { type: "set", ranges: folded(charClass(begin), flags) };
    if (takes(".")) return { type: "set", ranges: flags.s ? all : invert([[newline, newline]]) };
    if (takes("^")) return { type: "anchor", kind: flags.m ? "line-start" : "text-start" };
    if (takes("$")) return { type: "anchor", kind: flags.m ? "line-end" : "text-end" };
    if (/[*+?]/.test(source[at] ?? "")) {
      fail("missing argument to repetition operator", source[at] ?? "");
    }
    if (takes("\\")) {
      const kind = anchors[source[at] ?? ""];
      if (kind) {
        at += 1;
        return { type: "anchor", kind };
      }
      if (takes("Q")) return quoted(flags);
      return { type: "set", ranges: folded(escaped(begin), flags) };
    }
    const point = codePoint();
    return { type: "set", ranges: folded([[point, point]], flags) };
  };

  const quoted = (flags: Flags): Node => {
    const end = source.indexOf("\\E", at);
    const text = source.slice(at, end < 0 ? undefined : end);
    at = end < 0 ? source.length : end + 2;
    const parts = [...text].map((character): Node => {
      const point = character.codePointAt(0) ?? 0;
      return { type: "set", ranges: folded([[point, point]], flags) };
    });
    return { type: "all", parts };
  };

  /** What stands behind a backslash, as a set of characters. */
  const escaped = (begin: number): Ranges => {
    const letter = source[at] ?? "";
    const perl = perlClasses[letter.toLowerCase()];
    if (perl) {
      at += 1;
      return letter === letter.toLowerCase() ? perl : invert(perl);
    }
    const coded = /^(?:x([\da-fA-F]{2})|x\{([\da-fA-F]{1,6})\}|(0[0-7]{0,2}|[1-7][0-7]{1,2}))/.exec(
      source.slice(at),
    );
    if (coded) {
      at += coded[0].length;
      const octal = coded[3];
      const point = octal
        ? Number.parseInt(octal, 8)
        : Number.parseInt(coded[1] ?? coded[2] ?? "", 16);
      return [[point, point]];
    }
    const control = controls[letter];
    const point = control ?? codePoint();
    if (control !== undefined) at += 1;
    else if (point < 0x80 && /\w/.test(letter)) {
      fail("invalid escape sequence", source.slice(begin, at));
    }
    return [[point, point]];
  };

  const charClass = (begin: number): Ranges => {
    const isInverted = takes("^");
    const ranges: (readonly [number, number])[] = [];
    for (let isFirst = true; isFirst || source[at] !== "]"; isFirst = false) {
      if (at >= source.length) fail("missing closing ]", source.slice(begin));
      const posix = /^\[:(\^?)([a-z]+):\]/.exec(source.slice(at));
      if (posix) {
        at += posix[0].length;
        const named = posixClasses[posix[2] ?? ""];
        if (!named) return fail("invalid character class range", posix[0]);
        ranges.push(...(posix[1] ? invert(named) : named));
        continue;
      }
      const start = at;
      const low = member();
      const isRange = source[at] === "-" && source[at + 1] !== "]" && at + 1 < source.length;
      if (!isRange || low.length !== 1 || low[0]?.[0] !== low[0]?.[1]) {
        ranges.push(...low);
        continue;
      }
      at += 1;
      const high = member();
      const [from, to] = [low[0]?.[0] ?? 0, high[0]?.[1] ?? 0];
      if (high.length !== 1 || from > to) {
        fail("invalid character class range", source.slice(start, at));
      }
      ranges.push([from, to]);
    }
    at += 1;
    return isInverted ? invert(ranges) : ranges;
  };

  const member = (): Ranges => {
    const begin = at;
    if (takes("\\")) return escaped(begin);
    const point = codePoint();
    return [[point, point]];
  };

  const repeated = (part: Node): Node => {
    let node = part;
    for (let times = 0; ; times++) {
      const begin = at;
      const counted = /^\{(\d+)(,(\d*))?\}/.exec(source.slice(at));
      let bounds: readonly [number, number] | undefined;
      if (takes("*")) bounds = [0, Infinity];
      else if (takes("+")) bounds = [1, Infinity];
      else if (takes("?")) bounds = [0, 1];
      else if (counted) {
        at += counted[0].length;
        const least = Number(counted[1]);
        const most = counted[2] === undefined ? least : Number(counted[3] || Infinity);
        if (least > mostRepeats || (most !== Infinity && most > mostRepeats) || least > most) {
          fail("invalid repeat count", counted[0]);
        }
        bounds = [least, most];
      }
      if (!bounds) return node;
      takes("?");
      if (times > 0) fail("invalid nested repetition operator", source.slice(begin - 1, at));
      node = { type: "repeat", part: node, least: bounds[0], most: bounds[1] };
    }
  };

  const { node } = alternatives({ i: false, m: false, s: false });
  if (at < source.length) fail("unexpected )", source);
  return node;
}

const withFlags = (flags: Flags, on: string, off: string): Flags => {
  const value = (name: keyof Flags): boolean =>
    (flags[name] || on.includes(name)) && !off.includes(name);
  return { i: value("i"), m: value("m"), s: value("s") };
};

const folded = (ranges: Ranges, { i }: Flags): Ranges => (i ? withBothCases(ranges) : ranges);
