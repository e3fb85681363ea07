/**
 * Who is calling, from the credential scope of the signature (header or presigned URL).
 *
 * Access keys that were not issued here belong to an account's root: a key of twelve digits to the
 * account of that number, any other to the default account, so that `test`/`test` just works.
 */
import type { Scope } from "../model/scope.ts";
import { ApiError } from "./api-error.ts";
import { type Envelope, headerOf } from "./request.ts";
import type { Caller } from "./service.ts";

/** What a signature claims; it is not verified for keys that were not issued here. */
export type Credential = {
  readonly accessKeyId: string;
  readonly region: string;
  /** The service it was signed for, such as `elasticloadbalancing`. */
  readonly service: string;
};

export type Identity = { readonly caller: Caller; readonly scope: Scope };

const algorithm = "AWS4-HMAC-SHA256";
const regionPattern = /^[a-z]{2}(?:-[a-z]{1,12}){1,3}-\d{1,2}$/;

/** Undefined when the request is not signed. Throws when it is signed in a form that cannot be read. */
export function readCredential({ request, parameters }: Envelope): Credential | undefined {
  const authorization = headerOf(request.headers, "authorization");
  if (authorization !== undefined) {
    const match = /^AWS4-HMAC-SHA256\s.*?\bCredential=([^,\s]+)/.exec(authorization);
    if (!match?.[1]) throw incompleteSignature(`'${algorithm} Credential=…'`);
    return parseCredential(match[1]);
  }
  const presigned = parameters.get("X-Amz-Credential");
  return presigned === undefined ? undefined : parseCredential(presigned);
}

/** `<key>/<date>/<region>/<service>/aws4_request` */
function parseCredential(text: string): Credential {
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

/** `defaults` is the account of keys that name none and the region of unsigned requests. */
export function identify(credential: Credential | undefined, defaults: Scope): Identity {
  const accessKeyId = credential?.accessKeyId ?? "";
  const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : defaults.account;
  return {
    caller: { account, arn: `arn:aws:iam::${account}:root`, userId: account, accessKeyId },
    scope: { account, region: credential?.region ?? defaults.region },
  };
}
