/** Patterns of policies: `*` is any text, `?` one character, `${…}` the value of a condition key. */
import type { ConditionKeys } from "./condition-keys.ts";

// What stands in a pattern for a star and a question mark that are meant as such.
const plainStar = "\uFFF0";
const plainMark = "\uFFF1";

/**
 * Puts values in the place of `${key}`, `${key, 'default'}`, `${*}`, `${?}` and `${$}`. Undefined when
 * one has no value, because a text that is not known matches nothing.
 */
export function fillPattern(pattern: string, keys: ConditionKeys): string | undefined {
  if (!pattern.includes("${")) return pattern;
  let known = true;
  const filled = pattern.replace(/\$\{([^}]*)\}/g, (_, inside: string) => {
    if (inside === "*") return plainStar;
    if (inside === "?") return plainMark;
    if (inside === "$") return "$";
    const [, name = "", fallback] = /^\s*([^,]*?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inside) ?? [];
    const values = keys.get(name);
    // A key of many values cannot be a variable.
    const value = values?.length === 1 ? values[0] : fallback;
    if (value === undefined) known = false;
    return literal(value ?? "");
  });
  return known ? filled : undefined;
}

/** A caller's text is never a pattern, whatever is in it. */
const literal = (text: string): string =>
  text.replaceAll("*", plainStar).replaceAll("?", plainMark);

/** The text that a filled pattern without wildcards means. */
export const plainText = (pattern: string): string =>
  pattern.replaceAll(plainStar, "*").replaceAll(plainMark, "?");

/**
 * Whether the whole of `text` is of the pattern. Going back to the last star only keeps it at
 * pattern × text steps, however many stars there are.
 */
export function isMatch(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const wanted = pattern[p];
    if (wanted === "*") {
      star = p++;
      resume = t;
    } else if (wanted !== undefined && (wanted === "?" || isSame(wanted, text[t]))) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

function isSame(wanted: string, found: string | undefined): boolean {
  if (wanted === plainStar) return found === "*";
  if (wanted === plainMark) return found === "?";
  return wanted === found;
}

/** `arn:…` part by part: a wildcard does not reach over a colon, except in the resource. */
export function isArnMatch(pattern: string, arn: string): boolean {
  const wanted = arnParts(pattern);
  const found = arnParts(arn);
  if (!wanted || !found) return false;
  return wanted.every((part, at) => isMatch(part, found[at] ?? ""));
}

function arnParts(text: string): string[] | undefined {
  const parts = text.split(":");
  if (parts.length < 6) return undefined;
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}
