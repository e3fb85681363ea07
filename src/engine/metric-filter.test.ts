import { describe, expect, it } from "vitest";
import { parseLogPattern } from "./log-pattern/pattern.ts";
import { addToMinute, metricValueOf } from "./metric-filter.ts";

const metricOf = (text: string, metricValue: string, message: string): number | undefined => {
  const parsed = parseLogPattern(text);
  if (parsed.type !== "pattern") throw new Error(`${text} is no pattern`);
  return metricValueOf(parsed.pattern, { metricValue }, message);
};

describe("the value of a message for a metric", () => {
  it.each([
    ["ERROR", "1", "an ERROR", 1],
    ["ERROR", "2.5", "an ERROR", 2.5],
    ["ERROR", "1", "fine", undefined],
    ["{ $.ms > 5 }", "$.ms", '{"ms":9}', 9],
    ["{ $.ms > 5 }", "$.size", '{"ms":9,"size":"12"}', 12],
    ["{ $.ms > 5 }", "$.size", '{"ms":9}', undefined],
    ["{ $.ms > 5 }", "$.size", '{"ms":9,"size":"big"}', undefined],
    ["{ $.ms > 5 }", "$.ms", '{"ms":1}', undefined],
    ["[verb, bytes]", "$bytes", "GET 12", 12],
    ["[verb, bytes]", "$bytes", "GET many", undefined],
  ])("%s, %s of %j: %s", (pattern, metricValue, message, expected) => {
    expect(metricOf(pattern, metricValue, message)).toBe(expected);
  });

  it("values of one minute: sum, count and bounds", () => {
    const minute = [4, -1, 6].reduce<ReturnType<typeof addToMinute> | undefined>(
      addToMinute,
      undefined,
    );
    expect(minute).toEqual({ sum: 9, count: 3, minimum: -1, maximum: 6 });
  });
});
