/** What is wrong with a body, in the codes and words of S3, which alone of AWS's services has them. */
import { ApiError } from "../api-error.ts";

export const incompleteBody = (): ApiError =>
  new ApiError("IncompleteBody", "The request body terminated unexpectedly");

/** Fewer or more bytes than `x-amz-decoded-content-length` or `Content-Length` tell. */
export const wrongLength = (): ApiError =>
  new ApiError(
    "IncompleteBody",
    "You did not provide the number of bytes specified by the Content-Length HTTP header",
  );

export const missingLength = (): ApiError =>
  new ApiError("MissingContentLength", "You must provide the Content-Length HTTP header.", {
    status: 411,
  });

export const malformedTrailer = (): ApiError =>
  new ApiError(
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
  );

export const invalidRequest = (message: string): ApiError =>
  new ApiError("InvalidRequest", message);

export const invalidDigest = (): ApiError =>
  new ApiError("InvalidDigest", "The Content-MD5 you specified was invalid.");

export const badDigest = (what: string): ApiError =>
  new ApiError(
    "BadDigest",
    what === "Content-MD5"
      ? "The Content-MD5 you specified did not match what we received."
      : `The ${what} you specified did not match the calculated checksum.`,
  );

export const contentHashMismatch = (): ApiError =>
  new ApiError(
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );

export const invalidContentHash = (): ApiError =>
  new ApiError(
    "InvalidArgument",
    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, " +
      "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid " +
      "sha256 value.",
  );

export const tooSlow = (): ApiError =>
  new ApiError(
    "RequestTimeout",
    "Your socket connection to the server was not read from or written to within the timeout " +
      "period. Idle connections will be closed.",
  );

export const wrongChunkSignature = (): ApiError =>
  new ApiError(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your AWS " +
      "Secret Access Key and signing method. Consult the service documentation for details.",
    { status: 403 },
  );
