/** StartLiveTail: an answer that goes on with what is stored in up to ten groups, until the client leaves. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogStore } from "../../dataplane/logs/port.ts";
import { type LiveOperation, live } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { LogGroup } from "../../model/logs.ts";
import type { Scope } from "../../model/scope.ts";
import type { Clock } from "../../seams/clock.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import { failedConstraint, invalidParameter } from "./errors.ts";
import { toPattern } from "./filter-pattern.ts";
import { groupArns, nameOfIdentifier, requireStandardGroup } from "./lookup.ts";
import { openTail, type TailBatch } from "./tail-session.ts";

const mostGroups = 10;

type Event =
  | { sessionStart: Logs.LiveTailSessionStart }
  | { sessionUpdate: Logs.LiveTailSessionUpdate };
type Answer = { readonly responseStream: AsyncIterable<Event> };

export function startLiveTail(
  logs: LogStore,
  clock: Clock,
): LiveOperation<Logs.StartLiveTailRequest, Answer> {
  return live<Logs.StartLiveTailRequest, Answer>({
    action: "logs:StartLiveTail",
    resources: (input, context) =>
      (input.logGroupIdentifiers ?? []).flatMap((logGroupIdentifier) =>
        groupArns({ logGroupIdentifier }, context),
      ),
    accepts: {
      logGroupIdentifiers: true,
      logStreamNames: true,
      logStreamNamePrefixes: true,
      logEventFilterPattern: true,
    },
    async run({ read, scope, ids, requestId }, input) {
      const names = validateGroups(input, scope);
      const isStream = validateStreams(input);
      const pattern = toPattern(input.logEventFilterPattern ?? "", "Invalid filter pattern");
      const groups = read((tx) => names.map((name) => requireStandardGroup({ tx, scope }, name)));
      const find = (streamKey: string) => findGroup(groups, scope, streamKey);
      const isWanted = (streamKey: string): boolean => {
        const found = find(streamKey);
        return found !== undefined && isStream(found.stream);
      };
      const sessionStart: Logs.LiveTailSessionStart = {
        requestId,
        sessionId: ids.uuid(),
        logGroupIdentifiers: groups.map((group) => group.arn),
        logStreamNames: input.logStreamNames,
        logStreamNamePrefixes: input.logStreamNamePrefixes,
        logEventFilterPattern: input.logEventFilterPattern ?? "",
      };
      const tail = openTail({ logs, clock, isWanted, matches: pattern.matches });
      const toUpdate = ({ events, sampled }: TailBatch): Event => ({
        sessionUpdate: {
          sessionMetadata: { sampled },
          sessionResults: events.map(({ streamKey, ...event }) => ({
            ...event,
            logStreamName: find(streamKey)?.stream,
            logGroupIdentifier: find(streamKey)?.group.arn,
          })),
        },
      });
      return { responseStream: withStart({ sessionStart }, tail, toUpdate) };
    },
  });
}

/** The ARNs must be those of groups, without `:*`. */
function validateGroups(
  { logGroupIdentifiers = [] }: Logs.StartLiveTailRequest,
  scope: Scope,
): string[] {
  if (logGroupIdentifiers.length < 1 || logGroupIdentifiers.length > mostGroups) {
    const bound = `Member must have length between 1 and ${mostGroups}, inclusive`;
    throw failedConstraint("logGroupIdentifiers", `${logGroupIdentifiers.length} groups`, bound);
  }
  return logGroupIdentifiers.map((identifier) => {
    const isArn = parseArn(identifier)?.resource.startsWith("log-group:");
    if (isArn && !identifier.endsWith("*")) return nameOfIdentifier(identifier, scope);
    throw invalidParameter(`The log group identifier ${identifier} is not the ARN of a log group.`);
  });
}

function validateStreams(input: Logs.StartLiveTailRequest): (stream: string) => boolean {
  const { logGroupIdentifiers = [], logStreamNames = [], logStreamNamePrefixes = [] } = input;
  if (logStreamNames.length === 0 && logStreamNamePrefixes.length === 0) return () => true;
  if (logStreamNames.length > 0 && logStreamNamePrefixes.length > 0) {
    throw invalidParameter("logStreamNames and logStreamNamePrefixes are mutually exclusive.");
  }
  if (logGroupIdentifiers.length > 1) {
    throw invalidParameter("Log streams can be named for one log group only.");
  }
  return (stream) =>
    logStreamNames.includes(stream) ||
    logStreamNamePrefixes.some((prefix) => stream.startsWith(prefix));
}

function findGroup(
  groups: readonly LogGroup[],
  scope: Scope,
  streamKey: string,
): { readonly group: LogGroup; readonly stream: string } | undefined {
  for (const group of groups) {
    const prefix = logStreamKey(scope, group.name, "");
    if (streamKey.startsWith(prefix)) return { group, stream: streamKey.slice(prefix.length) };
  }
  return undefined;
}

const withStart = (
  start: Event,
  tail: AsyncIterator<TailBatch>,
  toUpdate: (batch: TailBatch) => Event,
): AsyncIterable<Event> => ({
  [Symbol.asyncIterator]() {
    let isStarted = false;
    return {
      async next() {
        if (!isStarted) {
          isStarted = true;
          return { done: false, value: start };
        }
        const { done, value } = await tail.next();
        return done ? { done, value: undefined } : { done: false, value: toUpdate(value) };
      },
      async return() {
        await tail.return?.();
        return { done: true, value: undefined };
      },
    };
  },
});
