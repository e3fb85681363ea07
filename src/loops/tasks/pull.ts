/**
 * Pulling one container's image. The tasks of a service's deployment all run what the tag meant for the
 * first of them, unless the container says otherwise.
 */
import type { PulledImage } from "../../dataplane/containers/port.ts";
import { DriverError } from "../../dataplane/errors.ts";
import type { Architecture } from "../../engine/task-lifecycle/architecture.ts";
import { explainPullRefusal } from "../../engine/task-lifecycle/pull-refusal.ts";
import * as reasons from "../../engine/task-lifecycle/reasons.ts";
import type { ContainerDefinition, Task } from "../../model/ecs.ts";
import { findPinnedDigest, pinDigest } from "../../state/image-pins.ts";
import type { ActingRole } from "../../state/role-access.ts";
import type { ImageRegistry, ImageResolution } from "./images.ts";
import { TaskFailure, type TaskLoopNeeds } from "./needs.ts";
import { openRegistry } from "./registry.ts";
import type { RegistryLogin } from "./resources.ts";

/** How often a registry that does not answer is asked, and the engine time between. */
const pullTries = 5;
const pullPauseMs = 1000;

export type Pull = {
  readonly task: Task;
  readonly role: ActingRole | undefined;
  readonly container: ContainerDefinition;
  readonly login: RegistryLogin | undefined;
  readonly architecture: Architecture;
};

/** Throws `TaskFailure` with AWS's reason, or the signal's own. */
export async function pullImage(
  needs: TaskLoopNeeds,
  pull: Pull,
  signal: AbortSignal,
): Promise<PulledImage> {
  const { task, container } = pull;
  const pinned = needs.store.read((tx) => findPinnedDigest(tx, task, container));
  const image = await pullVersion(needs, pull, pinned, signal);
  const { digest } = image;
  const isFree = task.deploymentId === undefined || container.versionConsistency === "disabled";
  if (pinned !== undefined || digest === undefined || isFree) return image;
  const decided = needs.store.write((tx) => pinDigest(tx, task, container, digest));
  // Another task of the deployment was first, and the tag has moved since.
  return decided === digest ? image : pullVersion(needs, pull, decided, signal);
}

async function pullVersion(
  needs: TaskLoopNeeds,
  { task, role, container, login, architecture }: Pull,
  digest: string | undefined,
  signal: AbortSignal,
): Promise<PulledImage> {
  const { name } = container;
  const found = needs.findImage(task, withDigest(container.image, digest));
  if (found.type === "invalid") {
    throw new TaskFailure(reasons.imageNameInvalid(container.image), name);
  }
  await openRegistry(needs, task, role, name, found, signal);
  if (found.type === "missing") throw new TaskFailure(reasons.imageNotFound(found.shown), name);
  return pullFound(needs, { container: name, architecture, found, login }, signal);
}

/** A digest in the image's name decides already. */
const withDigest = (image: string, digest: string | undefined): string =>
  digest === undefined || image.includes("@") ? image : `${image}@${digest}`;

type FoundPull = Pick<Pull, "architecture" | "login"> & {
  readonly container: string;
  readonly found: Extract<ImageResolution, { type: "found" }>;
};

async function pullFound(
  needs: TaskLoopNeeds,
  { container, architecture, found, login }: FoundPull,
  signal: AbortSignal,
): Promise<PulledImage> {
  const { source, shown, registry } = found;
  const auth = source.auth ?? login;
  // Where nothing is said a machine of another kind runs its own images as well.
  const asked = architecture === "arm64" ? architecture : undefined;
  const request = { ...source, auth, architecture: asked };
  for (let tries = 1; ; tries++) {
    try {
      const pulled = await needs.runtime.pull(request, signal);
      checkPlatform(pulled, container, architecture);
      return { ...pulled, digest: pulled.digest ?? source.digest };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DriverError)) throw error;
      const mayHelp = error.kind === "unavailable" && tries < pullTries;
      const attempt = { shown, registry, hasLogin: auth !== undefined, tries, architecture };
      if (!mayHelp) throw new TaskFailure(explainPull(error, attempt), container);
    }
    await needs.clock.sleep(pullPauseMs, signal);
  }
}

function checkPlatform(
  { architecture, isNative }: PulledImage,
  container: string,
  wanted: Architecture,
): void {
  if (architecture === undefined || architecture === wanted) return;
  if (isNative && wanted === "amd64") return;
  throw new TaskFailure(reasons.imageOfOtherPlatform(wanted), container);
}

type Attempt = {
  /** The image as error texts print it. */
  readonly shown: string;
  readonly registry: ImageRegistry;
  readonly hasLogin: boolean;
  readonly tries: number;
  readonly architecture: Architecture;
};

function explainPull({ message, kind }: DriverError, attempt: Attempt): string {
  const { shown, registry, hasLogin, tries, architecture } = attempt;
  if (/no matching manifest for /.test(message)) {
    return reasons.imageOfOtherPlatform(architecture);
  }
  if (kind === "not-found") return reasons.imageNotFound(shown);
  const { host, version } = registry;
  const refusal = explainPullRefusal({ message, host, version, hasLogin });
  return reasons.imagePullFailed(shown, tries, refusal ?? message);
}
