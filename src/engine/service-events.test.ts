import { describe, expect, it } from "vitest";
import type { ServiceEvent } from "../model/ecs.ts";
import {
  reachedSteadyState,
  startedTasks,
  stoppedPendingTasks,
  unableToPlace,
  unrepeated,
  withEvents,
} from "./service-events.ts";

const hour = 3_600_000;
const now = 10 * hour;
const said = (message: string, createdAt = now): ServiceEvent => ({
  id: `${message}-${createdAt}`,
  createdAt,
  message,
});
const problem = unableToPlace("web", "CannotPullContainerError: no.");

describe("texts", () => {
  it("several tasks: their ids side by side", () => {
    expect(startedTasks("web", ["a", "b"], 0).text).toBe(
      "(service web) has started 2 tasks: (task a) (task b).",
    );
  });

  it("pending tasks: without has", () => {
    expect(stoppedPendingTasks("web", 2).text).toBe("(service web) stopped 2 pending tasks.");
  });

  it("a reason that ends in a dot: one dot", () => {
    expect(problem.text).toBe(
      "(service web) was unable to place a task. Reason: CannotPullContainerError: no.",
    );
  });
});

describe("repetition", () => {
  it.each([
    ["said an hour ago: not again", [said(problem.text, now - hour)], 0],
    ["said six hours ago: again", [said(problem.text, now - 6 * hour)], 1],
    [
      "a steady state since: again",
      [said(reachedSteadyState("web").text), said(problem.text, now - hour)],
      1,
    ],
    ["another text since: not again", [said("other"), said(problem.text, now - hour)], 0],
  ] as const)("%s", (_, events, count) => {
    expect(unrepeated(events, [problem], now)).toHaveLength(count);
  });

  it("what may be repeated: is", () => {
    const started = startedTasks("web", ["a"], 0);
    expect(unrepeated([said(started.text)], [started], now)).toEqual([started.text]);
  });
});

describe("the list", () => {
  it("more than a hundred: the newest stay, newest first", () => {
    const old = Array.from({ length: 100 }, (_, at) => said(`old ${at}`));
    const events = withEvents(old, [said("first"), said("second")]);
    expect(events).toHaveLength(100);
    expect(events.slice(0, 3).map(({ message }) => message)).toEqual(["second", "first", "old 0"]);
  });
});
