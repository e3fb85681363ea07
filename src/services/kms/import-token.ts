/**
 * An import token holds all that KMS needs to open what is wrapped for it, sealed: nothing is kept between
 * GetParametersForImport and ImportKeyMaterial.
 */
import type { Sealing } from "../../seams/sealing.ts";

export type ImportToken = {
  readonly keyArn: string;
  readonly algorithm: string;
  readonly validTo: number;
  /** PKCS #8 of the wrapping key. */
  readonly privateKey: Buffer;
};

export function formatToken(sealing: Sealing, { privateKey, ...token }: ImportToken): Buffer {
  const text = JSON.stringify({ ...token, privateKey: privateKey.toString("base64") });
  return Buffer.from(sealing.seal(Buffer.from(text)), "base64");
}

/** Undefined for what is no token of this engine. */
export function parseToken(sealing: Sealing, token: Uint8Array): ImportToken | undefined {
  try {
    const text = sealing.open(Buffer.from(token).toString("base64")).toString();
    const { keyArn, algorithm, validTo, privateKey } = JSON.parse(text) as Record<string, unknown>;
    return {
      keyArn: String(keyArn),
      algorithm: String(algorithm),
      validTo: Number(validTo),
      privateKey: Buffer.from(String(privateKey), "base64"),
    };
  } catch {
    return undefined;
  }
}
