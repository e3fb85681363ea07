/** Log streams: made, listed, deleted. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogStore } from "../../dataplane/logs/port.ts";
import { type LiveOperation, live, write } from "../../gateway/service.ts";
import type { LogStream } from "../../model/logs.ts";
import type { Scope } from "../../model/scope.ts";
import { ensureLogStream, logStreamKey } from "../../state/log-streams.ts";
import { logStreamRecordKey, logStreams } from "../../state/tables/logs.ts";
import {
  failedConstraint,
  groupNotFound,
  invalidParameter,
  streamAlreadyExists,
} from "./errors.ts";
import {
  groupArns,
  groupNameOf,
  requireGroup,
  requireStream,
  streamArns,
  streamsOf,
  validateGroupName,
  validateStreamName,
} from "./lookup.ts";
import { pageOf } from "./paging.ts";

export const createLogStream = write<Logs.CreateLogStreamRequest, Record<string, never>>({
  action: "logs:CreateLogStream",
  resources: streamArns,
  accepts: { logGroupName: true, logStreamName: true },
  run({ tx, scope, now }, input) {
    const group = validateGroupName(input.logGroupName);
    const stream = validateStreamName(input.logStreamName);
    switch (ensureLogStream(tx, { scope, group, stream, now })) {
      case "created":
        return {};
      case "exists":
        throw streamAlreadyExists();
      case "no-group":
        throw groupNotFound();
    }
  },
});

export function deleteLogStream(
  logs: LogStore,
): LiveOperation<Logs.DeleteLogStreamRequest, Record<string, never>> {
  return live<Logs.DeleteLogStreamRequest, Record<string, never>>({
    action: "logs:DeleteLogStream",
    resources: streamArns,
    accepts: { logGroupName: true, logStreamName: true },
    async run({ write: writing, scope }, input) {
      const stream = writing((tx) => {
        const group = requireGroup({ tx, scope }, input.logGroupName);
        const found = requireStream({ tx, scope }, group, input.logStreamName);
        tx.table(logStreams).delete(scope, logStreamRecordKey(group.name, found.name));
        return found;
      });
      await logs.deleteStream(logStreamKey(scope, stream.group, stream.name));
      return {};
    },
  });
}

export function describeLogStreams(
  logs: LogStore,
): LiveOperation<Logs.DescribeLogStreamsRequest, Logs.DescribeLogStreamsResponse> {
  return live<Logs.DescribeLogStreamsRequest, Logs.DescribeLogStreamsResponse>({
    action: "logs:DescribeLogStreams",
    resources: groupArns,
    accepts: {
      logGroupName: true,
      logGroupIdentifier: true,
      logStreamNamePrefix: true,
      orderBy: true,
      descending: true,
      nextToken: true,
      limit: true,
    },
    async run({ read: reading, scope }, input) {
      const order = validateOrder(input);
      const { descending } = input;
      const operation = "DescribeLogStreams";
      const streams = reading((tx) =>
        streamsOf({ tx, scope }, requireGroup({ tx, scope }, groupNameOf(input, scope))),
      ).filter((stream) => stream.name.startsWith(input.logStreamNamePrefix ?? ""));
      const views = (some: readonly LogStream[]) => toStreamViews(logs, scope, some);
      if (order === "LastEventTime") {
        const all = (await views(streams)).toSorted(byLastEvent);
        if (input.descending) all.reverse();
        const { page, nextToken } = pageOf(all, input, {
          operation,
          keyOf: lastEventKey,
          descending,
        });
        return { logStreams: [...page], nextToken };
      }
      const sorted = streams.toSorted(byName);
      if (input.descending) sorted.reverse();
      const { page, nextToken } = pageOf(sorted, input, {
        operation,
        keyOf: ({ name }) => name,
        descending,
      });
      return { logStreams: await views(page), nextToken };
    },
  });
}

function validateOrder(input: Logs.DescribeLogStreamsRequest): Logs.OrderBy {
  const order = input.orderBy ?? "LogStreamName";
  if (order !== "LogStreamName" && order !== "LastEventTime") {
    const constraint = "Member must satisfy enum value set: [LogStreamName, LastEventTime]";
    throw failedConstraint("orderBy", order, constraint);
  }
  if (order === "LastEventTime" && input.logStreamNamePrefix !== undefined) {
    throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  return order;
}

async function toStreamViews(
  logs: LogStore,
  scope: Scope,
  streams: readonly LogStream[],
): Promise<Logs.LogStream[]> {
  const keyOf = (stream: LogStream): string => logStreamKey(scope, stream.group, stream.name);
  const known = await logs.describe(streams.map(keyOf));
  return streams.map((stream) => {
    const events = known.get(keyOf(stream));
    return {
      logStreamName: stream.name,
      creationTime: stream.createdAt,
      firstEventTimestamp: events?.first,
      lastEventTimestamp: events?.last,
      lastIngestionTime: events?.lastIngestion,
      uploadSequenceToken: sequenceToken(events?.lastIngestion ?? 0),
      arn: stream.arn,
      // AWS has reported 0 for streams since 2019.
      storedBytes: 0,
    };
  });
}

/** Writers need none any more, but get one still: 56 digits. */
export const sequenceToken = (ingestion: number): string => String(ingestion).padStart(56, "4");

const byName = (a: LogStream, b: LogStream): number => (a.name < b.name ? -1 : 1);

/** Streams without events come first, equals by name. */
/** The order of `byLastEvent` as texts. */
const lastEventKey = ({ lastEventTimestamp = 0, logStreamName = "" }: Logs.LogStream): string =>
  `${String(lastEventTimestamp).padStart(16, "0")} ${logStreamName}`;

const byLastEvent = (a: Logs.LogStream, b: Logs.LogStream): number =>
  (a.lastEventTimestamp ?? 0) - (b.lastEventTimestamp ?? 0) ||
  ((a.logStreamName ?? "") < (b.logStreamName ?? "") ? -1 : 1);
