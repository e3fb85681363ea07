/**
 * Where the statements of a policy are in its text. A statement begins after what stands before it (the bracket
 * of the list, the statement before, or its own brace where there is no list) and ends after its own brace,
 * as a reader notices that steps from token to token: AWS tells positions so.
 */

/** Both count from 1. */
export type Position = { readonly line: number; readonly column: number };

export type Span = { readonly start: Position; readonly end: Position };

/** In the order of the statements. `text` is JSON. */
export function locateStatements(text: string): Span[] {
  const spans: Span[] = [];
  let depth = 0;
  let key = "";
  let lastString = "";
  /** The depth of the statements, while they are read. */
  let within: number | undefined;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      lastString = text.slice(at + 1, end);
      at = end;
    } else if (character === ":" && depth === 1) {
      key = lastString;
    } else if (character === "{" || character === "[") {
      depth++;
      if (within === undefined && depth === 2 && key === "Statement") {
        within = character === "[" ? 3 : 2;
        start = at + 1;
      }
    } else if (character === "}" || character === "]") {
      if (depth === within && character === "}") {
        spans.push({ start: positionOf(text, start), end: positionOf(text, at + 1) });
        start = at + 1;
      }
      depth--;
      if (depth === 1) {
        within = undefined;
        key = "";
      }
    }
  }
  return spans;
}

/** The index of the quote that ends the string which begins at `at`. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end;
}

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
