/** The tokens of OpenID Connect providers: JSON Web Tokens, read and judged. */
import { isJwsSignature } from "../../seams/crypto.ts";

export type Claims = Readonly<Record<string, unknown>>;

export type IdentityToken = {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly claims: Claims;
  /** What was signed. */
  readonly message: Buffer;
  readonly signature: Buffer;
};

/** Undefined for what is no signed token. */
export function readIdentityToken(text: string): IdentityToken | undefined {
  const [header = "", payload = "", signature = "", ...more] = text.split(".");
  const [head, claims] = [header, payload].map(readPart);
  if (!head || !claims || signature === "" || more.length > 0) return undefined;
  const { alg, kid } = head;
  if (typeof alg !== "string") return undefined;
  return {
    algorithm: alg,
    keyId: typeof kid === "string" ? kid : undefined,
    claims,
    message: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, "base64url"),
  };
}

function readPart(text: string): Claims | undefined {
  try {
    const content: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Claims =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The keys that a token may be signed with: the one that it names, else any. */
export function keysFor({ keyId }: IdentityToken, keys: readonly Claims[]): readonly Claims[] {
  return keys.filter(({ kid }) => keyId === undefined || kid === keyId);
}

export const isSignedBy = (token: IdentityToken, keys: readonly Claims[]): boolean =>
  keys.some((key) => isJwsSignature(key, token.algorithm, token.message, token.signature));

/** Tags that the provider gives the session, and who it says is behind it. */
export type SessionClaims = {
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | undefined;
};

export function sessionClaims(claims: Claims): SessionClaims {
  const told = claims["https://aws.amazon.com/tags"];
  const { principal_tags, transitive_tag_keys } = isObject(told) ? told : {};
  const tags = Object.entries(isObject(principal_tags) ? principal_tags : {}).map(
    ([key, value]) => ({ key, value: String([value].flat()[0] ?? "") }),
  );
  const identity = claims["https://aws.amazon.com/source_identity"];
  return {
    tags,
    transitiveTagKeys: [transitive_tag_keys ?? []].flat().map(String),
    sourceIdentity: typeof identity === "string" ? identity : undefined,
  };
}
