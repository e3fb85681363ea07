/** Why a signature is not believed, in the code and words of each family of protocols. */
import { ApiError } from "../api-error.ts";

/** Which family's codes and statuses. */
export type ErrorStyle = "json" | "rest-json" | "query" | "ec2" | "s3";

export type SignatureRefusal =
  | { readonly type: "missing-signature" }
  | { readonly type: "incomplete"; readonly message: string }
  /** The key is not one of those that may sign, or the token is not of this key. */
  | { readonly type: "invalid-token" }
  | { readonly type: "expired-token" }
  | { readonly type: "wrong-signature" }
  /** Signed too long ago, or for a later time. */
  | { readonly type: "wrong-time"; readonly message: string }
  /** Signed for another region or service than it is sent to. */
  | { readonly type: "wrong-scope"; readonly message: string };

type Answer = {
  readonly code: string;
  readonly message?: string;
  readonly status: number;
};

const invalidToken = "The security token included in the request is invalid.";
const expiredToken = "The security token included in the request is expired";
const wrongSignature =
  "The request signature we calculated does not match the signature you provided. Check your AWS " +
  "Secret Access Key and signing method. Consult the service documentation for details.";
const notValidated = {
  code: "AuthFailure",
  message: "AWS was not able to validate the provided access credentials",
  status: 401,
};

type Answers = { readonly [Type in SignatureRefusal["type"]]: Answer };

const jsonAnswers: Answers = {
  "missing-signature": {
    code: "MissingAuthenticationTokenException",
    message: "Missing Authentication Token",
    status: 400,
  },
  incomplete: { code: "IncompleteSignatureException", status: 400 },
  "invalid-token": { code: "UnrecognizedClientException", message: invalidToken, status: 400 },
  "expired-token": { code: "ExpiredTokenException", message: expiredToken, status: 400 },
  "wrong-signature": { code: "InvalidSignatureException", message: wrongSignature, status: 400 },
  "wrong-time": { code: "InvalidSignatureException", status: 400 },
  "wrong-scope": { code: "InvalidSignatureException", status: 400 },
};

const forbidden = (answer: Answer): Answer => ({ ...answer, status: 403 });

const answers: { readonly [Style in ErrorStyle]: Answers } = {
  json: jsonAnswers,
  "rest-json": {
    "missing-signature": forbidden(jsonAnswers["missing-signature"]),
    incomplete: forbidden(jsonAnswers.incomplete),
    "invalid-token": forbidden(jsonAnswers["invalid-token"]),
    "expired-token": forbidden(jsonAnswers["expired-token"]),
    "wrong-signature": forbidden(jsonAnswers["wrong-signature"]),
    "wrong-time": forbidden(jsonAnswers["wrong-time"]),
    "wrong-scope": forbidden(jsonAnswers["wrong-scope"]),
  },
  s3: {
    "missing-signature": { code: "AccessDenied", message: "Access Denied", status: 403 },
    incomplete: { code: "AuthorizationHeaderMalformed", status: 400 },
    "invalid-token": {
      code: "InvalidAccessKeyId",
      message: "The AWS Access Key Id you provided does not exist in our records.",
      status: 403,
    },
    "expired-token": {
      code: "ExpiredToken",
      message: "The provided token has expired.",
      status: 400,
    },
    "wrong-signature": {
      code: "SignatureDoesNotMatch",
      message:
        "The request signature we calculated does not match the signature you provided. Check your " +
        "key and signing method.",
      status: 403,
    },
    "wrong-time": {
      code: "RequestTimeTooSkewed",
      message: "The difference between the request time and the current time is too large.",
      status: 403,
    },
    "wrong-scope": { code: "AuthorizationHeaderMalformed", status: 400 },
  },
  query: {
    "missing-signature": {
      code: "MissingAuthenticationToken",
      message: "Request is missing Authentication Token",
      status: 403,
    },
    incomplete: { code: "IncompleteSignature", status: 400 },
    "invalid-token": { code: "InvalidClientTokenId", message: invalidToken, status: 403 },
    "expired-token": { code: "ExpiredToken", message: expiredToken, status: 403 },
    "wrong-signature": { code: "SignatureDoesNotMatch", message: wrongSignature, status: 403 },
    "wrong-time": { code: "SignatureDoesNotMatch", status: 403 },
    "wrong-scope": { code: "SignatureDoesNotMatch", status: 403 },
  },
  ec2: {
    "missing-signature": notValidated,
    incomplete: { code: "IncompleteSignature", status: 400 },
    "invalid-token": notValidated,
    "expired-token": { code: "RequestExpired", message: "Request has expired.", status: 400 },
    "wrong-signature": notValidated,
    "wrong-time": { code: "RequestExpired", message: "Request has expired.", status: 400 },
    "wrong-scope": notValidated,
  },
};

export function toSignatureError(refusal: SignatureRefusal, style: ErrorStyle): ApiError {
  const { code, message, status } = answers[style][refusal.type];
  const own = "message" in refusal ? refusal.message : "";
  return new ApiError(code, message ?? own, { status });
}
