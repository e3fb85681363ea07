/** Pages of KMS's lists: a limit, a marker and whether there is more. */
import { paginate } from "../../gateway/pagination.ts";
import { invalidMarker } from "./errors.ts";
import { check } from "./lookup.ts";

export type PageRequest = {
  readonly Limit?: number | undefined;
  readonly Marker?: string | undefined;
};

export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  operation: string,
  request: PageRequest,
  most = 1000,
): { items: T[]; rest: { NextMarker?: string; Truncated: boolean } } {
  check(["limit", request.Limit, { range: [1, most] }]);
  const page = paginate({
    items,
    keyOf,
    limit: request.Limit ?? Math.min(100, most),
    token: request.Marker,
    operation: `kms:${operation}`,
    explainToken: invalidMarker,
  });
  const { nextToken } = page;
  return {
    items: page.items,
    rest: { Truncated: nextToken !== undefined, ...(nextToken && { NextMarker: nextToken }) },
  };
}
