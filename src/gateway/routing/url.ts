/** Parts of a request's address that routing looks at. */
import type { IncomingHttpHeaders } from "node:http";
import { parseQueryPairs } from "../protocols/query-string.ts";
import { headerOf } from "../request.ts";

/** Without the query, still escaped. */
export function pathOf(url: string): string {
  const question = url.indexOf("?");
  return question < 0 ? url : url.slice(0, question);
}

/** Every value of every parameter, in order. Throws `MalformedQueryString`. */
export function queryOf(url: string): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  const question = url.indexOf("?");
  if (question < 0) return result;
  for (const [name, value] of parseQueryPairs(url.slice(question + 1))) {
    const known = result.get(name);
    if (known) known.push(value);
    else result.set(name, [value]);
  }
  return result;
}

/**
 * The bucket of a virtual-hosted name: `<bucket>.s3.amazonaws.com`, `<bucket>.s3.<region>.amazonaws.com`,
 * `<bucket>.s3.localhost`. Bucket names may hold dots.
 */
export function bucketOf(headers: IncomingHttpHeaders): string | undefined {
  const host = (headerOf(headers, "host") ?? "").toLowerCase().replace(/:\d+$/, "");
  const match =
    /^(.+)\.s3(?:[.-][a-z0-9-]+)?(?:\.dualstack)?(?:\.[a-z0-9-]+)?\.(?:amazonaws\.com(?:\.cn)?|localhost)$/.exec(
      host,
    );
  return match?.[1] ?? /^(.+)\.s3\.localhost(?:\..*)?$/.exec(host)?.[1];
}

/** The region in the name of one of AWS's endpoints, `ecs.eu-west-1.amazonaws.com`; undefined where none is. */
export function regionOf(headers: IncomingHttpHeaders): string | undefined {
  const host = (headerOf(headers, "host") ?? "").toLowerCase().replace(/:\d+$/, "");
  const match =
    /[.-]([a-z]{2}(?:-[a-z]{1,12}){1,3}-\d{1,2})\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.exec(host);
  return match?.[1];
}
