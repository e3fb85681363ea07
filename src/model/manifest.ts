/** What a container image's manifest says, of either kind (Docker's or OCI's), one image or a list. */

export const manifestMediaTypes = {
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerList: "application/vnd.docker.distribution.manifest.list.v2+json",
  ociManifest: "application/vnd.oci.image.manifest.v1+json",
  ociIndex: "application/vnd.oci.image.index.v1+json",
} as const;

export type Manifest = {
  readonly mediaType: string;
  readonly artifactMediaType: string | undefined;
  readonly blobs: readonly { readonly digest: string; readonly size: number }[];
  readonly children: readonly string[];
  readonly subject: string | undefined;
};

type Json = { readonly [key: string]: unknown };

/**
 * Reads a manifest. `contentType` names its kind where the document itself does not. Returns the
 * reason in words when it is not a manifest that can be kept.
 */
export function parseManifest(text: string, contentType: string | undefined): Manifest | string {
  const document = parseObject(text);
  if (!document) return "manifest is not a JSON object";
  const mediaType = mediaTypeOf(document, contentType);
  if (document["schemaVersion"] !== 2) return "unsupported manifest schema version";
  switch (mediaType) {
    case manifestMediaTypes.dockerManifest:
    case manifestMediaTypes.ociManifest:
      return imageManifest(document, mediaType);
    case manifestMediaTypes.dockerList:
    case manifestMediaTypes.ociIndex:
      return listManifest(document, mediaType);
    default:
      return `unsupported manifest media type ${mediaType}`;
  }
}

function imageManifest(document: Json, mediaType: string): Manifest | string {
  const layers = document["layers"];
  const config = descriptorOf(document["config"]);
  if (!config || !Array.isArray(layers)) return "manifest lacks config or layers";
  const descriptors = layers.map(descriptorOf);
  if (descriptors.some((descriptor) => !descriptor)) return "manifest has an invalid descriptor";
  const blobs = [config, ...descriptors.flatMap((descriptor) => descriptor ?? [])];
  return {
    mediaType,
    artifactMediaType: textOf(document["artifactType"]) ?? config.mediaType,
    // Layers that live elsewhere are never pushed.
    blobs: blobs.filter((blob) => !/foreign|nondistributable/.test(blob.mediaType ?? "")),
    children: [],
    subject: descriptorOf(document["subject"])?.digest,
  };
}

function listManifest(document: Json, mediaType: string): Manifest | string {
  const manifests = document["manifests"];
  if (!Array.isArray(manifests)) return "index lacks manifests";
  const descriptors = manifests.map(descriptorOf);
  if (descriptors.some((descriptor) => !descriptor)) return "index has an invalid descriptor";
  return {
    mediaType,
    artifactMediaType: textOf(document["artifactType"]),
    blobs: [],
    children: descriptors.flatMap((descriptor) => descriptor?.digest ?? []),
    subject: descriptorOf(document["subject"])?.digest,
  };
}

function mediaTypeOf(document: Json, contentType: string | undefined): string | undefined {
  const declared = textOf(document["mediaType"]) ?? contentType?.split(";")[0]?.trim();
  if (declared && declared !== "application/json") return declared;
  // OCI lets the field be absent; the shape tells.
  return "manifests" in document ? manifestMediaTypes.ociIndex : manifestMediaTypes.ociManifest;
}

type Descriptor = { digest: string; size: number; mediaType: string | undefined };

function descriptorOf(value: unknown): Descriptor | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { digest, size, mediaType } = value as Json;
  if (typeof digest !== "string" || !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined;
  return { digest, size, mediaType: textOf(mediaType) };
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Json)
      : undefined;
  } catch {
    return undefined;
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
