/** Getting images: from the daemon when it has the pinned content, else from the registry. */
import { machine } from "node:os";
import type { ImageInspectInfo } from "dockerode";
import type { Logger } from "../../../seams/logger.ts";
import { DriverError } from "../../errors.ts";
import type { ImageSource, PulledImage } from "../port.ts";
import type { DockerCalls } from "./calls.ts";
import { keepApart } from "./index-images.ts";
import { goArchitecture, pauseImage, pauseImageArchive } from "./pause-image.ts";
import { splitReference } from "./reference.ts";

export async function ensurePauseImage(calls: DockerCalls): Promise<void> {
  if (await calls.inspectImage(pauseImage)) return;
  const { tar } = await pauseImageArchive(goArchitecture((await calls.info()).Architecture));
  await calls.loadImage(tar);
}

export async function pullImage(
  calls: DockerCalls,
  logger: Logger,
  source: ImageSource,
  signal: AbortSignal,
): Promise<PulledImage> {
  const { repository, tag } = splitReference(source.reference);
  const digest = source.digest ?? (tag.includes(":") ? tag : undefined);
  const wanted = digest === undefined ? source.reference : `${repository}@${digest}`;
  const { architecture } = source;
  const here = await calls.inspectImage(wanted);
  const meant = architecture ?? goArchitecture(machine());
  const isRequired = architecture !== undefined;
  if (here && digest !== undefined) {
    const isMeant = here.Architecture === meant;
    const pinned = { repository, digest, here, meant, isRequired };
    const found = isMeant ? here : await keepApart(calls, pinned);
    if (found) return toPulled(found, repository, digest);
  }
  const request = { repository, tag: digest ?? tag, auth: source.auth, architecture };
  let named: string | undefined;
  try {
    named = await calls.pullImage(request, signal);
  } catch (error) {
    // A tag has to be asked for again each time; with no network, what is here is the best there is.
    const offline = error instanceof DriverError && error.kind === "unavailable";
    const willDo = here && (!isRequired || here.Architecture === meant);
    if (!willDo || !offline || signal.aborted) throw error;
    logger.warn(`${source.reference}: the registry does not answer, using the image that is here`);
    return toPulled(here, repository, digest);
  }
  const image = await calls.inspectImage(wanted);
  if (!image) throw new DriverError("not-found", `${wanted}: not found after it was pulled`);
  // Where the index is here for another processor, the image is not known by the index's digest.
  return toPulled(image, repository, digest ?? named);
}

function toPulled(
  image: ImageInspectInfo,
  repository: string,
  digest: string | undefined,
): PulledImage {
  const known = image.RepoDigests?.find((entry) => entry.startsWith(`${repository}@`));
  return {
    id: image.Id,
    digest: digest ?? known?.slice(repository.length + 1),
    stopSignal: (image.Config as { StopSignal?: string } | null)?.StopSignal,
    architecture: image.Architecture,
    isNative: image.Architecture === goArchitecture(machine()),
  };
}
