/** Subscription filters: kept and given back. There is nothing here yet that they could deliver to. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { read, write } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { SubscriptionFilter } from "../../model/logs.ts";
import { subscriptionFilters } from "../../state/tables/logs.ts";
import { failedConstraint, invalidParameter } from "./errors.ts";
import { deleteLogFilter, type LogFilterKind, putLogFilter } from "./log-filters.ts";
import { groupArns, requireStandardGroup } from "./lookup.ts";
import { pageOf } from "./paging.ts";

const kind: LogFilterKind<SubscriptionFilter> = {
  name: "subscription",
  table: subscriptionFilters,
  mostPerGroup: 2,
};
const distributions = ["ByLogStream", "Random"] as const;

export const putSubscriptionFilter = write<
  Logs.PutSubscriptionFilterRequest,
  Record<string, never>
>({
  action: "logs:PutSubscriptionFilter",
  resources: groupArns,
  accepts: {
    logGroupName: true,
    filterName: true,
    filterPattern: true,
    destinationArn: true,
    roleArn: true,
    distribution: true,
  },
  stored: ["filterPattern", "destinationArn", "roleArn", "distribution"],
  run(context, input) {
    putLogFilter(context, kind, input, (filter) => ({
      ...filter,
      distribution: validateDistribution(input.distribution ?? "ByLogStream"),
      ...validateDestination(input),
    }));
    return {};
  },
});

function validateDistribution(distribution: string): string {
  if (distributions.some((known) => known === distribution)) return distribution;
  const constraint = `Member must satisfy enum value set: [${distributions.join(", ")}]`;
  throw failedConstraint("distribution", distribution, constraint);
}

function validateDestination({ destinationArn, roleArn }: Logs.PutSubscriptionFilterRequest) {
  const destination = parseArn(destinationArn ?? "");
  switch (destination?.service) {
    case "lambda":
    case "logs":
      return { destinationArn: destinationArn ?? "", roleArn };
    case "kinesis":
    case "firehose":
      if (roleArn !== undefined) return { destinationArn: destinationArn ?? "", roleArn };
      throw invalidParameter(
        `destinationArn for vendor ${destination.service} must be used with roleArn`,
      );
    default:
      throw invalidParameter("Invalid destinationArn");
  }
}

export const deleteSubscriptionFilter = write<
  Logs.DeleteSubscriptionFilterRequest,
  Record<string, never>
>({
  action: "logs:DeleteSubscriptionFilter",
  resources: groupArns,
  accepts: { logGroupName: true, filterName: true },
  run(context, input) {
    deleteLogFilter(context, kind, input);
    return {};
  },
});

export const describeSubscriptionFilters = read<
  Logs.DescribeSubscriptionFiltersRequest,
  Logs.DescribeSubscriptionFiltersResponse
>({
  action: "logs:DescribeSubscriptionFilters",
  resources: groupArns,
  accepts: { logGroupName: true, filterNamePrefix: true, nextToken: true, limit: true },
  run({ tx, scope }, input) {
    const group = requireStandardGroup({ tx, scope }, input.logGroupName);
    const found = tx
      .table(subscriptionFilters)
      .by("group", scope, group.name)
      .filter(({ name }) => name.startsWith(input.filterNamePrefix ?? ""))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const { page, nextToken } = pageOf(found, input, {
      operation: "DescribeSubscriptionFilters",
      keyOf: ({ name }) => name,
    });
    return { subscriptionFilters: page.map(toView), nextToken };
  },
});

const toView = (filter: SubscriptionFilter): Logs.SubscriptionFilter => ({
  filterName: filter.name,
  logGroupName: filter.group,
  filterPattern: filter.pattern,
  destinationArn: filter.destinationArn,
  roleArn: filter.roleArn,
  distribution: filter.distribution as Logs.Distribution,
  applyOnTransformedLogs: false,
  creationTime: filter.createdAt,
});
