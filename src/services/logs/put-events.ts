/** PutLogEvents: a batch is taken whole or refused, but for events too old or too new to keep. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogEvent, LogStore } from "../../dataplane/logs/port.ts";
import {
  eventOverheadBytes,
  largestBatchBytes,
  longestBatchSpan,
  mostBatchEvents,
} from "../../engine/log-batch.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { type LiveContext, type LiveOperation, live } from "../../gateway/service.ts";
import { type LogGroup, retentionHorizon } from "../../model/logs.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import { failedConstraint, invalidParameter } from "./errors.ts";
import { requireGroup, requireStream, streamArns } from "./lookup.ts";
import { sequenceToken } from "./streams.ts";

const hour = 3_600_000;
const oldest = 14 * 24 * hour;
const newest = 2 * hour;

export function putLogEvents(
  logs: LogStore,
): LiveOperation<Logs.PutLogEventsRequest, Logs.PutLogEventsResponse> {
  return live<Logs.PutLogEventsRequest, Logs.PutLogEventsResponse>({
    action: "logs:PutLogEvents",
    resources: streamArns,
    // AWS ignores the token since 2023.
    accepts: { logGroupName: true, logStreamName: true, logEvents: true, sequenceToken: true },
    bulk: "logEvents",
    async run(context, input) {
      const stored = context.undecoded && (await putAsItCame(logs, context, input));
      if (stored) return stored;
      const whole = (context.undecoded?.decode() ?? input) as Logs.PutLogEventsRequest;
      const events = validateEvents(whole.logEvents ?? []);
      const { group, key } = findStream(context, input);
      const { now } = context;
      const { kept, rejected } = sift(events, group, now);
      if (kept.length > 0) await logs.append(key, kept, now);
      return { nextSequenceToken: sequenceToken(now), rejectedLogEventsInfo: rejected };
    },
  });
}

/** Undefined when it must be looked at: something in it is refused or left out, or the stream is not there. */
async function putAsItCame(
  logs: LogStore,
  context: LiveContext,
  input: Logs.PutLogEventsRequest,
): Promise<Logs.PutLogEventsResponse | undefined> {
  const { undecoded, now } = context;
  if (!undecoded) return undefined;
  const found = attempt(() => findStream(context, input));
  if (!found) return undefined;
  const isStored = await logs.appendEncoded({
    streamKey: found.key,
    body: undecoded.body,
    rest: undecoded.rest,
    earliest: Math.max(now - oldest, retentionHorizon(found.group, now) ?? 0),
    latest: now + newest,
    ingestionTime: now,
  });
  return isStored ? { nextSequenceToken: sequenceToken(now) } : undefined;
}

function findStream({ read, scope }: LiveContext, input: Logs.PutLogEventsRequest) {
  return read((tx) => {
    const group = requireGroup({ tx, scope }, input.logGroupName);
    const stream = requireStream({ tx, scope }, group, input.logStreamName);
    return { group, key: logStreamKey(scope, group.name, stream.name) };
  });
}

/** Undefined for a refusal, which the whole look at the request gives in its turn. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function validateEvents(input: readonly Logs.InputLogEvent[]): LogEvent[] {
  if (input.length < 1) {
    const constraint = "Member must have length greater than or equal to 1";
    throw failedConstraint("logEvents", "[]", constraint);
  }
  if (input.length > mostBatchEvents) {
    const constraint = `Member must have length less than or equal to ${mostBatchEvents}`;
    throw failedConstraint("logEvents", `${input.length} events`, constraint);
  }
  const events = input.map(toEvent);
  validateOrder(events);
  const bytes = events.reduce(
    (sum, event) => sum + Buffer.byteLength(event.message) + eventOverheadBytes,
    0,
  );
  if (bytes > largestBatchBytes) {
    throw invalidParameter(
      `Upload too large: ${bytes} bytes exceeds limit of ${largestBatchBytes}`,
    );
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
  if (span > longestBatchSpan) {
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
