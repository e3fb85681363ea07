/** Pages of a list, in the words of CloudWatch Logs. */
import { paginate } from "../../gateway/pagination.ts";
import { failedConstraint, invalidParameter } from "./errors.ts";

export type PageOptions<T> = {
  readonly operation: string;
  readonly keyOf: (item: T) => string;
  readonly descending?: boolean | undefined;
  /** At most so many a page; 50 when not given. */
  readonly most?: number;
};

export function pageOf<T>(
  items: readonly T[],
  request: { readonly limit?: number | undefined; readonly nextToken?: string | undefined },
  { operation, keyOf, descending, most = 50 }: PageOptions<T>,
): { readonly page: readonly T[]; readonly nextToken: string | undefined } {
  const { items: page, nextToken } = paginate({
    items,
    keyOf,
    descending,
    asIs: true,
    limit: validateLimit(request.limit, most) ?? most,
    token: request.nextToken,
    operation: `logs:${operation}`,
    explainToken: () => invalidParameter("The specified nextToken is invalid."),
  });
  return { page, nextToken };
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
