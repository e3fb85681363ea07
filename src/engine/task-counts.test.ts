import { expect, it } from "vitest";
import { countTasks } from "./task-counts.ts";

it("tasks of every state: only RUNNING ones run, only those that will run are pending", () => {
  const counts = countTasks([
    { lastStatus: "RUNNING", desiredStatus: "RUNNING" },
    { lastStatus: "RUNNING", desiredStatus: "STOPPED" },
    { lastStatus: "PROVISIONING", desiredStatus: "RUNNING" },
    { lastStatus: "PENDING", desiredStatus: "RUNNING" },
    { lastStatus: "PENDING", desiredStatus: "STOPPED" },
    { lastStatus: "DEACTIVATING", desiredStatus: "STOPPED" },
    { lastStatus: "STOPPED", desiredStatus: "STOPPED" },
  ]);
  expect(counts).toEqual({ running: 2, pending: 2 });
});
