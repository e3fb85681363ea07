/**
 * Which operation of a REST service a method, a path and a query mean.
 *
 * Of several that fit, the one that asks for most wins: UploadPart before PutObject, since it needs
 * `partNumber` and `uploadId`.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { RouteModel, WireModel } from "../wire/model.ts";

export type RestRequest = {
  readonly method: string;
  /** Without the query, still escaped. */
  readonly path: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly headers: IncomingHttpHeaders;
};

export type RestMatch = {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Parameters of the query that only tell operations apart. */
  readonly literals: ReadonlySet<string>;
};

export type RestRouter = (request: RestRequest) => RestMatch | undefined;

type Segment = { readonly kind: "literal" | "label" | "greedy"; readonly text: string };

type Route = {
  readonly name: string;
  readonly method: string;
  readonly segments: readonly Segment[];
  readonly literals: readonly (readonly [name: string, value: string])[];
  /** Query parameters and headers of required members. */
  readonly queries: readonly string[];
  readonly headers: readonly string[];
};

export function restRouter(model: WireModel): RestRouter {
  const routes = Object.entries(model.routes ?? {}).map(([name, route]) => toRoute(name, route));
  return (request) => {
    const path = request.path.split("/").filter((part, at, all) => keepPart(part, at, all.length));
    let best: { readonly match: RestMatch; readonly score: number } | undefined;
    for (const route of routes) {
      if (route.method !== request.method) continue;
      const labels = matchPath(route.segments, path, request.path.endsWith("/"));
      const score = labels ? scoreOf(route, request) : undefined;
      if (!labels || score === undefined || (best && best.score >= score)) continue;
      const literals = new Set(route.literals.map(([literal]) => literal));
      best = { match: { name: route.name, labels, literals }, score };
    }
    return best?.match;
  };
}

// The first part is before the first slash; a slash at the end adds nothing, but one within a key does.
const keepPart = (part: string, at: number, length: number): boolean =>
  at > 0 && (part !== "" || at < length - 1);

function toRoute(name: string, [method, uri, , needs = []]: RouteModel): Route {
  const [path = "", search = ""] = uri.split("?");
  const segments = path
    .split("/")
    .filter((part) => part !== "")
    .map(toSegment);
  const literals = [...new URLSearchParams(search)];
  return {
    name,
    method,
    segments,
    literals,
    queries: needs.flatMap((http) => ("query" in http ? [http.query] : [])),
    headers: needs.flatMap((http) => ("header" in http ? [http.header] : [])),
  };
}

function toSegment(part: string): Segment {
  const label = /^\{([^}+]+)(\+?)\}$/.exec(part);
  if (!label?.[1]) return { kind: "literal", text: part };
  return { kind: label[2] ? "greedy" : "label", text: label[1] };
}

/** The labels, unescaped; undefined when the path is another. */
function matchPath(
  segments: readonly Segment[],
  path: readonly string[],
  endsOpen: boolean,
): ReadonlyMap<string, string> | undefined {
  const labels = new Map<string, string>();
  const greedy = segments.findIndex(({ kind }) => kind === "greedy");
  if (greedy < 0 ? path.length !== segments.length : path.length < segments.length)
    return undefined;
  for (const [at, { kind, text }] of segments.entries()) {
    const shift = greedy >= 0 && at > greedy ? path.length - segments.length : 0;
    const end = kind === "greedy" ? path.length - (segments.length - at - 1) : at + shift + 1;
    // A key may end in a slash.
    const last = kind === "greedy" && endsOpen && at === segments.length - 1 ? "/" : "";
    const part = unescapeLabel(path.slice(at + shift, end).join("/") + last);
    if (part === undefined || part === "") return undefined;
    if (kind !== "literal") labels.set(text, part);
    else if (part !== text) return undefined;
  }
  return labels;
}

function unescapeLabel(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Higher for a route that fits in more ways; undefined when it does not. */
function scoreOf({ literals, queries, headers, segments }: Route, request: RestRequest) {
  let score = segments.filter(({ kind }) => kind === "literal").length;
  for (const [name, value] of literals) {
    const sent = request.query.get(name);
    // The SDK for JavaScript adds the operation's name; nobody else does.
    if (name === "x-id" && sent === undefined) continue;
    if (!sent || (value !== "" && !sent.includes(value))) return undefined;
    score += 10;
  }
  if (!queries.every((name) => request.query.has(name))) return undefined;
  if (!headers.every((name) => request.headers[name] !== undefined)) return undefined;
  return score + 10 * (queries.length + headers.length);
}
