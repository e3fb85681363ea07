/** Paths of the distribution protocol, `/v2/<name>/…`, read into what is meant. Pure. */
import { isDigest } from "../../model/ecr.ts";
import { parseRegistryPath } from "../../model/image-reference.ts";
import type { RepositoryName } from "./port.ts";

export type RegistryRoute =
  | { readonly type: "base" }
  | {
      readonly type: "uploads" | "tags";
      readonly name: RepositoryName;
    }
  | { readonly type: "upload"; readonly name: RepositoryName; readonly id: string }
  | { readonly type: "blob" | "referrers"; readonly name: RepositoryName; readonly digest: string }
  | { readonly type: "manifest"; readonly name: RepositoryName; readonly reference: string }
  /** The path is not one of the protocol's. */
  | { readonly type: "unknown" }
  | { readonly type: "invalid-name"; readonly path: string }
  | { readonly type: "invalid-digest" };

const ecrHost = /^(\d{12})\.dkr[.-]ecr\.([a-z0-9-]+)\./;

/**
 * `host` is the Host header: under AWS's own name `<account>.dkr.ecr.<region>…` the path holds only
 * the repository's name, under any other one it begins with account and region.
 */
export function parseRegistryRoute(path: string, host: string): RegistryRoute {
  if (path === "/v2" || path === "/v2/") return { type: "base" };
  const [, prefix, kind, rest] =
    /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags|referrers)(?:\/([^/]*))?$/.exec(path) ?? [];
  if (!prefix || !kind) return { type: "unknown" };
  const name = parseRepositoryName(prefix, host);
  if (!name) return { type: "invalid-name", path: prefix };
  return routeOf(kind, name, rest ?? "");
}

/** The repository that a name means to a client which reached us as `host`. */
export function parseRepositoryName(name: string, host: string): RepositoryName | undefined {
  const [, account, region] = ecrHost.exec(host) ?? [];
  return account && region ? { account, region, repository: name } : parseRegistryPath(name);
}

function routeOf(kind: string, name: RepositoryName, rest: string): RegistryRoute {
  switch (kind) {
    case "blobs/uploads":
      return rest === "" ? { type: "uploads", name } : { type: "upload", name, id: rest };
    case "tags":
      return rest === "list" ? { type: "tags", name } : { type: "unknown" };
    case "manifests":
      return rest === "" ? { type: "unknown" } : { type: "manifest", name, reference: rest };
    default:
      if (!isDigest(rest)) return { type: "invalid-digest" };
      return { type: kind === "blobs" ? "blob" : "referrers", name, digest: rest };
  }
}
