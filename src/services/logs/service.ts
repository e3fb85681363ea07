/** CloudWatch Logs: groups and streams are records, events lie in the log store. */
import type { LogStore } from "../../dataplane/logs/port.ts";
import type { ServiceModule } from "../../gateway/service.ts";
import { filterLogEvents } from "./filter-events.ts";
import { getLogEvents } from "./get-events.ts";
import {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  putRetentionPolicy,
} from "./groups.ts";
import { putLogEvents } from "./put-events.ts";
import { createLogStream, deleteLogStream, describeLogStreams } from "./streams.ts";
import {
  listTagsForResource,
  listTagsLogGroup,
  tagLogGroup,
  tagResource,
  untagLogGroup,
  untagResource,
} from "./tags.ts";

export function logsService({ logs }: { readonly logs: LogStore }): ServiceModule {
  return {
    name: "logs",
    operations: {
      CreateLogGroup: createLogGroup,
      CreateLogStream: createLogStream,
      DeleteLogGroup: deleteLogGroup(logs),
      DeleteLogStream: deleteLogStream(logs),
      DeleteRetentionPolicy: deleteRetentionPolicy,
      DescribeLogGroups: describeLogGroups(logs),
      DescribeLogStreams: describeLogStreams(logs),
      FilterLogEvents: filterLogEvents(logs),
      GetLogEvents: getLogEvents(logs),
      ListTagsForResource: listTagsForResource,
      ListTagsLogGroup: listTagsLogGroup,
      PutLogEvents: putLogEvents(logs),
      PutRetentionPolicy: putRetentionPolicy,
      TagLogGroup: tagLogGroup,
      TagResource: tagResource,
      UntagLogGroup: untagLogGroup,
      UntagResource: untagResource,
    },
  };
}
