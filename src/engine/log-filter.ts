/**
 * Filter patterns of CloudWatch Logs for plain text: terms that a message must contain, `"quoted
 * phrases"`, `?optional` and `-excluded` ones. Case counts. The patterns for JSON, for fields between
 * spaces and for regular expressions are other languages, and are named so that they can be refused.
 */

export type LogFilter = {
  /** All of them must occur. */
  readonly all: readonly string[];
  /** One of them must occur; ignored, as on AWS, where there are other terms. */
  readonly any: readonly string[];
  /** None of them may occur. */
  readonly none: readonly string[];
};

export type ParsedLogFilter =
  | { readonly type: "terms"; readonly filter: LogFilter }
  | { readonly type: "unsupported"; readonly language: string }
  | { readonly type: "invalid" };

export function parseLogFilter(pattern: string): ParsedLogFilter {
  const text = pattern.trim();
  if (text.startsWith("{")) return { type: "unsupported", language: "JSON" };
  if (text.startsWith("[")) return { type: "unsupported", language: "space-delimited" };
  const filter = { all: [] as string[], any: [] as string[], none: [] as string[] };
  const term = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)\s*/y;
  while (term.lastIndex < text.length) {
    const match = term.exec(text);
    if (!match) return { type: "invalid" };
    const [, sign, quoted, bare] = match;
    if (bare && /^%.*%$/.test(bare)) return { type: "unsupported", language: "regular expression" };
    const value = quoted === undefined ? (bare ?? "") : quoted.replace(/\\(.)/g, "$1");
    filter[sign === "?" ? "any" : sign === "-" ? "none" : "all"].push(value);
  }
  return { type: "terms", filter };
}

/** Whether a message passes. */
export function matchesLogFilter({ all, any, none }: LogFilter, message: string): boolean {
  const has = (text: string): boolean => message.includes(text);
  if (!all.every(has) || none.some(has)) return false;
  return any.length === 0 || all.length + none.length > 0 || any.some(has);
}
