/**
 * Whether a regular expression matches somewhere in a text, in a time that grows with the text's length
 * and never faster: all the ways to match are followed at once, and where they led is remembered. What
 * users write can so be given to the engine's own thread.
 */
import type { Ranges } from "./ranges.ts";
import { type AnchorKind, type Node, parseRegex, RegexSyntaxError } from "./syntax.ts";

export type LinearRegex = { test(text: string): boolean };

type Instruction =
  | { readonly type: "set"; readonly ranges: Ranges; readonly next: number }
  | { readonly type: "anchor"; readonly kind: AnchorKind; readonly next: number }
  | { readonly type: "split"; readonly ways: readonly number[] }
  | { readonly type: "match" };

/** As large as a program may be: what it costs for each character of a text, at the worst. */
const largestProgram = 2000;
/** Remembered places; when there are more, remembering begins anew. */
const mostPlaces = 1000;

/** Throws `RegexSyntaxError` for what is no expression of RE2's kind, and for one that is too large. */
export function compileLinearRegex(source: string): LinearRegex {
  const { program, start } = toProgram(parseRegex(source), source);
  const walk = createWalk(program, start);
  return { test: walk };
}

function toProgram(tree: Node, source: string): { program: Instruction[]; start: number } {
  const program: Instruction[] = [];
  const add = (instruction: Instruction): number => {
    if (program.length >= largestProgram) {
      throw new RegexSyntaxError(`error parsing regexp: expression too large: \`${source}\``);
    }
    return program.push(instruction) - 1;
  };
  /** Instructions that lead from the place given back to `next`. */
  const emit = (node: Node, next: number): number => {
    switch (node.type) {
      case "empty":
        return next;
      case "set":
        return add({ type: "set", ranges: node.ranges, next });
      case "anchor":
        return add({ type: "anchor", kind: node.kind, next });
      case "all":
        return node.parts.reduceRight((after, part) => emit(part, after), next);
      case "any":
        return add({ type: "split", ways: node.parts.map((part) => emit(part, next)) });
      case "repeat":
        return emitRepeat(node, next);
    }
  };
  const emitRepeat = (node: Extract<Node, { type: "repeat" }>, next: number): number => {
    const { part, least, most } = node;
    let place = next;
    if (most === Infinity) {
      const ways: number[] = [next];
      place = add({ type: "split", ways });
      ways.push(emit(part, place));
    } else {
      for (let more = most - least; more > 0; more--) {
        place = add({ type: "split", ways: [next, emit(part, place)] });
      }
    }
    for (let times = 0; times < least; times++) place = emit(part, place);
    return place;
  };
  const start = emit(tree, add({ type: "match" }));
  return { program, start };
}

/** What has been read before a place decides which anchors hold there. */
type Before = "nothing" | "newline" | "word" | "other";

/** A set of instructions that the ways so far have led to, and where characters lead from it. */
type Place = {
  readonly waiting: readonly number[];
  readonly before: Before;
  readonly next: Map<number, Place>;
  /** Whether the expression has matched when the text ends here. */
  endMatches: boolean | undefined;
};

const found: Place = { waiting: [], before: "other", next: new Map(), endMatches: true };
const textEnd = -1;

function createWalk(program: readonly Instruction[], start: number): (text: string) => boolean {
  let places = new Map<string, Place>();

  const placeOf = (waiting: readonly number[], before: Before): Place => {
    const key = `${before} ${waiting.join(",")}`;
    const known = places.get(key);
    if (known) return known;
    const made: Place = { waiting, before, next: new Map(), endMatches: undefined };
    places.set(key, made);
    return made;
  };

  /** Follows what takes no character; undefined when that leads to the match. */
  const closure = (place: Place, after: number): ReadonlySet<number> | undefined => {
    const seen = new Set<number>();
    const open = [...place.waiting];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const instruction = program[at];
      if (instruction?.type === "match") return undefined;
      if (instruction?.type === "split") open.push(...instruction.ways);
      if (instruction?.type === "anchor" && holds(instruction.kind, place.before, after)) {
        open.push(instruction.next);
      }
    }
    return seen;
  };

  const step = (place: Place, character: number): Place => {
    const reached = closure(place, character);
    if (!reached) return found;
    const waiting = new Set([start]);
    for (const at of reached) {
      const instruction = program[at];
      if (instruction?.type === "set" && isIn(instruction.ranges, character)) {
        waiting.add(instruction.next);
      }
    }
    return placeOf(
      [...waiting].sort((a, b) => a - b),
      beforeOf(character),
    );
  };

  return (text) => {
    if (places.size > mostPlaces) places = new Map();
    let place = placeOf([start], "nothing");
    for (let at = 0; at < text.length; at++) {
      const character = text.codePointAt(at) ?? 0;
      if (character > 0xffff) at += 1;
      let next = place.next.get(character);
      if (!next) {
        next = step(place, character);
        if (places.size <= mostPlaces) place.next.set(character, next);
      }
      if (next === found) return true;
      place = next;
    }
    place.endMatches ??= closure(place, textEnd) === undefined;
    return place.endMatches;
  };
}

function isIn(ranges: Ranges, character: number): boolean {
  for (const [low, high] of ranges) if (character >= low && character <= high) return true;
  return false;
}

const isWord = (character: number): boolean =>
  (character >= 0x30 && character <= 0x39) ||
  (character >= 0x41 && character <= 0x5a) ||
  (character >= 0x61 && character <= 0x7a) ||
  character === 0x5f;

const beforeOf = (character: number): Before => {
  if (character === 0x0a) return "newline";
  return isWord(character) ? "word" : "other";
};

function holds(kind: AnchorKind, before: Before, after: number): boolean {
  switch (kind) {
    case "text-start":
      return before === "nothing";
    case "text-end":
      return after === textEnd;
    case "line-start":
      return before === "nothing" || before === "newline";
    case "line-end":
      return after === textEnd || after === 0x0a;
    case "word":
      return (before === "word") !== isWord(after);
    case "no-word":
      return (before === "word") === isWord(after);
  }
}
