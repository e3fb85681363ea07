/** X.509 certificates and private keys in PEM, as uploads carry them: read, or refused in AWS's words. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { keyPairMismatch, malformedCertificate } from "./errors.ts";

const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** The one certificate of `text`. */
export function parseCertificate(text: string): X509Certificate {
  const certificates = readAll(text);
  const [first] = certificates;
  if (first && certificates.length === 1) return first;
  throw malformedCertificate(
    "Unable to parse certificate. Please ensure the certificate is in PEM format.",
  );
}

/** Undefined when anything in `text` is not a certificate. */
function readAll(text: string): readonly (X509Certificate | undefined)[] {
  const blocks = text.match(block) ?? [];
  if (text.replace(block, "").trim() !== "") return [];
  return blocks.map((pem) => {
    try {
      return pem.startsWith("-----BEGIN CERTIFICATE-----") ? new X509Certificate(pem) : undefined;
    } catch {
      return undefined;
    }
  });
}

/** The key must be readable without a passphrase and be the certificate's own. */
export function checkPrivateKey(certificate: X509Certificate, text: string): void {
  if (!certificate.checkPrivateKey(parsePrivateKey(text))) throw keyPairMismatch();
}

function parsePrivateKey(text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    throw malformedCertificate(
      "Unable to parse private key. Please ensure the private key is unencrypted and in PEM format.",
    );
  }
}

/** Each certificate of the chain must have issued the one before it, beginning with `certificate`. */
export function checkChain(certificate: X509Certificate, text: string): void {
  const chain = readAll(text);
  if (chain.length === 0) throw invalidChain(0);
  let issued = certificate;
  chain.forEach((issuer, at) => {
    if (!issuer || !isIssuedBy(issued, issuer)) throw invalidChain(at);
    issued = issuer;
  });
}

const isIssuedBy = (issued: X509Certificate, issuer: X509Certificate): boolean =>
  issued.checkIssued(issuer) && issued.verify(issuer.publicKey);

const invalidChain = (at: number) =>
  malformedCertificate(
    "Unable to validate certificate chain. The certificate chain must start with the immediate " +
      "signing certificate, followed by any intermediaries in order. The index within the chain of " +
      `the invalid certificate is: ${at}`,
  );
