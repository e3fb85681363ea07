/**
 * The content encoding `aws-chunked`: `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n` until a chunk of
 * length 0, then trailers and an empty line. It is read as it comes, with no more of it held than a line.
 *
 * The bytes of a signed chunk are given on before its signature can be judged, since a chunk may be
 * gigabytes long; whoever reads them must come to the end before it believes any.
 */
import { createHash, type Hash } from "node:crypto";
import {
  incompleteBody,
  malformedTrailer,
  wrongChunkSignature,
  wrongLength,
} from "./body-errors.ts";

/** Judges the signatures of chunks, each of which is made over the one before. */
export type ChunkSigner = {
  /** The signature of the next chunk, by the hash of its bytes in hex. */
  signChunk(hash: string): string;
  /** By the hash of the trailers in hex. */
  signTrailer(hash: string): string;
};

export type ChunkedOptions = {
  /** Undefined: signatures are passed over. */
  readonly signer?: ChunkSigner | undefined;
  /** `x-amz-decoded-content-length`; undefined when it is not told. */
  readonly length?: number | undefined;
  /** What is announced must come: signed ones are followed by one that is their signature. */
  readonly trailers: "none" | "plain" | "signed";
};

export type ChunkedReader = {
  /** What of the content these bytes of the encoding hold. Throws an `ApiError`. */
  push(bytes: Buffer): Buffer[];
  /** Throws an `ApiError` when the end was not reached. Trailers by name, in lower case. */
  end(): ReadonlyMap<string, string>;
};

type State =
  | { readonly type: "head" }
  | { readonly type: "data"; left: number }
  | { readonly type: "data-end"; left: number }
  | { readonly type: "trailers" }
  | { readonly type: "done" };

const longestLine = 1_024;
const mostTrailers = 20;
const signatureTrailer = "x-amz-trailer-signature";

export function readChunked(options: ChunkedOptions): ChunkedReader {
  const { signer, length } = options;
  const hasTrailers = options.trailers !== "none";
  const trailers = new Map<string, string>();
  let state: State = { type: "head" };
  let line = "";
  let total = 0;
  let signature: string | undefined;
  let hash: Hash | undefined;

  const openChunk = (text: string): State => {
    const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-fA-F]{64}))?\s*$/.exec(text);
    if (!match?.[1]) throw incompleteBody();
    signature = match[2]?.toLowerCase();
    hash = signer && createHash("sha256");
    const left = Number.parseInt(match[1], 16);
    total += left;
    if (length !== undefined && total > length) throw wrongLength();
    if (left > 0) return { type: "data", left };
    closeChunk();
    return { type: "trailers" };
  };
  const closeChunk = (): void => {
    const wanted = hash && signer?.signChunk(hash.digest("hex"));
    if (wanted !== signature && wanted !== undefined) throw wrongChunkSignature();
  };
  const closeTrailers = (): void => {
    if (!signer || trailers.size === 0) return;
    const signed = [...trailers].filter(([name]) => name !== signatureTrailer);
    const text = signed.map(([name, value]) => `${name}:${value}\n`).join("");
    const wanted = signer.signTrailer(createHash("sha256").update(text).digest("hex"));
    if (trailers.get(signatureTrailer) !== wanted) throw wrongChunkSignature();
  };
  const addTrailer = (text: string): State => {
    if (text === "") {
      if (hasTrailers && trailers.size === 0) throw malformedTrailer();
      // AWS's own form has an empty line before the signature, too.
      const awaitsSignature = options.trailers === "signed" && !trailers.has(signatureTrailer);
      if (awaitsSignature) return { type: "trailers" };
      closeTrailers();
      return { type: "done" };
    }
    const match = /^([A-Za-z0-9-]+)\s*:\s*(.*?)\s*$/.exec(text);
    if (!match?.[1] || !hasTrailers || trailers.size >= mostTrailers) throw malformedTrailer();
    trailers.set(match[1].toLowerCase(), match[2] ?? "");
    return { type: "trailers" };
  };

  /** Takes from `bytes` to the end of a line, which may end alone with a line feed. */
  const takeLine = (bytes: Buffer, at: number, finish: (text: string) => State): number => {
    const end = bytes.indexOf(0x0a, at);
    line += bytes.toString("latin1", at, end < 0 ? bytes.length : end);
    if (line.length > longestLine) throw incompleteBody();
    if (end < 0) return bytes.length;
    const text = line.replace(/\r$/, "");
    line = "";
    state = finish(text);
    return end + 1;
  };

  return {
    push(bytes) {
      const content: Buffer[] = [];
      let at = 0;
      while (at < bytes.length) {
        switch (state.type) {
          case "head":
            at = takeLine(bytes, at, openChunk);
            break;
          case "data": {
            const piece = bytes.subarray(at, at + state.left);
            hash?.update(piece);
            content.push(piece);
            at += piece.length;
            state.left -= piece.length;
            if (state.left === 0) state = { type: "data-end", left: 2 };
            break;
          }
          case "data-end":
            if (bytes[at] !== (state.left === 2 ? 0x0d : 0x0a)) throw incompleteBody();
            at += 1;
            state.left -= 1;
            if (state.left > 0) break;
            closeChunk();
            state = { type: "head" };
            break;
          case "trailers":
            at = takeLine(bytes, at, addTrailer);
            break;
          case "done":
            throw incompleteBody();
        }
      }
      return content;
    },
    end() {
      // Some clients leave out the empty line after a last chunk without trailers.
      const isOver = state.type === "done" || (state.type === "trailers" && line === "");
      if (!isOver) throw incompleteBody();
      if (state.type === "trailers" && hasTrailers) throw malformedTrailer();
      if (length !== undefined && total !== length) throw wrongLength();
      return trailers;
    },
  };
}
