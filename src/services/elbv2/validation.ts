/** Checks of single values, in the order and words of AWS's own. */
import type { Tag as WireTag } from "@aws-sdk/client-elastic-load-balancing-v2";
import { paginate } from "../../gateway/pagination.ts";
import type { Tag } from "../../model/scope.ts";
import { constraintError, tooMany, validationError } from "./errors.ts";

const maxTags = 50;

export function validateName(what: "Load balancer" | "Target group", name: string): void {
  if (name.length === 0) throw validationError(`${what} name cannot be empty`);
  if (name.length > 32) {
    throw validationError(`${what} name '${name}' cannot be longer than '32' characters`);
  }
  if (!/^[a-zA-Z0-9-]+$/.test(name)) {
    throw validationError(
      `${what} name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`,
    );
  }
  if (name.startsWith("-") || name.endsWith("-")) {
    throw validationError(`${what} name '${name}' cannot begin or end with a hyphen(-)`);
  }
  if (what === "Load balancer" && name.startsWith("internal-")) {
    throw validationError(`${what} name '${name}' cannot begin with 'internal-'`);
  }
}

/** The value when it is one of `allowed`; `fallback` when absent. */
export function oneOf<const T extends string>(
  member: string,
  value: string | undefined,
  allowed: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw constraintError(
      member,
      value,
      `Member must satisfy enum value set: [${allowed.join(", ")}]`,
    );
  }
  return found;
}

export function inRange(member: string, value: number, from: number, to: number): number {
  if (value < from) {
    throw constraintError(member, value, `Member must have value greater than or equal to ${from}`);
  }
  if (value > to) {
    throw constraintError(member, value, `Member must have value less than or equal to ${to}`);
  }
  return value;
}

export function validateTags(tags: readonly WireTag[] | undefined): Tag[] {
  const byKey = new Map<string, string>();
  for (const { Key, Value } of tags ?? []) {
    if (!Key || Key.length > 128) throw validationError("Tag keys must have 1 to 128 characters");
    if (byKey.has(Key)) throw validationError(`Duplicate tag keys found: '${Key}'`);
    if (Key.startsWith("aws:")) throw validationError("Tag keys cannot begin with 'aws:'");
    byKey.set(Key, Value ?? "");
  }
  if (byKey.size > maxTags) throw tooMany("Tags", `A resource can have at most ${maxTags} tags`);
  return [...byKey].map(([key, value]) => ({ key, value }));
}

/** The page after `marker`, and the marker of the next one. */
export function pageOf<T extends { readonly arn: string }>(
  operation: string,
  records: readonly T[],
  { Marker, PageSize }: { Marker?: string | undefined; PageSize?: number | undefined },
): { readonly page: readonly T[]; readonly nextMarker: string | undefined } {
  if (PageSize !== undefined) inRange("pageSize", PageSize, 1, 400);
  const { items, nextToken } = paginate({
    items: records,
    keyOf: ({ arn }) => arn,
    asIs: true,
    limit: PageSize ?? 400,
    token: Marker || undefined,
    operation: `elasticloadbalancing:${operation}`,
    explainToken: () => validationError(`Invalid marker '${Marker}'`),
  });
  return { page: items, nextMarker: nextToken };
}
