/** How far a rolling deployment may go below and above the desired count. */
import type { DeploymentConfiguration as Input } from "@aws-sdk/client-ecs";
import type { DeploymentConfiguration } from "../../model/ecs.ts";
import { checkEnum } from "./checks.ts";
import { invalidParameter, notBuilt } from "./errors.ts";

const defaults: DeploymentConfiguration = {
  maximumPercent: 200,
  minimumHealthyPercent: 100,
  circuitBreaker: { enable: false, rollback: false },
};

/** The configuration as given, where it says nothing as `before`. */
export function readDeploymentConfiguration(
  input: Input | undefined,
  before: DeploymentConfiguration = defaults,
): DeploymentConfiguration {
  checkEnum("strategy", input?.strategy, ["ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"]);
  if (input?.strategy && input.strategy !== "ROLLING") {
    throw notBuilt(`deployment strategy ${input.strategy}`);
  }
  const maximumPercent = input?.maximumPercent ?? before.maximumPercent;
  const minimumHealthyPercent = input?.minimumHealthyPercent ?? before.minimumHealthyPercent;
  checkPercents(maximumPercent, minimumHealthyPercent);
  const { enable, rollback } = input?.deploymentCircuitBreaker ?? before.circuitBreaker;
  return {
    maximumPercent,
    minimumHealthyPercent,
    circuitBreaker: { enable: enable ?? false, rollback: rollback ?? false },
  };
}

function checkPercents(maximum: number, minimum: number): void {
  if (minimum < 0) throw invalidParameter("minimumHealthyPercent must be at least 0");
  if (minimum > 100) throw invalidParameter("minimumHealthyPercent must be at most 100");
  if (maximum < 100) throw invalidParameter("maximumPercent must be at least 100");
  if (minimum === 100 && maximum === 100) {
    throw invalidParameter(
      "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
    );
  }
}
