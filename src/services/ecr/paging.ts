/** Pages of a list, in ECR's words. */
import { paginate } from "../../gateway/pagination.ts";
import { invalidParameter } from "./errors.ts";

export type PageRequest = {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
};

/** `keyOf` names an item within `operation`'s list. */
export function pageOf<T>(
  operation: string,
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults, nextToken: token }: PageRequest,
): { readonly page: T[]; readonly nextToken: string | undefined } {
  if (maxResults !== undefined && (maxResults < 1 || maxResults > 1000)) {
    throw invalidParameter("maxResults", "must be between 1 and 1000");
  }
  const { items: page, nextToken } = paginate({
    items,
    keyOf,
    asIs: true,
    limit: maxResults ?? 100,
    token,
    operation: `ecr:${operation}`,
    explainToken: () => invalidParameter("nextToken", "must be a token of a former answer"),
  });
  return { page, nextToken };
}
