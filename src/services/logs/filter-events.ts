/** FilterLogEvents: the streams of a group together, by time and by what the messages say. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogStore, StoredLogEvent } from "../../dataplane/logs/port.ts";
import { type LogFilter, matchesLogFilter, parseLogFilter } from "../../engine/log-filter.ts";
import { type LiveOperation, live } from "../../gateway/service.ts";
import { retentionHorizon } from "../../model/logs.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import { invalidParameter } from "./errors.ts";
import { mostBytes, mostEvents } from "./get-events.ts";
import { groupArns, groupNameOf, requireGroup, requireStream, streamsOf } from "./lookup.ts";
import { validateLimit } from "./paging.ts";

/** Reads of the store that one answer makes at most; a page may be empty and still have a token. */
const mostReads = 5;

export function filterLogEvents(
  logs: LogStore,
): LiveOperation<Logs.FilterLogEventsRequest, Logs.FilterLogEventsResponse> {
  return live<Logs.FilterLogEventsRequest, Logs.FilterLogEventsResponse>({
    action: "logs:FilterLogEvents",
    resources: groupArns,
    accepts: {
      logGroupName: true,
      logGroupIdentifier: true,
      logStreamNames: true,
      logStreamNamePrefix: true,
      startTime: true,
      endTime: true,
      filterPattern: true,
      nextToken: true,
      limit: true,
      // Since 2019 results are always interleaved, whatever is asked.
      interleaved: true,
    },
    async run({ read, scope, now }, input) {
      const limit = validateLimit(input.limit, mostEvents) ?? mostEvents;
      const filter = toFilter(input.filterPattern);
      const from = validateToken(input.nextToken);
      const { group, names } = read((tx) => {
        const found = requireGroup({ tx, scope }, groupNameOf(input));
        const streams = input.logStreamNames?.length
          ? input.logStreamNames.map((name) => requireStream({ tx, scope }, found, name))
          : streamsOf({ tx, scope }, found);
        const prefix = validatePrefix(input);
        const chosen = streams.filter((stream) => stream.name.startsWith(prefix));
        const key = (name: string): string => logStreamKey(scope, found.name, name);
        return { group: found, names: new Map(chosen.map(({ name }) => [key(name), name])) };
      });
      const found = await search(logs, {
        streamKeys: [...names.keys()],
        startTime: Math.max(input.startTime ?? 0, retentionHorizon(group, now) ?? 0),
        endTimeExclusive: input.endTime === undefined ? undefined : input.endTime + 1,
        from,
        limit,
        filter,
      });
      return {
        events: found.events.map((event) => ({
          logStreamName: names.get(event.streamKey),
          timestamp: event.timestamp,
          message: event.message,
          ingestionTime: event.ingestionTime,
          eventId: event.eventId,
        })),
        searchedLogStreams: [],
        nextToken: found.nextToken,
      };
    },
  });
}

type Search = {
  readonly streamKeys: readonly string[];
  readonly startTime: number;
  readonly endTimeExclusive: number | undefined;
  readonly from: string | undefined;
  readonly limit: number;
  readonly filter: LogFilter;
};

/** The store knows only what must occur; the rest of the filter is tried on what it gives. */
async function search(
  logs: LogStore,
  { filter, limit, ...range }: Search,
): Promise<{ readonly events: StoredLogEvent[]; readonly nextToken: string | undefined }> {
  const events: StoredLogEvent[] = [];
  let from = range.from;
  let bytes = 0;
  for (let reads = 0; reads < mostReads; reads++) {
    const some = await logs.query({
      ...range,
      from,
      direction: "forward",
      limit: limit - events.length,
      maxBytes: mostBytes - bytes,
      contains: filter.all,
    });
    const last = some.at(-1);
    if (!last) return { events, nextToken: undefined };
    from = last.position;
    const matching = some.filter((event) => matchesLogFilter(filter, event.message));
    events.push(...matching);
    bytes += matching.reduce((sum, event) => sum + Buffer.byteLength(event.message), 0);
    if (events.length >= limit || bytes >= mostBytes) break;
  }
  return { events, nextToken: from };
}

function toFilter(pattern: string | undefined): LogFilter {
  const parsed = parseLogFilter(pattern ?? "");
  switch (parsed.type) {
    case "terms":
      return parsed.filter;
    case "unsupported":
      throw invalidParameter(
        `Neargate does not evaluate ${parsed.language} filter patterns yet; use terms: ` +
          'word "a phrase" ?either ?or -without',
      );
    case "invalid":
      throw invalidParameter("Invalid filter pattern");
  }
}

function validateToken(token: string | undefined): string | undefined {
  if (token === undefined || /^\d{56}$/.test(token)) return token;
  throw invalidParameter("The specified nextToken is invalid.");
}

function validatePrefix(input: Logs.FilterLogEventsRequest): string {
  if (input.logStreamNames?.length && input.logStreamNamePrefix !== undefined) {
    throw invalidParameter(
      "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.",
    );
  }
  return input.logStreamNamePrefix ?? "";
}
