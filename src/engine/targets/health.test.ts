import { describe, expect, it } from "vitest";
import type { CheckVerdict, Target } from "../../model/load-balancing.ts";
import {
  drainEndsAt,
  nextTargetHealth,
  registeringHealth,
  type TargetHealth,
  unusedHealth,
} from "./health.ts";

const healthy: TargetHealth = { state: "healthy", reason: undefined, description: undefined };
const used = { groupInUse: true, zoneEnabled: true };
const at = (
  health: TargetHealth,
  registration: Target["registration"] = "registered",
): Pick<Target, "registration" | "health"> => ({ registration, health });
const failing = (cause: "timeout" | "connection" | "code", code?: number): CheckVerdict => ({
  type: "failing",
  cause,
  code,
});

describe("nextTargetHealth", () => {
  it.each([
    ["no listener uses the group", { ...used, groupInUse: false }, "unused", "Target.NotInUse"],
    ["no node in its zone", { ...used, zoneEnabled: false }, "unused", "Target.NotInUse"],
    ["no check yet", used, "initial", "Elb.RegistrationInProgress"],
    [
      "being checked",
      { ...used, verdict: { type: "checking" } },
      "initial",
      "Elb.InitialHealthChecking",
    ],
    ["one success", { ...used, verdict: { type: "passing" } }, "healthy", undefined],
    ["no answer", { ...used, verdict: failing("timeout") }, "unhealthy", "Target.Timeout"],
    [
      "refused",
      { ...used, verdict: failing("connection") },
      "unhealthy",
      "Target.FailedHealthChecks",
    ],
    [
      "a wrong code",
      { ...used, verdict: failing("code", 503) },
      "unhealthy",
      "Target.ResponseCodeMismatch",
    ],
  ] as const)("a new target with %s", (_, circumstances, state, reason) => {
    const next = nextTargetHealth(at(registeringHealth), { verdict: undefined, ...circumstances });
    expect([next.state, next.reason]).toEqual([state, reason]);
  });

  it("the failing code is in the words, the timeout and the refusal have their own", () => {
    const words = (verdict: CheckVerdict) =>
      nextTargetHealth(at(healthy), { ...used, verdict }).description;
    expect(words(failing("code", 503))).toBe("Health checks failed with these codes: [503]");
    expect(words(failing("timeout"))).toBe("Request timed out");
    expect(words(failing("connection"))).toBe("Health checks failed");
  });

  it("a healthy target after a restart, nothing observed yet: it stays healthy", () => {
    expect(nextTargetHealth(at(healthy), { ...used, verdict: undefined })).toBe(at(healthy).health);
    expect(nextTargetHealth(at(healthy), { ...used, verdict: { type: "checking" } })).toBe(healthy);
  });

  it("a listener begins to use the group: its unused targets begin", () => {
    expect(nextTargetHealth(at(unusedHealth), { ...used, verdict: undefined }).state).toBe(
      "initial",
    );
  });

  it("a draining target: draining, whatever the checks say", () => {
    const circumstances = { ...used, verdict: { type: "passing" } as const };
    expect(nextTargetHealth(at(healthy, "draining"), circumstances).reason).toBe(
      "Target.DeregistrationInProgress",
    );
  });
});

describe("drainEndsAt", () => {
  it("draining: the delay after deregistration; registered: never", () => {
    expect(drainEndsAt({ registration: "draining", drainingSince: 1000 }, 5)).toBe(6000);
    expect(
      drainEndsAt({ registration: "registered", drainingSince: undefined }, 5),
    ).toBeUndefined();
  });
});
