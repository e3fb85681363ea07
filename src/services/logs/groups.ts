/** Log groups and their retention. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogStore } from "../../dataplane/logs/port.ts";
import { type LiveOperation, live, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import { type LogGroup, logStreamArn, retentionDays } from "../../model/logs.ts";
import type { Scope } from "../../model/scope.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import type { WriteTransaction } from "../../state/store.ts";
import {
  logFilterKey,
  logGroups,
  logStreamRecordKey,
  logStreams,
  metricFilters,
  subscriptionFilters,
} from "../../state/tables/logs.ts";
import {
  deletionProtected,
  failedConstraint,
  groupAlreadyExists,
  invalidParameter,
} from "./errors.ts";
import {
  groupArns,
  nameOfIdentifier,
  requireGroup,
  streamsOf,
  validateGroupName,
} from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { toTags } from "./tags.ts";

const groupClasses = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"] as const;

export const createLogGroup = write<Logs.CreateLogGroupRequest, Record<string, never>>({
  action: "logs:CreateLogGroup",
  resources: groupArns,
  accepts: {
    logGroupName: true,
    kmsKeyId: true,
    tags: true,
    logGroupClass: true,
    deletionProtectionEnabled: true,
  },
  stored: ["kmsKeyId"],
  run({ tx, scope, now }, input) {
    const name = validateGroupName(input.logGroupName);
    const logGroupClass = input.logGroupClass ?? "STANDARD";
    if (!groupClasses.some((known) => known === logGroupClass)) {
      const constraint = `Member must satisfy enum value set: [${groupClasses.join(", ")}]`;
      throw failedConstraint("logGroupClass", logGroupClass, constraint);
    }
    const tags = toTags(input.tags);
    if (tx.table(logGroups).get(scope, name)) throw groupAlreadyExists();
    tx.table(logGroups).put({
      account: scope.account,
      region: scope.region,
      arn: formatArn("logs", scope, `log-group:${name}`),
      name,
      logGroupClass,
      kmsKeyId: input.kmsKeyId,
      retentionDays: undefined,
      createdAt: now,
      tags,
      ...(input.deletionProtectionEnabled && { deletionProtected: true }),
    });
    return {};
  },
});

export function deleteLogGroup(
  logs: LogStore,
): LiveOperation<Logs.DeleteLogGroupRequest, Record<string, never>> {
  return live<Logs.DeleteLogGroupRequest, Record<string, never>>({
    action: "logs:DeleteLogGroup",
    resources: groupArns,
    accepts: { logGroupName: true },
    async run({ write: writing, scope }, input) {
      const streams = writing((tx) => {
        const group = requireGroup({ tx, scope }, input.logGroupName);
        if (group.deletionProtected) throw deletionProtected(group.name);
        const found = streamsOf({ tx, scope }, group);
        for (const { name } of found) {
          tx.table(logStreams).delete(scope, logStreamRecordKey(group.name, name));
        }
        deleteFilters({ tx, scope }, group);
        tx.table(logGroups).delete(scope, group.name);
        return found;
      });
      // What a crash leaves of the events here, the retention loop finds.
      const keys = streams.map((stream) => logStreamKey(scope, stream.group, stream.name));
      await Promise.all(keys.map((key) => logs.deleteStream(key)));
      return {};
    },
  });
}

function deleteFilters(
  { tx, scope }: { readonly tx: WriteTransaction; readonly scope: Scope },
  group: LogGroup,
): void {
  for (const { name } of tx.table(metricFilters).by("group", scope, group.name)) {
    tx.table(metricFilters).delete(scope, logFilterKey(group.name, name));
  }
  for (const { name } of tx.table(subscriptionFilters).by("group", scope, group.name)) {
    tx.table(subscriptionFilters).delete(scope, logFilterKey(group.name, name));
  }
}

export function describeLogGroups(
  logs: LogStore,
): LiveOperation<Logs.DescribeLogGroupsRequest, Logs.DescribeLogGroupsResponse> {
  return live<Logs.DescribeLogGroupsRequest, Logs.DescribeLogGroupsResponse>({
    action: "logs:DescribeLogGroups",
    // AWS asks about no group in particular, whatever the prefix.
    resources: (_, { scope }) => [logStreamArn(scope, "")],
    accepts: {
      logGroupNamePrefix: true,
      logGroupNamePattern: true,
      logGroupIdentifiers: true,
      logGroupClass: true,
      nextToken: true,
      limit: true,
    },
    async run({ read: reading, scope }, input) {
      if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined) {
        throw invalidParameter(
          "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        );
      }
      const found = reading((tx) => {
        const groups = tx
          .table(logGroups)
          .list(scope)
          .filter(isAskedFor(input, scope))
          .toSorted(byName);
        const { page, nextToken } = pageOf(groups, input, {
          operation: "DescribeLogGroups",
          keyOf: ({ name }) => name,
        });
        const chosen = page.map((group) => ({
          group,
          streams: streamsOf({ tx, scope }, group),
          filters: tx.table(metricFilters).by("group", scope, group.name).length,
        }));
        return { chosen, nextToken };
      });
      const views = found.chosen.map(async ({ group, streams, filters }) => {
        const keys = streams.map((stream) => logStreamKey(scope, stream.group, stream.name));
        const known = keys.length === 0 ? [] : [...(await logs.describe(keys)).values()];
        return toGroupView(
          group,
          known.reduce((sum, { bytes }) => sum + bytes, 0),
          filters,
        );
      });
      return { logGroups: await Promise.all(views), nextToken: found.nextToken };
    },
  });
}

const isAskedFor =
  (input: Logs.DescribeLogGroupsRequest, scope: Scope) =>
  (group: LogGroup): boolean => {
    const { logGroupNamePrefix, logGroupNamePattern, logGroupIdentifiers, logGroupClass } = input;
    const names = logGroupIdentifiers?.map((one) => nameOfIdentifier(one, scope));
    return (
      group.name.startsWith(logGroupNamePrefix ?? "") &&
      group.name.includes(logGroupNamePattern ?? "") &&
      (logGroupClass === undefined || logGroupClass === group.logGroupClass) &&
      (names === undefined || names.length === 0 || names.includes(group.name))
    );
  };

export const putRetentionPolicy = write<Logs.PutRetentionPolicyRequest, Record<string, never>>({
  action: "logs:PutRetentionPolicy",
  resources: groupArns,
  accepts: { logGroupName: true, retentionInDays: true },
  run(context, input) {
    const group = requireGroup(context, input.logGroupName);
    const days = input.retentionInDays ?? 0;
    if (!retentionDays.some((allowed) => allowed === days)) {
      const constraint = `Member must satisfy enum value set: [${retentionDays.join(", ")}]`;
      throw failedConstraint("retentionInDays", String(days), constraint);
    }
    context.tx.table(logGroups).put({ ...group, retentionDays: days });
    return {};
  },
});

export const deleteRetentionPolicy = write<
  Logs.DeleteRetentionPolicyRequest,
  Record<string, never>
>({
  action: "logs:DeleteRetentionPolicy",
  resources: groupArns,
  accepts: { logGroupName: true },
  run(context, input) {
    const group = requireGroup(context, input.logGroupName);
    context.tx.table(logGroups).put({ ...group, retentionDays: undefined });
    return {};
  },
});

const toGroupView = (
  group: LogGroup,
  storedBytes: number,
  metricFilterCount: number,
): Logs.LogGroup => ({
  logGroupName: group.name,
  creationTime: group.createdAt,
  retentionInDays: group.retentionDays,
  metricFilterCount,
  arn: `${group.arn}:*`,
  logGroupArn: group.arn,
  storedBytes,
  kmsKeyId: group.kmsKeyId,
  logGroupClass: group.logGroupClass as Logs.LogGroupClass,
  deletionProtectionEnabled: group.deletionProtected ?? false,
});

const byName = (a: LogGroup, b: LogGroup): number => (a.name < b.name ? -1 : 1);
