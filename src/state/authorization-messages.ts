/**
 * Why somebody was denied, in a form that they cannot read: it is told to whoever may decode it. Like
 * the tokens of sessions it carries itself, sealed.
 */
import type { Sealing } from "../seams/sealing.ts";

type Sealed = {
  /** Tells it from whatever else is sealed by the same key. */
  readonly kind: "authorization-message";
  readonly account: string;
  readonly text: string;
};

export function sealAuthorizationMessage(sealing: Sealing, account: string, text: string): string {
  const sealed: Sealed = { kind: "authorization-message", account, text };
  return Buffer.from(sealing.seal(Buffer.from(JSON.stringify(sealed))), "base64").toString(
    "base64url",
  );
}

/** Undefined for what is no message of this engine for this account. */
export function openAuthorizationMessage(
  sealing: Sealing,
  account: string,
  message: string,
): string | undefined {
  try {
    const sealed = Buffer.from(message, "base64url").toString("base64");
    const content: Partial<Sealed> = JSON.parse(sealing.open(sealed).toString("utf8"));
    const isOurs = content.kind === "authorization-message" && content.account === account;
    return isOurs ? content.text : undefined;
  } catch {
    return undefined;
  }
}
