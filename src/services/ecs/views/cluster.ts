/** Clusters as answers show them. */
import type { Cluster as ClusterView, KeyValuePair } from "@aws-sdk/client-ecs";
import { countTasks } from "../../../engine/task-counts.ts";
import type { ReadContext } from "../../../gateway/service.ts";
import type { Cluster } from "../../../model/ecs.ts";
import { services, tasks } from "../../../state/tables/ecs.ts";
import { toTagViews } from "../checks.ts";

/** What DescribeClusters shows only when asked. */
export type ClusterField = "ATTACHMENTS" | "CONFIGURATIONS" | "SETTINGS" | "STATISTICS" | "TAGS";

export function toClusterView(
  { tx, scope }: ReadContext,
  cluster: Cluster,
  include: readonly string[],
): ClusterView {
  const shows = (field: ClusterField): boolean => include.includes(field);
  const counts = countTasks(tx.table(tasks).by("cluster", scope, cluster.arn));
  const statuses = tx
    .table(services)
    .by("cluster", scope, cluster.arn)
    .map((service) => service.status);
  const active = statuses.filter((status) => status === "ACTIVE").length;
  const draining = statuses.filter((status) => status === "DRAINING").length;
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: counts.running,
    pendingTasksCount: counts.pending,
    activeServicesCount: active,
    statistics: shows("STATISTICS") ? statistics({ ...counts, active, draining }) : [],
    tags: shows("TAGS") ? toTagViews(cluster.tags) : [],
    settings: shows("SETTINGS")
      ? cluster.settings.map(({ name, value }) => ({ name: name as "containerInsights", value }))
      : [],
    // Only capacity providers of Auto Scaling groups attach something.
    ...(shows("ATTACHMENTS") && { attachments: [] }),
    ...(shows("CONFIGURATIONS") && { configuration: toConfigurationView(cluster) }),
    capacityProviders: [...cluster.capacityProviders],
    defaultCapacityProviderStrategy: [...cluster.defaultCapacityProviderStrategy],
  };
}

function toConfigurationView({ configuration }: Cluster): ClusterView["configuration"] {
  const exec = configuration?.executeCommand;
  if (!exec) return undefined;
  const { logging, kmsKeyId, log } = exec;
  return {
    executeCommandConfiguration: {
      kmsKeyId,
      logging,
      logConfiguration: log && {
        cloudWatchLogGroupName: log.groupName,
        cloudWatchEncryptionEnabled: log.mustBeEncrypted,
        s3EncryptionEnabled: false,
      },
    },
  };
}

type Counts = { running: number; pending: number; active: number; draining: number };

function statistics({ running, pending, active, draining }: Counts): KeyValuePair[] {
  const pairs: [string, number][] = [
    ["runningEC2TasksCount", 0],
    ["runningFargateTasksCount", running],
    ["pendingEC2TasksCount", 0],
    ["pendingFargateTasksCount", pending],
    ["runningExternalTasksCount", 0],
    ["pendingExternalTasksCount", 0],
    ["activeEC2ServiceCount", 0],
    ["activeFargateServiceCount", active],
    ["drainingEC2ServiceCount", 0],
    ["drainingFargateServiceCount", draining],
    ["activeExternalServiceCount", 0],
    ["drainingExternalServiceCount", 0],
  ];
  return pairs.map(([name, value]) => ({ name, value: String(value) }));
}
