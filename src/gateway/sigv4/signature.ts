/** What a request says of its own signature (AWS4-HMAC-SHA256), in its headers or in its URL. */
import { hash } from "node:crypto";
import { parseQueryString } from "../protocols/query-string.ts";
import { type ApiRequest, headerOf } from "../request.ts";
import type { SignatureRefusal } from "./refusals.ts";

export type Signature = {
  readonly accessKeyId: string;
  /** `<date>/<region>/<service>/aws4_request` */
  readonly scope: {
    readonly date: string;
    readonly region: string;
    readonly service: string;
  };
  /** `20260101T120000Z` */
  readonly date: string;
  /** In lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[];
  /** The same as one text, with `;` between, where it is at hand. */
  readonly signedNames?: string;
  /** Hex. */
  readonly signature: string;
  /** Seconds for which a presigned URL is good; undefined for a signature in the headers. */
  readonly expires: number | undefined;
  readonly sessionToken: string | undefined;
};

export type SignatureReading =
  | { readonly type: "read"; readonly signature: Signature }
  | Incomplete;

type Incomplete = Extract<SignatureRefusal, { type: "incomplete" }>;

export function readSignature(request: ApiRequest): SignatureReading {
  const authorization = headerOf(request.headers, "authorization");
  return authorization === undefined ? readUrl(request) : readHeader(request, authorization);
}

/** What a client signs all requests of a day, a region and a service with. */
type Claims = Pick<Signature, "accessKeyId" | "scope" | "signedHeaders"> & {
  readonly signedNames: string;
};

const hexDigits = 64;
const longestStart = 1024;
const mostKnown = 500;
// By what stands before the signature, which is all that differs from one request to the next.
const known = new Map<string, Claims>();

function readHeader(request: ApiRequest, authorization: string): SignatureReading {
  const start = authorization.slice(0, -hexDigits);
  const signature = authorization.slice(-hexDigits);
  const claims = signature.includes(",") ? undefined : known.get(start);
  const date = headerOf(request.headers, "x-amz-date");
  if (claims && date !== undefined && basicDate.test(date)) {
    const { accessKeyId, scope, signedHeaders, signedNames } = claims;
    const sessionToken = headerOf(request.headers, "x-amz-security-token");
    return {
      type: "read",
      signature: {
        accessKeyId,
        scope,
        signedHeaders,
        signedNames,
        date,
        signature,
        expires: undefined,
        sessionToken,
      },
    };
  }
  const reading = parseHeader(request, authorization);
  if (reading.type === "read" && reading.signature.signature === signature) {
    remember(start, reading.signature);
  }
  return reading;
}

function remember(start: string, { accessKeyId, scope, signedHeaders }: Signature): void {
  if (start.length > longestStart) return;
  if (known.size >= mostKnown) known.clear();
  known.set(start, { accessKeyId, scope, signedHeaders, signedNames: signedHeaders.join(";") });
}

const required = ["Credential", "Signature", "SignedHeaders"] as const;

function parseHeader({ headers }: ApiRequest, authorization: string): SignatureReading {
  const fields = fieldsOf(authorization);
  if (!fields) return incomplete(`${notPairs}: '${hash("sha256", authorization, "base64")}'.`);
  const date = headerOf(headers, "x-amz-date") ?? toBasicDate(headerOf(headers, "date"));
  const missing = required
    .filter((name) => !fields.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (!date) {
    missing.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  if (!date || missing.length > 0) {
    return incomplete(`${missing.join(" ")} Authorization=${authorization.split(" ")[0]}`);
  }
  return toSignature({
    credential: fields.get("Credential") ?? "",
    signedHeaders: fields.get("SignedHeaders") ?? "",
    signature: fields.get("Signature") ?? "",
    date,
    expires: undefined,
    sessionToken: headerOf(headers, "x-amz-security-token"),
  });
}

const notPairs =
  "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and " +
  "encoded with Base64)";

/** `<algorithm> Name=value, Name=value`; of one given twice the last. Undefined for other forms. */
function fieldsOf(authorization: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const field of authorization.slice(authorization.search(/\s|$/)).split(",")) {
    const equals = field.indexOf("=");
    if (equals >= 0) fields.set(field.slice(0, equals).trim(), field.slice(equals + 1).trim());
    else if (field.trim() !== "") return undefined;
  }
  return fields;
}

function readUrl({ url }: ApiRequest): SignatureReading {
  const parameters = new Map<string, string>();
  parseQueryString(queryOf(url), parameters);
  const get = (name: string): string => parameters.get(`X-Amz-${name}`) ?? "";
  const missing = ["Algorithm", "Credential", "Signature", "SignedHeaders", "Date"].filter(
    (name) => !get(name),
  );
  if (missing.length > 0) {
    return incomplete(
      missing.map((name) => `AWS query-string parameters must include 'X-Amz-${name}'.`).join(" "),
    );
  }
  if (get("Algorithm") !== "AWS4-HMAC-SHA256") {
    return incomplete(`Unsupported AWS 'algorithm': '${get("Algorithm")}'.`);
  }
  const expires = get("Expires") === "" ? longestExpiry : Number(get("Expires"));
  if (!(Number.isInteger(expires) && expires >= 0 && expires <= longestExpiry)) {
    return incomplete("X-Amz-Expires must be a number between 0 and 604800 seconds.");
  }
  return toSignature({
    credential: get("Credential"),
    signedHeaders: get("SignedHeaders"),
    signature: get("Signature"),
    date: get("Date"),
    expires,
    sessionToken: parameters.get("X-Amz-Security-Token"),
  });
}

const basicDate = /^\d{8}T\d{6}Z$/;
const longestExpiry = 604_800;

export const queryOf = (url: string): string =>
  url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";

type Fields = Pick<Signature, "signature" | "date" | "expires" | "sessionToken"> & {
  readonly credential: string;
  readonly signedHeaders: string;
};

function toSignature({ credential, signedHeaders, ...fields }: Fields): SignatureReading {
  const refusal = explainCredential(credential);
  if (refusal?.type === "incomplete") return refusal;
  const [accessKeyId = "", date = "", region = "", service = ""] = credential.split("/");
  if (!basicDate.test(fields.date)) {
    return incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${fields.date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  const names = signedHeaders.toLowerCase().split(";");
  if (!names.includes("host")) {
    return incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const scope = { date, region, service };
  return {
    type: "read",
    signature: { accessKeyId, scope, signedHeaders: names, ...fields },
  };
}

/** What is wrong with `<key>/<date>/<region>/<service>/aws4_request`; undefined when nothing is. */
export function explainCredential(
  credential: string,
): Extract<SignatureRefusal, { type: "incomplete" | "wrong-scope" }> | undefined {
  const parts = credential.split("/");
  if (parts.length !== 5 || parts.some((part) => part === "")) {
    const form = "Credential must have exactly 5 slash-delimited elements";
    const message = `${form}, e.g. keyid/date/region/service/term, got '${credential}'`;
    return { type: "incomplete", message };
  }
  const [, , , , end] = parts;
  if (end === terminator) return undefined;
  const message = `Credential should be scoped with a valid terminator: '${terminator}', not '${end}'.`;
  return { type: "wrong-scope", message };
}

const terminator = "aws4_request";

const incomplete = (message: string): Incomplete => ({ type: "incomplete", message });

/** An HTTP date, or a basic ISO one, as the latter. */
function toBasicDate(text: string | undefined): string | undefined {
  if (text === undefined || basicDate.test(text)) return text;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : printBasicDate(time);
}

/** `20260101T120000Z` */
export const printBasicDate = (time: number): string =>
  new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, "");

/** Milliseconds since the epoch. */
export function parseBasicDate(text: string): number {
  if (text !== lastParsed.text) lastParsed = { text, time: toTime(text) };
  return lastParsed.time;
}

// The requests of a second tell the same one.
let lastParsed = { text: "", time: Number.NaN };

function toTime(text: string): number {
  const at = (start: number, end: number): number => Number(text.slice(start, end));
  const [month, day] = [at(4, 6), at(6, 8)];
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!isDay || text.length !== 16) return Number.NaN;
  return Date.UTC(at(0, 4), month - 1, day, at(9, 11), at(11, 13), at(13, 15));
}
