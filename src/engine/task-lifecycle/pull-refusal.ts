/**
 * What Fargate prints when a registry refuses a pull. Docker and Fargate's containerd say the same things
 * in different words; this knows Docker's.
 */

export type PullRefusal = {
  /** What the daemon said. */
  readonly message: string;
  readonly host: string;
  /** The tag or digest that was asked for. */
  readonly version: string;
  /** Whether the pull came with a user name and a password. */
  readonly hasLogin: boolean;
};

const denied = "pull access denied, repository does not exist or may require authorization:";

/** The end of the reason, behind the image's name; undefined when the registry did not refuse. */
export function explainPullRefusal(refusal: PullRefusal): string | undefined {
  const { message, host, version, hasLogin } = refusal;
  if (/no basic auth credentials/i.test(message)) {
    return `${denied} authorization failed: no basic auth credentials`;
  }
  if (/pull access denied|insufficient_scope/i.test(message)) {
    return `${denied} server message: insufficient_scope: authorization failed`;
  }
  const isUnknown = /unauthorized|authentication required/i.test(message);
  if (!isUnknown && !/\bdenied\b/i.test(message)) return undefined;
  const status = isUnknown ? "401 Unauthorized" : "403 Forbidden";
  // Docker tells the request only where it failed before it was sent: for want of a token.
  if (/^(Head|Get) "/.test(message)) {
    const token = hasLogin ? "oauth" : "anonymous";
    return `failed to authorize: failed to fetch ${token} token: unexpected status: ${status}`;
  }
  return `pulling from host ${host} failed with status code [manifests ${version}]: ${status}`;
}
