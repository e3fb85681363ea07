/**
 * Who a request claims to be from, by the credential scope of its signature (header or presigned URL).
 * Whether that is believed is told by `callers.ts`.
 */
import { ApiError } from "./api-error.ts";
import { type Envelope, headerOf } from "./request.ts";

/** What a signature claims. */
export type Credential = {
  readonly accessKeyId: string;
  readonly region: string;
  /** The service it was signed for, such as `elasticloadbalancing`. */
  readonly service: string;
  /** Of a session; undefined for a key that lasts. */
  readonly sessionToken: string | undefined;
};

const algorithm = "AWS4-HMAC-SHA256";
const regionPattern = /^[a-z]{2}(?:-[a-z]{1,12}){1,3}-\d{1,2}$/;

/** Undefined when the request is not signed. Throws when it is signed in a form that cannot be read. */
export function readCredential({ request, parameters }: Envelope): Credential | undefined {
  const authorization = headerOf(request.headers, "authorization");
  if (authorization !== undefined) {
    const named = credentialOf(authorization);
    if (named === undefined) throw incompleteSignature(`'${algorithm} Credential=…'`);
    return toCredential(named, headerOf(request.headers, "x-amz-security-token"));
  }
  const presigned = parameters.get("X-Amz-Credential");
  if (presigned === undefined) return undefined;
  return toCredential(presigned, parameters.get("X-Amz-Security-Token"));
}

const usualStart = `${algorithm} Credential=`;

function credentialOf(authorization: string): string | undefined {
  const end = authorization.indexOf(",");
  // As every SDK writes it.
  if (end > usualStart.length && authorization.startsWith(usualStart)) {
    return authorization.slice(usualStart.length, end).trimEnd();
  }
  return /^AWS4-HMAC-SHA256\s.*?\bCredential=([^,\s]+)/.exec(authorization)?.[1];
}

type Parts = Omit<Credential, "sessionToken">;

const mostKnown = 500;
// A key's credential is the same for a day, region and service.
const known = new Map<string, Parts>();

function toCredential(text: string, sessionToken: string | undefined): Credential {
  const found = known.get(text);
  const parts = found ?? parseCredential(text);
  if (!found) {
    if (known.size >= mostKnown) known.clear();
    known.set(text, parts);
  }
  const { accessKeyId, region, service } = parts;
  return { accessKeyId, region, service, sessionToken };
}

/** `<key>/<date>/<region>/<service>/aws4_request` */
function parseCredential(text: string): Parts {
  const [accessKeyId, date, region, service, end, ...more] = text.split("/");
  if (!accessKeyId || !date || !service || end !== "aws4_request" || more.length > 0) {
    throw incompleteSignature("a Credential of five parts");
  }
  if (!region || !regionPattern.test(region)) {
    throw new ApiError(
      "SignatureDoesNotMatch",
      `Credential should be scoped to a valid region, not '${region}'.`,
      { status: 403 },
    );
  }
  return { accessKeyId, region, service };
}

const incompleteSignature = (wanted: string): ApiError =>
  new ApiError("IncompleteSignature", `The Authorization header requires ${wanted}.`);
