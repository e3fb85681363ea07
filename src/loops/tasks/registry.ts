/**
 * What stands before a pull, in Fargate's order: a login at ECR, then the manifest, then the layers,
 * which S3 holds. Each is reached by the task's own interface and asked for with its execution role.
 */
import * as reasons from "../../engine/task-lifecycle/reasons.ts";
import * as words from "../../engine/task-lifecycle/resource-reasons.ts";
import type { Task } from "../../model/ecs.ts";
import { type ActingRole, askRole } from "../../state/role-access.ts";
import type { EcrRepository, ImageRegistry, ImageResolution } from "./images.ts";
import { TaskFailure, type TaskLoopNeeds } from "./needs.ts";
import type { Destination } from "./paths.ts";
import { reach } from "./reach.ts";

export type RegistryNeeds = Pick<TaskLoopNeeds, "store" | "clock" | "ids" | "pathTo">;

/** Gets the login of a region's ECR; throws `TaskFailure`. */
export async function loginAtEcr(
  needs: RegistryNeeds,
  task: Task,
  role: ActingRole | undefined,
  region: string,
  signal: AbortSignal,
): Promise<void> {
  await reach(needs, task, serviceIn(region, "ecr.api"), signal, (address) => {
    return new TaskFailure(reasons.registryAuthUnreachable(region, address));
  });
  const { account } = task;
  const denial = needs.store.read((tx) =>
    askRole(tx, role, { account, region }, needs.clock.now(), {
      action: "ecr:GetAuthorizationToken",
      resource: "*",
    }),
  );
  if (denial.type === "allowed") return;
  const refusal = words.accessDenied(denial.message, needs.ids.uuid());
  throw new TaskFailure(words.registryAuthRefused(refusal));
}

/** Throws unless the registry can be reached and gives the role the image. */
export async function openRegistry(
  needs: RegistryNeeds,
  task: Task,
  role: ActingRole | undefined,
  container: string,
  found: Exclude<ImageResolution, { type: "invalid" }>,
  signal: AbortSignal,
): Promise<void> {
  const { shown, registry } = found;
  const { ecr, host } = registry;
  const unreachable = (address: string): TaskFailure =>
    new TaskFailure(reasons.registryUnreachable(shown, manifestUrl(registry), address), container);
  if (!ecr) {
    await reach(needs, task, { type: "internet" }, signal, unreachable);
    return;
  }
  await reach(needs, task, serviceIn(ecr.region, "ecr.dkr"), signal, unreachable);
  if (!mayAct(needs, role, ecr, "ecr:BatchGetImage")) {
    throw new TaskFailure(words.manifestForbidden(shown, host, registry.version), container);
  }
  if (found.type === "missing") throw new TaskFailure(reasons.imageNotFound(shown), container);
  if (!mayAct(needs, role, ecr, "ecr:GetDownloadUrlForLayer")) {
    throw new TaskFailure(words.layersForbidden(blobUrl(registry, found.blob)), container);
  }
  await reach(needs, task, serviceIn(ecr.region, "s3"), signal, (address) => {
    return new TaskFailure(reasons.layersUnreachable(ecr.region, address), container);
  });
}

const serviceIn = (region: string, service: string): Destination => ({
  type: "service",
  service,
  region,
});

const mayAct = (
  { store, clock }: RegistryNeeds,
  role: ActingRole | undefined,
  { arn, account, region, policyText }: EcrRepository,
  action: string,
): boolean =>
  store.read(
    (tx) =>
      askRole(tx, role, { account, region }, clock.now(), {
        action,
        resource: arn,
        resourcePolicy: policyText,
        resourceAccount: account,
      }).type === "allowed",
  );

const manifestUrl = ({ host, repository, version }: ImageRegistry): string =>
  `https://${host}/v2/${repository}/manifests/${version}`;

const blobUrl = ({ host, repository, version }: ImageRegistry, blob: string | undefined): string =>
  `https://${host}/v2/${repository}/blobs/${blob ?? version}`;
