/** All that a query can find in one event: its own fields and, by path, those of a JSON message. */
import type { QueryEvent } from "./row.ts";

/** As many as AWS discovers in one event. */
const mostDiscovered = 200;

export function fieldsOf(event: QueryEvent): Record<string, string> {
  const fields: Record<string, string> = {
    "@ptr": event.pointer,
    "@timestamp": String(event.timestamp),
    "@ingestionTime": String(event.ingestionTime),
    "@message": event.message,
    "@logStream": event.logStream,
    "@log": event.log,
  };
  return { ...Object.fromEntries(discover(event.message)), ...fields };
}

function discover(message: string): [string, string][] {
  if (!/^\s*\{/.test(message)) return [];
  const found: [string, string][] = [];
  const walk = (value: unknown, path: string): void => {
    if (found.length >= mostDiscovered || value === null) return;
    if (typeof value !== "object") {
      found.push([path, String(value)]);
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      walk(inner, path === "" ? name : `${path}.${name}`);
    }
  };
  try {
    walk(JSON.parse(message), "");
  } catch {
    return [];
  }
  return found;
}
