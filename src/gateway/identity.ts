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
    const match = /^AWS4-HMAC-SHA256\s.*?\bCredential=([^,\s]+)/.exec(authorization);
    if (!match?.[1]) throw incompleteSignature(`'${algorithm} Credential=…'`);
    return parseCredential(match[1], headerOf(request.headers, "x-amz-security-token"));
  }
  const presigned = parameters.get("X-Amz-Credential");
  if (presigned === undefined) return undefined;
  return parseCredential(presigned, parameters.get("X-Amz-Security-Token"));
}

/** `<key>/<date>/<region>/<service>/aws4_request` */
function parseCredential(text: string, sessionToken: string | undefined): Credential {
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
  return { accessKeyId, region, service, sessionToken };
}

const incompleteSignature = (wanted: string): ApiError =>
  new ApiError("IncompleteSignature", `The Authorization header requires ${wanted}.`);
