/** Manifests, tags and referrers. A manifest's bytes are kept and given back as they came. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isDigest, isImageTag } from "../../model/ecr.ts";
import { manifestMediaTypes } from "../../model/manifest.ts";
import { digestInvalid, methodNotAllowed, RefusalError, sendEmpty, sendJson } from "./answers.ts";
import type { BlobName, RegistryCatalog, RepositoryName, StoredManifest } from "./port.ts";

const largestManifest = 4 * 1024 * 1024;

/** GET, HEAD and PUT of `/manifests/<tag or digest>`. */
export async function serveManifest(
  catalog: RegistryCatalog,
  request: IncomingMessage,
  response: ServerResponse,
  name: RepositoryName,
  reference: string,
): Promise<void> {
  switch (request.method) {
    case "GET":
    case "HEAD":
      return sendManifest(catalog, request, response, name, reference);
    case "PUT":
      return takeManifest(catalog, request, response, name, reference);
    default:
      throw methodNotAllowed();
  }
}

function sendManifest(
  catalog: RegistryCatalog,
  request: IncomingMessage,
  response: ServerResponse,
  name: RepositoryName,
  reference: string,
): void {
  const manifest = catalog.findManifest(name, reference);
  if (!manifest) {
    throw new RefusalError({
      status: 404,
      code: "MANIFEST_UNKNOWN",
      message: "Requested image not found",
    });
  }
  const bytes = Buffer.from(manifest.text);
  response.writeHead(200, {
    "Content-Type": manifest.mediaType,
    "Content-Length": bytes.length,
    "Docker-Content-Digest": manifest.digest,
    ETag: `"${manifest.digest}"`,
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

async function takeManifest(
  catalog: RegistryCatalog,
  request: IncomingMessage,
  response: ServerResponse,
  name: RepositoryName,
  reference: string,
): Promise<void> {
  const bytes = await readManifest(request);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (isDigest(reference) && reference !== digest) throw digestInvalid();
  if (!isDigest(reference) && !isImageTag(reference)) throw manifestInvalid("invalid tag");
  const text = bytes.toString("utf8");
  // Kept as text: bytes that are not UTF-8 would come back as others.
  if (!Buffer.from(text).equals(bytes)) throw manifestInvalid("manifest is not UTF-8");
  const refusal = catalog.putManifest({
    ...name,
    digest,
    text,
    contentType: request.headers["content-type"],
    tag: isDigest(reference) ? undefined : reference,
  });
  if (refusal) throw new RefusalError(refusal);
  sendEmpty(response, 201, {
    Location: `/v2/${name.account}/${name.region}/${name.repository}/manifests/${digest}`,
    "Docker-Content-Digest": digest,
  });
}

async function readManifest(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Read to its end in any case: a client that is cut off while sending does not see the answer.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= largestManifest) chunks.push(chunk);
  }
  if (size > largestManifest) throw manifestInvalid("manifest is larger than 4 MiB");
  return Buffer.concat(chunks);
}

/** `/tags/list`, in lexical order, in pages of `n` from after `last`. */
export function serveTags(
  catalog: RegistryCatalog,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  name: RepositoryName,
): void {
  if (request.method !== "GET") throw methodNotAllowed();
  const last = url.searchParams.get("last") ?? "";
  const limit = Number(url.searchParams.get("n") ?? 1000);
  const count = Number.isInteger(limit) && limit > 0 ? Math.min(limit, 1000) : 1000;
  const rest = catalog
    .listTags(name)
    .toSorted()
    .filter((tag) => tag > last);
  const tags = rest.slice(0, count);
  const path = `${name.account}/${name.region}/${name.repository}`;
  const next = `</v2/${path}/tags/list?n=${count}&last=${tags.at(-1)}>; rel="next"`;
  sendJson(response, 200, { name: path, tags }, rest.length > count ? { Link: next } : {});
}

/** `/referrers/<digest>`: an index of what was pushed about that image. */
export function serveReferrers(
  catalog: RegistryCatalog,
  request: IncomingMessage,
  response: ServerResponse,
  name: BlobName,
): void {
  if (request.method !== "GET") throw methodNotAllowed();
  const index = {
    schemaVersion: 2,
    mediaType: manifestMediaTypes.ociIndex,
    manifests: catalog.listReferrers(name).map(toDescriptor),
  };
  sendJson(response, 200, index, { "Content-Type": manifestMediaTypes.ociIndex });
}

function toDescriptor(manifest: StoredManifest): Readonly<Record<string, unknown>> {
  const annotations: unknown = (JSON.parse(manifest.text) as { annotations?: unknown }).annotations;
  return {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: Buffer.byteLength(manifest.text),
    artifactType: manifest.artifactMediaType,
    annotations,
  };
}

const manifestInvalid = (message: string): RefusalError =>
  new RefusalError({ status: 400, code: "MANIFEST_INVALID", message });
