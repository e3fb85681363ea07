/**
 * What stands before a pull, in Fargate's order: a login at ECR, then the manifest, then the layers,
 * which S3 holds. Each is reached by the task's own interface and asked for with its execution role.
 */
import * as reasons from "../../engine/task-lifecycle/reasons.ts";
import * as words from "../../engine/task-lifecycle/resource-reasons.ts";
import type { Task } from "../../model/ecs.ts";
import { type Access, judge } from "../../state/authorization.ts";
import { type ActingRole, askRole } from "../../state/role-access.ts";
import { taskOrigin } from "../../state/vpc-endpoints.ts";
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
      origin: taskOrigin(tx, task, { service: "ecr.api", region }),
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
  if (!mayAct(needs, task, role, ecr, "ecr:BatchGetImage")) {
    throw new TaskFailure(words.manifestForbidden(shown, host, registry.version), container);
  }
  if (found.type === "missing") throw new TaskFailure(reasons.imageNotFound(shown), container);
  const layersForbidden = (): TaskFailure =>
    new TaskFailure(words.layersForbidden(blobUrl(registry, found.blob)), container);
  if (!mayAct(needs, task, role, ecr, "ecr:GetDownloadUrlForLayer")) throw layersForbidden();
  await reach(needs, task, serviceIn(ecr.region, "s3"), signal, (address) => {
    return new TaskFailure(reasons.layersUnreachable(ecr.region, address), container);
  });
  if (!mayFetchLayers(needs, task, ecr.region, found.blob ?? registry.version)) {
    throw layersForbidden();
  }
}

const serviceIn = (region: string, service: string): Destination => ({
  type: "service",
  service,
  region,
});

const mayAct = (
  { store, clock }: RegistryNeeds,
  task: Task,
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
        origin: taskOrigin(tx, task, { service: "ecr.dkr", region }),
      }).type === "allowed",
  );

/** ECR signs the addresses of layers itself, with an identity of AWS's own. */
const ecrItself: Access = {
  principal: { type: "session", account: "", arn: "", roleArn: "" },
  identity: [],
  boundary: undefined,
  session: undefined,
  keys: {},
};

/** Whether the policy of the endpoint to S3, where the task has one, lets layers through. */
const mayFetchLayers = (
  { store }: RegistryNeeds,
  task: Task,
  region: string,
  blob: string,
): boolean =>
  store.read((tx) => {
    const origin = taskOrigin(tx, task, { service: "s3", region });
    const resource = `arn:aws:s3:::prod-${region}-starport-layer-bucket/${blob}`;
    const question = { action: "s3:GetObject", resource, origin, needsNoPermission: true };
    return judge(ecrItself, question).type === "allowed";
  });

const manifestUrl = ({ host, repository, version }: ImageRegistry): string =>
  `https://${host}/v2/${repository}/manifests/${version}`;

const blobUrl = ({ host, repository, version }: ImageRegistry, blob: string | undefined): string =>
  `https://${host}/v2/${repository}/blobs/${blob ?? version}`;
