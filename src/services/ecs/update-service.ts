/** UpdateService: what a service's tasks run changes by a new deployment, everything else in place. */
import type { UpdateServiceRequest, UpdateServiceResponse } from "@aws-sdk/client-ecs";
import { type WriteContext, write } from "../../gateway/service.ts";
import type { Cluster, Service } from "../../model/ecs.ts";
import { InvariantError } from "../../model/invariant-error.ts";
import { services } from "../../state/tables/ecs.ts";
import { checkLaunchable, readStrategy } from "./capacity-strategy.ts";
import { checkEnum, checkRange } from "./checks.ts";
import { readDeploymentConfiguration } from "./deployment-configuration.ts";
import { startDeployment, withDesiredCount } from "./deployments.ts";
import { invalidParameter, notBuilt, serviceNotActive } from "./errors.ts";
import { getLaunchable, type Launch, refusePlacement, resolvePlatform } from "./launch.ts";
import { arnInCluster, clusterArnOf, definitionOf, getCluster, getService } from "./lookup.ts";
import { readNetwork } from "./network.ts";
import { serviceConditions } from "./permissions.ts";
import { checkContainerPort, readLoadBalancers } from "./service-load-balancers.ts";
import {
  checkGracePeriod,
  checkTaskRole,
  largestCount,
  readRebalancing,
} from "./service-options.ts";
import { toServiceView } from "./views/service.ts";

export const UpdateService = write<UpdateServiceRequest, UpdateServiceResponse>({
  action: "ecs:UpdateService",
  resources: ({ cluster, service }, { scope }) => [
    arnInCluster(scope, "service", clusterArnOf(scope, cluster), service ?? "*"),
  ],
  conditions: serviceConditions,
  accepts: {
    cluster: true,
    service: true,
    desiredCount: true,
    taskDefinition: true,
    capacityProviderStrategy: true,
    deploymentConfiguration: {
      maximumPercent: true,
      minimumHealthyPercent: true,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      strategy: true,
    },
    availabilityZoneRebalancing: true,
    networkConfiguration: true,
    platformVersion: true,
    // Taken to be refused for Fargate in AWS's words.
    placementConstraints: true,
    placementStrategy: true,
    forceNewDeployment: true,
    healthCheckGracePeriodSeconds: true,
    deploymentController: { type: true },
    enableECSManagedTags: true,
    enableExecuteCommand: true,
    loadBalancers: { targetGroupArn: true, containerName: true, containerPort: true },
    propagateTags: true,
  },
  stored: ["availabilityZoneRebalancing"],
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    const service = getService(context, cluster, input.service);
    if (service.status !== "ACTIVE") throw serviceNotActive();
    refusePlacement(input);
    const launch = changeLaunch(cluster, service, input);
    const changed = { ...changeInPlace(context, service, input), ...launch };
    const updated =
      input.forceNewDeployment || runsSomethingElse(service, changed)
        ? startDeployment(context, changed)
        : changed;
    context.tx.table(services).put(updated);
    return { service: toServiceView(context, updated, true) };
  },
});

/** The service with every given member changed; its deployments are as they were. */
function changeInPlace(
  context: WriteContext,
  service: Service,
  input: UpdateServiceRequest,
): Service {
  checkRange("desiredCount", input.desiredCount, 0, largestCount);
  checkEnum("propagateTags", input.propagateTags, ["TASK_DEFINITION", "SERVICE", "NONE"]);
  const controller = input.deploymentController?.type;
  if (controller && controller !== "ECS") throw notBuilt(`deployment controller ${controller}`);
  const deploymentConfiguration = readDeploymentConfiguration(
    input.deploymentConfiguration,
    service.deploymentConfiguration,
  );
  const grace = input.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds;
  const changed: Service = {
    ...withDesiredCount(service, input.desiredCount ?? service.desiredCount, context.now),
    ...changeWhatRuns(context, service, input),
    deploymentConfiguration,
    healthCheckGracePeriodSeconds: grace,
    availabilityZoneRebalancing: readRebalancing(
      input.availabilityZoneRebalancing ?? service.availabilityZoneRebalancing,
      deploymentConfiguration,
    ),
    enableECSManagedTags: input.enableECSManagedTags ?? service.enableECSManagedTags,
    propagateTags: input.propagateTags ?? service.propagateTags,
    enableExecuteCommand: input.enableExecuteCommand ?? service.enableExecuteCommand,
  };
  checkGracePeriod(input.healthCheckGracePeriodSeconds);
  const isAsked =
    input.enableExecuteCommand || (changed.enableExecuteCommand && input.taskDefinition);
  if (isAsked) checkTaskRole(definitionOf(context, changed.taskDefinitionArn), "updated");
  return changed;
}

/** A strategy takes the place of the launch type or of the strategy before, by a new deployment. */
function changeLaunch(cluster: Cluster, service: Service, input: UpdateServiceRequest): Launch {
  const { launchType, capacityProviderStrategy } = service;
  const asked = readStrategy(cluster, input.capacityProviderStrategy);
  const isSame = JSON.stringify(asked) === JSON.stringify(capacityProviderStrategy);
  if (asked.length === 0 || isSame) return { launchType, capacityProviderStrategy };
  checkLaunchable(asked);
  if (!input.forceNewDeployment) {
    throw invalidParameter(
      "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.",
    );
  }
  return { launchType: undefined, capacityProviderStrategy: asked };
}

type WhatRuns = Pick<
  Service,
  "taskDefinitionArn" | "platformVersion" | "network" | "loadBalancers"
>;

function changeWhatRuns(
  context: WriteContext,
  service: Service,
  input: UpdateServiceRequest,
): WhatRuns {
  const definition = input.taskDefinition
    ? getLaunchable(context, input.taskDefinition)
    : definitionOf(context, service.taskDefinitionArn);
  if (!definition) throw new InvariantError(`service ${service.arn} has no task definition`);
  const loadBalancers = input.loadBalancers
    ? readLoadBalancers(context, input.loadBalancers, definition)
    : service.loadBalancers;
  for (const balancer of loadBalancers) checkContainerPort(balancer, definition);
  return {
    taskDefinitionArn: definition.arn,
    platformVersion: input.platformVersion
      ? resolvePlatform(input.platformVersion)
      : service.platformVersion,
    network: input.networkConfiguration
      ? readNetwork(context, input.networkConfiguration)
      : service.network,
    loadBalancers,
  };
}

function runsSomethingElse(before: Service, after: Service): boolean {
  const whatRuns = ({ taskDefinitionArn, platformVersion, network, loadBalancers }: Service) =>
    JSON.stringify([
      taskDefinitionArn,
      platformVersion,
      network.subnets,
      network.securityGroups,
      network.assignPublicIp,
      loadBalancers.map((one) => [one.targetGroupArn, one.containerName, one.containerPort]),
    ]);
  return whatRuns(before) !== whatRuns(after);
}
