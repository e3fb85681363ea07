/**
 * Ciphers, signatures and the randomness of keys: what is asked of Node's crypto, under names that say
 * what for. Plain functions, not a port: a fake cipher would only test itself, and what they draw is
 * meant to be unlike the last time. What does vary, where the sealing key lives, is `sealing.ts`.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";

const nonceLength = 12;
const tagLength = 16;

/** Fresh random bytes. */
export const randomOctets = (length: number): Buffer => randomBytes(length);

/** AES-256-GCM: nonce, tag and ciphertext in one. `key` has 32 bytes. */
export function encryptAead(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** What `encryptAead` made, or undefined when anything differs: key, bytes or authenticated data. */
export function decryptAead(key: Uint8Array, box: Uint8Array, aad: Uint8Array): Buffer | undefined {
  if (box.length < nonceLength + tagLength) return undefined;
  const nonce = box.subarray(0, nonceLength);
  const options = { authTagLength: tagLength };
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, options).setAAD(aad);
  decipher.setAuthTag(box.subarray(nonceLength, nonceLength + tagLength));
  try {
    const body = decipher.update(box.subarray(nonceLength + tagLength));
    return Buffer.concat([body, decipher.final()]);
  } catch {
    return undefined;
  }
}

/** AES-256-GCM with the tag behind the ciphertext: nonce, ciphertext, tag. */
export function sealGcm(key: Uint8Array, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

/** What `sealGcm` made, or undefined when anything differs. */
export function openGcm(key: Uint8Array, box: Uint8Array): Buffer | undefined {
  const tagAt = box.length - tagLength;
  if (tagAt < nonceLength) return undefined;
  const parts = [
    box.subarray(0, nonceLength),
    box.subarray(tagAt),
    box.subarray(nonceLength, tagAt),
  ];
  return decryptAead(key, Buffer.concat(parts), new Uint8Array());
}

export const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export type KeyPairKind =
  | { readonly type: "rsa"; readonly bits: number }
  /** `curve` as OpenSSL calls it. */
  | { readonly type: "ec"; readonly curve: string };

/** DER: PKCS #8 of the private key, SubjectPublicKeyInfo of the public. */
export type KeyPair = { readonly privateKey: Buffer; readonly publicKey: Buffer };

/** Not in the caller's turn: an RSA key takes up to seconds. */
export function makeKeyPair(kind: KeyPairKind): Promise<KeyPair> {
  const publicKeyEncoding = { type: "spki", format: "der" } as const;
  const privateKeyEncoding = { type: "pkcs8", format: "der" } as const;
  const encodings = { publicKeyEncoding, privateKeyEncoding };
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, publicKey: Buffer, privateKey: Buffer): void => {
      if (error) reject(error);
      else resolve({ publicKey, privateKey });
    };
    if (kind.type === "rsa") {
      generateKeyPair("rsa", { modulusLength: kind.bits, ...encodings }, done);
    } else {
      generateKeyPair("ec", { namedCurve: kind.curve, ...encodings }, done);
    }
  });
}

/** RSAES-OAEP under a SubjectPublicKeyInfo; undefined when `plaintext` is too long for the key. */
export function encryptRsa(
  publicKey: Buffer,
  hash: string,
  plaintext: Uint8Array,
): Buffer | undefined {
  try {
    return publicEncrypt({ key: toPublicKey(publicKey), ...oaep(hash) }, plaintext);
  } catch {
    return undefined;
  }
}

/** What `encryptRsa` made, by the PKCS #8 of the private key, or undefined. */
export function decryptRsa(
  privateKey: Buffer,
  hash: string,
  ciphertext: Uint8Array,
): Buffer | undefined {
  try {
    return privateDecrypt({ key: toPrivateKey(privateKey), ...oaep(hash) }, ciphertext);
  } catch {
    return undefined;
  }
}

/** The key inside of an AES key wrap with padding (RFC 5649), or undefined when it was not wrapped so. */
export function unwrapKey(wrappingKey: Uint8Array, wrapped: Uint8Array): Buffer | undefined {
  try {
    const decipher = createDecipheriv("id-aes256-wrap-pad", wrappingKey, keyWrapStart);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    return undefined;
  }
}

const keyWrapStart = Buffer.from("a65959a6", "hex");

/** The SubjectPublicKeyInfo of a PKCS #8, or undefined when that is not a private key of `kind`. */
export function publicKeyOf(privateKey: Buffer, kind: KeyPairKind): Buffer | undefined {
  try {
    const key = toPrivateKey(privateKey);
    const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
    const fits =
      key.asymmetricKeyType === kind.type &&
      (kind.type === "rsa" ? modulusLength === kind.bits : namedCurve === kind.curve);
    return fits ? createPublicKey(key).export({ type: "spki", format: "der" }) : undefined;
  } catch {
    return undefined;
  }
}

/** What both sides of an elliptic-curve agreement come to, or undefined when the keys are not of one curve. */
export function agreeOnSecret(privateKey: Buffer, publicKey: Uint8Array): Buffer | undefined {
  try {
    return diffieHellman({
      privateKey: toPrivateKey(privateKey),
      publicKey: toPublicKey(Buffer.from(publicKey)),
    });
  } catch {
    return undefined;
  }
}

export type SignatureScheme = {
  readonly type: "pkcs1" | "pss" | "ecdsa";
  /** As OpenSSL calls it. */
  readonly hash: string;
};

/** The signature of a message: of ECDSA in DER, of PSS with a salt as long as the hash. */
export const signMessage = (
  privateKey: Buffer,
  { type, hash }: SignatureScheme,
  message: Uint8Array,
): Buffer => sign(hash, message, { key: toPrivateKey(privateKey), ...paddingOf(type) });

export function isSignature(
  publicKey: Buffer,
  { type, hash }: SignatureScheme,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verify(hash, message, { key: toPublicKey(publicKey), ...paddingOf(type) }, signature);
}

function paddingOf(type: SignatureScheme["type"]) {
  if (type === "ecdsa") return { dsaEncoding: "der" } as const;
  if (type === "pkcs1") return { padding: constants.RSA_PKCS1_PADDING };
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

export const toPublicKey = (key: Buffer): KeyObject =>
  createPublicKey({ key, format: "der", type: "spki" });

export const toPrivateKey = (key: Buffer): KeyObject =>
  createPrivateKey({ key, format: "der", type: "pkcs8" });

const oaep = (hash: string) => ({ padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash });

/** `hash` as OpenSSL calls it, such as `sha256`. */
export const makeMac = (hash: string, key: Uint8Array, message: Uint8Array): Buffer =>
  createHmac(hash, key).update(message).digest();

/** Compares in a time that tells nothing of where they differ. */
export const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

const jwsHashes: Readonly<Record<string, string>> = { 256: "sha256", 384: "sha384", 512: "sha512" };

/**
 * Whether a JSON Web Signature is by a key, given as a JSON Web Key; `algorithm` such as `RS256` or
 * `ES384`. A key of another kind, or one that cannot be read, has signed nothing.
 */
export function isJwsSignature(
  jwk: Readonly<Record<string, unknown>>,
  algorithm: string,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const [, kind, bits = ""] = /^(RS|ES)(256|384|512)$/.exec(algorithm) ?? [];
  const hash = jwsHashes[bits];
  if (hash === undefined || jwk["kty"] !== (kind === "RS" ? "RSA" : "EC")) return false;
  try {
    const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
    return verify(hash, message, { key, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}
