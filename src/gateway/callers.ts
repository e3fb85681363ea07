/**
 * Who a request comes from. Keys that this engine issued are verified by their signature and evaluated
 * by policies; what others sign with is nobody's here, and such callers are the account's root, or the
 * role that the engine was told to take them for, or refused.
 */
import { accountOfAccessKeyId } from "../model/access-key-id.ts";
import { globalRegion, type Scope } from "../model/scope.ts";
import type { Sealing } from "../seams/sealing.ts";
import {
  type Access,
  roleSession,
  rootAccess,
  sessionAccess,
  userAccess,
} from "../state/authorization.ts";
import {
  type FoundAccessKey,
  findAccessKey,
  noteAccessKeyUse,
  noteRoleUse,
} from "../state/iam-principals.ts";
import { isOurToken, openSession, type SessionContent } from "../state/sessions.ts";
import type { ReadTransaction, Store } from "../state/store.ts";
import {
  accessKeys,
  groups,
  managedPolicies,
  retiredAccessKeys,
  roles,
  users,
} from "../state/tables/iam.ts";
import { ApiError } from "./api-error.ts";
import type { ChunkSigner } from "./bodies/aws-chunked.ts";
import type { Credential } from "./identity.ts";
import type { ApiRequest } from "./request.ts";
import type { Caller } from "./service.ts";
import { chunkSigner } from "./sigv4/chunk-signer.ts";
import { type ErrorStyle, type SignatureRefusal, toSignatureError } from "./sigv4/refusals.ts";
import { readSignature } from "./sigv4/signature.ts";
import { explainBadSignature } from "./sigv4/verify.ts";

/** What callers with keys that were not issued here are taken for. */
export type UnknownCallers =
  | { readonly type: "root" }
  | { readonly type: "role"; readonly roleArn: string }
  | { readonly type: "refused" };

/** Somebody who asks, and what their policies say. */
export type Authenticated = { readonly caller: Caller; readonly access: Access };

export type Arrival = {
  readonly request: ApiRequest;
  /** Undefined when the request is not signed. */
  readonly credential: Credential | undefined;
  /** The signing name of the service that the request is for. */
  readonly service: string;
  readonly style: ErrorStyle;
  /** Engine and wall time, milliseconds since the epoch. */
  readonly now: number;
  readonly wall: number;
};

export type Callers = {
  /** Throws an `ApiError` for who is refused. */
  authenticate(arrival: Arrival): Authenticated;
  /** Who judges the chunks of a signed body; undefined for a key that was not issued here. */
  chunkSigner(arrival: Arrival): ChunkSigner | undefined;
  /** Somebody of whom nothing is known yet: no more than a name to put in the context. */
  anonymous(): Authenticated;
};

export type CallersOptions = {
  readonly store: Store;
  readonly sealing: Sealing;
  readonly unknown: UnknownCallers;
  /** Account of keys that name none. */
  readonly defaults: Scope;
};

const relevant = new Set(
  [accessKeys, groups, managedPolicies, retiredAccessKeys, roles, users].map(({ name }) => name),
);
const mostHeld = 1_000;
/** How exactly it is told when a key or a role was last used: each telling is a write. */
const noteEveryMs = 15 * 60_000;

export function createCallers({ store, sealing, unknown, defaults }: CallersOptions): Callers {
  const held = new Map<string, Holder>();
  store.watch((changes) => {
    if (changes.some(({ table }) => relevant.has(table))) held.clear();
  });

  const holderOf = (arrival: Arrival): Holder => {
    const key = arrival.credential?.accessKeyId ?? "";
    const token = arrival.credential?.sessionToken;
    // No key has a slash in it.
    const name = token === undefined ? key : `${key}/${token}`;
    const known = held.get(name);
    if (known) return known;
    const found = store.read((tx) => findHolder(tx, sealing, key, token));
    const holder = found ?? store.read((tx) => unknownHolder(tx, unknown, key, defaults));
    if (held.size >= mostHeld) held.clear();
    held.set(name, holder);
    return holder;
  };

  const noted = new Map<string, number>();
  const noteUse = ({ credential, now, service }: Arrival, { caller }: Authenticated): void => {
    if (!credential) return;
    const { session } = caller;
    const holder = session?.holder;
    const role = holder?.type === "role" ? holder.name : undefined;
    const name = role === undefined ? caller.accessKeyId : `${caller.account}/${role}`;
    if (now - (noted.get(name) ?? Number.NEGATIVE_INFINITY) < noteEveryMs) return;
    noted.set(name, now);
    const lastUse = { at: now, region: credential.region, service };
    store.write((tx) => {
      if (role !== undefined) noteRoleUse(tx, { account: caller.account, name: role }, lastUse);
      else noteAccessKeyUse(tx, caller.accessKeyId, lastUse);
    });
  };

  return {
    authenticate(arrival) {
      const holder = holderOf(arrival);
      const refuse = (refusal: SignatureRefusal): ApiError =>
        toSignatureError(refusal, arrival.style);
      switch (holder.type) {
        case "unknown":
          return holder.authenticated;
        case "no-role":
          throw missingRole(holder.roleArn);
        case "refused":
          throw refuse({ type: arrival.credential ? "invalid-token" : "missing-signature" });
        case "invalid":
          throw refuse({ type: "invalid-token" });
        case "issued": {
          const refusal = explainBadKey(holder, arrival);
          if (refusal) throw refuse(refusal);
          if (!holder.authenticated) throw refuse({ type: "invalid-token" });
          noteUse(arrival, holder.authenticated);
          return holder.authenticated;
        }
      }
    },
    chunkSigner(arrival) {
      const holder = holderOf(arrival);
      const reading = readSignature(arrival.request);
      const isJudged = holder.type === "issued" && reading.type === "read";
      return isJudged ? chunkSigner(holder.secretAccessKey, reading.signature) : undefined;
    },
    anonymous: () => authenticated(rootAccess(defaults.account), ""),
  };
}

/** What is known of an access key together with its token. */
type Holder =
  | {
      readonly type: "issued";
      readonly secretAccessKey: string;
      /** Wall time; undefined for a key that lasts. */
      readonly expiresAt: number | undefined;
      /** Undefined when who it was issued to is gone. */
      readonly authenticated: Authenticated | undefined;
    }
  | { readonly type: "unknown"; readonly authenticated: Authenticated }
  | { readonly type: "invalid" }
  | { readonly type: "no-role"; readonly roleArn: string }
  | { readonly type: "refused" };

function findHolder(
  tx: ReadTransaction,
  sealing: Sealing,
  accessKeyId: string,
  token: string | undefined,
): Holder | undefined {
  if (token !== undefined && isOurToken(token))
    return sessionHolder(tx, sealing, accessKeyId, token);
  // Without its token a session's key cannot be used, on AWS either.
  const isTemporary = accountOfAccessKeyId(accessKeyId) && accessKeyId.startsWith("ASIA");
  if (isTemporary && token === undefined) return { type: "invalid" };
  const found = findAccessKey(tx, accessKeyId);
  // A user's key comes without a token; one with it is a session's of somewhere else.
  if (found) return token === undefined ? userHolder(tx, found) : { type: "invalid" };
  const account = accountOfAccessKeyId(accessKeyId);
  const retired =
    account !== undefined &&
    tx.table(retiredAccessKeys).get({ account, region: globalRegion }, accessKeyId);
  return retired ? { type: "invalid" } : undefined;
}

function userHolder(tx: ReadTransaction, { key, user }: FoundAccessKey): Holder {
  if (!key.isActive) return { type: "invalid" };
  const access = userAccess(tx, user.account, user.name);
  return {
    type: "issued",
    secretAccessKey: key.secret,
    expiresAt: undefined,
    authenticated: access && authenticated(access, key.id),
  };
}

function sessionHolder(
  tx: ReadTransaction,
  sealing: Sealing,
  accessKeyId: string,
  token: string,
): Holder {
  const session = openSession(sealing, token);
  if (session?.accessKeyId !== accessKeyId) return { type: "invalid" };
  const access = sessionAccess(tx, session);
  return {
    type: "issued",
    secretAccessKey: session.secretAccessKey,
    expiresAt: session.expiresAt,
    authenticated: access && authenticated(access, accessKeyId, session),
  };
}

function unknownHolder(
  tx: ReadTransaction,
  unknown: UnknownCallers,
  accessKeyId: string,
  defaults: Scope,
): Holder {
  switch (unknown.type) {
    case "root": {
      const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaults.account;
      return { type: "unknown", authenticated: authenticated(rootAccess(account), accessKeyId) };
    }
    case "role": {
      const content = roleSession(tx, unknown.roleArn, "neargate");
      const access = content && sessionAccess(tx, content);
      if (!access) return { type: "no-role", roleArn: unknown.roleArn };
      return { type: "unknown", authenticated: authenticated(access, accessKeyId, content) };
    }
    case "refused":
      return { type: "refused" };
  }
}

function authenticated(
  access: Access,
  accessKeyId: string,
  session?: SessionContent,
): Authenticated {
  const { principal, keys } = access;
  if (!("account" in principal)) throw new Error("only an account's own are authenticated");
  const { account, arn } = principal;
  const userId = String(keys["aws:userid"] ?? account);
  return { caller: { account, arn, userId, accessKeyId, principal, session }, access };
}

function explainBadKey(
  holder: Extract<Holder, { type: "issued" }>,
  { request, service, wall }: Arrival,
): SignatureRefusal | undefined {
  const reading = readSignature(request);
  if (reading.type === "incomplete") return reading;
  const { signature } = reading;
  const { secretAccessKey, expiresAt } = holder;
  const reason = explainBadSignature({ request, signature, secretAccessKey, wall, service });
  if (reason) return reason;
  return expiresAt !== undefined && expiresAt <= wall ? { type: "expired-token" } : undefined;
}

const missingRole = (roleArn: string): ApiError =>
  new ApiError(
    "AccessDenied",
    `Neargate was started with --as-role ${roleArn}, and there is no such role (any more)`,
    { status: 403 },
  );
