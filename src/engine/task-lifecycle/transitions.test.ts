import { describe, expect, it } from "vitest";
import { aTask } from "../../../test/builders/ecs.ts";
import { taskStatuses } from "../../model/ecs.ts";
import { allowedTransitions, longestReason, moveTask, requestStop } from "./transitions.ts";

describe("a task's status", () => {
  it("each allowed transition: leads forward", () => {
    for (const from of taskStatuses) {
      for (const to of allowedTransitions[from]) {
        expect(taskStatuses.indexOf(to)).toBeGreaterThan(taskStatuses.indexOf(from));
      }
    }
  });

  it("every status: leads to STOPPED", () => {
    for (const from of taskStatuses) {
      let status = from;
      while (status !== "STOPPED") status = allowedTransitions[status].at(-1) ?? status;
      expect(status).toBe("STOPPED");
    }
  });

  it("backwards: a broken invariant", () => {
    const task = aTask({ lastStatus: "RUNNING" });
    expect(() => moveTask(task, { lastStatus: "PENDING" })).toThrow("from RUNNING to PENDING");
  });
});

describe("a task's version", () => {
  it("a change that clients see: counts up", () => {
    expect(moveTask(aTask(), { lastStatus: "PENDING" }).version).toBe(2);
  });

  it("a change that they do not see: stays", () => {
    expect(moveTask(aTask(), { sandbox: { id: "s", netns: undefined } }).version).toBe(1);
  });
});

describe("asking a task to stop", () => {
  const first = { code: "UserInitiated", reason: "enough", at: 1 } as const;

  it("twice: the first reason stays", () => {
    const stopped = requestStop(aTask(), first);
    const again = requestStop(stopped, { ...first, reason: "really", at: 2 });
    expect(again).toBe(stopped);
    expect(stopped).toMatchObject({ desiredStatus: "STOPPED", stop: first, version: 2 });
  });

  it("with a reason longer than AWS's limit: it is cut", () => {
    const stopped = requestStop(aTask(), { ...first, reason: "x".repeat(2000) });
    expect(stopped.stop?.reason).toHaveLength(longestReason);
  });
});
