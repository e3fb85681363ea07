/** Single events and their fields: what stands behind `@ptr`, and what a group's events have in common. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { type LogStore, positionOf, type StoredLogEvent } from "../../dataplane/logs/port.ts";
import { fieldsOf } from "../../engine/insights/record.ts";
import { type LiveOperation, live } from "../../gateway/service.ts";
import { formatLogPointer, type LogStream, parseLogPointer } from "../../model/logs.ts";
import type { Scope } from "../../model/scope.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import { logStreams } from "../../state/tables/logs.ts";
import { invalidParameter, streamNotFound } from "./errors.ts";
import { groupArns, groupNameOf, requireGroup, streamsOf } from "./lookup.ts";

export function getLogRecord(
  logs: LogStore,
): LiveOperation<Logs.GetLogRecordRequest, Logs.GetLogRecordResponse> {
  return live<Logs.GetLogRecordRequest, Logs.GetLogRecordResponse>({
    action: "logs:GetLogRecord",
    resources: () => ["*"],
    accepts: {
      logRecordPointer: true,
      // Nothing is masked.
      unmask: true,
    },
    async run({ read, scope }, input) {
      const pointer = parseLogPointer(input.logRecordPointer ?? "");
      if (!pointer) throw invalidParameter("The specified logRecordPointer is invalid.");
      const prefix = `${scope.account}/${scope.region}/`;
      const key = pointer.streamKey.startsWith(prefix) && pointer.streamKey.slice(prefix.length);
      const stream = read((tx) => key && tx.table(logStreams).get(scope, key));
      const event = stream && (await logs.find([pointer.streamKey], pointer.position));
      if (!event) throw streamNotFound();
      return { logRecord: toRecord(event, stream, scope) };
    },
  });
}

const toRecord = (event: StoredLogEvent, stream: LogStream, scope: Scope): Record<string, string> =>
  fieldsOf({
    ...event,
    log: `${scope.account}:${stream.group}`,
    logStream: stream.name,
    pointer: formatLogPointer({ streamKey: event.streamKey, position: positionOf(event) }),
  });

const sampled = 1_000;
const mostBytes = 4 * 1024 * 1024;
/** AWS looks at a quarter of an hour: the last one, or eight minutes either side of a time. */
const window = 15 * 60_000;
const eitherSide = 8 * 60_000;

export function getLogGroupFields(
  logs: LogStore,
): LiveOperation<Logs.GetLogGroupFieldsRequest, Logs.GetLogGroupFieldsResponse> {
  return live<Logs.GetLogGroupFieldsRequest, Logs.GetLogGroupFieldsResponse>({
    action: "logs:GetLogGroupFields",
    resources: groupArns,
    accepts: { logGroupName: true, logGroupIdentifier: true, time: true },
    async run({ read, scope, now }, input) {
      const streams = read((tx) => {
        const group = requireGroup({ tx, scope }, groupNameOf(input, scope));
        const known = streamsOf({ tx, scope }, group);
        return new Map(known.map((one) => [logStreamKey(scope, one.group, one.name), one]));
      });
      const around = input.time === undefined ? undefined : input.time * 1_000;
      const { events } = await logs.query({
        streamKeys: [...streams.keys()],
        startTime: around === undefined ? now - window : around - eitherSide,
        endTimeExclusive: around === undefined ? undefined : around + eitherSide,
        from: undefined,
        direction: "backward",
        limit: sampled,
        maxBytes: mostBytes,
        filter: undefined,
      });
      const counts = new Map<string, number>();
      for (const event of events) {
        const stream = streams.get(event.streamKey);
        if (!stream) continue;
        for (const name of Object.keys(toRecord(event, stream, scope))) {
          if (name !== "@ptr") counts.set(name, (counts.get(name) ?? 0) + 1);
        }
      }
      const fields = [...counts].map(([name, count]) => ({
        name,
        percent: Math.round((100 * count) / events.length),
      }));
      return { logGroupFields: fields.toSorted((a, b) => (b.percent ?? 0) - (a.percent ?? 0)) };
    },
  });
}
