/** `application/x-www-form-urlencoded` text: to parameters, and those to a tree by their dots. */
import { ApiError } from "../api-error.ts";

// More than any request of an SDK has, and little enough to go through in a few milliseconds.
const mostParameters = 20_000;
const mostSteps = 32;

/** Adds the parameters of `text` to `into`; of one given twice the last. Throws `MalformedQueryString`. */
export function parseQueryString(text: string, into: Map<string, string>): void {
  eachPair(text, (name, value) => into.set(name, value));
}

/** The parameters of `text` in order. Throws `MalformedQueryString`. */
export function parseQueryPairs(text: string): (readonly [name: string, value: string])[] {
  const pairs: (readonly [string, string])[] = [];
  eachPair(text, (name, value) => pairs.push([name, value]));
  return pairs;
}

function eachPair(text: string, take: (name: string, value: string) => void): void {
  let count = 0;
  for (let start = 0; start < text.length; ) {
    if (++count > mostParameters) throw malformed("The request has too many parameters");
    const ampersand = text.indexOf("&", start);
    const end = ampersand < 0 ? text.length : ampersand;
    const pair = text.slice(start, end);
    const equals = pair.indexOf("=");
    if (equals >= 0)
      take(unescapeText(pair.slice(0, equals)), unescapeText(pair.slice(equals + 1)));
    else if (pair !== "") take(unescapeText(pair), "");
    start = end + 1;
  }
}

function unescapeText(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw malformed("The query string contains a syntax error");
  }
}

/** A parameter, and those whose names go on after a dot. */
export type ParameterTree = {
  value: string | undefined;
  readonly below: Map<string, ParameterTree>;
};

/** `Filter.1.Name=x` becomes `Filter` → `1` → `Name`. Parameters that `skip` names are left out. */
export function toTree(
  parameters: ReadonlyMap<string, string>,
  skip: (name: string) => boolean,
): ParameterTree {
  const root: ParameterTree = { value: undefined, below: new Map() };
  for (const [name, value] of parameters) {
    if (skip(name)) continue;
    const steps = name.split(".", mostSteps + 1);
    if (steps.length > mostSteps) throw malformed("A parameter's name has too many parts");
    let node = root;
    for (const step of steps) {
      const next = node.below.get(step) ?? { value: undefined, below: new Map() };
      node.below.set(step, next);
      node = next;
    }
    node.value = value;
  }
  return root;
}

const malformed = (message: string): ApiError => new ApiError("MalformedQueryString", message);
