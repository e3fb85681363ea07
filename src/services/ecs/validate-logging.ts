/** What a container's log configuration may say. */
import type { LogConfiguration } from "@aws-sdk/client-ecs";
import { parseBufferSize } from "../../engine/log-sink.ts";
import { type ContainerDefinition, logModes } from "../../model/ecs.ts";
import { clientError, notBuilt } from "./errors.ts";
import { readSecret } from "./validate-secrets.ts";

const fargateDrivers = ["awslogs", "splunk", "awsfirelens"];
const awslogsOptions = [
  "awslogs-group",
  "awslogs-region",
  "awslogs-stream-prefix",
  "awslogs-create-group",
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
  if (fargateDrivers.slice(1).includes(driver)) throw notBuilt(`log driver ${driver}`);
  const options = input.options ?? {};
  const secretOptions = input.secretOptions?.map(readSecret);
  if (driver === "awslogs") {
    checkOptions(options, secretOptions?.map(({ name }) => name) ?? [], forFargate);
    if (secretOptions?.length) throw notBuilt("log driver awslogs with secretOptions");
  }
  return { logDriver: driver, options, ...(secretOptions && { secretOptions }) };
}

/** `secret` are options whose values come from elsewhere. */
function checkOptions(
  options: Record<string, string>,
  secret: readonly string[],
  forFargate: boolean,
): void {
  const has = (name: string): boolean => Boolean(options[name]) || secret.includes(name);
  const required = ["awslogs-region", "awslogs-group"].filter((name) => !has(name));
  if (required.length > 0) {
    throw clientError(`Log driver awslogs requires options: ${required.join(", ")}`);
  }
  const names = [...Object.keys(options), ...secret];
  const unknown = names.filter((name) => !awslogsOptions.includes(name));
  if (unknown.length > 0) {
    throw clientError(`Log driver awslogs disallows options: ${unknown.join(", ")}`);
  }
  if (forFargate && !has("awslogs-stream-prefix")) {
    throw clientError(
      "Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.",
    );
  }
  checkDelivery(options);
}

function checkDelivery(options: Record<string, string>): void {
  const { mode, "max-buffer-size": size } = options;
  if (mode !== undefined && !logModes.some((one) => one === mode)) {
    throw clientError(
      `Invalid value '${mode}' for log option mode. Must be one of [${logModes.join(", ")}]`,
    );
  }
  if (size !== undefined && parseBufferSize(size) === undefined) {
    throw clientError(`Invalid value '${size}' for log option max-buffer-size.`);
  }
  if (size !== undefined && mode === "blocking") {
    throw clientError("Log option max-buffer-size is only supported with mode non-blocking.");
  }
  if (options["awslogs-datetime-format"] && options["awslogs-multiline-pattern"]) {
    throw clientError(
      "Log options awslogs-datetime-format and awslogs-multiline-pattern cannot be configured at the same time.",
    );
  }
}
