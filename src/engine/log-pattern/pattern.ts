/**
 * Filter patterns of CloudWatch Logs: terms, JSON conditions in braces, fields between spaces in
 * brackets, regular expressions between percent signs. One language for FilterLogEvents, live tail,
 * metric filters and subscription filters.
 */
import { parseFieldPattern } from "./fields.ts";
import { parseJsonPattern } from "./json.ts";
import type { LogPattern } from "./parsed.ts";
import { PatternError } from "./scanner.ts";
import { parseTermPattern } from "./terms.ts";

export type ParsedLogPattern =
  | { readonly type: "pattern"; readonly pattern: LogPattern }
  /** `reason` is empty where AWS gives none. */
  | { readonly type: "invalid"; readonly reason: string };

/** AWS takes patterns up to this length. */
export const longestPattern = 1024;

export function parseLogPattern(text: string): ParsedLogPattern {
  try {
    return { type: "pattern", pattern: parse(text.trim()) };
  } catch (error) {
    if (error instanceof PatternError) return { type: "invalid", reason: error.message };
    throw error;
  }
}

function parse(text: string): LogPattern {
  if (text.startsWith("{")) return parseJsonPattern(text);
  if (text.startsWith("[")) return parseFieldPattern(text);
  return parseTermPattern(text);
}
