/** What a container's health check may say, and the check with ECS's defaults. */
import type { HealthCheck as Input } from "@aws-sdk/client-ecs";
import type { HealthCheck } from "../../model/ecs.ts";
import { clientError } from "./errors.ts";

export function readHealthCheck(name: string, input: Input | undefined): HealthCheck | undefined {
  if (!input) return undefined;
  const { interval = 30, timeout = 5, retries = 3, startPeriod, command } = input;
  if (!command?.some((part) => part !== "")) {
    throw clientError(`Invalid health check for container '${name}'. 'command' must not be empty.`);
  }
  const check = (member: string, value: number, least: number, most: number): void => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw clientError(
      `Invalid health check for container '${name}'. '${member}' must be between ${least} and ${most}.`,
    );
  };
  check("interval", interval, 5, 300);
  check("timeout", timeout, 2, 60);
  check("retries", retries, 1, 10);
  check("startPeriod", startPeriod ?? 0, 0, 300);
  return { command, interval, timeout, retries, startPeriod };
}
