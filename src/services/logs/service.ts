/** CloudWatch Logs: groups and streams are records, events lie in the log store. */
import type { LogStore } from "../../dataplane/logs/port.ts";
import type { ServiceModule } from "../../gateway/service.ts";
import type { Clock } from "../../seams/clock.ts";
import { withoutIdentifiers } from "./errors.ts";
import { filterLogEvents } from "./filter-events.ts";
import { getLogEvents } from "./get-events.ts";
import {
  associateKmsKey,
  disassociateKmsKey,
  putLogGroupDeletionProtection,
} from "./group-settings.ts";
import {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  putRetentionPolicy,
} from "./groups.ts";
import { startLiveTail } from "./live-tail.ts";
import {
  deleteMetricFilter,
  describeMetricFilters,
  putMetricFilter,
  testMetricFilter,
} from "./metric-filters.ts";
import { putLogEvents } from "./put-events.ts";
import { describeQueries, getQueryResults, startQuery, stopQuery } from "./queries.ts";
import {
  deleteQueryDefinition,
  describeQueryDefinitions,
  putQueryDefinition,
} from "./query-definitions.ts";
import { createQueryRuns } from "./query-runs.ts";
import { getLogGroupFields, getLogRecord } from "./records.ts";
import {
  deleteResourcePolicy,
  describeResourcePolicies,
  putResourcePolicy,
} from "./resource-policies.ts";
import { createLogStream, deleteLogStream, describeLogStreams } from "./streams.ts";
import {
  deleteSubscriptionFilter,
  describeSubscriptionFilters,
  putSubscriptionFilter,
} from "./subscription-filters.ts";
import {
  listTagsForResource,
  listTagsLogGroup,
  tagLogGroup,
  tagResource,
  untagLogGroup,
  untagResource,
} from "./tags.ts";

export type LogsNeeds = { readonly logs: LogStore; readonly clock: Clock };

export function logsService({ logs, clock }: LogsNeeds): ServiceModule {
  const queries = createQueryRuns(logs);
  return {
    name: "logs",
    tagOnCreate: { CreateLogGroup: { action: "logs:TagResource" } },
    validationCode: "InvalidParameterException",
    brokenConstraint: (broken, byDefault) => byDefault(withoutIdentifiers(broken)),
    operations: {
      AssociateKmsKey: associateKmsKey,
      CreateLogGroup: createLogGroup,
      CreateLogStream: createLogStream,
      DeleteLogGroup: deleteLogGroup(logs),
      DeleteLogStream: deleteLogStream(logs),
      DeleteMetricFilter: deleteMetricFilter,
      DeleteQueryDefinition: deleteQueryDefinition,
      DeleteResourcePolicy: deleteResourcePolicy,
      DeleteRetentionPolicy: deleteRetentionPolicy,
      DeleteSubscriptionFilter: deleteSubscriptionFilter,
      DescribeLogGroups: describeLogGroups(logs),
      DescribeLogStreams: describeLogStreams(logs),
      DescribeMetricFilters: describeMetricFilters,
      DescribeQueries: describeQueries(queries),
      DescribeQueryDefinitions: describeQueryDefinitions,
      DescribeResourcePolicies: describeResourcePolicies,
      DescribeSubscriptionFilters: describeSubscriptionFilters,
      DisassociateKmsKey: disassociateKmsKey,
      FilterLogEvents: filterLogEvents(logs),
      GetLogEvents: getLogEvents(logs),
      GetLogGroupFields: getLogGroupFields(logs),
      GetLogRecord: getLogRecord(logs),
      GetQueryResults: getQueryResults(queries),
      ListTagsForResource: listTagsForResource,
      ListTagsLogGroup: listTagsLogGroup,
      PutLogEvents: putLogEvents(logs),
      PutLogGroupDeletionProtection: putLogGroupDeletionProtection,
      PutMetricFilter: putMetricFilter,
      PutQueryDefinition: putQueryDefinition,
      PutResourcePolicy: putResourcePolicy,
      PutRetentionPolicy: putRetentionPolicy,
      PutSubscriptionFilter: putSubscriptionFilter,
      StartLiveTail: startLiveTail(logs, clock),
      StartQuery: startQuery(queries),
      StopQuery: stopQuery(queries),
      TagLogGroup: tagLogGroup,
      TagResource: tagResource,
      TestMetricFilter: testMetricFilter,
      UntagLogGroup: untagLogGroup,
      UntagResource: untagResource,
    },
  };
}
