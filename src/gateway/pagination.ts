/**
 * Lists given out page by page. A token says after which key to go on, not how many to skip: what is
 * created or deleted between two pages neither repeats nor hides anything else.
 */
import type { ApiError } from "./api-error.ts";

export type PageInput<T> = {
  readonly items: readonly T[];
  /** Unique, and the order of the list: items are given out sorted by it. */
  readonly keyOf: (item: T) => string;
  /** Greatest key first. */
  readonly descending?: boolean | undefined;
  /** A list that fits on its first page is given out in the order that it came in. */
  readonly asIs?: boolean;
  /** At most so many a page, at least 1. */
  readonly limit: number;
  readonly token: string | undefined;
  /** The operation, such as `ecs:ListTasks`: a token is of use to no other. */
  readonly operation: string;
  /** The error for a token that this operation did not give out. */
  readonly explainToken: () => ApiError;
};

export type Page<T> = {
  readonly items: T[];
  /** Undefined on the last page. */
  readonly nextToken: string | undefined;
};

export function paginate<T>(input: PageInput<T>): Page<T> {
  const { items, keyOf, limit, token, operation, descending = false } = input;
  const after = token === undefined ? undefined : readToken(token, input);
  if (input.asIs && after === undefined && items.length <= limit) {
    return { items: [...items], nextToken: undefined };
  }
  const follows = (key: string, other: string): boolean => (descending ? key < other : key > other);
  const keyed = items
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => after === undefined || follows(key, after))
    .toSorted((one, other) => (follows(other.key, one.key) ? -1 : 1));
  const page = keyed.slice(0, limit);
  const last = page.at(-1);
  const more = last !== undefined && keyed.length > page.length;
  return {
    items: page.map(({ item }) => item),
    nextToken: more ? writeToken(operation, last.key) : undefined,
  };
}

const writeToken = (operation: string, key: string): string =>
  Buffer.from(JSON.stringify([operation, key])).toString("base64url");

function readToken<T>(token: string, { operation, explainToken }: PageInput<T>): string {
  const key = parseToken(token, operation);
  if (key === undefined) throw explainToken();
  return key;
}

function parseToken(token: string, operation: string): string | undefined {
  try {
    const content: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    if (!Array.isArray(content)) return undefined;
    const [of, key] = content as readonly unknown[];
    const whole = content.length === 2 && typeof key === "string";
    return whole && of === operation ? key : undefined;
  } catch {
    return undefined;
  }
}
