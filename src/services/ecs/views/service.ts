/** Services as answers show them. */
import type {
  CapacityProviderStrategyItem,
  DeploymentConfiguration as DeploymentConfigurationView,
  Deployment as DeploymentView,
  Service as ServiceView,
} from "@aws-sdk/client-ecs";
import { countTasks } from "../../../engine/task-counts.ts";
import type { ReadContext } from "../../../gateway/service.ts";
import type { Deployment, DeploymentConfiguration, Service, Task } from "../../../model/ecs.ts";
import { tasks } from "../../../state/tables/ecs.ts";
import { toTagViews } from "../checks.ts";
import { toNetworkView } from "../network.ts";

export function toServiceView(
  { tx, scope }: ReadContext,
  service: Service,
  showTags: boolean,
): ServiceView {
  const own = tx.table(tasks).by("service", scope, service.arn);
  const { running, pending } = countTasks(own);
  const isBalanced = service.loadBalancers.length > 0;
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    loadBalancers: service.loadBalancers.map((balancer) => ({ ...balancer })),
    serviceRegistries: [],
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    launchType: service.launchType,
    ...strategyView(service.capacityProviderStrategy),
    platformVersion: service.platformVersion,
    platformFamily: "Linux",
    taskDefinition: service.taskDefinitionArn,
    deploymentConfiguration: toConfigurationView(service.deploymentConfiguration),
    deployments: service.deployments.map((deployment) => toDeploymentView(deployment, own)),
    roleArn: isBalanced ? serviceRole(service.account) : undefined,
    events: service.events.map(({ id, createdAt, message }) => ({
      id,
      createdAt: new Date(createdAt),
      message,
    })),
    createdAt: new Date(service.createdAt),
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: toNetworkView(service.network),
    healthCheckGracePeriodSeconds:
      service.healthCheckGracePeriodSeconds ?? (isBalanced ? 0 : undefined),
    schedulingStrategy: service.schedulingStrategy,
    deploymentController: service.deploymentControllerType && {
      type: service.deploymentControllerType,
    },
    tags: showTags ? toTagViews(service.tags) : undefined,
    createdBy: service.createdBy,
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: service.enableExecuteCommand,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
  };
}

/** The role by which ECS registers targets: linked to the service, in every account. */
const serviceRole = (account: string): string =>
  `arn:aws:iam::${account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`;

function toDeploymentView(deployment: Deployment, serviceTasks: readonly Task[]): DeploymentView {
  const own = serviceTasks.filter((task) => task.deploymentId === deployment.id);
  const { running, pending } = countTasks(own);
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.taskDefinitionArn,
    desiredCount: deployment.desiredCount,
    pendingCount: pending,
    runningCount: running,
    failedTasks: deployment.failedTasks,
    createdAt: new Date(deployment.createdAt),
    updatedAt: new Date(deployment.updatedAt),
    launchType: deployment.launchType,
    ...strategyView(deployment.capacityProviderStrategy),
    platformVersion: deployment.platformVersion,
    platformFamily: "Linux",
    networkConfiguration: toNetworkView(deployment.network),
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

function toConfigurationView(configuration: DeploymentConfiguration): DeploymentConfigurationView {
  const { circuitBreaker, maximumPercent, minimumHealthyPercent } = configuration;
  return {
    deploymentCircuitBreaker: { ...circuitBreaker },
    maximumPercent,
    minimumHealthyPercent,
    strategy: "ROLLING",
    bakeTimeInMinutes: 0,
  };
}

/** Services of a launch type have no strategy, not an empty one. */
function strategyView(strategy: readonly CapacityProviderStrategyItem[]): {
  capacityProviderStrategy?: CapacityProviderStrategyItem[];
} {
  return strategy.length > 0 ? { capacityProviderStrategy: [...strategy] } : {};
}
