/** The fields of flow log records, with the version of records that brought each. */
export const flowLogFields: Readonly<Record<string, number>> = {
  version: 2,
  "account-id": 2,
  "interface-id": 2,
  srcaddr: 2,
  dstaddr: 2,
  srcport: 2,
  dstport: 2,
  protocol: 2,
  packets: 2,
  bytes: 2,
  start: 2,
  end: 2,
  action: 2,
  "log-status": 2,
  "vpc-id": 3,
  "subnet-id": 3,
  "instance-id": 3,
  "tcp-flags": 3,
  type: 3,
  "pkt-srcaddr": 3,
  "pkt-dstaddr": 3,
  region: 4,
  "az-id": 4,
  "sublocation-type": 4,
  "sublocation-id": 4,
  "pkt-src-aws-service": 5,
  "pkt-dst-aws-service": 5,
  "flow-direction": 5,
  "traffic-path": 5,
  "ecs-cluster-arn": 7,
  "ecs-cluster-name": 7,
  "ecs-container-instance-arn": 7,
  "ecs-container-instance-id": 7,
  "ecs-container-id": 7,
  "ecs-second-container-id": 7,
  "ecs-service-name": 7,
  "ecs-task-definition-arn": 7,
  "ecs-task-arn": 7,
  "ecs-task-id": 7,
  "reject-reason": 8,
};

/** A format as it is written: `${version} ${srcaddr} …`. */
export const formatOf = (...fields: readonly string[]): string =>
  fields.map((field) => `\${${field}}`).join(" ");

/** The format of logs that name none: the fields of version 2, in this order. */
export const defaultLogFormat = formatOf(
  ...Object.keys(flowLogFields).filter((field) => flowLogFields[field] === 2),
);

/** The fields of a format, in the order of a record. */
export const fieldsOf = (logFormat: string): string[] =>
  [...logFormat.matchAll(/\$\{([a-z-]+)\}/g)].flatMap(([, field]) => field ?? []);
