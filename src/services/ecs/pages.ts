/** Lists in pages. A token names the last item given, and is opaque to clients. */
import { invalidParameter } from "./errors.ts";

export type PageRequest = {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
};

export type Page = { readonly items: string[]; readonly nextToken: string | undefined };

/** The page of `all` that is asked for; `size` items when the request does not say, at most 100. */
export function page(all: readonly string[], request: PageRequest, size = 100): Page {
  const most = request.maxResults ?? size;
  if (!Number.isInteger(most) || most < 1 || most > 100) {
    throw invalidParameter("maxResults must be between 1 and 100.");
  }
  const start = request.nextToken ? positionAfter(all, request.nextToken) : 0;
  const items = all.slice(start, start + most);
  const last = items.at(-1);
  const nextToken =
    last !== undefined && start + most < all.length
      ? Buffer.from(last).toString("base64url")
      : undefined;
  return { items, nextToken };
}

function positionAfter(all: readonly string[], token: string): number {
  const at = all.indexOf(Buffer.from(token, "base64url").toString());
  if (at < 0) throw invalidParameter("Invalid token.");
  return at + 1;
}
