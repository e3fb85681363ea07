/** Where a task's image comes from: this engine's registry, or one outside. */
import type { ImageSource } from "../../dataplane/containers/port.ts";
import { type ImageReference, parseImageReference } from "../../model/image-reference.ts";
import { resolveImage } from "../../state/images.ts";
import type { ReadTransaction } from "../../state/store.ts";

/** Where an image would come from on AWS. */
export type ImageRegistry = {
  /** Undefined for a public registry. */
  readonly ecrRegion: string | undefined;
  /** What is asked first for the image. */
  readonly manifestUrl: string;
};

export type ImageResolution =
  /** `shown` is the image as error texts print it. */
  | {
      readonly type: "found";
      readonly source: ImageSource;
      readonly shown: string;
      readonly registry: ImageRegistry;
    }
  | { readonly type: "missing"; readonly shown: string }
  | { readonly type: "invalid" };

/**
 * Looks up an image that a task definition names. `endpointPort` is where the runtime reaches this
 * engine's registry, `auth` what it says there.
 */
export function resolveTaskImage(
  tx: ReadTransaction,
  image: string,
  endpointPort: number,
  auth: ImageSource["auth"],
): ImageResolution {
  const reference = parseImageReference(image, endpointPort);
  if (!reference) return { type: "invalid" };
  if (reference.type === "foreign") {
    const { canonical, digest } = reference;
    const source = { reference: canonical, digest, auth: undefined };
    const host = reference.registry === "docker.io" ? "registry-1.docker.io" : reference.registry;
    const registry = { ecrRegion: undefined, manifestUrl: manifestUrl(host, reference) };
    return { type: "found", source, shown: canonical, registry };
  }
  const resolved = resolveImage(tx, reference);
  if (!resolved) return { type: "missing", shown: image };
  const source = { reference: reference.pullReference, digest: resolved.digest, auth };
  const { account, region } = reference;
  const host = `${account}.dkr.ecr.${region}.amazonaws.com`;
  const registry = { ecrRegion: region, manifestUrl: manifestUrl(host, reference) };
  return { type: "found", source, shown: image, registry };
}

const manifestUrl = (
  host: string,
  { repository, tag, digest }: Pick<ImageReference, "repository" | "tag" | "digest">,
): string => `https://${host}/v2/${repository}/manifests/${digest ?? tag ?? "latest"}`;
