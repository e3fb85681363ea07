/**
 * X.509 certificates, which Node's crypto reads but does not write: an authority of one's own, and
 * certificates that it signs for names. All keys are of P-256. What varies, where the authority is kept,
 * is the caller's.
 */
import { createHash, createPublicKey, sign } from "node:crypto";
import { makeKeyPair, toPrivateKey } from "./crypto.ts";

/** Both PEM. */
export type Certified = { readonly certificate: string; readonly key: string };

type Subject = { readonly name: string; readonly publicKey: Buffer };

const day = 24 * 60 * 60 * 1000;
const authorityDays = 3650;
/** What clients accept at most is 398. */
const leafDays = 397;

/** `now` is wall time in ms. */
export async function makeAuthority(name: string, now: number): Promise<Certified> {
  const { publicKey, privateKey } = await makeKeyPair(curve);
  const subject = { name, publicKey };
  const extensions = [
    extension("basicConstraints", sequence(boolean(true)), true),
    extension("keyUsage", tlv(0x03, Buffer.from([0x01, 0x06])), true),
  ];
  return {
    certificate: certificate(subject, subject, privateKey, now, authorityDays, extensions),
    key: pem("PRIVATE KEY", privateKey),
  };
}

/** For a server of that DNS name. Its chain is its own certificate and then the authority's. */
export async function certify(
  authority: Certified,
  authorityName: string,
  dnsName: string,
  now: number,
): Promise<Certified> {
  const { publicKey, privateKey } = await makeKeyPair(curve);
  const signing = derOf(authority.key);
  const issuer = { name: authorityName, publicKey: publicKeyOf(signing) };
  const extensions = [
    extension("basicConstraints", sequence(), true),
    extension("keyUsage", tlv(0x03, Buffer.from([0x07, 0x80])), true),
    extension("extendedKeyUsage", sequence(oid("serverAuth"))),
    extension("subjectAltName", sequence(tlv(0x82, Buffer.from(dnsName)))),
  ];
  const own = certificate({ name: dnsName, publicKey }, issuer, signing, now, leafDays, extensions);
  return { certificate: own + authority.certificate, key: pem("PRIVATE KEY", privateKey) };
}

const publicKeyOf = (key: Buffer): Buffer =>
  createPublicKey(toPrivateKey(key)).export({ format: "der", type: "spki" });

const curve = { type: "ec", curve: "prime256v1" } as const;

const oids = {
  commonName: "550403",
  ecdsaWithSha256: "2a8648ce3d040302",
  subjectKeyIdentifier: "551d0e",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  authorityKeyIdentifier: "551d23",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
} as const;

function certificate(
  subject: Subject,
  issuer: Subject,
  signingKey: Buffer,
  now: number,
  days: number,
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(oid("ecdsaWithSha256"));
  const keyIds = [
    extension("subjectKeyIdentifier", octets(keyId(subject))),
    extension("authorityKeyIdentifier", sequence(tlv(0x80, keyId(issuer)))),
  ];
  const signed = sequence(
    tlv(0xa0, integer(Buffer.from([2]))),
    // Keys are never used twice, so that what follows from one is a number of its own.
    integer(keyId(subject).subarray(0, 16)),
    algorithm,
    nameOf(issuer),
    sequence(time(now - day), time(now + days * day)),
    nameOf(subject),
    subject.publicKey,
    tlv(0xa3, sequence(...keyIds, ...extensions)),
  );
  const signature = sign("sha256", signed, toPrivateKey(signingKey));
  return pem("CERTIFICATE", sequence(signed, algorithm, bits(signature)));
}

const keyId = ({ publicKey }: Subject): Buffer => createHash("sha1").update(publicKey).digest();

/** A name of one part. The text of a common name has 64 characters at most. */
const nameOf = ({ name }: Subject): Buffer =>
  sequence(
    tlv(
      0x31,
      sequence(oid("commonName"), tlv(0x0c, Buffer.from(Buffer.from(name).subarray(0, 64)))),
    ),
  );

const extension = (name: keyof typeof oids, value: Buffer, isCritical = false): Buffer =>
  sequence(oid(name), ...(isCritical ? [boolean(true)] : []), octets(value));

const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
const octets = (bytes: Buffer): Buffer => tlv(0x04, bytes);
const bits = (bytes: Buffer): Buffer => tlv(0x03, Buffer.from([0]), bytes);
const boolean = (value: boolean): Buffer => tlv(0x01, Buffer.from([value ? 0xff : 0]));
const oid = (name: keyof typeof oids): Buffer => tlv(0x06, Buffer.from(oids[name], "hex"));

/** Not negative: without the highest bit, and with a first byte that is not nought. */
function integer(bytes: Buffer): Buffer {
  const first = bytes[0] ?? 0;
  return tlv(
    0x02,
    Buffer.from([(first & 0x3f) | (bytes.length > 1 ? 0x40 : 0)]),
    bytes.subarray(1),
  );
}

/** With two digits for the year, which stand for years up to 2049; later ones have four. */
function time(at: number): Buffer {
  const text = new Date(at).toISOString().replace(/\.\d+|[-:T]/g, "");
  return text < "2050" ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text));
}

/** One element of DER: its tag, the length of what is in it, and that. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), ...parts]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

const derOf = (text: string): Buffer =>
  Buffer.from(text.replace(/-----[^-]+-----|\s/g, ""), "base64");
