import { describe, expect, it } from "vitest";
import { largestBatchBytes, mostBatchEvents, readPlainBatch, writeEventList } from "./log-batch.ts";

const rest = { logGroupName: "g", logStreamName: "s" };
const expected = { rest, earliest: 10, latest: 90_000_000 };
const events = [
  { timestamp: 10, message: "a" },
  { timestamp: 10, message: "b" },
  { timestamp: 12, message: "ü" },
];
const read = (content: unknown, more: object = {}) =>
  readPlainBatch(typeof content === "string" ? content : JSON.stringify(content), {
    ...expected,
    ...more,
  });

describe("a batch as it came", () => {
  it("of which nothing is refused: its events", () => {
    expect(read({ ...rest, logEvents: events })).toEqual(events);
    expect(read({ logEvents: events, logStreamName: "s", logGroupName: "g" })).toEqual(events);
  });

  it.each([
    ["not JSON", '{"logGroupName":"g",'],
    ["a list", []],
    ["another stream than was looked up", { ...rest, logStreamName: "t", logEvents: events }],
    ["a member more", { ...rest, odd: 1, logEvents: events }],
    ["a member less", { logGroupName: "g", logEvents: events }],
    [
      "a stream said twice",
      '{"logGroupName":"g","logStreamName":"s","logEvents":[],"logStreamName":"t"}',
    ],
    ["no events", { ...rest, logEvents: [] }],
    ["events that are none", { ...rest, logEvents: "x" }],
    ["an event with a member more", { ...rest, logEvents: [{ ...events[0], odd: 1 }] }],
    ["an event without text", { ...rest, logEvents: [{ timestamp: 10, message: "" }] }],
    ["a time in text", { ...rest, logEvents: [{ timestamp: "10", message: "a" }] }],
    ["a time that is no whole number", { ...rest, logEvents: [{ timestamp: 10.5, message: "a" }] }],
    ["out of order", { ...rest, logEvents: events.toReversed() }],
    ["before the first time", { ...rest, logEvents: [{ timestamp: 9, message: "a" }] }],
    ["after the last time", { ...rest, logEvents: [{ timestamp: 90_000_001, message: "a" }] }],
    [
      "more than a day",
      { ...rest, logEvents: [events[0], { timestamp: 86_400_011, message: "a" }] },
    ],
    [
      "too many",
      { ...rest, logEvents: Array.from({ length: mostBatchEvents + 1 }, () => events[0]) },
    ],
    [
      "too large",
      { ...rest, logEvents: [{ timestamp: 10, message: "x".repeat(largestBatchBytes - 25) }] },
    ],
  ])("%s: read again by who can say so", (_, content) => {
    expect(read(content)).toBeUndefined();
  });
});

it("a page written: JSON of the members that were given, whatever the text", () => {
  const text = 'say "ü"\n\u2028\ud800';
  const event = { timestamp: 1, message: text, ingestionTime: 2 };
  const full = { ...event, streamName: 'a"b', eventId: "007" };
  expect(JSON.parse(writeEventList([event, full]))).toEqual([
    event,
    { ...event, logStreamName: 'a"b', eventId: "007" },
  ]);
  expect(writeEventList([])).toBe("[]");
});
