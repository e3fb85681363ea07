import { expect, it } from "vitest";
import { TimeLimitError, withinTime } from "./time-limit.ts";

it("work that ends: its result, and its own error", () => {
  expect(withinTime(10_000, () => 7)).toBe(7);
  const failing = (): never => {
    throw new RangeError("its own");
  };
  expect(() => withinTime(10_000, failing)).toThrow(RangeError);
});

it("an expression that would not end: cut off", () => {
  const hostile = () => /^(?=a)(a+)+$/.test(`${"a".repeat(60)}!`);
  expect(() => withinTime(20, hostile)).toThrow(TimeLimitError);
  expect(withinTime(10_000, () => "goes on")).toBe("goes on");
});
