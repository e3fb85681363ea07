/**
 * Images of one index for several processors. Docker knows only one of them by the index's digest; the
 * others are kept under a tag of ours, by which they are found again.
 */
import type { ImageInspectInfo } from "dockerode";
import type { DockerCalls } from "./calls.ts";

export type Misnamed = {
  readonly repository: string;
  readonly digest: string;
  /** What goes by the digest, for another processor than the one meant. */
  readonly here: ImageInspectInfo;
  /** The processor that is meant, as Go names it. */
  readonly meant: string;
  /** It must be that one; else the machine's own is better, and any will do. */
  readonly isRequired: boolean;
};

/**
 * The image that is meant when it was here before, or the one that has to do. Undefined when it has to be
 * pulled: then the digest is free for it, and what had it is kept.
 */
export async function keepApart(
  calls: Pick<DockerCalls, "inspectImage" | "tagImage" | "removeImage">,
  { repository, digest, here, meant, isRequired }: Misnamed,
): Promise<ImageInspectInfo | undefined> {
  const tagOf = (architecture: string): string =>
    `neargate-${digest.slice("sha256:".length).slice(0, 16)}-${architecture}`;
  const kept = await calls.inspectImage(`${repository}:${tagOf(meant)}`);
  if (kept?.Architecture === meant) return kept;
  const own = tagOf(here.Architecture);
  const wasTried = (await calls.inspectImage(`${repository}:${own}`)) !== undefined;
  if (wasTried && !isRequired) return here;
  await calls.tagImage(here.Id, { repository, tag: own });
  // It has another name, so that only this one goes.
  await calls.removeImage(`${repository}@${digest}`);
  return undefined;
}
