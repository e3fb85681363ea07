/** Whether a request was signed with a secret, for now and for this place. */
import { createHmac, hash } from "node:crypto";
import type { ApiRequest } from "../request.ts";
import { isBodyAsSigned, stringToSign } from "./canonical-request.ts";
import type { SignatureRefusal } from "./refusals.ts";
import { parseBasicDate, printBasicDate, type Signature } from "./signature.ts";

/** How far a client's clock may be off. */
const skewMs = 15 * 60_000;

export type Verification = {
  readonly request: ApiRequest;
  readonly signature: Signature;
  readonly secretAccessKey: string;
  /** Wall time, milliseconds since the epoch. */
  readonly wall: number;
  /** The signing name of the service that it was sent to. */
  readonly service: string;
};

/** Why it is not believed, or undefined when it is. */
export function explainBadSignature(verification: Verification): SignatureRefusal | undefined {
  const { request, signature, secretAccessKey } = verification;
  const misplaced = explainScope(verification);
  if (misplaced) return misplaced;
  const key = signingKey(secretAccessKey, signature);
  const wanted = sign(key, stringToSign(request, signature));
  if (!isSame(wanted, signature.signature) || !isBodyAsSigned(request, signature)) {
    return { type: "wrong-signature" };
  }
  return explainTime(verification);
}

function explainScope({ signature, service }: Verification): SignatureRefusal | undefined {
  const { scope, date } = signature;
  if (scope.service !== service) {
    const message = `Credential should be scoped to correct service: '${service}'.`;
    return { type: "wrong-scope", message };
  }
  if (date.startsWith(scope.date)) return undefined;
  return {
    type: "wrong-scope",
    message:
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
      `'${scope.date}' != '${date.slice(0, 8)}', from '${date}'.`,
  };
}

function explainTime({ signature, wall }: Verification): SignatureRefusal | undefined {
  const { date, expires } = signature;
  const signed = parseBasicDate(date);
  const goodFor = expires === undefined ? skewMs : expires * 1000;
  if (signed <= wall + skewMs && signed + goodFor >= wall) return undefined;
  const now = printBasicDate(wall);
  if (signed > wall) {
    const limit = printBasicDate(wall + skewMs);
    return {
      type: "wrong-time",
      message: `Signature not yet current: ${date} is still later than ${limit} (${now} + 15 min.)`,
    };
  }
  const since = printBasicDate(wall - goodFor);
  const span = expires === undefined ? "15 min." : `${expires} sec.`;
  return {
    type: "wrong-time",
    message: `Signature expired: ${date} is now earlier than ${since} (${now} - ${span})`,
  };
}

/** A key made ready for HMAC: what goes before the text, and before its hash, each with room for it. */
export type SigningKey = {
  readonly inner: Buffer;
  readonly outer: Buffer;
  /** The beginning of `inner` that the last text filled: texts of one key are mostly as long. */
  filled: Buffer;
};

type Scope = Signature["scope"];

const mostKeys = 200;
const signingKeys = new Map<string, SigningKey>();
// A client's scope stays the same object as long as it is known.
const lastOfScope = new WeakMap<Scope, { readonly secret: string; readonly key: SigningKey }>();

/** A key is good for a day, a region and a service: deriving it takes four of five hashes. */
export function signingKey(secret: string, { scope }: Signature): SigningKey {
  const last = lastOfScope.get(scope);
  if (last?.secret === secret) return last.key;
  const name = `${secret}/${scope.date}/${scope.region}/${scope.service}`;
  const key = signingKeys.get(name) ?? deriveKey(secret, scope);
  if (signingKeys.size >= mostKeys) signingKeys.clear();
  signingKeys.set(name, key);
  lastOfScope.set(scope, { secret, key });
  return key;
}

function deriveKey(secret: string, scope: Scope): SigningKey {
  const steps = [scope.date, scope.region, scope.service, "aws4_request"];
  const derived = steps.reduce<Buffer>(
    (previous, step) => createHmac("sha256", previous).update(step).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  const inner = pad(derived, 0x36, usualText);
  return { inner, outer: pad(derived, 0x5c, digestBytes), filled: inner };
}

const blockBytes = 64;
const digestBytes = 32;
// A text to sign is three short lines and a hash.
const usualText = 448;

function pad(key: Buffer, filler: number, room: number): Buffer {
  const block = Buffer.alloc(blockBytes + room, filler);
  key.forEach((byte, at) => {
    block[at] = byte ^ filler;
  });
  return block;
}

// HMAC by two hashes: Node's own takes ten times as long for the key alone.
export function sign(key: SigningKey, text: string): string {
  // As text, a byte a character: a buffer of its own would cost more than the hash.
  key.outer.write(hash("sha256", withText(key, text), "binary"), blockBytes, "latin1");
  return hash("sha256", key.outer, "hex");
}

function withText(key: SigningKey, text: string): Buffer {
  const { inner } = key;
  // No character takes more than three bytes.
  if (text.length * 3 > usualText) {
    return Buffer.concat([inner.subarray(0, blockBytes), Buffer.from(text)]);
  }
  const end = blockBytes + inner.write(text, blockBytes);
  if (key.filled.length !== end) key.filled = inner.subarray(0, end);
  return key.filled;
}

/** In a time that tells nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  let differs = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) differs |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return differs === 0;
}
