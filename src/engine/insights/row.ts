/**
 * A row on its way through a query: a log event with what commands added, or a row of `stats`.
 * Fields of messages that are JSON are found when they are asked for, by their path.
 */
import { isMoment, type Value } from "./values.ts";

export type QueryEvent = {
  readonly timestamp: number;
  readonly message: string;
  readonly ingestionTime: number;
  /** `<account>:<group>` */
  readonly log: string;
  readonly logStream: string;
  readonly pointer: string;
};

export type Row = {
  get(name: string): Value;
  set(name: string, value: Value): void;
};

export function eventRow(event: QueryEvent): Row {
  const added = new Map<string, Value>();
  let content: unknown;
  let isParsed = false;
  const discovered = (name: string): Value => {
    if (!isParsed) content = parseObject(event.message);
    isParsed = true;
    return find(content, name);
  };
  return {
    get: (name) =>
      added.has(name) ? added.get(name) : (ownField(event, name) ?? discovered(name)),
    set: (name, value) => void added.set(name, value),
  };
}

export function plainRow(): Row {
  const values = new Map<string, Value>();
  return { get: (name) => values.get(name), set: (name, value) => void values.set(name, value) };
}

function ownField(event: QueryEvent, name: string): Value {
  switch (name) {
    case "@timestamp":
      return { moment: event.timestamp };
    case "@ingestionTime":
      return { moment: event.ingestionTime };
    case "@message":
      return event.message;
    case "@logStream":
      return event.logStream;
    case "@log":
      return event.log;
    case "@ptr":
      return event.pointer;
    default:
      return undefined;
  }
}

function parseObject(message: string): unknown {
  const start = message.indexOf("{");
  if (start < 0 || message.slice(0, start).trim() !== "") return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** By the whole name, else by its path. Objects and lists are given as their JSON. */
function find(content: unknown, name: string): Value {
  if (typeof content !== "object" || content === null) return undefined;
  if (Object.hasOwn(content, name)) return toValue((content as Record<string, unknown>)[name]);
  let value: unknown = content;
  for (const step of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[step];
  }
  return toValue(value);
}

function toValue(value: unknown): Value {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "object":
      return value === null ? undefined : JSON.stringify(value);
    default:
      return undefined;
  }
}

/** What tells rows of different values apart. */
export const identityOf = (values: readonly Value[]): string =>
  JSON.stringify(values.map((value) => (isMoment(value) ? value.moment : (value ?? null))));
