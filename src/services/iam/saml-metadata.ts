/** The metadata document of a SAML 2.0 identity provider: whether it is one, and until when it holds. */
import { X509Certificate } from "node:crypto";
import { readXml, type XmlElement } from "../../gateway/protocols/xml-reader.ts";
import { invalidInput } from "./errors.ts";

const year = 365 * 24 * 60 * 60 * 1000;

/**
 * Until when the provider is valid, in milliseconds since the epoch: as the document says, else as long
 * as one of its certificates is. Throws AWS's error for what is no identity provider's metadata.
 */
export function readValidity(document: string, now: number): number {
  const root = parse(document);
  const isEntity = root.name === "EntityDescriptor" && root.attributes.get("entityID");
  if (!isEntity || !root.children.some(({ name }) => name === "IDPSSODescriptor")) {
    throw unreadable();
  }
  const ends = findAll(root, "X509Certificate").map(({ text }) => readEnd(text));
  const stated = root.attributes.get("validUntil");
  if (stated !== undefined) return readDate(stated);
  return ends.length > 0 ? Math.max(...ends) : now + 100 * year;
}

const unreadable = () => invalidInput("Could not parse metadata");

function parse(document: string): XmlElement {
  try {
    return readXml(document);
  } catch {
    throw unreadable();
  }
}

const findAll = (element: XmlElement, name: string): XmlElement[] => [
  ...(element.name === name ? [element] : []),
  ...element.children.flatMap((child) => findAll(child, name)),
];

/** The end of a certificate in Base64, which has no PEM around it. */
function readEnd(encoded: string): number {
  try {
    return new X509Certificate(Buffer.from(encoded, "base64")).validToDate.getTime();
  } catch {
    throw unreadable();
  }
}

function readDate(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw unreadable();
  return at;
}
