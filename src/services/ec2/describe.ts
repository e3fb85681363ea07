/** What every Describe operation does: find by id, show, filter, and give out page by page. */
import type { Filter } from "@aws-sdk/client-ec2";
import { paginate } from "../../gateway/pagination.ts";
import { invalidNextToken, invalidValue } from "./errors.ts";
import { applyFilters, type FilterTable } from "./filters.ts";

/** As the inputs of Describe operations name them. */
export type DescribeInput = {
  Filters?: Filter[] | undefined;
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
};

/** The `accepts` of these members. */
export const acceptsDescribe = { Filters: true, MaxResults: true, NextToken: true } as const;

export type Listing<View> = {
  /** The operation that lists, whose tokens are of use to no other. */
  readonly operation: string;
  readonly keyOf: (view: View) => string | undefined;
  readonly filters: FilterTable<View>;
};

const leastPerPage = 5;
const mostPerPage = 1000;

/**
 * The views that match: all of them in order of creation, or, when the caller asks for pages, the
 * page after the token in order of their keys.
 */
export function describePage<View extends object>(
  views: readonly View[],
  input: DescribeInput,
  { operation, keyOf, filters }: Listing<View>,
): { items: View[]; NextToken: string | undefined } {
  const items = applyFilters(views, input.Filters, filters);
  if (input.MaxResults === undefined && input.NextToken === undefined) {
    return { items, NextToken: undefined };
  }
  const page = paginate({
    items,
    keyOf: (view) => keyOf(view) ?? "",
    limit: pageSize(input.MaxResults),
    token: input.NextToken,
    operation: `ec2:${operation}`,
    explainToken: invalidNextToken,
  });
  return { items: page.items, NextToken: page.nextToken };
}

/** The records with these ids, each of which must be there; all of them when no id is given. */
export function chosen<T>(
  ids: readonly string[] | undefined,
  all: () => readonly T[],
  find: (id: string) => T,
): readonly T[] {
  return ids?.length ? [...new Set(ids)].map(find) : all();
}

function pageSize(maxResults: number | undefined): number {
  if (maxResults === undefined) return mostPerPage;
  if (maxResults < leastPerPage) {
    throw invalidValue("maxResults", maxResults, `Expecting a value greater than ${leastPerPage}.`);
  }
  return Math.min(maxResults, mostPerPage);
}
