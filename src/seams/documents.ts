/** JSON documents of others, such as the keys of an identity provider: fetched within limits. */
import { get as getPlain } from "node:http";

export type FetchedDocument =
  | { readonly type: "document"; readonly content: unknown }
  /** Nobody answers there, or not with a JSON document. */
  | { readonly type: "unavailable" }
  | { readonly type: "timed-out" };

export type FetchDocument = (url: string) => Promise<FetchedDocument>;

const mostBytes = 256 * 1024;
const longestMs = 5_000;

/** By `http` or `https`; redirections are not followed. */
export const fetchDocument: FetchDocument = async (url) => {
  if (!URL.canParse(url)) return { type: "unavailable" };
  // Loaded when it is needed: an engine that reaches nobody does without.
  const get = url.startsWith("https:") ? (await import("node:https")).get : getPlain;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(longestMs);
    const fail = (): void => resolve({ type: signal.aborted ? "timed-out" : "unavailable" });
    const request = get(url, { signal, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= mostBytes) return;
        // Its end may have come with the same bytes, and would be told after this.
        fail();
        request.destroy();
      });
      response.on("error", fail).on("close", fail);
      response.on("end", () => {
        const content = response.statusCode === 200 ? parse(Buffer.concat(chunks)) : undefined;
        resolve(content === undefined ? { type: "unavailable" } : { type: "document", content });
      });
    });
    request.on("error", fail);
  });
};

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
