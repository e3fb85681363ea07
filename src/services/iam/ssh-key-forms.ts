/** RSA public keys as OpenSSH and as PEM have them, read from either and shown as both. */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { ApiError } from "../../gateway/api-error.ts";
import type { SshPublicKey } from "../../model/iam.ts";

type Forms = Pick<SshPublicKey, "ssh" | "pem" | "fingerprint">;

const fewestBits = 2048;

/** Throws AWS's errors for what is no public key, and for what is none of RSA with 2048 bits. */
export function readPublicKey(text: string): Forms {
  const key = text.trim().startsWith("ssh-") ? readSsh(text) : readPem(text);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa" || bits < fewestBits) {
    throw invalid(`The public key must be an RSA key of at least ${fewestBits} bits.`);
  }
  const blob = toBlob(key);
  return {
    ssh: `ssh-rsa ${blob.toString("base64")}`,
    pem: key.export({ type: "spki", format: "pem" }).toString().trim(),
    fingerprint: (createHash("md5").update(blob).digest("hex").match(/../g) ?? []).join(":"),
  };
}

const invalid = (message: string): ApiError => new ApiError("InvalidPublicKey", message);

function readPem(text: string): KeyObject {
  // Node would make the public key of a private one, which nobody should have sent.
  if (!/^\s*-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(text)) {
    throw new ApiError(
      "UnrecognizedPublicKeyEncoding",
      "The public key must be encoded in ssh-rsa format or PEM format.",
    );
  }
  try {
    return createPublicKey(text.trim());
  } catch {
    throw invalid("The public key is malformed.");
  }
}

function readSsh(text: string): KeyObject {
  const [kind, encoded = ""] = text.trim().split(/\s+/);
  if (kind !== "ssh-rsa")
    throw invalid(`The public key must be an RSA key of at least ${fewestBits} bits.`);
  const [inner, exponent, modulus] = readStrings(Buffer.from(encoded, "base64"));
  if (inner?.toString() !== kind || !exponent || !modulus) {
    throw invalid("The public key is malformed.");
  }
  try {
    const jwk = { kty: "RSA", n: toUnsigned(modulus), e: toUnsigned(exponent) };
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    throw invalid("The public key is malformed.");
  }
}

/** What RFC 4251 calls strings: a length of four bytes, then so many bytes. */
function readStrings(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return [];
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return at === bytes.length ? found : [];
}

/** Numbers of RFC 4251 have a zero in front of a first bit that is set; those of JSON Web Keys do not. */
const toUnsigned = (number: Buffer): string =>
  number.subarray(number.findIndex((byte) => byte !== 0)).toString("base64url");

function toBlob(key: KeyObject): Buffer {
  const { e = "", n = "" } = key.export({ format: "jwk" });
  return Buffer.concat([Buffer.from("ssh-rsa"), toSigned(e), toSigned(n)].map(withLength));
}

function toSigned(encoded: string): Buffer {
  const number = Buffer.from(encoded, "base64url");
  return (number[0] ?? 0) < 0x80 ? number : Buffer.concat([Buffer.from([0]), number]);
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
