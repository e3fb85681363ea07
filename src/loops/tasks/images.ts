/** Where a task's image comes from: this engine's registry, or one outside. */
import type { ImageSource } from "../../dataplane/containers/port.ts";
import { formatArn } from "../../model/arn.ts";
import { type ImageReference, parseImageReference } from "../../model/image-reference.ts";
import { findImage } from "../../state/images.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { repositories } from "../../state/tables/ecr.ts";

/** A repository of ECR, for the question whether a role may pull from it. */
export type EcrRepository = {
  readonly arn: string;
  readonly account: string;
  readonly region: string;
  readonly policyText: string | undefined;
};

/** Where an image would come from on AWS. */
export type ImageRegistry = {
  readonly host: string;
  readonly repository: string;
  /** A tag or a digest. */
  readonly version: string;
  /** Undefined for a registry that is not ECR. */
  readonly ecr: EcrRepository | undefined;
};

export type ImageResolution =
  /** `shown` is the image as error texts print it. */
  | {
      readonly type: "found";
      readonly source: ImageSource;
      readonly shown: string;
      readonly registry: ImageRegistry;
      /** One of its blobs, where they are known. */
      readonly blob: string | undefined;
    }
  | { readonly type: "missing"; readonly shown: string; readonly registry: ImageRegistry }
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
    const registry = { ...placeOf(host, reference), ecr: undefined };
    return { type: "found", source, shown: canonical, registry, blob: undefined };
  }
  const { account, region, repository: name } = reference;
  const scope = { account, region };
  const repository = tx.table(repositories).get(scope, name);
  const arn = repository?.arn ?? formatArn("ecr", scope, `repository/${name}`);
  const registry = {
    ...placeOf(`${account}.dkr.ecr.${region}.amazonaws.com`, reference),
    ecr: { arn, account, region, policyText: repository?.policyText },
  };
  const found = findImage(tx, reference);
  if (!found) return { type: "missing", shown: image, registry };
  const source = { reference: reference.pullReference, digest: found.digest, auth };
  return { type: "found", source, shown: image, registry, blob: found.blobs[0] };
}

const placeOf = (
  host: string,
  { repository, tag, digest }: Pick<ImageReference, "repository" | "tag" | "digest">,
): Omit<ImageRegistry, "ecr"> => ({ host, repository, version: digest ?? tag ?? "latest" });
