/**
 * The public keys of an OpenID Connect provider: where its discovery document says. They are held for a
 * while, and asked for again when a token names one that is not among them.
 */
import type { FetchDocument } from "../../seams/documents.ts";
import { identityProviderTimedOut, noVerificationKey } from "./errors.ts";
import { type Claims, type IdentityToken, isObject, keysFor } from "./identity-token.ts";

export type ProviderKeys = {
  /** The keys that a token of `issuer` may be signed with. Throws an `ApiError` when there are none. */
  find(issuer: string, token: IdentityToken, wall: number): Promise<readonly Claims[]>;
};

type Held = { readonly keys: readonly Claims[]; readonly at: number };

const goodForMs = 5 * 60_000;
// An unknown key is not asked for more often, or anybody could have a provider asked without end.
const againAfterMs = 5_000;
const mostHeld = 50;

export function createProviderKeys(fetchDocument: FetchDocument): ProviderKeys {
  const held = new Map<string, Held>();
  const renew = async (issuer: string, wall: number): Promise<readonly Claims[]> => {
    const keys = await fetchKeys(fetchDocument, issuer);
    if (held.size >= mostHeld) held.clear();
    held.set(issuer, { keys, at: wall });
    return keys;
  };
  return {
    async find(issuer, token, wall) {
      const known = held.get(issuer);
      const age = wall - (known?.at ?? Number.NEGATIVE_INFINITY);
      const current = known && age < goodForMs ? keysFor(token, known.keys) : [];
      if (current.length > 0) return current;
      if (known && age < againAfterMs) throw noVerificationKey();
      const keys = keysFor(token, await renew(issuer, wall));
      if (keys.length === 0) throw noVerificationKey();
      return keys;
    },
  };
}

async function fetchKeys(fetchDocument: FetchDocument, issuer: string): Promise<readonly Claims[]> {
  const get = async (url: string): Promise<Claims> => {
    const fetched = await fetchDocument(url);
    if (fetched.type === "timed-out") throw identityProviderTimedOut();
    if (fetched.type === "unavailable" || !isObject(fetched.content)) throw noVerificationKey();
    return fetched.content;
  };
  const { jwks_uri } = await get(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (typeof jwks_uri !== "string" || !isFetchable(jwks_uri)) throw noVerificationKey();
  const { keys } = await get(jwks_uri);
  return Array.isArray(keys) ? keys.filter(isObject) : [];
}

/** As AWS by `https`; by `http` only what runs on this machine. */
export function isFetchable(url: string): boolean {
  return (
    /^https:\/\/[^/]/.test(url) ||
    /^http:\/\/(?:localhost|[\w.-]+\.localhost|127\.\d+\.\d+\.\d+)(?::\d+)?(?:\/|$)/.test(url)
  );
}
