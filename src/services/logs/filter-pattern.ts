/** Filter patterns as requests have them: checked here, evaluated where the events are. */

import type { LogPattern } from "../../engine/log-pattern/parsed.ts";
import { longestPattern, parseLogPattern } from "../../engine/log-pattern/pattern.ts";
import { failedConstraint, invalidParameter } from "./errors.ts";

/** The pattern as the log store takes it: undefined for one that lets everything through. */
export function validatePattern(text: string): string | undefined {
  toPattern(text, "Invalid filter pattern");
  return text.trim() === "" ? undefined : text;
}

/** `words`: what is said of a text that is no pattern, where there is nothing better to say. */
export function toPattern(text: string, words: string): LogPattern {
  if (text.length > longestPattern) {
    const constraint = `Member must have length less than or equal to ${longestPattern}`;
    throw failedConstraint("filterPattern", text, constraint);
  }
  const parsed = parseLogPattern(text);
  if (parsed.type === "pattern") return parsed.pattern;
  throw invalidParameter(parsed.reason === "" ? words : parsed.reason);
}
