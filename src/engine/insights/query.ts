/** The commands of a Logs Insights query. */
import { QueryError, type Token } from "./lexer.ts";
import { fail, openParser, type Parser, parseExpression, parseRegex, refused } from "./parser.ts";
import type { Command, Expression, Extract, Named, SortKey } from "./syntax.ts";

/** As many rows as an answer holds, and the highest limit that may be asked. */
export const mostRows = 10_000;

/** Throws a `QueryError`. */
export function parseQuery(query: string): Command[] {
  const parser = openParser(query);
  const commands: Command[] = [];
  do commands.push(parseCommand(parser));
  while (parser.take("|"));
  if (parser.peek().kind !== "end") fail(parser);
  return commands;
}

/** Commands that AWS has beside those below. */
const notEvaluated = new Set([
  "anomaly",
  "diff",
  "filterindex",
  "join",
  "lookup",
  "pattern",
  "relevantfields",
  "source",
  "unmask",
  "unnest",
]);

function parseCommand(parser: Parser): Command {
  const token = parser.peek();
  if (token.kind !== "name") fail(parser);
  parser.next();
  const name = token.text.toLowerCase();
  switch (name) {
    case "fields":
    case "display":
      return { type: name, columns: parseColumns(parser) };
    case "filter":
    case "where":
      return { type: "filter", condition: parseExpression(parser) };
    case "stats":
      return parseStats(parser);
    case "sort":
    case "order":
      return { type: "sort", keys: parseSortKeys(parser) };
    case "limit":
    case "head":
      return { type: "limit", count: parseCount(parser) };
    case "parse":
      return parseParse(parser, token);
    case "dedup":
      return { type: "dedup", by: parseList(parser, () => parseExpression(parser)) };
  }
  if (notEvaluated.has(name)) throw refused(`the command ${token.text}`, token);
  throw new QueryError(`unknown command ${token.text}`, token.start, token.end);
}

function parseList<T>(parser: Parser, parseOne: () => T): T[] {
  const list = [parseOne()];
  while (parser.take(",")) list.push(parseOne());
  return list;
}

const parseColumns = (parser: Parser): Named[] => {
  const parseOne = (): Named => parseColumn(parser);
  const columns = [parseOne()];
  // Commas between fields may be left out, as people do.
  while (parser.take(",") || parser.peek().kind === "name") columns.push(parseOne());
  return columns;
};

function parseColumn(parser: Parser): Named {
  const { start } = parser.peek();
  const expression = parseExpression(parser);
  const text = parser.textFrom(start);
  if (parser.take("as")) return { name: parseAlias(parser), expression };
  return { name: expression.type === "field" ? expression.name : text, expression };
}

function parseAlias(parser: Parser): string {
  const { kind } = parser.peek();
  if (kind !== "name" && kind !== "text") fail(parser);
  return parser.next().text;
}

function parseStats(parser: Parser): Command {
  const aggregates: NonNullable<Parser["aggregates"]> = [];
  parser.aggregates = aggregates;
  const columns = parseList(parser, () => parseColumn(parser));
  parser.aggregates = undefined;
  if (aggregates.length === 0) fail(parser);
  const by = parser.take("by") ? parseList(parser, () => parseColumn(parser)) : [];
  return { type: "stats", columns, aggregates, by };
}

const parseSortKeys = (parser: Parser): SortKey[] =>
  parseList(parser, () => {
    const expression = parseSortExpression(parser);
    const order = parser.take("asc", "desc")?.text.toLowerCase();
    return { expression, descending: order === "desc" };
  });

/** A column of `stats` may be sorted by as it was written: `sort count(*) desc`. */
function parseSortExpression(parser: Parser): Expression {
  const { start } = parser.peek();
  const aggregates: NonNullable<Parser["aggregates"]> = [];
  parser.aggregates = aggregates;
  const expression = parseExpression(parser);
  parser.aggregates = undefined;
  if (aggregates.length === 0) return expression;
  return { type: "field", name: parser.textFrom(start) };
}

function parseCount(parser: Parser): number {
  const token = parser.next();
  const count = token.kind === "number" ? Number(token.text) : Number.NaN;
  if (Number.isInteger(count) && count >= 1 && count <= mostRows) return count;
  const words = `limit must be a number from 1 to ${mostRows}`;
  throw new QueryError(words, token.start, token.end);
}

function parseParse(parser: Parser, command: Token): Command {
  const { kind } = parser.peek();
  const of: Expression =
    kind === "text" || kind === "regex"
      ? { type: "field", name: "@message" }
      : parseExpression(parser);
  if (parser.peek().kind === "regex") {
    const regex = parseRegex(parser);
    const named = Object.keys(new RegExp(`${regex.source}|`, regex.flags).exec("")?.groups ?? {});
    const names = parser.take("as") ? parseList(parser, () => parseAlias(parser)) : named;
    const extract: Extract = (text) => {
      const found = regex.exec(text);
      return found ? names.map((name, at) => found.groups?.[name] ?? found[at + 1]) : undefined;
    };
    if (names.length > 0) return { type: "parse", of, extract, names };
    throw new QueryError("parse names no fields", command.start, command.end);
  }
  if (parser.peek().kind !== "text") fail(parser);
  const glob = parser.next();
  parser.need("as");
  const names = parseList(parser, () => parseAlias(parser));
  const stars = glob.text.split("*").length - 1;
  if (stars === names.length) return { type: "parse", of, extract: byGlob(glob.text), names };
  const words = `parse has ${stars} wildcards and ${names.length} fields`;
  throw new QueryError(words, glob.start, glob.end);
}

/** Each star is as short as may be, the one at the end takes the rest. In one walk over the text. */
function byGlob(glob: string): Extract {
  const [first = "", ...others] = glob.split("*");
  return (text) => {
    const start = text.indexOf(first);
    if (start < 0) return undefined;
    let at = start + first.length;
    const parts: string[] = [];
    for (const [index, literal] of others.entries()) {
      const isRest = literal === "" && index === others.length - 1;
      const end = isRest ? text.length : text.indexOf(literal, at);
      if (end < 0) return undefined;
      parts.push(text.slice(at, end));
      at = end + literal.length;
    }
    return parts;
  };
}
