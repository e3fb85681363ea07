/**
 * Who a request claims to be from, by the credential scope of its signature (header or presigned URL).
 * Whether that is believed is told by `callers.ts`.
 */
import { type Envelope, headerOf } from "./request.ts";
import type { SignatureRefusal } from "./sigv4/refusals.ts";
import { explainCredential, readSignature } from "./sigv4/signature.ts";

/** What a signature claims. */
export type Credential = {
  readonly accessKeyId: string;
  readonly region: string;
  /** The service it was signed for, such as `elasticloadbalancing`. */
  readonly service: string;
  /** Of a session; undefined for a key that lasts. */
  readonly sessionToken: string | undefined;
};

/** A signature in a form that cannot be read; in whose words it is refused depends on the service. */
export class UnreadableCredential extends Error {
  readonly refusal: SignatureRefusal;

  constructor(refusal: SignatureRefusal) {
    super("a credential that cannot be read");
    this.refusal = refusal;
  }
}

const algorithm = "AWS4-HMAC-SHA256";
const regionPattern = /^[a-z]{2}(?:-[a-z]{1,12}){1,3}-\d{1,2}$/;

/** Undefined when the request is not signed. Throws `UnreadableCredential`. */
export function readCredential({ request, parameters }: Envelope): Credential | undefined {
  const authorization = headerOf(request.headers, "authorization");
  if (authorization !== undefined) {
    const named = credentialOf(authorization);
    if (named === undefined) throw unreadable(request);
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
  const refusal = explainCredential(text);
  if (refusal) throw new UnreadableCredential(refusal);
  const [accessKeyId = "", , region = "", service = ""] = text.split("/");
  if (!regionPattern.test(region)) {
    const message = `Credential should be scoped to a valid region, not '${region}'.`;
    throw new UnreadableCredential({ type: "wrong-scope", message });
  }
  return { accessKeyId, region, service };
}

function unreadable(request: Envelope["request"]): UnreadableCredential {
  const reading = readSignature(request);
  const { message } =
    reading.type === "incomplete" ? reading : { message: "Unsupported AWS 'algorithm'." };
  return new UnreadableCredential({ type: "incomplete", message });
}
