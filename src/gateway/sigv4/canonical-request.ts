/** The text that is signed: a request, written so that whoever passes it on does not change it. */
import { hash } from "node:crypto";
import { type ApiRequest, headerOf } from "../request.ts";
import { pathOf } from "../routing/url.ts";
import { queryOf, type Signature } from "./signature.ts";

const algorithm = "AWS4-HMAC-SHA256";

/** What a signature is made over, with the derived key. */
export function stringToSign(request: ApiRequest, signature: Signature): string {
  const { date, scope } = signature;
  const place = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  return `${algorithm}\n${date}\n${place}\n${sha256(canonicalRequest(request, signature))}`;
}

function canonicalRequest(request: ApiRequest, signature: Signature): string {
  const { method, url, headers } = request;
  const path = pathOf(url);
  const where = signature.scope.service === "s3" ? path || "/" : canonicalPath(path);
  let text = `${method}\n${where}\n${canonicalQuery(queryOf(url))}\n`;
  for (const name of signature.signedHeaders) text += `${name}:${plainValue(headers[name])}\n`;
  const names = signature.signedNames ?? signature.signedHeaders.join(";");
  return `${text}\n${names}\n${payloadHash(request, signature)}`;
}

const spaced = /^ | {2}| $|[^ -~]/;

function plainValue(value: string | string[] | undefined): string {
  const text = Array.isArray(value) ? value.join(",") : (value ?? "");
  return spaced.test(text) ? text.trim().replace(/\s+/g, " ") : text;
}

/** All services but S3 encode the path once more, and take `.`, `..` and empty steps out of it. */
function canonicalPath(path: string): string {
  if (path === "/") return path;
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(encode(step));
  }
  const end = steps.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${steps.join("/")}${end}`;
}

function canonicalQuery(query: string): string {
  if (query === "") return query;
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return [encode(decode(name)), encode(decode(value.join("=")))] as const;
    })
    .filter(([name]) => name !== "X-Amz-Signature")
    .toSorted(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/**
 * As the header or the URL has it: it may be the word that the body is not signed, or comes in signed
 * chunks. A hash that is there must be the body's; `isBodyAsSigned` judges that.
 */
function payloadHash(request: ApiRequest, { scope, expires }: Signature): string {
  const announced = announcedHash(request);
  if (announced !== undefined) return announced;
  // Of a URL for an object the body is not known when it is signed.
  const isOpen = expires !== undefined && scope.service === "s3";
  return isOpen ? "UNSIGNED-PAYLOAD" : sha256(request.raw ?? request.body);
}

function announcedHash({ url, headers }: ApiRequest): string | undefined {
  if (!url.includes("?")) return headerOf(headers, "x-amz-content-sha256");
  const inUrl = /[?&]X-Amz-Content-Sha256=([^&]*)/i.exec(url)?.[1];
  return inUrl === undefined ? headerOf(headers, "x-amz-content-sha256") : decode(inUrl);
}

/**
 * Whether the body is the one whose hash the request announces, if it announces one. What is read as it
 * comes is judged as it comes, and S3 has an error of its own for it.
 */
export function isBodyAsSigned(request: ApiRequest, { scope }: Signature): boolean {
  const announced = announcedHash(request);
  if (request.incoming || scope.service === "s3") return true;
  if (announced === undefined || announced === "UNSIGNED-PAYLOAD") return true;
  if (announced.startsWith("STREAMING-")) return true;
  return isHashOf(announced, request.raw ?? request.body);
}

const smallBytes = 512;
const mostKnown = 200;
// Small bodies whose hash was made before, by the hash: clients ask the same again and again.
const known = new Map<string, Uint8Array>();

function isHashOf(announced: string, body: Buffer): boolean {
  if (body.length > smallBytes) return announced === sha256(body);
  const same = known.get(announced);
  if (same && body.equals(same)) return true;
  if (announced !== sha256(body)) return false;
  if (known.size >= mostKnown) known.clear();
  // A copy: what arrived is a piece of the socket's buffer, all of which it would keep.
  known.set(announced, Buffer.from(body));
  return true;
}

const sha256 = (content: string | Uint8Array): string => hash("sha256", content, "hex");
