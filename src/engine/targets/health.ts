/**
 * The life of a target, as DescribeTargetHealth shows it. Counting successes and failures is the
 * checker's work; here its verdict, the registration and the group's use become a state and a reason.
 */
import type { CheckVerdict, Target } from "../../model/load-balancing.ts";

export type TargetHealth = Target["health"];

/** What a target's state depends on besides its own record. */
export type TargetCircumstances = {
  /** A listener forwards to the group. */
  readonly groupInUse: boolean;
  /** The balancer has a node in the target's zone. */
  readonly zoneEnabled: boolean;
  /** What the checks of this registration said last. */
  readonly verdict: CheckVerdict | undefined;
};

export const drainingHealth: TargetHealth = {
  state: "draining",
  reason: "Target.DeregistrationInProgress",
  description: "Target deregistration is in progress",
};

export const registeringHealth: TargetHealth = {
  state: "initial",
  reason: "Elb.RegistrationInProgress",
  description: "Target registration is in progress",
};

const checkingHealth: TargetHealth = {
  state: "initial",
  reason: "Elb.InitialHealthChecking",
  description: "Initial health checks in progress",
};

const healthyHealth: TargetHealth = {
  state: "healthy",
  reason: undefined,
  description: undefined,
};

export const unusedHealth: TargetHealth = {
  state: "unused",
  reason: "Target.NotInUse",
  description: "Target group is not configured to receive traffic from the load balancer",
};

const zoneUnusedHealth: TargetHealth = {
  state: "unused",
  reason: "Target.NotInUse",
  description: "Target is in an Availability Zone that is not enabled for the load balancer",
};

/** A target that DescribeTargetHealth was asked for by name and that is not there. */
export const notRegisteredHealth: TargetHealth = {
  state: "unused",
  reason: "Target.NotRegistered",
  description: "Target is not registered to the target group",
};

/** The target's state now; the same object when nothing about it changes. */
export function nextTargetHealth(
  target: Pick<Target, "registration" | "health">,
  circumstances: TargetCircumstances,
): TargetHealth {
  const next = decideHealth(target, circumstances);
  return isSameHealth(next, target.health) ? target.health : next;
}

function decideHealth(
  target: Pick<Target, "registration" | "health">,
  { groupInUse, zoneEnabled, verdict }: TargetCircumstances,
): TargetHealth {
  if (target.registration === "draining") return drainingHealth;
  if (!groupInUse) return unusedHealth;
  if (!zoneEnabled) return zoneUnusedHealth;
  // Without a verdict, as after a restart, what was known stays; a target just put to use begins.
  if (!verdict) return target.health.state === "unused" ? registeringHealth : target.health;
  switch (verdict.type) {
    case "checking":
      return target.health.state === "healthy" || target.health.state === "unhealthy"
        ? target.health
        : checkingHealth;
    case "passing":
      return healthyHealth;
    case "failing":
      return failingHealth(verdict);
  }
}

function failingHealth(verdict: Extract<CheckVerdict, { type: "failing" }>): TargetHealth {
  switch (verdict.cause) {
    case "timeout":
      return { state: "unhealthy", reason: "Target.Timeout", description: "Request timed out" };
    case "connection":
      return {
        state: "unhealthy",
        reason: "Target.FailedHealthChecks",
        description: "Health checks failed",
      };
    case "code":
      return {
        state: "unhealthy",
        reason: "Target.ResponseCodeMismatch",
        description: `Health checks failed with these codes: [${verdict.code ?? ""}]`,
      };
  }
}

/** Engine time at which a draining target's record ends; undefined while it is registered. */
export function drainEndsAt(
  target: Pick<Target, "registration" | "drainingSince">,
  delaySeconds: number,
): number | undefined {
  if (target.registration !== "draining" || target.drainingSince === undefined) return undefined;
  return target.drainingSince + delaySeconds * 1000;
}

// Undefined members are lost when a record is written and read again, so they are compared by value.
const isSameHealth = (a: TargetHealth, b: TargetHealth): boolean =>
  a.state === b.state && a.reason === b.reason && a.description === b.description;
