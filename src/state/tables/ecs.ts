/** Tables of Amazon ECS. */
import type {
  Cluster,
  Service,
  ServiceLoadBalancer,
  Task,
  TaskDefinition,
} from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import { defineTable } from "../table.ts";

export const clusters = defineTable<Cluster>({
  name: "clusters",
  key: (cluster) => cluster.arn,
});

export const taskDefinitions = defineTable<TaskDefinition, "family">({
  name: "task-definitions",
  key: (definition) => `${definition.family}:${definition.revision}`,
  indexes: { family: (definition) => [definition.family] },
});

/** The last revision a family ever had; revisions are never used again. */
export type TaskFamily = { account: string; region: string; family: string; lastRevision: number };
export const taskFamilies = defineTable<TaskFamily>({
  name: "task-families",
  key: (family) => family.family,
});

export const tasks = defineTable<Task, "cluster" | "service" | "definition">({
  name: "tasks",
  key: (task) => task.arn,
  indexes: {
    cluster: (task) => [task.clusterArn],
    service: (task) => (task.serviceArn ? [task.serviceArn] : []),
    definition: (task) => [task.taskDefinitionArn],
  },
});

/** Those of deployments that are being replaced may be others than the service's own. */
const allBalancers = (service: Service): ServiceLoadBalancer[] => [
  ...service.loadBalancers,
  ...service.deployments.flatMap((deployment) => deployment.loadBalancers ?? []),
];

export const services = defineTable<Service, "cluster" | "targetGroup">({
  name: "services",
  key: (service) => service.arn,
  indexes: {
    cluster: (service) => [service.clusterArn],
    targetGroup: (service) => [
      ...new Set(allBalancers(service).map((balancer) => balancer.targetGroupArn)),
    ],
  },
});

/** What a client token was first used for. */
type ClientToken = Scope & {
  readonly operation: string;
  readonly token: string;
  /** The input it came with, as canonical text. */
  readonly input: string;
  /** What it made. */
  readonly arns: readonly string[];
  readonly usedAt: number;
};
export const ecsClientTokens = defineTable<ClientToken>({
  name: "ecs-client-tokens",
  key: (use) => `${use.operation}/${use.token}`,
});

/** What a principal has set; the root user's settings are the account's. */
type EcsAccountSetting = Scope & {
  readonly principalArn: string;
  readonly name: string;
  readonly value: string;
};
export const ecsAccountSettings = defineTable<EcsAccountSetting>({
  name: "ecs-account-settings",
  key: ({ principalArn, name }) => `${principalArn}|${name}`,
});
