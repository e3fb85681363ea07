/** Which capacity providers a cluster has, and what they are. */
import type {
  CapacityProvider,
  DescribeCapacityProvidersRequest,
  DescribeCapacityProvidersResponse,
  PutClusterCapacityProvidersRequest,
  PutClusterCapacityProvidersResponse,
} from "@aws-sdk/client-ecs";
import { ApiError } from "../../gateway/api-error.ts";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { Cluster } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import { clusters, services } from "../../state/tables/ecs.ts";
import { fargateProviders, providerArn, readProviders, readStrategy } from "./capacity-strategy.ts";
import { checkEnum } from "./checks.ts";
import { clusterArnOf, getCluster } from "./lookup.ts";
import { page } from "./pages.ts";
import { providersCondition } from "./permissions.ts";
import { toClusterView } from "./views/cluster.ts";

export const PutClusterCapacityProviders = write<
  PutClusterCapacityProvidersRequest,
  PutClusterCapacityProvidersResponse
>({
  action: "ecs:PutClusterCapacityProviders",
  resources: ({ cluster }, { scope }) => [clusterArnOf(scope, cluster)],
  conditions: ({ capacityProviders }, context) => providersCondition(capacityProviders, context),
  accepts: { cluster: true, capacityProviders: true, defaultCapacityProviderStrategy: true },
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    const capacityProviders = readProviders(context.scope, input.capacityProviders);
    const changed: Cluster = {
      ...cluster,
      capacityProviders,
      defaultCapacityProviderStrategy: readStrategy(
        { capacityProviders },
        input.defaultCapacityProviderStrategy,
      ),
    };
    checkUnused(context, changed);
    context.tx.table(clusters).put(changed);
    return { cluster: toClusterView(context, changed, ["SETTINGS", "TAGS"]) };
  },
});

export const DescribeCapacityProviders = read<
  DescribeCapacityProvidersRequest,
  DescribeCapacityProvidersResponse
>({
  action: "ecs:DescribeCapacityProviders",
  resources: () => ["*"],
  accepts: {
    capacityProviders: true,
    cluster: true,
    include: true,
    maxResults: true,
    nextToken: true,
  },
  run: (context, input) => {
    const { scope } = context;
    for (const field of input.include ?? []) checkEnum("include", field, ["TAGS"]);
    const available = input.cluster
      ? getCluster(context, input.cluster).capacityProviders
      : fargateProviders;
    const asked = input.capacityProviders ?? [];
    const isAsked = (name: string): boolean =>
      asked.length === 0 || asked.includes(name) || asked.includes(providerArn(scope, name));
    const { items, nextToken } = page(
      "DescribeCapacityProviders",
      available.filter(isAsked),
      input,
      { most: 10 },
    );
    const isKnown = (name: string): boolean =>
      available.some((one) => name === one || name === providerArn(scope, one));
    const failures = asked
      .filter((name) => !isKnown(name))
      .map((name) => ({
        arn: name.startsWith("arn:") ? name : providerArn(scope, name),
        reason: "MISSING",
      }));
    return { capacityProviders: items.map((name) => toView(scope, name)), failures, nextToken };
  },
});

const toView = (scope: Scope, name: string): CapacityProvider => ({
  capacityProviderArn: providerArn(scope, name),
  name,
  status: "ACTIVE",
  type: name as "FARGATE" | "FARGATE_SPOT",
  tags: [],
});

/** A provider that a service runs on stays with the cluster. */
function checkUnused({ tx, scope }: WriteContext, changed: Cluster): void {
  const used = tx
    .table(services)
    .by("cluster", scope, changed.arn)
    .filter((service) => service.status !== "INACTIVE")
    .flatMap((service) => service.capacityProviderStrategy.map((item) => item.capacityProvider));
  if (used.every((name) => changed.capacityProviders.includes(name))) return;
  throw new ApiError(
    "ResourceInUseException",
    "The specified capacity provider is in use and cannot be removed.",
  );
}
