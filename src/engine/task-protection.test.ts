import { describe, expect, it } from "vitest";
import { aDeployment, aService, aTask } from "../../test/builders/ecs.ts";
import { isDeploymentBlocked, protectedUntil } from "./task-protection.ts";

const event = (text: string, at: number) => ({
  id: String(at),
  createdAt: at,
  message: `(service web) ${text}`,
});
const held = event(
  "was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 1 tasks under protection)",
  1,
);
const steady = event("has reached a steady state.", 2);
const deployments = [
  aDeployment({ id: "ecs-svc/2" }),
  aDeployment({ id: "ecs-svc/1", status: "ACTIVE" }),
];

describe("task protection", () => {
  it("over at its time", () => {
    const task = aTask({ protection: { expiresAt: 10 } });
    expect([protectedUntil(task, 9), protectedUntil(task, 10)]).toEqual([10, undefined]);
  });

  it("a deployment that protected tasks hold up: its tasks get no more, the new one's do", () => {
    const service = aService({ deployments, events: [held] });
    expect(isDeploymentBlocked(aTask({ deploymentId: "ecs-svc/1" }), service)).toBe(true);
    expect(isDeploymentBlocked(aTask({ deploymentId: "ecs-svc/2" }), service)).toBe(false);
  });

  it("not held up, or no longer: they do", () => {
    const task = aTask({ deploymentId: "ecs-svc/1" });
    for (const events of [[], [steady, held]]) {
      expect(isDeploymentBlocked(task, aService({ deployments, events }))).toBe(false);
    }
  });
});
