/** Subscription filters: kept and given back. There is nothing here yet that they could deliver to. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { read, write } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { SubscriptionFilter } from "../../model/logs.ts";
import { logFilterKey, subscriptionFilters } from "../../state/tables/logs.ts";
import { failedConstraint, filterNotFound, invalidParameter, limitExceeded } from "./errors.ts";
import { toPattern } from "./filter-pattern.ts";
import { groupArns, requireGroup, validateFilterName } from "./lookup.ts";
import { pageOf } from "./paging.ts";

const mostPerGroup = 2;
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
  run({ tx, scope, now }, input) {
    const group = requireGroup({ tx, scope }, input.logGroupName);
    const name = validateFilterName(input.filterName);
    const pattern = input.filterPattern ?? "";
    toPattern(pattern, "Invalid subscription filter pattern");
    const distribution = input.distribution ?? "ByLogStream";
    if (!distributions.some((known) => known === distribution)) {
      const constraint = `Member must satisfy enum value set: [${distributions.join(", ")}]`;
      throw failedConstraint("distribution", distribution, constraint);
    }
    const table = tx.table(subscriptionFilters);
    const known = table.get(scope, logFilterKey(group.name, name));
    if (!known && table.by("group", scope, group.name).length >= mostPerGroup) {
      throw limitExceeded();
    }
    const { account, region } = scope;
    table.put({
      account,
      region,
      group: group.name,
      name,
      pattern,
      ...validateDestination(input),
      distribution,
      createdAt: known?.createdAt ?? now,
    });
    return {};
  },
});

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
  run({ tx, scope }, input) {
    const group = requireGroup({ tx, scope }, input.logGroupName);
    const key = logFilterKey(group.name, validateFilterName(input.filterName));
    if (!tx.table(subscriptionFilters).get(scope, key)) throw filterNotFound("subscription");
    tx.table(subscriptionFilters).delete(scope, key);
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
    const group = requireGroup({ tx, scope }, input.logGroupName);
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
