/**
 * Passwords for `docker login`: sealed, so that giving one out writes nothing and checking one reads
 * nothing. A password says whose it is and when it ends (wall time, as every token's life), under an
 * HMAC with a key that the state directory keeps.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { PasswordVerdict, PasswordVerifier } from "../../dataplane/registry/port.ts";
import type { Clock } from "../../seams/clock.ts";
import type { Ids } from "../../seams/ids.ts";
import type { Store } from "../../state/store.ts";

export type IssuedPassword = {
  readonly username: "AWS";
  readonly password: string;
  /** Wall milliseconds. */
  readonly expiresAt: number;
};

export type RegistryCredentials = PasswordVerifier & {
  issue(owner: { readonly account: string; readonly callerArn: string }): IssuedPassword;
  /** What the engine itself pulls an account's images with. */
  registryCredentials(account: string): { readonly username: string; readonly password: string };
};

const lifeMs = 12 * 60 * 60 * 1000;
const keyName = "registry-key";

export function createRegistryCredentials(options: {
  readonly store: Store;
  readonly ids: Ids;
  readonly clock: Clock;
}): RegistryCredentials {
  const { store, ids, clock } = options;
  const key = store.getMeta(keyName) ?? ids.hex(64);
  store.setMeta(keyName, key);
  const seal = (payload: string): Buffer => createHmac("sha256", key).update(payload).digest();

  const issue: RegistryCredentials["issue"] = ({ account, callerArn }) => {
    const expiresAt = clock.wall() + lifeMs;
    const payload = toBase64(JSON.stringify({ account, callerArn, expiresAt }));
    // The members are those of AWS's password, which is opaque to clients all the same.
    const envelope = {
      payload,
      datakey: seal(payload).toString("base64"),
      version: "2",
      type: "DATA_KEY",
      expiration: Math.floor(expiresAt / 1000),
    };
    return { username: "AWS", password: toBase64(JSON.stringify(envelope)), expiresAt };
  };

  const verify = (password: string): PasswordVerdict => {
    const { payload, datakey } = parse(password);
    if (typeof payload !== "string" || typeof datakey !== "string") return { type: "unreadable" };
    const expected = seal(payload);
    const given = Buffer.from(datakey, "base64");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return { type: "unreadable" };
    }
    const claims = parse(payload) as { account: string; callerArn: string; expiresAt: number };
    if (claims.expiresAt <= clock.wall()) return { type: "expired" };
    return { type: "valid", account: claims.account, callerArn: claims.callerArn };
  };

  return {
    issue,
    verify,
    registryCredentials(account) {
      const { username, password } = issue({ account, callerArn: `arn:aws:iam::${account}:root` });
      return { username, password };
    },
  };
}

const toBase64 = (text: string): string => Buffer.from(text).toString("base64");

function parse(encoded: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
