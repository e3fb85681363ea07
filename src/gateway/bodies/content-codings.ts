/** The encodings that a body is in, by its headers. */
import type { IncomingHttpHeaders } from "node:http";
import { headerOf } from "../request.ts";

export type ContentCodings = {
  /** As named, without `aws-chunked`. */
  readonly compressions: readonly string[];
  /**
   * `aws-chunked` is named first and yet is the outermost: the SDKs compress before they chunk. Some
   * clients tell it by the hash alone.
   */
  readonly isChunked: boolean;
};

const none: ContentCodings = { compressions: [], isChunked: false };

export function contentCodings(headers: IncomingHttpHeaders): ContentCodings {
  const encoding = headerOf(headers, "content-encoding");
  const hash = headerOf(headers, "x-amz-content-sha256");
  const isStreamed = hash?.startsWith("STREAMING-") ?? false;
  if (encoding === undefined) return isStreamed ? { ...none, isChunked: true } : none;
  const names = encoding
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "" && name !== "identity");
  return {
    compressions: names.filter((name) => name !== "aws-chunked"),
    isChunked: isStreamed || names.includes("aws-chunked"),
  };
}

/** The headers as they would be without chunks, which is what an operation is told. */
export function withoutChunks(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { isChunked, compressions } = contentCodings(headers);
  if (!isChunked) return headers;
  const { "content-encoding": _encoding, "content-length": _length, ...rest } = headers;
  const length = headerOf(headers, "x-amz-decoded-content-length");
  return {
    ...rest,
    ...(compressions.length > 0 && { "content-encoding": compressions.join(",") }),
    ...(length !== undefined && { "content-length": length }),
  };
}
