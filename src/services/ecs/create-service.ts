/** CreateService: everything a service refers to must be there before anything is written. */
import type { CreateServiceRequest, CreateServiceResponse } from "@aws-sdk/client-ecs";
import { type WriteContext, write } from "../../gateway/service.ts";
import type { Cluster, Service } from "../../model/ecs.ts";
import { services } from "../../state/tables/ecs.ts";
import { checkEnum, checkName, checkRange, readTags } from "./checks.ts";
import { readDeploymentConfiguration } from "./deployment-configuration.ts";
import { newDeployment } from "./deployments.ts";
import { invalidParameter, notBuilt } from "./errors.ts";
import { judgeToken, rememberToken, type TokenUse } from "./idempotency.ts";
import { getLaunchable, readLaunch, resolvePlatform } from "./launch.ts";
import { arnInCluster, clusterArnOf, getCluster } from "./lookup.ts";
import { readNetwork } from "./network.ts";
import { authorizePassing, newServiceConditions } from "./permissions.ts";
import { readLoadBalancers } from "./service-load-balancers.ts";
import {
  checkGracePeriod,
  checkTaskRole,
  largestCount,
  readRebalancing,
} from "./service-options.ts";
import { readRole } from "./validate-task-definition.ts";
import { toServiceView } from "./views/service.ts";

export const CreateService = write<CreateServiceRequest, CreateServiceResponse>({
  action: "ecs:CreateService",
  resources: ({ cluster, serviceName }, { scope }) => [
    arnInCluster(scope, "service", clusterArnOf(scope, cluster), serviceName ?? "*"),
  ],
  conditions: newServiceConditions,
  accepts: {
    cluster: true,
    serviceName: true,
    taskDefinition: true,
    loadBalancers: { targetGroupArn: true, containerName: true, containerPort: true },
    desiredCount: true,
    clientToken: true,
    launchType: true,
    capacityProviderStrategy: true,
    platformVersion: true,
    // Taken to be refused for Fargate in AWS's words.
    role: true,
    placementConstraints: true,
    placementStrategy: true,
    deploymentConfiguration: {
      maximumPercent: true,
      minimumHealthyPercent: true,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      strategy: true,
    },
    networkConfiguration: true,
    healthCheckGracePeriodSeconds: true,
    schedulingStrategy: true,
    deploymentController: { type: true },
    availabilityZoneRebalancing: true,
    tags: true,
    enableECSManagedTags: true,
    enableExecuteCommand: true,
    propagateTags: true,
  },
  stored: ["availabilityZoneRebalancing"],
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    const name = checkName("Service name", input.serviceName, invalidParameter);
    const use: TokenUse = { operation: "CreateService", token: input.clientToken, input };
    const repeated = findRepeated(context, cluster, name, use);
    if (repeated) return { service: toServiceView(context, repeated, true) };
    const service = readService(context, cluster, name, input);
    context.tx.table(services).put(service);
    rememberToken(context, use, [service.arn]);
    return { service: toServiceView(context, service, true) };
  },
});

/** The service that this request made before; throws when the name is taken by another. */
function findRepeated(
  context: WriteContext,
  cluster: Cluster,
  name: string,
  use: TokenUse,
): Service | undefined {
  const { tx, scope } = context;
  const arn = arnInCluster(scope, "service", cluster.arn, name);
  const known = tx.table(services).get(scope, arn);
  const verdict = judgeToken(context, use);
  if (known?.status === "ACTIVE" && verdict.type === "repeated") return known;
  if (known?.status === "DRAINING") {
    throw invalidParameter("Unable to Start a service that is still Draining.");
  }
  if (known?.status === "ACTIVE" || verdict.type === "mismatch") {
    throw invalidParameter("Creation of service was not idempotent.");
  }
  return undefined;
}

function readService(
  context: WriteContext,
  cluster: Cluster,
  name: string,
  input: CreateServiceRequest,
): Service {
  const { scope, now, caller } = context;
  checkScheduling(input);
  const launch = readLaunch(cluster, input);
  const platformVersion = resolvePlatform(input.platformVersion);
  const definition = getLaunchable(context, input.taskDefinition);
  checkRole(context, input.role);
  checkRange("desiredCount", input.desiredCount, 0, largestCount);
  const desiredCount = input.desiredCount ?? 0;
  const deploymentConfiguration = readDeploymentConfiguration(input.deploymentConfiguration);
  const network = readNetwork(context, input.networkConfiguration);
  const loadBalancers = readLoadBalancers(context, input.loadBalancers, definition);
  checkGracePeriod(input.healthCheckGracePeriodSeconds);
  checkEnum("propagateTags", input.propagateTags, ["TASK_DEFINITION", "SERVICE", "NONE"]);
  if (input.enableExecuteCommand) checkTaskRole(definition, "created");
  const spec = {
    taskDefinitionArn: definition.arn,
    desiredCount,
    ...launch,
    platformVersion,
    network,
    loadBalancers,
  };
  return {
    account: scope.account,
    region: scope.region,
    arn: arnInCluster(scope, "service", cluster.arn, name),
    name,
    clusterArn: cluster.arn,
    status: "ACTIVE",
    ...spec,
    schedulingStrategy: "REPLICA",
    deploymentControllerType: input.deploymentController ? "ECS" : undefined,
    deploymentConfiguration,
    healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds,
    availabilityZoneRebalancing: readRebalancing(
      input.availabilityZoneRebalancing,
      deploymentConfiguration,
    ),
    enableECSManagedTags: input.enableECSManagedTags ?? false,
    propagateTags: input.propagateTags ?? "NONE",
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    createdBy: caller.arn,
    createdAt: now,
    tags: readTags(input.tags),
    deployments: [newDeployment(context, spec)],
    events: [],
  };
}

/** Services whose tasks have interfaces of their own are looked after with ECS's own role. */
function checkRole(context: WriteContext, role: string | undefined): void {
  if (role === undefined) return;
  authorizePassing(context, [readRole(context.scope, role)], "ecs.amazonaws.com");
  throw invalidParameter(
    "You cannot specify an IAM role for services that require a service linked role.",
  );
}

/** Replicas, rolled by ECS itself. */
function checkScheduling({ schedulingStrategy, deploymentController }: CreateServiceRequest): void {
  checkEnum("schedulingStrategy", schedulingStrategy, ["REPLICA", "DAEMON"]);
  if (schedulingStrategy === "DAEMON") throw notBuilt("scheduling strategy DAEMON");
  const type = deploymentController?.type;
  checkEnum("deploymentController.type", type, ["ECS", "CODE_DEPLOY", "EXTERNAL"]);
  if (type && type !== "ECS") throw notBuilt(`deployment controller ${type}`);
}
