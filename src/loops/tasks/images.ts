/** Where a task's image comes from: this engine's registry, or one outside. */
import type { ImageSource } from "../../dataplane/containers/port.ts";
import { parseImageReference } from "../../model/image-reference.ts";
import { resolveImage } from "../../state/images.ts";
import type { ReadTransaction } from "../../state/store.ts";

export type ImageResolution =
  /** `shown` is the image as error texts print it. */
  | { readonly type: "found"; readonly source: ImageSource; readonly shown: string }
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
    return { type: "found", source, shown: canonical };
  }
  const resolved = resolveImage(tx, reference);
  if (!resolved) return { type: "missing", shown: image };
  const source = { reference: reference.pullReference, digest: resolved.digest, auth };
  return { type: "found", source, shown: image };
}
