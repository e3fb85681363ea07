/**
 * The AWS services that VPC endpoints lead to: which kinds of endpoint each has, and which of its
 * names an interface endpoint with private DNS takes over inside the VPC.
 */

import { fnv1a } from "./hash.ts";

export type EndpointType = "gateway" | "interface";

export type EndpointService = {
  /** `com.amazonaws.<region>.<service>`. */
  readonly serviceName: string;
  readonly types: readonly EndpointType[];
  /** May start with `*.`; the same name without it is then not taken over. */
  readonly privateDnsNames: readonly string[];
};

/**
 * The names of an interface endpoint itself, which lead to its interfaces wherever they are asked for: one
 * for all of them, then one for each of the zones.
 */
export function endpointDnsNames(
  endpoint: {
    readonly vpcEndpointId: string;
    readonly serviceName: string;
    readonly region: string;
  },
  zones: readonly string[],
): string[] {
  const { vpcEndpointId, serviceName, region } = endpoint;
  const short = serviceName.slice(`com.amazonaws.${region}.`.length);
  const domain = `${short.split(".").reverse().join(".")}.${region}.vpce.amazonaws.com`;
  const id = `${vpcEndpointId}-${fnv1a(vpcEndpointId).toString(36).padStart(8, "0").slice(-8)}`;
  return [`${id}.${domain}`, ...zones.map((zone) => `${id}-${zone}.${domain}`)];
}

const both: readonly EndpointType[] = ["gateway", "interface"];

/** The first label of the service's name where it is not that of the endpoint. */
const hosts: Readonly<Record<string, readonly string[]>> = {
  "ecr.api": ["api.ecr"],
  "ecr.dkr": ["*.dkr.ecr"],
  "ecs-agent": ["ecs-a"],
  "ecs-telemetry": ["ecs-t"],
  "execute-api": ["*.execute-api"],
  s3: ["s3", "*.s3"],
  servicediscovery: ["servicediscovery"],
};

const names: readonly string[] = [
  "application-autoscaling",
  "autoscaling",
  "cloudformation",
  "cloudtrail",
  "dynamodb",
  "ec2",
  "ec2messages",
  "ecr.api",
  "ecr.dkr",
  "ecs",
  "ecs-agent",
  "ecs-telemetry",
  "elasticfilesystem",
  "elasticloadbalancing",
  "events",
  "execute-api",
  "kinesis-firehose",
  "kinesis-streams",
  "kms",
  "lambda",
  "logs",
  "monitoring",
  "rds",
  "s3",
  "secretsmanager",
  "servicediscovery",
  "sns",
  "sqs",
  "ssm",
  "ssmmessages",
  "states",
  "sts",
  "xray",
];

const renamed: Readonly<Record<string, string>> = {
  "kinesis-firehose": "firehose",
  "kinesis-streams": "kinesis",
};

export const endpointServices = (region: string): readonly EndpointService[] =>
  names.map((name) => ({
    serviceName: `com.amazonaws.${region}.${name}`,
    types: name === "s3" || name === "dynamodb" ? both : ["interface"],
    privateDnsNames: (hosts[name] ?? [renamed[name] ?? name]).map(
      (host) => `${host}.${region}.amazonaws.com`,
    ),
  }));

export const findEndpointService = (
  region: string,
  serviceName: string,
): EndpointService | undefined =>
  endpointServices(region).find((service) => service.serviceName === serviceName);
