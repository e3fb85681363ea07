/** Pages of a list. A marker says after which item to go on, so that changes between pages do no harm. */
import { paginate } from "../../gateway/pagination.ts";
import { constraintError, validationError } from "./errors.ts";

export type PageRequest = {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
};

export type Page<T> = {
  readonly items: T[];
  /** To be spread into the answer. */
  readonly rest: { readonly IsTruncated: boolean; readonly Marker: string | undefined };
};

/** `keyOf` is unique and gives the order; `operation`, such as `ListRoles`, is whose marker it is. */
export function pageOf<T>(
  operation: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  { Marker, MaxItems: limit = 100 }: PageRequest,
): Page<T> {
  if (limit < 1) throw constraintError("maxItems", limit, "value greater than or equal to 1");
  if (limit > 1000) throw constraintError("maxItems", limit, "value less than or equal to 1000");
  const page = paginate({
    items,
    keyOf,
    limit,
    token: Marker,
    operation: `iam:${operation}`,
    explainToken: () => validationError("Invalid Marker."),
  });
  return {
    items: page.items,
    rest: { IsTruncated: page.nextToken !== undefined, Marker: page.nextToken },
  };
}

/** For lists of things that have a name. */
export const byName = ({ name }: { readonly name: string }): string => name;
