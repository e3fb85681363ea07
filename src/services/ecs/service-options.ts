/** Options of services that creating and updating check alike. */
import type { DeploymentConfiguration, Service, ServiceLoadBalancer } from "../../model/ecs.ts";
import { checkEnum, checkRange } from "./checks.ts";
import { invalidParameter } from "./errors.ts";

/** Tasks a service can have. */
export const largestCount = 5000;

const longestGracePeriod = 2_147_483_647;

export function checkGracePeriod(
  seconds: number | undefined,
  loadBalancers: readonly ServiceLoadBalancer[],
): void {
  checkRange("healthCheckGracePeriodSeconds", seconds, 0, longestGracePeriod);
  if (seconds && loadBalancers.length === 0) {
    throw invalidParameter(
      "Health check grace period is only valid for services configured to use load balancers",
    );
  }
}

/** As given; where nothing is, on wherever the deployment configuration leaves room for it. */
export function readRebalancing(
  value: string | undefined,
  { maximumPercent }: DeploymentConfiguration,
): Service["availabilityZoneRebalancing"] {
  checkEnum("availabilityZoneRebalancing", value, ["ENABLED", "DISABLED"]);
  const hasRoom = maximumPercent > 100;
  if (value === "ENABLED" && !hasRoom) {
    throw invalidParameter(
      "availabilityZoneRebalancing requires a maximumPercent greater than 100.",
    );
  }
  return value === "DISABLED" || !hasRoom ? "DISABLED" : "ENABLED";
}
