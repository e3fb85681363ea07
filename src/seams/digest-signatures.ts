/**
 * Signatures of a digest that was made elsewhere. Node signs messages only, so the last step of each
 * scheme is done here: the padding of RSA, and the equation of ECDSA over points that Node computes.
 */
import {
  constants,
  createECDH,
  createHash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
} from "node:crypto";
import { randomOctets, type SignatureScheme, toPrivateKey, toPublicKey } from "./crypto.ts";

/** In bytes. */
export const digestLength = (hash: string): number => createHash(hash).digest().length;

export function signDigest(
  privateKey: Buffer,
  { type, hash }: SignatureScheme,
  digest: Uint8Array,
): Buffer {
  const key = toPrivateKey(privateKey);
  switch (type) {
    case "ecdsa":
      return signEc(key, digest);
    case "pkcs1":
      return privateEncrypt(
        { key, padding: constants.RSA_PKCS1_PADDING },
        digestInfo(hash, digest),
      );
    case "pss":
      return privateEncrypt(
        { key, padding: constants.RSA_NO_PADDING },
        padPss(hash, digest, bitsOf(key)),
      );
  }
}

export function isDigestSignature(
  publicKey: Buffer,
  { type, hash }: SignatureScheme,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const key = toPublicKey(publicKey);
  try {
    if (type === "ecdsa") return isEcSignature(key, digest, signature);
    const padding = type === "pkcs1" ? constants.RSA_PKCS1_PADDING : constants.RSA_NO_PADDING;
    const opened = publicDecrypt({ key, padding }, signature);
    if (type === "pkcs1") return opened.equals(digestInfo(hash, digest));
    return isPssPadding(hash, digest, opened, bitsOf(key));
  } catch {
    // Not even of the form of a signature by this key.
    return false;
  }
}

const bitsOf = (key: KeyObject): number => key.asymmetricKeyDetails?.modulusLength ?? 0;

/** DER: what the hash is, and the hash (RFC 8017, 9.2). */
function digestInfo(hash: string, digest: Uint8Array): Buffer {
  const last = { sha256: 1, sha384: 2, sha512: 3 }[hash] ?? 0;
  const identifier = [0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last, 5, 0];
  const length = digest.length;
  return Buffer.from([0x30, 17 + length, ...identifier, 4, length, ...digest]);
}

/** EMSA-PSS with a salt as long as the hash (RFC 8017, 9.1.1). */
function padPss(hash: string, digest: Uint8Array, bits: number): Buffer {
  const salt = randomOctets(digest.length);
  const length = bits / 8;
  const hashed = pssHash(hash, digest, salt);
  const block = Buffer.alloc(length - digest.length - 1);
  block[block.length - salt.length - 1] = 1;
  salt.copy(block, block.length - salt.length);
  const masked = xor(block, maskOf(hash, hashed, block.length));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, hashed, Buffer.from([0xbc])]);
}

function isPssPadding(hash: string, digest: Uint8Array, padded: Buffer, bits: number): boolean {
  const block = padded.subarray(0, bits / 8 - digest.length - 1);
  const hashed = padded.subarray(block.length, -1);
  if (padded.at(-1) !== 0xbc || ((block[0] ?? 0) & 0x80) !== 0) return false;
  const plain = xor(block, maskOf(hash, hashed, block.length));
  plain[0] = (plain[0] ?? 0) & 0x7f;
  const mark = plain.length - digest.length - 1;
  if (plain[mark] !== 1 || plain.subarray(0, mark).some((byte) => byte !== 0)) return false;
  return pssHash(hash, digest, plain.subarray(mark + 1)).equals(hashed);
}

const pssHash = (hash: string, digest: Uint8Array, salt: Uint8Array): Buffer =>
  createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();

/** MGF1. */
function maskOf(hash: string, seed: Uint8Array, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let made = 0, counter = 0; made < length; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    const part = createHash(hash).update(seed).update(number).digest();
    parts.push(part);
    made += part.length;
  }
  return Buffer.concat(parts).subarray(0, length);
}

const xor = (one: Uint8Array, other: Uint8Array): Buffer =>
  Buffer.from(one.map((byte, at) => byte ^ (other[at] ?? 0)));

type Curve = { readonly p: bigint; readonly n: bigint; readonly a: bigint };

/** Field prime, order and coefficient of each curve (SEC 2), by the names of OpenSSL. */
const curves: Readonly<Record<string, Curve>> = {
  prime256v1: minusThree(
    0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ),
  secp384r1: minusThree(
    0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ),
  secp521r1: minusThree(
    (1n << 521n) - 1n,
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  ),
  secp256k1: {
    p: (1n << 256n) - (1n << 32n) - 977n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    a: 0n,
  },
};

function minusThree(p: bigint, n: bigint): Curve {
  return { p, n, a: p - 3n };
}

type Point = { readonly x: bigint; readonly y: bigint };

function curveOf(key: KeyObject): { name: string; curve: Curve } {
  const name = key.asymmetricKeyDetails?.namedCurve ?? "";
  const curve = curves[name];
  if (!curve) throw new Error(`unknown curve ${name}`);
  return { name, curve };
}

function signEc(key: KeyObject, digest: Uint8Array): Buffer {
  const { name, curve } = curveOf(key);
  const { n } = curve;
  const secret = toNumber(Buffer.from(String(key.export({ format: "jwk" }).d), "base64url"));
  for (;;) {
    const nonce = (toNumber(randomOctets(byteLength(n) + 8)) % (n - 1n)) + 1n;
    const r = multiplyBase(name, curve, nonce).x % n;
    const s = (inverse(nonce, n) * (truncate(digest, n) + r * secret)) % n;
    if (r !== 0n && s !== 0n) return toDer(r, s);
  }
}

function isEcSignature(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const { name, curve } = curveOf(key);
  const { n } = curve;
  const { r, s } = fromDer(Buffer.from(signature));
  if (r < 1n || r >= n || s < 1n || s >= n) return false;
  const jwk = key.export({ format: "jwk" });
  const own = {
    x: toNumber(Buffer.from(String(jwk.x), "base64url")),
    y: toNumber(Buffer.from(String(jwk.y), "base64url")),
  };
  const w = inverse(s, n);
  const one = (truncate(digest, n) * w) % n;
  const base = one === 0n ? undefined : multiplyBase(name, curve, one);
  const sum = add(curve, base, multiply(curve, own, (r * w) % n));
  return sum !== undefined && sum.x % n === r;
}

/** A multiple of the curve's base point, which is the public key of the factor. */
function multiplyBase(name: string, { n }: Curve, factor: bigint): Point {
  const pair = createECDH(name);
  pair.setPrivateKey(toBytes(factor, byteLength(n)));
  const point = pair.getPublicKey().subarray(1);
  const half = point.length / 2;
  return { x: toNumber(point.subarray(0, half)), y: toNumber(point.subarray(half)) };
}

/** Undefined is the point at infinity. */
function multiply(curve: Curve, point: Point, factor: bigint): Point | undefined {
  let result: Point | undefined;
  for (const bit of factor.toString(2)) {
    result = add(curve, result, result);
    if (bit === "1") result = add(curve, result, point);
  }
  return result;
}

function add({ p, a }: Curve, one: Point | undefined, other: Point | undefined): Point | undefined {
  if (!one || !other) return one ?? other;
  if (one.x === other.x && (one.y + other.y) % p === 0n) return undefined;
  const slope =
    one.x === other.x
      ? (3n * one.x * one.x + a) * inverse(2n * one.y, p)
      : (other.y - one.y) * inverse(other.x - one.x, p);
  const x = modulo(slope * slope - one.x - other.x, p);
  return { x, y: modulo(slope * (one.x - x) - one.y, p) };
}

/** By the extended algorithm of Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [low, high] = [modulo(value, modulus), modulus];
  let [left, right] = [1n, 0n];
  while (low > 1n) {
    const ratio = high / low;
    [low, high] = [high - low * ratio, low];
    [left, right] = [right - left * ratio, left];
  }
  return modulo(left, modulus);
}

const modulo = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;

/** The leftmost bits of a digest, as many as the order has. */
function truncate(digest: Uint8Array, n: bigint): bigint {
  const excess = digest.length * 8 - n.toString(2).length;
  const value = toNumber(digest);
  return excess > 0 ? value >> BigInt(excess) : value;
}

const byteLength = (value: bigint): number => Math.ceil(value.toString(16).length / 2);

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

const toBytes = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(length * 2, "0"), "hex");

/** SEQUENCE of two INTEGERs. */
function toDer(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  const length = body.length < 128 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

function derInteger(value: bigint): Buffer {
  const bytes = toBytes(value, byteLength(value));
  const sign = ((bytes[0] ?? 0) & 0x80) === 0 ? [] : [0];
  return Buffer.concat([Buffer.from([2, bytes.length + sign.length, ...sign]), bytes]);
}

function fromDer(der: Buffer): { r: bigint; s: bigint } {
  const start = der[1] === 0x81 ? 3 : 2;
  const rLength = der[start + 1] ?? 0;
  const r = der.subarray(start + 2, start + 2 + rLength);
  const at = start + 2 + rLength;
  const s = der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0));
  const whole = der[0] === 0x30 && der[start] === 2 && der[at] === 2;
  if (!whole || r.length === 0 || s.length === 0) throw new Error("not a signature in DER");
  return { r: toNumber(r), s: toNumber(s) };
}
