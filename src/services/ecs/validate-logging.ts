/** What a container's log configuration may say. */
import type { LogConfiguration } from "@aws-sdk/client-ecs";
import type { ContainerDefinition } from "../../model/ecs.ts";
import { clientError, notBuilt } from "./errors.ts";

const fargateDrivers = ["awslogs", "splunk", "awsfirelens"];
const actingOptions = [
  "awslogs-group",
  "awslogs-region",
  "awslogs-stream-prefix",
  "awslogs-create-group",
];
/** Options of AWS's that do nothing here yet. */
const missingOptions = [
  "awslogs-datetime-format",
  "awslogs-multiline-pattern",
  "mode",
  "max-buffer-size",
];

export function readLogging(
  input: LogConfiguration | undefined,
  forFargate: boolean,
): ContainerDefinition["logConfiguration"] {
  if (!input) return undefined;
  const driver = input.logDriver ?? "";
  if (forFargate && !fargateDrivers.includes(driver)) {
    throw clientError(
      `${driver} is not a valid log driver. Must be one of [${fargateDrivers.join(", ")}]`,
    );
  }
  if (driver !== "awslogs") throw notBuilt(`log driver ${driver}`);
  const options = input.options ?? {};
  checkOptions(options, forFargate);
  return { logDriver: driver, options };
}

function checkOptions(options: Record<string, string>, forFargate: boolean): void {
  const required = ["awslogs-region", "awslogs-group"].filter((name) => !options[name]);
  if (required.length > 0) {
    throw clientError(`Log driver awslogs requires options: ${required.join(", ")}`);
  }
  const other = Object.keys(options).filter((name) => !actingOptions.includes(name));
  const unknown = other.filter((name) => !missingOptions.includes(name));
  if (unknown.length > 0) {
    throw clientError(`Log driver awslogs disallows options: ${unknown.join(", ")}`);
  }
  if (other.length > 0) throw notBuilt(`log option ${other.join(", ")}`);
  if (forFargate && !options["awslogs-stream-prefix"]) {
    throw clientError(
      "Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.",
    );
  }
}
