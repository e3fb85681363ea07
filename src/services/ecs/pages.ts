/** Lists in pages, in ECS's words. */
import { paginate } from "../../gateway/pagination.ts";
import { invalidParameter } from "./errors.ts";

export type PageRequest = {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
};

export type Page = { readonly items: string[]; readonly nextToken: string | undefined };

export type PageOptions = {
  /** How many when the request does not say; as many as there may be when not given. */
  readonly size?: number;
  /** How many the request may ask for; 100 when not given. */
  readonly most?: number;
  /** What gives the order, where it is not the items themselves. */
  readonly keyOf?: (item: string) => string;
  readonly descending?: boolean;
};

/** The page of `operation`'s list that is asked for. */
export function page(
  operation: string,
  all: readonly string[],
  request: PageRequest,
  { most = 100, size = most, keyOf = (item) => item, descending }: PageOptions = {},
): Page {
  const limit = request.maxResults ?? size;
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    throw invalidParameter(`maxResults must be between 1 and ${most}.`);
  }
  return paginate({
    items: all,
    keyOf,
    descending,
    asIs: true,
    limit,
    token: request.nextToken || undefined,
    operation: `ecs:${operation}`,
    explainToken: () => invalidParameter("Invalid token."),
  });
}
