/**
 * The regular expressions between percent signs, matched in one walk over the message whatever they
 * are: a hostile one can be slow in its length only. AWS allows no groups, so an expression is a choice
 * of rows of characters, which becomes an automaton whose states are made as messages lead to them.
 */
import { parseRegex, type RegexItem } from "./regex-parser.ts";

type Node =
  | { readonly type: "character"; readonly accepts: (code: number) => boolean; next: number }
  | { readonly type: "split"; next: readonly number[] }
  | { readonly type: "start" | "end"; next: number }
  | { readonly type: "match" };

type State = {
  /** Of characters, and of ends that are still to come. */
  readonly nodes: readonly number[];
  readonly isMatch: boolean;
  /** Whether it is one if the message ends here. */
  readonly isMatchAtEnd: boolean;
  readonly next: Map<number, State>;
};

/** Expressions that unfold to more are refused: each character may have to look at all of it. */
const mostNodes = 2_000;
/** Made anew when there are more, so that no message fills the memory. */
const mostStates = 1_000;

/** Undefined for what is none of AWS's expressions. */
export function compileRegex(source: string): ((message: string) => boolean) | undefined {
  const alternatives = parseRegex(source);
  const nodes = alternatives && toNodes(alternatives);
  return nodes && createMatcher(nodes);
}

/** From the end to the beginning, so that each node knows what follows it. The last one is where it starts. */
function toNodes(alternatives: readonly (readonly RegexItem[])[]): Node[] | undefined {
  const nodes: Node[] = [{ type: "match" }];
  const add = (node: Node): number => nodes.push(node) - 1;
  const starts: number[] = [];
  for (const items of alternatives) {
    let next = 0;
    for (const item of items.toReversed()) {
      if (item.type !== "character") {
        next = add({ type: item.type, next });
        continue;
      }
      const { accepts, least, most } = item;
      if (nodes.length + (Number.isFinite(most) ? most : least + 1) * 2 > mostNodes)
        return undefined;
      if (most === Number.POSITIVE_INFINITY) {
        const again: Node = { type: "split", next: [next] };
        const loop = add(again);
        again.next = [add({ type: "character", accepts, next: loop }), next];
        next = loop;
      }
      const optional = Number.isFinite(most) ? most - least : 0;
      const after = next;
      for (let count = 0; count < optional; count++) {
        next = add({ type: "split", next: [add({ type: "character", accepts, next }), after] });
      }
      for (let count = 0; count < least; count++) {
        next = add({ type: "character", accepts, next });
      }
    }
    starts.push(next);
  }
  add({ type: "split", next: starts });
  return nodes;
}

function createMatcher(nodes: readonly Node[]): (message: string) => boolean {
  const begin = nodes.length - 1;
  let states = new Map<string, State>();

  const reach = (from: readonly number[], atStart: boolean, atEnd: boolean): Set<number> => {
    const reached = new Set<number>();
    const waiting = [...from];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (reached.has(at)) continue;
      reached.add(at);
      const node = nodes[at];
      if (node?.type === "split") waiting.push(...node.next);
      else if (node?.type === "start" && atStart) waiting.push(node.next);
      else if (node?.type === "end" && atEnd) waiting.push(node.next);
    }
    return reached;
  };

  const toState = (from: readonly number[], atStart: boolean): State => {
    const reached = reach(from, atStart, false);
    const kept = [...reached].filter((at) => {
      const type = nodes[at]?.type;
      return type === "character" || type === "end" || type === "match";
    });
    kept.sort((a, b) => a - b);
    const key = kept.join(" ");
    const known = states.get(key);
    if (known) return known;
    const isMatch = reached.has(0);
    const state: State = {
      nodes: kept,
      isMatch,
      isMatchAtEnd: isMatch || reach(from, atStart, true).has(0),
      next: new Map(),
    };
    if (states.size >= mostStates) states = new Map();
    states.set(key, state);
    return state;
  };

  const step = (state: State, code: number): State => {
    const known = state.next.get(code);
    if (known) return known;
    // A match may begin at every character.
    const led = [begin];
    for (const at of state.nodes) {
      const node = nodes[at];
      if (node?.type === "character" && node.accepts(code)) led.push(node.next);
    }
    const next = toState(led, false);
    if (state.next.size < mostStates) state.next.set(code, next);
    return next;
  };

  return (message) => {
    let state = toState([begin], true);
    for (let at = 0; at < message.length; at++) {
      if (state.isMatch) return true;
      const code = message.codePointAt(at) ?? 0;
      if (code > 0xffff) at += 1;
      state = step(state, code);
    }
    return state.isMatchAtEnd;
  };
}
