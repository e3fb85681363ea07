/** What every Describe operation does: find by id, show, filter, and give out page by page. */
import type { Filter } from "@aws-sdk/client-ec2";
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

type Page<View> = { items: View[]; NextToken: string | undefined };

const leastPerPage = 5;
const mostPerPage = 1000;

/** The page of `views` that `input` asks for, filtered by `table`. */
export function describePage<View extends object>(
  views: readonly View[],
  input: DescribeInput,
  table: FilterTable<View>,
): Page<View> {
  const size = pageSize(input.MaxResults);
  const start = startOf(input.NextToken);
  const matching = applyFilters(views, input.Filters, table);
  const end = start + size;
  return {
    items: matching.slice(start, end),
    NextToken: end < matching.length ? tokenFor(end) : undefined,
  };
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

const tokenPrefix = "page:";

const tokenFor = (start: number): string =>
  Buffer.from(`${tokenPrefix}${start}`).toString("base64");

function startOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const text = Buffer.from(token, "base64").toString();
  const start = Number(text.slice(tokenPrefix.length));
  if (!text.startsWith(tokenPrefix) || !Number.isSafeInteger(start) || tokenFor(start) !== token) {
    throw invalidNextToken();
  }
  return start;
}
