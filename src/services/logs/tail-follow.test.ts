/**
 * The calls that the AWS CLI's `logs tail --follow` makes: FilterLogEvents from a time on, its pages by
 * their tokens, then again from the time of the newest event seen, of which it leaves out those it knows.
 */
import {
  type FilteredLogEvent,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
} from "@aws-sdk/client-cloudwatch-logs";
import { expect, it } from "vitest";
import { group, startWithStream } from "./testing.ts";

async function startFollowing(input: Partial<FilterLogEventsCommandInput> = {}) {
  const at = await startWithStream();
  let known = new Map<number, Set<string>>();
  const follow: FilterLogEventsCommandInput = {
    ...group,
    interleaved: true,
    startTime: at.cloud.clock.now() - 600_000,
    ...input,
  };
  const isNew = ({ timestamp = 0, eventId = "" }: FilteredLogEvent): boolean => {
    const ids = known.get(timestamp) ?? new Set();
    known.set(timestamp, ids);
    return !ids.has(eventId) && ids.add(eventId).size > 0;
  };
  /** What one round prints: all pages there are, then the wait. */
  const poll = async (): Promise<string[]> => {
    const printed: string[] = [];
    do {
      const page = await at.logs.send(new FilterLogEventsCommand(follow));
      printed.push(...(page.events ?? []).filter(isNew).map(({ message }) => message ?? ""));
      const newest = Math.max(...known.keys());
      known = new Map([...known].filter(([timestamp]) => timestamp === newest));
      if (page.nextToken === undefined && known.size > 0) follow.startTime = newest;
      follow.nextToken = page.nextToken;
    } while (follow.nextToken !== undefined);
    return printed;
  };
  return { ...at, poll, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

it("followed: every line once and in its order, over pages and rounds", async () => {
  await using at = await startFollowing();
  expect(await at.poll()).toEqual([]);
  const many = Array.from({ length: 9_000 }, (_, n) => `first ${n}`);
  await at.put(...many);
  const more = Array.from({ length: 9_000 }, (_, n) => `second ${n}`);
  await at.cloud.clock.advance(20_000);
  await at.put(...more);
  expect(await at.poll()).toEqual([...many, ...more]);
  expect(await at.poll()).toEqual([]);
  // In the very millisecond of the newest line that was printed.
  await at.cloud.clock.advance(8_999);
  await at.put("same moment");
  expect(await at.poll()).toEqual(["same moment"]);
  await at.cloud.clock.advance(1);
  await at.put("later");
  expect(await at.poll()).toEqual(["later"]);
  expect(await at.poll()).toEqual([]);
});

it("followed with a pattern, some streams, by the group's ARN: those lines", async () => {
  const identifier = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/app";
  await using at = await startFollowing({
    logGroupName: undefined,
    logGroupIdentifier: identifier,
    filterPattern: "ERROR",
    logStreamNamePrefix: "web/",
  });
  await at.put("fine", "ERROR one");
  expect(await at.poll()).toEqual(["ERROR one"]);
  await at.cloud.clock.advance(5_000);
  await at.put("ERROR two", "fine");
  expect(await at.poll()).toEqual(["ERROR two"]);
});
