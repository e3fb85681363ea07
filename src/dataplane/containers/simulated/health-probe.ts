/** The health checks of a simulated container: as many as a real one's, answered by its script. */
import type { Clock, Timer } from "../../../seams/clock.ts";
import type { HealthCheckSpec, RuntimeHealth } from "../port.ts";

export type HealthProbe = {
  readonly clock: Clock;
  readonly check: HealthCheckSpec;
  /** Whether a check made now succeeds. */
  readonly passes: () => boolean;
  /** Called when the status changes. */
  readonly tell: (health: RuntimeHealth) => void;
};

export const startingHealth: RuntimeHealth = {
  status: "starting",
  exitCode: undefined,
  output: undefined,
};

/** Checks until it is cancelled. The first check comes an interval after the start. */
export function startHealthProbe({ clock, check, passes, tell }: HealthProbe): Timer {
  const startedAt = clock.wall();
  let status: RuntimeHealth["status"] = "starting";
  let failures = 0;
  let timer: Timer;

  const next = (isPass: boolean): RuntimeHealth["status"] => {
    if (isPass) {
      failures = 0;
      return "healthy";
    }
    // A failure does not count while the container starts; a success has ended that already.
    const isStarting = clock.wall() - startedAt < check.startPeriod * 1000;
    if (status === "starting" && isStarting) return status;
    failures += 1;
    return failures >= check.retries ? "unhealthy" : status;
  };
  const probe = (): void => {
    const isPass = passes();
    const before = status;
    status = next(isPass);
    if (status !== before) tell({ status, exitCode: isPass ? 0 : 1, output: "" });
    timer = clock.wallAfter(check.interval * 1000, probe);
  };

  timer = clock.wallAfter(check.interval * 1000, probe);
  return { cancel: () => timer.cancel() };
}
