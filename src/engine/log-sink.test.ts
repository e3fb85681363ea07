import { describe, expect, it } from "vitest";
import { logSinkOf, messagesOf } from "./log-sink.ts";

const task = { account: "000000000000", region: "us-east-1", id: "0123" };
const container = (logDriver: string, options: Record<string, string>) => ({
  name: "app",
  logConfiguration: { logDriver, options },
});

describe("where a container's lines go", () => {
  it("awslogs: prefix, container and task make the stream", () => {
    const options = { "awslogs-group": "/ecs/app", "awslogs-stream-prefix": "web" };
    expect(logSinkOf(task, container("awslogs", options))).toEqual({
      scope: { account: "000000000000", region: "us-east-1" },
      group: "/ecs/app",
      stream: "web/app/0123",
      createGroup: false,
    });
  });

  it("awslogs into another region: that region's group", () => {
    const options = { "awslogs-group": "g", "awslogs-region": "eu-west-1" };
    expect(logSinkOf(task, container("awslogs", options))?.scope.region).toBe("eu-west-1");
  });

  it("another driver, or none: nowhere", () => {
    expect(logSinkOf(task, container("splunk", {}))).toBeUndefined();
    expect(logSinkOf(task, { name: "app", logConfiguration: undefined })).toBeUndefined();
  });
});

describe("the events of a line", () => {
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
