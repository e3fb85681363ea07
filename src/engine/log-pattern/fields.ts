/**
 * Fields between spaces: `[ip, user, ..., status = 4* && status != 404, bytes > 1000]`. In a message
 * what stands in brackets or in quotes is one field; `...` stands for any number of them.
 */
import { checkRegexes } from "./json.ts";
import { parseComparison } from "./operand.ts";
import type { Extracted, LogPattern } from "./parsed.ts";
import { PatternError, parseCondition, type Scanner, scan } from "./scanner.ts";

type Column = {
  readonly name: string;
  readonly holds: ((value: string) => boolean) | undefined;
};

export function parseFieldPattern(text: string): LogPattern {
  checkRegexes(text);
  const { columns, gap } = parseColumns(scan(text));
  const values = (message: string): string[] | undefined => {
    const fields = align(splitFields(message), columns.length, gap);
    if (!fields) return undefined;
    const holds = columns.every((column, at) => column.holds?.(fields[at] ?? "") ?? true);
    return holds ? fields : undefined;
  };
  const extract = (message: string): Extracted | undefined => {
    const found = values(message);
    if (!found) return undefined;
    return Object.fromEntries(
      columns.map(({ name }, at) => [`$${name || at + 1}`, found[at] ?? ""]),
    );
  };
  return { type: "fields", matches: (message) => values(message) !== undefined, extract };
}

/** `gap`: the number of columns before `...`, undefined without one. */
function parseColumns(scanner: Scanner): { columns: Column[]; gap: number | undefined } {
  const columns: Column[] = [];
  let gap: number | undefined;
  scanner.need(/\[/);
  if (scanner.take(/\]/)) return { columns, gap: scanner.atEnd() ? 0 : fail() };
  do {
    if (!scanner.take(/\.\.\./)) columns.push(parseColumn(scanner));
    else if (gap === undefined) gap = columns.length;
    else fail();
  } while (scanner.take(/,/));
  scanner.need(/\]/);
  if (!scanner.atEnd()) fail();
  return { columns, gap };
}

const columnName = /\$?([A-Za-z_][A-Za-z0-9_-]*)/;

/** A name, a condition on it, or nothing at all. */
function parseColumn(scanner: Scanner): Column {
  if (scanner.take(/(?=[,\]])/)) return { name: "", holds: undefined };
  const plain = scanner.take(/\$?([A-Za-z_][A-Za-z0-9_-]*)(?=\s*[,\]])/);
  if (plain) return { name: plain[1] ?? "", holds: undefined };
  let name = "";
  const holds = parseCondition<string>(scanner, (inner) => {
    name = inner.need(columnName)[1] ?? "";
    return parseComparison(inner);
  });
  return { name, holds };
}

function fail(): never {
  throw new PatternError("");
}

/** The fields that the columns mean; undefined when there are too few or, without a gap, too many. */
function align(
  fields: readonly string[],
  columns: number,
  gap: number | undefined,
): string[] | undefined {
  if (fields.length < columns) return undefined;
  if (gap === undefined) return fields.length === columns ? [...fields] : undefined;
  const after = columns - gap;
  return [...fields.slice(0, gap), ...fields.slice(fields.length - after)];
}

const closing: Readonly<Record<string, string>> = { '"': '"', "[": "]" };

/** In one walk, however many quotes and brackets stay open. */
function splitFields(message: string): string[] {
  const fields: string[] = [];
  const unclosed = new Set<string>();
  for (let at = 0; at < message.length; ) {
    const sign = message.charAt(at);
    if (/\s/.test(sign)) {
      at += 1;
      continue;
    }
    const close = closing[sign];
    const end = close && !unclosed.has(close) ? message.indexOf(close, at + 1) : -1;
    if (close && end < 0) unclosed.add(close);
    if (end > 0 && /^\s?$/.test(message.charAt(end + 1))) {
      fields.push(message.slice(at + 1, end));
      at = end + 1;
      continue;
    }
    const [bare = sign] = takeBare(message, at);
    fields.push(bare);
    at += bare.length;
  }
  return fields;
}

const bareField = /\S+/y;

function takeBare(message: string, at: number): readonly string[] {
  bareField.lastIndex = at;
  return bareField.exec(message) ?? [];
}
