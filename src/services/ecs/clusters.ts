/** Clusters: names that services and tasks live under. A deleted one stays to be described. */
import type {
  ClusterSetting,
  CreateClusterRequest,
  CreateClusterResponse,
  DeleteClusterRequest,
  DeleteClusterResponse,
  DescribeClustersRequest,
  DescribeClustersResponse,
  ListClustersRequest,
  ListClustersResponse,
  UpdateClusterRequest,
  UpdateClusterResponse,
  UpdateClusterSettingsRequest,
  UpdateClusterSettingsResponse,
} from "@aws-sdk/client-ecs";
import { ApiError } from "../../gateway/api-error.ts";
import { type ReadContext, read, type WriteContext, write } from "../../gateway/service.ts";
import type { Cluster } from "../../model/ecs.ts";
import { effectiveSetting } from "../../state/account-settings.ts";
import { clusters, services, tasks } from "../../state/tables/ecs.ts";
import { readProviders, readStrategy } from "./capacity-strategy.ts";
import { checkAtMost, checkEnum, checkName, readTags } from "./checks.ts";
import { acceptedConfiguration, readConfiguration } from "./cluster-configuration.ts";
import { clusterNotFound, invalidParameter } from "./errors.ts";
import { clusterArnOf, getCluster } from "./lookup.ts";
import { page } from "./pages.ts";
import { providersCondition } from "./permissions.ts";
import { toClusterView } from "./views/cluster.ts";

const settingNames = ["containerInsights"];
const insightsValues = ["enabled", "disabled", "enhanced"];

export const CreateCluster = write<CreateClusterRequest, CreateClusterResponse>({
  action: "ecs:CreateCluster",
  resources: ({ clusterName }, { scope }) => [clusterArnOf(scope, clusterName)],
  conditions: ({ capacityProviders }, context) => providersCondition(capacityProviders, context),
  accepts: {
    clusterName: true,
    settings: true,
    tags: true,
    capacityProviders: true,
    defaultCapacityProviderStrategy: true,
    configuration: acceptedConfiguration,
  },
  stored: ["settings"],
  run: (context, input) => {
    const { tx, scope } = context;
    const name = checkName("Cluster name", input.clusterName || "default", invalidParameter);
    const insights = effectiveSetting(tx, scope, context.caller.arn, "containerInsights");
    const settings = readSettings(input.settings, insights);
    const tags = readTags(input.tags);
    const configuration = readConfiguration(input.configuration);
    const capacityProviders = readProviders(scope, input.capacityProviders);
    const defaultCapacityProviderStrategy = readStrategy(
      { capacityProviders },
      input.defaultCapacityProviderStrategy,
    );
    const arn = clusterArnOf(scope, name);
    const known = tx.table(clusters).get(scope, arn);
    if (known?.status === "ACTIVE") return { cluster: fullView(context, known) };
    const cluster: Cluster = {
      account: scope.account,
      region: scope.region,
      arn,
      name,
      status: "ACTIVE",
      settings,
      configuration,
      capacityProviders,
      defaultCapacityProviderStrategy,
      createdAt: context.now,
      tags,
    };
    tx.table(clusters).put(cluster);
    return { cluster: fullView(context, cluster) };
  },
});

export const DescribeClusters = read<DescribeClustersRequest, DescribeClustersResponse>({
  action: "ecs:DescribeClusters",
  resources: ({ clusters: names }, { scope }) =>
    (names?.length ? names : ["default"]).map((name) => clusterArnOf(scope, name)),
  accepts: { clusters: true, include: true },
  run: (context, input) => {
    const { tx, scope } = context;
    const names = input.clusters?.length ? input.clusters : ["default"];
    checkAtMost("clusters", names, 100);
    for (const field of input.include ?? []) {
      const fields = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"];
      checkEnum("include", field, fields);
    }
    const found: Cluster[] = [];
    const failures = [];
    for (const arn of new Set(names.map((name) => clusterArnOf(scope, name)))) {
      const cluster = tx.table(clusters).get(scope, arn);
      if (cluster) found.push(cluster);
      else failures.push({ arn, reason: "MISSING" });
    }
    const include = input.include ?? [];
    return { clusters: found.map((one) => toClusterView(context, one, include)), failures };
  },
});

export const ListClusters = read<ListClustersRequest, ListClustersResponse>({
  action: "ecs:ListClusters",
  resources: () => ["*"],
  accepts: { maxResults: true, nextToken: true },
  run: ({ tx, scope }, input) => {
    const active = tx.table(clusters).list(scope).filter(isActive);
    const { items, nextToken } = page(
      "ListClusters",
      active.map((cluster) => cluster.arn),
      input,
    );
    return { clusterArns: items, nextToken };
  },
});

export const UpdateCluster = write<UpdateClusterRequest, UpdateClusterResponse>({
  action: "ecs:UpdateCluster",
  resources: ({ cluster }, { scope }) => [clusterArnOf(scope, cluster)],
  accepts: { cluster: true, settings: true, configuration: acceptedConfiguration },
  stored: ["settings"],
  run: (context, input) => {
    const configuration = input.configuration && readConfiguration(input.configuration);
    const changed = changeSettings(context, input.cluster, input.settings);
    if (!configuration) return { cluster: fullView(context, changed) };
    const configured: Cluster = { ...changed, configuration };
    context.tx.table(clusters).put(configured);
    return { cluster: fullView(context, configured) };
  },
});

export const UpdateClusterSettings = write<
  UpdateClusterSettingsRequest,
  UpdateClusterSettingsResponse
>({
  action: "ecs:UpdateClusterSettings",
  resources: ({ cluster }, { scope }) => [clusterArnOf(scope, cluster)],
  accepts: { cluster: true, settings: true },
  stored: ["settings"],
  run: (context, { cluster, settings }) => {
    if (!settings?.length) throw invalidParameter("settings can not be empty.");
    return { cluster: fullView(context, changeSettings(context, cluster, settings)) };
  },
});

export const DeleteCluster = write<DeleteClusterRequest, DeleteClusterResponse>({
  action: "ecs:DeleteCluster",
  resources: ({ cluster }, { scope }) => [clusterArnOf(scope, cluster)],
  accepts: { cluster: true },
  run: (context, input) => {
    if (!input.cluster) throw invalidParameter("Cluster name should not be null or empty.");
    const { tx, scope } = context;
    const cluster = tx.table(clusters).get(scope, clusterArnOf(scope, input.cluster));
    if (!cluster) throw clusterNotFound();
    checkEmpty(context, cluster);
    const deleted: Cluster = { ...cluster, status: "INACTIVE" };
    tx.table(clusters).put(deleted);
    return { cluster: fullView(context, deleted) };
  },
});

const isActive = (cluster: Cluster): boolean => cluster.status === "ACTIVE";

const fullView = (context: ReadContext, cluster: Cluster) =>
  toClusterView(context, cluster, ["CONFIGURATIONS", "SETTINGS", "TAGS"]);

/** The settings as given; those that are not keep AWS's default. */
function readSettings(
  settings: ClusterSetting[] | undefined,
  initial = "disabled",
): Cluster["settings"] {
  let insights = initial;
  for (const { name, value } of settings ?? []) {
    checkEnum("settings.name", name, settingNames);
    if (!value || !insightsValues.includes(value)) {
      throw invalidParameter(`Invalid setting value for containerInsights: ${value ?? ""}`);
    }
    insights = value;
  }
  return [{ name: "containerInsights", value: insights }];
}

function changeSettings(
  context: WriteContext,
  identifier: string | undefined,
  settings: ClusterSetting[] | undefined,
): Cluster {
  if (!identifier) throw invalidParameter("Cluster name should not be null or empty.");
  const cluster = getCluster(context, identifier);
  if (!settings?.length) return cluster;
  const changed: Cluster = { ...cluster, settings: readSettings(settings) };
  context.tx.table(clusters).put(changed);
  return changed;
}

function checkEmpty({ tx, scope }: WriteContext, cluster: Cluster): void {
  const living = tx.table(services).by("cluster", scope, cluster.arn);
  if (living.some((service) => service.status !== "INACTIVE")) {
    throw new ApiError(
      "ClusterContainsServicesException",
      "The Cluster cannot be deleted while Services are active.",
    );
  }
  const running = tx.table(tasks).by("cluster", scope, cluster.arn);
  if (running.some((task) => task.lastStatus !== "STOPPED")) {
    throw new ApiError(
      "ClusterContainsTasksException",
      "The Cluster cannot be deleted while Tasks are active.",
    );
  }
}
