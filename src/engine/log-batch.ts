/**
 * What a batch of log events may be, and a batch as it came over the wire: read where events are
 * stored, so that no other thread has to look at each of them.
 */

export type BatchEvent = { readonly timestamp: number; readonly message: string };

export const mostBatchEvents = 10_000;
export const largestBatchBytes = 1_048_576;
/** What an event counts beside its text. */
export const eventOverheadBytes = 26;
export const longestBatchSpan = 24 * 3_600_000;

/** What a batch must say beside its events, and between which times all of them must lie. */
export type BatchExpectation = {
  readonly rest: Readonly<Record<string, unknown>>;
  readonly earliest: number;
  readonly latest: number;
};

/**
 * The events of a PutLogEvents body of which nothing is to be refused or left out. Undefined for every
 * other one: who asked reads it again and says what is wrong with it.
 */
export function readPlainBatch(
  text: string,
  { rest, earliest, latest }: BatchExpectation,
): BatchEvent[] | undefined {
  const content = parseObject(text);
  if (!content || !Array.isArray(content["logEvents"])) return undefined;
  const { logEvents, ...others } = content;
  if (!isSame(others, rest)) return undefined;
  const events = logEvents as unknown[];
  if (events.length < 1 || events.length > mostBatchEvents || !events.every(isPlainEvent)) {
    return undefined;
  }
  let bytes = 0;
  let before = earliest;
  for (const { timestamp, message } of events) {
    if (timestamp < before) return undefined;
    before = timestamp;
    bytes += Buffer.byteLength(message) + eventOverheadBytes;
  }
  const span = before - (events[0]?.timestamp ?? 0);
  const fits = bytes <= largestBatchBytes && span <= longestBatchSpan && before <= latest;
  return fits ? events : undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const isSame = (
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([name, value]) => Object.hasOwn(other, name) && value === other[name]);

function isPlainEvent(value: unknown): value is BatchEvent {
  if (typeof value !== "object" || value === null) return false;
  const { timestamp, message } = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(timestamp) &&
    typeof message === "string" &&
    message !== "" &&
    Object.keys(value).length === 2
  );
}

/** A page of events as answers hold it: JSON text. `streamName` and `eventId` are FilterLogEvents'. */
export function writeEventList(
  events: Iterable<
    BatchEvent & {
      readonly ingestionTime: number;
      readonly streamName?: string | undefined;
      readonly eventId?: string | undefined;
    }
  >,
): string {
  // One call for all of them takes half as long as one for each text.
  const shown = Array.from(
    events,
    ({ timestamp, message, ingestionTime, streamName: logStreamName, eventId }) => ({
      logStreamName,
      timestamp,
      message,
      ingestionTime,
      eventId,
    }),
  );
  return JSON.stringify(shown);
}
