/** FilterLogEvents: the streams of a group together, by time and by what the messages say. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogStore } from "../../dataplane/logs/port.ts";
import { EncodedJson } from "../../gateway/bulk.ts";
import { type LiveOperation, live } from "../../gateway/service.ts";
import { retentionHorizon } from "../../model/logs.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import { failedConstraint, invalidParameter } from "./errors.ts";
import { validatePattern } from "./filter-pattern.ts";
import { mostBytes, mostEvents } from "./get-events.ts";
import { groupArns, groupNameOf, requireGroup, requireStream, streamsOf } from "./lookup.ts";
import { validateLimit } from "./paging.ts";

const mostStreams = 100;

/** The events are written by the store. */
type Answer = Omit<Logs.FilterLogEventsResponse, "events"> & { readonly events: EncodedJson };

export function filterLogEvents(
  logs: LogStore,
): LiveOperation<Logs.FilterLogEventsRequest, Answer> {
  return live<Logs.FilterLogEventsRequest, Answer>({
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
      // Nothing is masked.
      unmask: true,
      limit: true,
      // Since 2019 results are always interleaved, whatever is asked.
      interleaved: true,
    },
    async run({ read, scope, now }, input) {
      const limit = validateLimit(input.limit, mostEvents) ?? mostEvents;
      const filter = validatePattern(input.filterPattern ?? "");
      const from = validateToken(input.nextToken);
      const prefix = validateStreams(input);
      const { group, names } = read((tx) => {
        const found = requireGroup({ tx, scope }, groupNameOf(input, scope));
        const streams = input.logStreamNames?.length
          ? input.logStreamNames.map((name) => requireStream({ tx, scope }, found, name))
          : streamsOf({ tx, scope }, found);
        const chosen = streams.filter((stream) => stream.name.startsWith(prefix));
        const key = (name: string): string => logStreamKey(scope, found.name, name);
        return { group: found, names: new Map(chosen.map(({ name }) => [key(name), name])) };
      });
      // The store looks at so many events a call; a page may be empty and still have a token.
      const query = {
        streamKeys: [...names.keys()],
        startTime: Math.max(input.startTime ?? 0, retentionHorizon(group, now) ?? 0),
        endTimeExclusive: input.endTime === undefined ? undefined : input.endTime + 1,
        from,
        direction: "forward" as const,
        limit,
        maxBytes: mostBytes,
        filter,
      };
      const form = { names: Object.fromEntries(names) };
      const { events, next } = await logs.queryEncoded(query, form);
      return { events: new EncodedJson(events), searchedLogStreams: [], nextToken: next };
    },
  });
}

function validateToken(token: string | undefined): string | undefined {
  if (token === undefined || /^\d{56}$/.test(token)) return token;
  throw invalidParameter("The specified nextToken is invalid.");
}

/** Gives the prefix that streams must have. */
function validateStreams({ logStreamNames, logStreamNamePrefix }: Logs.FilterLogEventsRequest) {
  if (logStreamNames && logStreamNames.length > mostStreams) {
    const constraint = `Member must have length less than or equal to ${mostStreams}`;
    throw failedConstraint("logStreamNames", `${logStreamNames.length} names`, constraint);
  }
  if (logStreamNames?.length && logStreamNamePrefix !== undefined) {
    throw invalidParameter(
      "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.",
    );
  }
  return logStreamNamePrefix ?? "";
}
