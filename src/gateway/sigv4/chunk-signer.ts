/** Signatures of the chunks of a body, each over the one before; the first over the request's own. */
import { hash } from "node:crypto";
import type { ChunkSigner } from "../bodies/aws-chunked.ts";
import type { Signature } from "./signature.ts";
import { sign, signingKey } from "./verify.ts";

const nothingHashed = hash("sha256", "", "hex");

export function chunkSigner(secretAccessKey: string, signature: Signature): ChunkSigner {
  const { date, scope } = signature;
  const place = `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
  const key = signingKey(secretAccessKey, signature);
  let previous = signature.signature;
  const next = (algorithm: string, hashes: readonly string[]): string => {
    previous = sign(key, [algorithm, date, place, previous, ...hashes].join("\n"));
    return previous;
  };
  return {
    signChunk: (hashed) => next("AWS4-HMAC-SHA256-PAYLOAD", [nothingHashed, hashed]),
    signTrailer: (hashed) => next("AWS4-HMAC-SHA256-TRAILER", [hashed]),
  };
}
