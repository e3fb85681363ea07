/** Tables of CloudWatch Logs. */
import type { LogGroup, LogStream } from "../../model/logs.ts";
import { defineTable } from "../table.ts";

export const logGroups = defineTable<LogGroup>({ name: "log-groups", key: (group) => group.name });

export const logStreams = defineTable<LogStream, "group">({
  name: "log-streams",
  key: (stream) => logStreamRecordKey(stream.group, stream.name),
  indexes: { group: (stream) => [stream.group] },
});

/** Names of groups hold no colon, so that no two streams share a key. */
export const logStreamRecordKey = (group: string, stream: string): string => `${group}:${stream}`;
