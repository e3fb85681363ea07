/** PutLogEvents: a batch is taken whole or refused, but for events too old or too new to keep. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogEvent, LogStore } from "../../dataplane/logs/port.ts";
import { type LiveOperation, live } from "../../gateway/service.ts";
import { type LogGroup, retentionHorizon } from "../../model/logs.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import { failedConstraint, invalidParameter } from "./errors.ts";
import { groupArns, requireGroup, requireStream } from "./lookup.ts";
import { sequenceToken } from "./streams.ts";

const largestBatch = 1_048_576;
const mostEvents = 10_000;
const eventOverhead = 26;
const hour = 3_600_000;
const longestSpan = 24 * hour;
const oldest = 14 * 24 * hour;
const newest = 2 * hour;

export function putLogEvents(
  logs: LogStore,
): LiveOperation<Logs.PutLogEventsRequest, Logs.PutLogEventsResponse> {
  return live<Logs.PutLogEventsRequest, Logs.PutLogEventsResponse>({
    action: "logs:PutLogEvents",
    resources: groupArns,
    // AWS ignores the token since 2023.
    accepts: { logGroupName: true, logStreamName: true, logEvents: true, sequenceToken: true },
    async run({ read, scope, now }, input) {
      const events = validateEvents(input.logEvents ?? []);
      const { group, stream } = read((tx) => {
        const found = requireGroup({ tx, scope }, input.logGroupName);
        return { group: found, stream: requireStream({ tx, scope }, found, input.logStreamName) };
      });
      const { kept, rejected } = sift(events, group, now);
      const key = logStreamKey(scope, group.name, stream.name);
      if (kept.length > 0) await logs.append(key, kept, now);
      return { nextSequenceToken: sequenceToken(now), rejectedLogEventsInfo: rejected };
    },
  });
}

function validateEvents(input: readonly Logs.InputLogEvent[]): LogEvent[] {
  if (input.length < 1) {
    const constraint = "Member must have length greater than or equal to 1";
    throw failedConstraint("logEvents", "[]", constraint);
  }
  if (input.length > mostEvents) {
    const constraint = `Member must have length less than or equal to ${mostEvents}`;
    throw failedConstraint("logEvents", `${input.length} events`, constraint);
  }
  const events = input.map(toEvent);
  validateOrder(events);
  const bytes = events.reduce(
    (sum, event) => sum + Buffer.byteLength(event.message) + eventOverhead,
    0,
  );
  if (bytes > largestBatch) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${largestBatch}`);
  }
  return events;
}

function toEvent({ timestamp, message }: Logs.InputLogEvent, at: number): LogEvent {
  if (timestamp === undefined || !Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw failedConstraint(
      `logEvents.${at + 1}.member.timestamp`,
      String(timestamp),
      "Member must have value greater than or equal to 0",
    );
  }
  if (!message) {
    throw failedConstraint(
      `logEvents.${at + 1}.member.message`,
      "",
      "Member must have length greater than or equal to 1",
    );
  }
  return { timestamp, message };
}

function validateOrder(events: readonly LogEvent[]): void {
  const inOrder = events.every(
    (event, at) => at === 0 || event.timestamp >= (events[at - 1]?.timestamp ?? 0),
  );
  if (!inOrder) {
    throw invalidParameter(
      "Log events in a single PutLogEvents request must be in chronological order.",
    );
  }
  const span = (events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0);
  if (span > longestSpan) {
    throw invalidParameter(
      "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    );
  }
}

/** Events are in order, so what is dropped lies at the two ends. */
function sift(
  events: readonly LogEvent[],
  group: LogGroup,
  now: number,
): {
  readonly kept: readonly LogEvent[];
  readonly rejected: Logs.RejectedLogEventsInfo | undefined;
} {
  const firstFrom = (time: number): number => {
    const at = events.findIndex((event) => event.timestamp >= time);
    return at < 0 ? events.length : at;
  };
  const tooOld = firstFrom(now - oldest);
  const expired = firstFrom(retentionHorizon(group, now) ?? 0);
  const tooNew = firstFrom(now + newest + 1);
  const kept = events.slice(Math.max(tooOld, expired), tooNew);
  if (kept.length === events.length) return { kept, rejected: undefined };
  const rejected = {
    tooOldLogEventEndIndex: tooOld > 0 ? tooOld : undefined,
    expiredLogEventEndIndex: expired > 0 ? expired : undefined,
    tooNewLogEventStartIndex: tooNew < events.length ? tooNew : undefined,
  };
  return { kept, rejected };
}
