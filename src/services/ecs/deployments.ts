/** Deployments as CreateService and UpdateService start them; the service loop takes them further. */
import type { WriteContext } from "../../gateway/service.ts";
import type { Deployment, Service } from "../../model/ecs.ts";

/** What a deployment runs: a change of any of it needs a new one. */
export type DeploymentSpec = Pick<
  Deployment,
  | "taskDefinitionArn"
  | "desiredCount"
  | "launchType"
  | "capacityProviderStrategy"
  | "platformVersion"
  | "network"
  | "loadBalancers"
>;

export function newDeployment({ ids, now }: WriteContext, spec: DeploymentSpec): Deployment {
  const id = `ecs-svc/${ids.digits(19)}`;
  return {
    id,
    status: "PRIMARY",
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    ...spec,
    failedTasks: 0,
    createdAt: now,
    updatedAt: now,
  };
}

/** The service with a new deployment in front; the one before it becomes ACTIVE until it is replaced. */
export function startDeployment(context: WriteContext, service: Service): Service {
  const { taskDefinitionArn, desiredCount, launchType, platformVersion, network } = service;
  const { capacityProviderStrategy, loadBalancers } = service;
  const spec = {
    taskDefinitionArn,
    desiredCount,
    launchType,
    capacityProviderStrategy,
    platformVersion,
    network,
    loadBalancers,
  };
  const replaced = service.deployments.map((deployment) =>
    deployment.status === "PRIMARY"
      ? { ...deployment, status: "ACTIVE" as const, updatedAt: context.now }
      : deployment,
  );
  return { ...service, deployments: [newDeployment(context, spec), ...replaced] };
}

/** A new count goes to the deployment in front and starts none. */
export function withDesiredCount(service: Service, desiredCount: number, now: number): Service {
  if (desiredCount === service.desiredCount) return service;
  const deployments = service.deployments.map((deployment) =>
    deployment.status === "PRIMARY" ? { ...deployment, desiredCount, updatedAt: now } : deployment,
  );
  return { ...service, desiredCount, deployments };
}
