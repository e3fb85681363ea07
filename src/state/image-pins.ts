/**
 * What the tags of a service's containers mean for one of its deployments: found by its first task and
 * the same for all later ones, so that a tag that moves does not mix versions.
 */
import type { ContainerDefinition, Deployment, Task } from "../model/ecs.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { services } from "./tables/ecs.ts";

type Pinned = Pick<ContainerDefinition, "name" | "versionConsistency">;

/** Undefined for a task of no service, before the first task, and where consistency is off. */
export function findPinnedDigest(
  tx: ReadTransaction,
  task: Task,
  { name, versionConsistency }: Pinned,
): string | undefined {
  if (versionConsistency === "disabled") return undefined;
  return findDeployment(tx, task)?.imageDigests?.[name];
}

/** Pins what a task has found, and gives what its deployment goes by. */
export function pinDigest(
  tx: WriteTransaction,
  task: Task,
  container: Pinned,
  digest: string,
): string {
  const known = findPinnedDigest(tx, task, container);
  if (known !== undefined) return known;
  const deployment = findDeployment(tx, task);
  const service = deployment && findService(tx, task);
  if (!service || container.versionConsistency === "disabled") return digest;
  const imageDigests = { ...deployment.imageDigests, [container.name]: digest };
  const deployments = service.deployments.map((one) =>
    one === deployment ? { ...one, imageDigests } : one,
  );
  tx.table(services).put({ ...service, deployments });
  return digest;
}

const findService = (tx: ReadTransaction, task: Task) =>
  task.serviceArn === undefined ? undefined : tx.table(services).get(task, task.serviceArn);

const findDeployment = (tx: ReadTransaction, task: Task): Deployment | undefined =>
  findService(tx, task)?.deployments.find(({ id }) => id === task.deploymentId);
