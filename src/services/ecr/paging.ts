/** Pages of a list: a token says after which item the next page begins. */
import { invalidParameter } from "./errors.ts";

export type PageRequest = {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
};

/** `keyOf` names an item within the list; an item that has gone ends nothing, its page is refused. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults, nextToken }: PageRequest,
): { readonly page: T[]; readonly nextToken: string | undefined } {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > 1000)) {
    throw invalidParameter("maxResults", "must be between 1 and 1000");
  }
  const from = nextToken === undefined ? 0 : startOf(items, keyOf, nextToken);
  const end = from + (maxResults ?? 100);
  const page = items.slice(from, end);
  const last = page.at(-1);
  const more = end < items.length && last !== undefined;
  return { page, nextToken: more ? Buffer.from(keyOf(last)).toString("base64url") : undefined };
}

function startOf<T>(items: readonly T[], keyOf: (item: T) => string, token: string): number {
  const key = Buffer.from(token, "base64url").toString("utf8");
  const at = items.findIndex((item) => keyOf(item) === key);
  if (at < 0) throw invalidParameter("nextToken", "must be a token of a former answer");
  return at + 1;
}
