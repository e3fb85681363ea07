/**
 * Image names as task definitions write them: ours (served by this engine's registry) or foreign.
 *
 * `localhost:<any port>/<account>/<region>/<name>` is ours whatever the port, because a state
 * directory may be served on another port than the one a task definition was written for.
 */

export type OwnImage = {
  readonly type: "own";
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  /** Exactly one of the two; `latest` when the name has neither. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** How a runtime on this machine pulls it. */
  readonly pullReference: string;
};

export type ForeignImage = {
  readonly type: "foreign";
  /** Host of the registry; `docker.io` where none is named. */
  readonly registry: string;
  /** `library/nginx` for `nginx`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** In full, as error texts print it: `docker.io/library/nginx:latest`. */
  readonly canonical: string;
};

export type ImageReference = OwnImage | ForeignImage;

const localHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;
const ecrHost = /^(\d{12})\.dkr[.-]ecr\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/;
const repositoryName = /^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

/** Understands an image name, or returns undefined when it is not one. */
export function parseImageReference(
  image: string,
  endpointPort: number,
): ImageReference | undefined {
  const parts = /^([^@]+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image);
  const name = parts?.[1];
  if (!name || !parts) return undefined;
  const digest = parts[3];
  // A digest decides; a tag beside it is only for people.
  const tag = digest ? undefined : (parts[2] ?? "latest");
  const { host, rest } = splitHost(name);
  if (!repositoryName.test(rest)) return undefined;
  const place = ownPlace(host, rest);
  const suffix = digest ? `@${digest}` : `:${tag}`;
  if (place) {
    const pullReference = `localhost:${endpointPort}/${place.account}/${place.region}/${place.repository}${suffix}`;
    return { type: "own", ...place, tag, digest, pullReference };
  }
  const registry = host === undefined || host === "index.docker.io" ? "docker.io" : host;
  const repository = registry === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest;
  const canonical = `${registry}/${repository}${suffix}`;
  return { type: "foreign", registry, repository, tag, digest, canonical };
}

/** The first part is a host when it looks like one: a dot, a port, or `localhost`. */
function splitHost(name: string): { host: string | undefined; rest: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = first === "localhost" || /[.:]/.test(first);
  return isHost ? { host: first, rest: name.slice(slash + 1) } : { host: undefined, rest: name };
}

function ownPlace(
  host: string | undefined,
  rest: string,
): { account: string; region: string; repository: string } | undefined {
  if (host === undefined) return undefined;
  const [, account, region] = ecrHost.exec(host) ?? [];
  if (account && region) return { account, region, repository: rest };
  return localHost.test(host) ? parseRegistryPath(rest) : undefined;
}

/** `<account>/<region>/<name>`, the path of a repository on the engine's own registry. */
export function parseRegistryPath(
  path: string,
): { account: string; region: string; repository: string } | undefined {
  const [, account, region, repository] =
    /^(\d{12})\/([a-z]{2}(?:-[a-z]+)+-\d)\/(.+)$/.exec(path) ?? [];
  return account && region && repository ? { account, region, repository } : undefined;
}
