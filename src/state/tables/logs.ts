/** Tables of CloudWatch Logs. */
import type {
  LogGroup,
  LogResourcePolicy,
  LogStream,
  MetricFilter,
  QueryDefinition,
  SubscriptionFilter,
} from "../../model/logs.ts";
import { defineTable } from "../table.ts";

export const logGroups = defineTable<LogGroup>({ name: "log-groups", key: (group) => group.name });

export const logStreams = defineTable<LogStream, "group">({
  name: "log-streams",
  key: (stream) => logStreamRecordKey(stream.group, stream.name),
  indexes: { group: (stream) => [stream.group] },
});

/** Names of groups hold no colon, so that no two streams share a key. */
export const logStreamRecordKey = (group: string, stream: string): string => `${group}:${stream}`;

export const logFilterKey = (group: string, filter: string): string => `${group}:${filter}`;

export const metricFilters = defineTable<MetricFilter, "group">({
  name: "log-metric-filters",
  key: (filter) => logFilterKey(filter.group, filter.name),
  indexes: { group: (filter) => [filter.group] },
});

export const subscriptionFilters = defineTable<SubscriptionFilter, "group">({
  name: "log-subscription-filters",
  key: (filter) => logFilterKey(filter.group, filter.name),
  indexes: { group: (filter) => [filter.group] },
});

export const logResourcePolicies = defineTable<LogResourcePolicy>({
  name: "log-resource-policies",
  key: (policy) => policy.name,
});

export const queryDefinitions = defineTable<QueryDefinition>({
  name: "log-query-definitions",
  key: (definition) => definition.id,
});
