/** Lists in pages, in ECS's words. */
import { paginate } from "../../gateway/pagination.ts";
import { invalidParameter } from "./errors.ts";

export type PageRequest = {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
};

export type Page = { readonly items: string[]; readonly nextToken: string | undefined };

export type PageOptions = {
  /** How many when the request does not say; 100 when not given. */
  readonly size?: number;
  /** What gives the order, where it is not the items themselves. */
  readonly keyOf?: (item: string) => string;
  readonly descending?: boolean;
};

/** The page of `operation`'s list that is asked for, at most 100 items. */
export function page(
  operation: string,
  all: readonly string[],
  request: PageRequest,
  { size = 100, keyOf = (item) => item, descending }: PageOptions = {},
): Page {
  const most = request.maxResults ?? size;
  if (!Number.isInteger(most) || most < 1 || most > 100) {
    throw invalidParameter("maxResults must be between 1 and 100.");
  }
  return paginate({
    items: all,
    keyOf,
    descending,
    asIs: true,
    limit: most,
    token: request.nextToken || undefined,
    operation: `ecs:${operation}`,
    explainToken: () => invalidParameter("Invalid token."),
  });
}
