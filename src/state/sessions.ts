/**
 * Credentials that end. They carry what they stand for in their own token, sealed, so that issuing them
 * writes nothing and a restarted engine still knows them. Times are wall time, as clients see it.
 */
import { formatAccessKeyId } from "../model/access-key-id.ts";
import type { Tag } from "../model/scope.ts";
import { type Ids, iamAlphabet } from "../seams/ids.ts";
import type { Sealing } from "../seams/sealing.ts";

export type SessionHolder =
  | {
      readonly type: "role";
      readonly name: string;
      /** `AROA…`: a role made again under the same name is another one. */
      readonly id: string;
      readonly arn: string;
      readonly sessionName: string;
    }
  | OwnHolder
  /** Somebody outside of IAM, for whom a user or the root of an account asked. */
  | { readonly type: "federated"; readonly name: string; readonly sponsor: OwnHolder };

/** Who asks for a session of their own. */
export type OwnHolder =
  | { readonly type: "user"; readonly name: string; readonly id: string; readonly arn: string }
  | { readonly type: "root" };

/** What a session is, besides its times and keys. */
export type SessionContent = {
  readonly account: string;
  readonly holder: SessionHolder;
  /** Session policies by text and by ARN; none of either means that it is not limited by any. */
  readonly policies?: readonly string[];
  readonly policyArns?: readonly string[];
  readonly tags?: readonly Tag[];
  /** Keys of `tags` that a role assumed from here gets too. */
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  /** Who vouched for the caller, of a web identity. */
  readonly provider?: string;
  /** Wall time at which a second factor was given for it; undefined: none was. */
  readonly secondFactorAt?: number;
  /** Wall time; undefined for one that is made up for a request. */
  readonly issuedAt?: number;
};

export type Session = SessionContent & {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Milliseconds since the epoch, wall time. */
  readonly issuedAt: number;
  readonly expiresAt: number;
};

export type SessionCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: number;
};

// Tells our tokens from AWS's, which a developer's environment may hold too.
const tokenPrefix = "FwoGbmVhcmdhdGU/";

const secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** New credentials for `seconds` from `wall` on. */
export function issueSession(
  tools: { readonly sealing: Sealing; readonly ids: Ids; readonly wall: number },
  content: SessionContent,
  seconds: number,
): SessionCredentials {
  const { sealing, ids, wall } = tools;
  const issuedAt = Math.floor(wall / 1000) * 1000;
  const session: Session = {
    ...content,
    accessKeyId: formatAccessKeyId("ASIA", content.account, ids.pick(iamAlphabet, 8)),
    secretAccessKey: ids.pick(secretAlphabet, 40),
    issuedAt,
    expiresAt: issuedAt + seconds * 1000,
  };
  const sealed = sealing.seal(Buffer.from(JSON.stringify(session)));
  const { accessKeyId, secretAccessKey, expiresAt } = session;
  return { accessKeyId, secretAccessKey, sessionToken: tokenPrefix + sealed, expiresAt };
}

/** Whether a token has the form of ours; it may be of another engine, or spoilt. */
export const isOurToken = (token: string): boolean => token.startsWith(tokenPrefix);

/** What was sealed into a token, or undefined when this engine did not issue it as it is. */
export function openSession(sealing: Sealing, token: string): Session | undefined {
  if (!isOurToken(token)) return undefined;
  try {
    return JSON.parse(sealing.open(token.slice(tokenPrefix.length)).toString("utf8")) as Session;
  } catch {
    return undefined;
  }
}
