/** Pages of a list that is in the order of its keys: a token is the last key that was given out. */
import { failedConstraint, invalidParameter } from "./errors.ts";

export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: { readonly limit?: number | undefined; readonly nextToken?: string | undefined },
  most = 50,
): { readonly page: readonly T[]; readonly nextToken: string | undefined } {
  const limit = validateLimit(request.limit, most) ?? most;
  const start = request.nextToken === undefined ? 0 : startOf(items, keyOf, request.nextToken);
  const page = items.slice(start, start + limit);
  const last = page.at(-1);
  const more = last !== undefined && start + limit < items.length;
  return { page, nextToken: more ? Buffer.from(keyOf(last)).toString("base64url") : undefined };
}

/** A limit from 1 to `most`, or undefined when none is given. */
export function validateLimit(limit: number | undefined, most: number): number | undefined {
  if (limit === undefined || (limit >= 1 && limit <= most)) return limit;
  const bound =
    limit < 1
      ? "Member must have value greater than or equal to 1"
      : `Member must have value less than or equal to ${most}`;
  throw failedConstraint("limit", String(limit), bound);
}

function startOf<T>(items: readonly T[], keyOf: (item: T) => string, token: string): number {
  const last = Buffer.from(token, "base64url").toString("utf8");
  const at = items.findIndex((item) => keyOf(item) === last);
  if (at < 0) throw invalidParameter("The specified nextToken is invalid.");
  return at + 1;
}
