/** The fields of flow log records, and the format that is used when none is given. */
import { invalidParameterValue } from "./errors.ts";

const defaultFields = [
  "version",
  "account-id",
  "interface-id",
  "srcaddr",
  "dstaddr",
  "srcport",
  "dstport",
  "protocol",
  "packets",
  "bytes",
  "start",
  "end",
  "action",
  "log-status",
];

export const defaultLogFormat = defaultFields.map((field) => `\${${field}}`).join(" ");

const fields: ReadonlySet<string> = new Set([
  "account-id",
  "action",
  "az-id",
  "bytes",
  "dstaddr",
  "dstport",
  "ecs-cluster-arn",
  "ecs-cluster-name",
  "ecs-container-id",
  "ecs-container-instance-arn",
  "ecs-container-instance-id",
  "ecs-second-container-id",
  "ecs-service-name",
  "ecs-task-arn",
  "ecs-task-definition-arn",
  "ecs-task-id",
  "end",
  "flow-direction",
  "instance-id",
  "interface-id",
  "log-status",
  "packets",
  "pkt-dst-aws-service",
  "pkt-dstaddr",
  "pkt-src-aws-service",
  "pkt-srcaddr",
  "protocol",
  "region",
  "reject-reason",
  "srcaddr",
  "srcport",
  "start",
  "sublocation-id",
  "sublocation-type",
  "subnet-id",
  "tcp-flags",
  "traffic-path",
  "type",
  "version",
  "vpc-id",
]);

/** The format as given, or the default one. Throws on a field that there is not. */
export function logFormatOf(text: string | undefined): string {
  if (!text) return defaultLogFormat;
  for (const part of text.trim().split(/\s+/)) {
    const name = /^\$\{([a-z-]+)\}$/.exec(part)?.[1];
    if (name !== undefined && fields.has(name)) continue;
    throw invalidParameterValue(`Unknown fields provided: ${part}`);
  }
  return text;
}
