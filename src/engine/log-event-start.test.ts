import { describe, expect, it } from "vitest";
import { eventStartOf } from "./log-event-start.ts";

const starts = (options: Record<string, string>, line: string): boolean =>
  eventStartOf(options)?.(line) ?? false;

describe("the line that begins an event", () => {
  it("no pattern: each line is an event", () => {
    expect(eventStartOf({ "awslogs-group": "g" })).toBeUndefined();
  });

  it("a multiline pattern: looked for anywhere in the line", () => {
    const options = { "awslogs-multiline-pattern": "^INFO|ERROR" };
    expect(starts(options, "INFO up")).toBe(true);
    expect(starts(options, "  an ERROR")).toBe(true);
    expect(starts(options, "  INFO")).toBe(false);
  });

  it("a time format: lines that hold such a time", () => {
    const formats: [string, string, string][] = [
      ["\\[%b %d, %Y %H:%M:%S\\]", "[May 01, 2017 19:00:01] A", "[May 41, 2017 19:00:01]"],
      ["%Y-%m-%d %H:%M:%S%L", "2026-01-02 03:04:05.678 x", "2026-13-02 03:04:05.678"],
      ["%A %I:%M %p", "Monday 11:59 PM", "Monday 13:59 PM"],
      ["%y%j %f %z %Z \\(%a\\)", "26002 123456 +0100 CET (Fri)", "26002 123456 0100 CET (Fri)"],
    ];
    for (const [format, yes, no] of formats) {
      const options = { "awslogs-datetime-format": format };
      expect([format, starts(options, yes), starts(options, no)]).toEqual([format, true, false]);
    }
  });
});
