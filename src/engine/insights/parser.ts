/** A cursor over the tokens of a query, and the expressions of the language. */
import { functionArity } from "./functions.ts";
import { QueryError, type Token, tokenize, unexpected } from "./lexer.ts";
import { type Aggregate, type AggregateName, aggregateNames, type Expression } from "./syntax.ts";

export type Parser = {
  readonly query: string;
  peek(): Token;
  next(): Token;
  /** The query's text from `start` to the last token that was taken. */
  textFrom(start: number): string;
  /** Takes a word, whatever its case, or a sign, if it comes next. */
  take(...texts: readonly string[]): Token | undefined;
  need(text: string): Token;
  /** Where aggregates may stand, those met; undefined elsewhere. */
  aggregates: Aggregate[] | undefined;
  /** Depth of the expression under way. */
  depth: number;
};

export function openParser(query: string): Parser {
  const tokens = tokenize(query);
  let at = 0;
  const peek = (): Token => {
    const token = tokens[at] ?? tokens.at(-1);
    if (!token) throw new QueryError("the query is empty", 0, 0);
    return token;
  };
  const parser: Parser = {
    query,
    aggregates: undefined,
    depth: 0,
    peek,
    textFrom: (start) => query.slice(start, tokens[at - 1]?.end ?? start),
    next() {
      const token = peek();
      at += 1;
      return token;
    },
    take(...texts) {
      const token = peek();
      if (token.kind !== "name" && token.kind !== "sign") return undefined;
      return texts.includes(token.text.toLowerCase()) ? parser.next() : undefined;
    },
    need(text) {
      return parser.take(text) ?? fail(parser);
    },
  };
  return parser;
}

/** Throws that what comes next is out of place. */
export function fail(parser: Parser): never {
  throw unexpected(parser.query, parser.peek());
}

/** Expressions nested deeper are an attack on the stack. */
const deepest = 60;

export function parseExpression(parser: Parser): Expression {
  parser.depth += 1;
  if (parser.depth > deepest) fail(parser);
  let left = parseBoth(parser);
  while (parser.take("or")) left = { type: "or", left, right: parseBoth(parser) };
  parser.depth -= 1;
  return left;
}

function parseBoth(parser: Parser): Expression {
  let left = parseNot(parser);
  while (parser.take("and")) left = { type: "and", left, right: parseNot(parser) };
  return left;
}

function parseNot(parser: Parser): Expression {
  let negations = 0;
  while (parser.take("not")) negations += 1;
  const of = parseComparison(parser);
  return negations % 2 === 1 ? { type: "not", of } : of;
}

function parseComparison(parser: Parser): Expression {
  const left = parseSum(parser);
  const sign = parser.take("=", "==", "!=", "<", "<=", ">", ">=")?.text;
  switch (sign) {
    case "=":
    case "==":
      return { type: "comparison", sign: "=", left, right: parseSum(parser) };
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return { type: "comparison", sign, left, right: parseSum(parser) };
  }
  if (parser.take("=~")) return parseMatch(parser, left);
  const not = parser.take("not");
  const test = parser.take("like")
    ? parseMatch(parser, left)
    : parser.take("in")
      ? parseIn(parser, left)
      : undefined;
  if (!test) return not ? fail(parser) : left;
  return not ? { type: "not", of: test } : test;
}

function parseMatch(parser: Parser, of: Expression): Expression {
  if (parser.peek().kind !== "regex") return { type: "like", of, text: parseSum(parser) };
  return { type: "matches", of, regex: parseRegex(parser) };
}

/** Takes a regular expression; `(?i)` at its start makes case count for nothing. */
export function parseRegex(parser: Parser): RegExp {
  const token = parser.next();
  const [, flags = "", source = ""] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(token.text) ?? [];
  try {
    return new RegExp(source.replaceAll("(?P<", "(?<"), flags);
  } catch {
    throw new QueryError(`invalid regular expression: ${token.text}`, token.start, token.end);
  }
}

function parseIn(parser: Parser, of: Expression): Expression {
  const close = parser.take("[") ? "]" : ")";
  if (close === ")") parser.need("(");
  const list = [parseSum(parser)];
  while (parser.take(",")) list.push(parseSum(parser));
  parser.need(close);
  return { type: "in", of, list };
}

function parseSum(parser: Parser): Expression {
  let left = parseProduct(parser);
  for (;;) {
    if (parser.take("+")) left = arithmetic("+", left, parseProduct(parser));
    else if (parser.take("-")) left = arithmetic("-", left, parseProduct(parser));
    else return left;
  }
}

function parseProduct(parser: Parser): Expression {
  let left = parsePower(parser);
  for (;;) {
    if (parser.take("*")) left = arithmetic("*", left, parsePower(parser));
    else if (parser.take("/")) left = arithmetic("/", left, parsePower(parser));
    else if (parser.take("%")) left = arithmetic("%", left, parsePower(parser));
    else return left;
  }
}

function parsePower(parser: Parser): Expression {
  const left = parseUnary(parser);
  return parser.take("^") ? arithmetic("^", left, parsePower(parser)) : left;
}

const arithmetic = (
  sign: "+" | "-" | "*" | "/" | "%" | "^",
  left: Expression,
  right: Expression,
): Expression => ({ type: "arithmetic", sign, left, right });

function parseUnary(parser: Parser): Expression {
  if (parser.take("-")) return { type: "negative", of: parseUnary(parser) };
  if (parser.take("(")) {
    const inner = parseExpression(parser);
    parser.need(")");
    return inner;
  }
  const token = parser.peek();
  switch (token.kind) {
    case "number":
      return { type: "constant", value: Number(parser.next().text) };
    case "text":
      return { type: "constant", value: parser.next().text };
    case "period":
      return { type: "period", milliseconds: parsePeriod(parser.next().text) };
    case "name":
      return parseName(parser);
    default:
      return fail(parser);
  }
}

/** Words of the language that are no fields. */
const reserved = new Set(["and", "or", "not", "like", "in", "as", "by", "asc", "desc"]);

function parseName(parser: Parser): Expression {
  const token = parser.peek();
  const isQuoted = parser.query[token.start] === "`";
  if (!isQuoted && reserved.has(token.text.toLowerCase())) fail(parser);
  parser.next();
  if (isQuoted) return { type: "field", name: token.text };
  if (parser.take("(")) return parseCall(parser, token);
  if (token.text === "true" || token.text === "false") {
    return { type: "constant", value: token.text === "true" };
  }
  return { type: "field", name: token.text };
}

function parseCall(parser: Parser, token: Token): Expression {
  const name = token.text.toLowerCase();
  const isAggregate = (aggregateNames as readonly string[]).includes(name);
  if (isAggregate) return parseAggregate(parser, token, name as AggregateName);
  const arity = functionArity(name);
  if (!arity) throw refused(`the function ${token.text}`, token);
  const args = parseArguments(parser);
  if (args.length < arity.least || args.length > arity.most) {
    const words = `invalid number of arguments for ${token.text}`;
    throw new QueryError(words, token.start, token.end);
  }
  return { type: "call", name, args };
}

function parseAggregate(parser: Parser, token: Token, name: AggregateName): Expression {
  const { aggregates } = parser;
  if (!aggregates) throw unexpected(parser.query, token);
  // An aggregate of aggregates has no meaning.
  parser.aggregates = undefined;
  const args = name === "count" && parser.take("*") ? needClose(parser) : parseArguments(parser);
  parser.aggregates = aggregates;
  const wanted = name === "pct" ? 2 : 1;
  if (args.length !== wanted && !(name === "count" && args.length === 0)) {
    throw new QueryError(`invalid number of arguments for ${token.text}`, token.start, token.end);
  }
  aggregates.push({ name, args });
  return { type: "aggregate", slot: aggregates.length - 1 };
}

function needClose(parser: Parser): Expression[] {
  parser.need(")");
  return [];
}

/** Up to and with the closing parenthesis. */
function parseArguments(parser: Parser): Expression[] {
  if (parser.take(")")) return [];
  const args = [parseExpression(parser)];
  while (parser.take(",")) args.push(parseExpression(parser));
  parser.need(")");
  return args;
}

const second = 1_000;
const day = 86_400 * second;
/** A month and longer periods are counted in days, as good as a grid of equal bins can. */
const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: second,
  m: 60 * second,
  h: 3_600 * second,
  d: day,
  w: 7 * day,
  mo: 30 * day,
  q: 90 * day,
  y: 365 * day,
};

function parsePeriod(text: string): number {
  const [, count = "0", unit = ""] = /^(\d+)(\D+)$/.exec(text) ?? [];
  return Math.max(1, Number(count)) * (units[unit] ?? 1);
}

/** The error for what the language has and is not evaluated here. */
export const refused = (what: string, token: Token): QueryError =>
  new QueryError(`Neargate does not evaluate ${what} yet`, token.start, token.end);
