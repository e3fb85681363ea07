import { describe, expect, it } from "vitest";
import { type LineJoiner, lineJoiner, messagesOf } from "./log-lines.ts";

const startsEvent = (text: string): boolean => text.startsWith("[");

function add(joiner: LineJoiner, ...texts: string[]) {
  return texts.flatMap((text, at) => joiner.add({ text, stamp: `${at}`, timestamp: at }) ?? []);
}

describe("lines become events", () => {
  it("without a pattern: each line one, an empty one none", () => {
    const joiner = lineJoiner(undefined);
    expect(add(joiner, "a", "", "b")).toEqual([
      { events: [{ timestamp: 0, message: "a" }], stamp: "0" },
      { events: [{ timestamp: 2, message: "b" }], stamp: "2" },
    ]);
    expect(joiner.end()).toBeUndefined();
  });

  it("with a pattern: from one start to before the next, at the first line's time", () => {
    const joiner = lineJoiner(startsEvent);
    expect(add(joiner, "[1", "  at", "", "[2")).toEqual([
      { events: [{ timestamp: 0, message: "[1\n  at\n\n" }], stamp: "2" },
    ]);
    expect(joiner.waitingSince()).toBe(3);
    expect(joiner.end()).toEqual({ events: [{ timestamp: 3, message: "[2\n" }], stamp: "3" });
    expect(joiner.waitingSince()).toBeUndefined();
  });

  it("lines before the first start: an event of their own", () => {
    const joiner = lineJoiner(startsEvent);
    expect(add(joiner, "x", "y", "[1")).toEqual([
      { events: [{ timestamp: 0, message: "x\ny\n" }], stamp: "1" },
    ]);
  });

  it("no start for ever: cut where an event is full", () => {
    const joiner = lineJoiner(startsEvent);
    const done = add(joiner, ...Array.from({ length: 20 }, () => "x".repeat(10_000)));
    expect(done.map(({ stamp }) => stamp)).toEqual(["7", "15"]);
    expect(done.every(({ events }) => events.length === 1)).toBe(true);
  });
});

describe("the messages of a line", () => {
  it("an ordinary line: itself; an empty one: none", () => {
    expect(messagesOf("hello")).toEqual(["hello"]);
    expect(messagesOf("")).toEqual([]);
  });

  it.each(["a", "é", "語", "🚀"])(
    "a very long line of %s: pieces that fit and join again",
    (unit) => {
      const text = unit.repeat(200_000);
      const messages = messagesOf(text);
      expect(messages.join("")).toBe(text);
      for (const message of messages) {
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(262_118);
        expect(message).not.toContain("\ufffd");
      }
    },
  );
});
