/** Words and signs of a Logs Insights query, each with its place in the text. */

export type Token = {
  readonly kind: "name" | "number" | "period" | "text" | "regex" | "sign" | "end";
  /** Without quotes, backquotes and slashes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
};

/** A query that cannot be read; `start` and `end` are offsets into its text. */
export class QueryError extends Error {
  readonly start: number;
  readonly end: number;

  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}

const blank = /(?:\s|#[^\n]*)*/y;
const parts: readonly { readonly kind: Token["kind"]; readonly pattern: RegExp }[] = [
  { kind: "name", pattern: /[A-Za-z_@][A-Za-z0-9_@]*(?:\.[A-Za-z0-9_@]+)*/y },
  { kind: "name", pattern: /`((?:[^`\\]|\\.)+)`/y },
  { kind: "period", pattern: /\d+(?:ms|mo|s|m|h|d|w|q|y)(?![A-Za-z0-9_])/y },
  { kind: "number", pattern: /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_])/y },
  { kind: "text", pattern: /"((?:[^"\\]|\\.)*)"/y },
  { kind: "text", pattern: /'((?:[^'\\]|\\.)*)'/y },
  { kind: "sign", pattern: /=~|!=|<=|>=|==|[=<>+\-*/%^(),|[\]]/y },
];
const regex = /\/((?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+)\//y;

export function tokenize(query: string): Token[] {
  const tokens: Token[] = [];
  let command = "";
  for (let at = skipBlanks(query, 0); at < query.length; at = skipBlanks(query, at)) {
    const token = nextToken(query, at, startsRegex(tokens.at(-1), command));
    if (tokens.length === 0 || tokens.at(-1)?.text === "|") command = token.text.toLowerCase();
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", start: query.length, end: query.length });
  return tokens;
}

/** A slash divides, but where an expression to match with is expected. */
function startsRegex(last: Token | undefined, command: string): boolean {
  return command === "parse" || last?.text === "=~" || last?.text.toLowerCase() === "like";
}

function nextToken(query: string, at: number, isRegex: boolean): Token {
  if (isRegex && query[at] === "/") {
    const match = matchAt(regex, query, at);
    if (match) return toToken("regex", match, at, match[1] ?? "");
  }
  for (const { kind, pattern } of parts) {
    const match = matchAt(pattern, query, at);
    if (!match) continue;
    const inner = match[1];
    const text = inner === undefined ? match[0] : unescaped(inner, kind);
    return toToken(kind, match, at, text);
  }
  throw unexpected(query, { text: query[at] ?? "", start: at, end: at + 1 });
}

// In a glob or a text a backslash before anything but a quote or itself is kept, as in "\d".
const unescaped = (text: string, kind: Token["kind"]): string =>
  kind === "text" ? text.replaceAll(/\\(["'\\])/g, "$1") : text.replaceAll(/\\(.)/g, "$1");

function matchAt(pattern: RegExp, query: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(query);
}

const toToken = (kind: Token["kind"], match: RegExpExecArray, at: number, text: string): Token => ({
  kind,
  text,
  start: at,
  end: at + match[0].length,
});

function skipBlanks(query: string, at: number): number {
  return at + (matchAt(blank, query, at)?.[0].length ?? 0);
}

/** In AWS's words; lines count from 1 and positions in them from 0. */
export function unexpected(
  query: string,
  token: { readonly text: string; readonly start: number; readonly end: number },
): QueryError {
  const before = query.slice(0, token.start).split("\n");
  const place = `at line ${before.length} and position ${before.at(-1)?.length ?? 0}`;
  const what = token.text === "" ? "end of query" : token.text;
  return new QueryError(`unexpected symbol found ${what} ${place}`, token.start, token.end);
}
