/**
 * GetLogEvents: one stream, forth and back. A token names a place and a direction; at the end of the
 * stream the token that came in goes out again, which is how clients know.
 */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogStore } from "../../dataplane/logs/port.ts";
import { EncodedJson } from "../../gateway/bulk.ts";
import { type LiveOperation, live } from "../../gateway/service.ts";
import { retentionHorizon } from "../../model/logs.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import { invalidParameter } from "./errors.ts";
import { groupNameOf, requireGroup, requireStream, streamArns } from "./lookup.ts";
import { validateLimit } from "./paging.ts";

/** One answer holds so many events and bytes. */
export const mostEvents = 10_000;
export const mostBytes = 1_048_576;

/** The place before every event: what an empty stream's tokens name. */
const beginning = "0".repeat(56);

/** The events are written by the store. */
type Answer = Omit<Logs.GetLogEventsResponse, "events"> & { readonly events: EncodedJson };

export function getLogEvents(logs: LogStore): LiveOperation<Logs.GetLogEventsRequest, Answer> {
  return live<Logs.GetLogEventsRequest, Answer>({
    action: "logs:GetLogEvents",
    resources: streamArns,
    accepts: {
      logGroupName: true,
      logGroupIdentifier: true,
      logStreamName: true,
      startTime: true,
      endTime: true,
      nextToken: true,
      // Nothing is masked.
      unmask: true,
      limit: true,
      startFromHead: true,
    },
    async run({ read, scope, now }, input) {
      const limit = validateLimit(input.limit, mostEvents) ?? mostEvents;
      const { direction, from } = toPlace(input);
      const { group, stream } = read((tx) => {
        const found = requireGroup({ tx, scope }, groupNameOf(input, scope));
        return { group: found, stream: requireStream({ tx, scope }, found, input.logStreamName) };
      });
      const query = {
        streamKeys: [logStreamKey(scope, group.name, stream.name)],
        startTime: Math.max(input.startTime ?? 0, retentionHorizon(group, now) ?? 0),
        endTimeExclusive: input.endTime,
        from,
        direction,
        limit,
        maxBytes: mostBytes,
        filter: undefined,
      };
      const { events, first, last } = await logs.queryEncoded(query, undefined);
      return {
        events: new EncodedJson(events),
        nextForwardToken: `f/${last ?? from ?? beginning}`,
        nextBackwardToken: `b/${first ?? from ?? beginning}`,
      };
    },
  });
}

function toPlace(input: Logs.GetLogEventsRequest): {
  direction: "forward" | "backward";
  from: string | undefined;
} {
  if (input.nextToken === undefined) {
    return { direction: input.startFromHead ? "forward" : "backward", from: undefined };
  }
  const [, direction, from] = /^([fb])\/(\d{56})$/.exec(input.nextToken) ?? [];
  if (!direction || !from) throw invalidParameter("The specified nextToken is invalid.");
  return { direction: direction === "f" ? "forward" : "backward", from };
}
