/** One resource of the demo's list, made with the AWS SDK. */

import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { ECRClient } from "@aws-sdk/client-ecr";
import type { ECSClient } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { IAMClient } from "@aws-sdk/client-iam";

export type Clients = {
  readonly ec2: EC2Client;
  readonly ecs: ECSClient;
  readonly ecr: ECRClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly logs: CloudWatchLogsClient;
};

export type Settings = {
  readonly name: string;
  readonly region: string;
  readonly port: number;
  readonly imageTag: string;
};

/** What making the resources so far has given: ids and ARNs by `<type>.<name>`. */
export type Made = {
  /** Throws when the list names something that does not come before. */
  id(resource: string): string;
};

export type Resource = {
  /** Terraform's name for it, so that the list can be held against the Terraform stack. */
  readonly type: string;
  readonly name: string;
  /** What must be the same in the Terraform stack. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Makes it and gives the id or ARN that later resources need. */
  readonly make: (clients: Clients, made: Made) => Promise<string>;
};

/** The value that an answer must have; the SDK's types allow for its absence. */
export function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the answer has no ${what}`);
  return value;
}
