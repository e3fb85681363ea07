/** Target groups of type ip, with their health checks and attributes. */
import type {
  CreateTargetGroupInput,
  CreateTargetGroupOutput,
  DeleteTargetGroupInput,
  DeleteTargetGroupOutput,
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput,
  ModifyTargetGroupInput,
  ModifyTargetGroupOutput,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { read, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { TargetGroup } from "../../model/load-balancing.ts";
import type { Scope } from "../../model/scope.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { listeners, targetGroups, targets } from "../../state/tables/load-balancing.ts";
import { vpcs } from "../../state/tables/network.ts";
import { listTargets } from "../../state/targets.ts";
import {
  changeAttributes,
  defaultAttributes,
  targetGroupAttributes,
  toWireAttributes,
} from "./attributes.ts";
import {
  duplicateTargetGroupName,
  notBuilt,
  targetGroupInUse,
  targetGroupsNotFound,
  validationError,
} from "./errors.ts";
import { defaultHealthCheck, validateHealthCheck } from "./health-checks.ts";
import { findBalancer } from "./load-balancers.ts";
import { inRange, oneOf, pageOf, validateName, validateTags } from "./validation.ts";
import { toTargetGroupView } from "./views.ts";

const acceptedHealthCheck = {
  HealthCheckProtocol: true,
  HealthCheckPort: true,
  HealthCheckEnabled: true,
  HealthCheckPath: true,
  HealthCheckIntervalSeconds: true,
  HealthCheckTimeoutSeconds: true,
  HealthyThresholdCount: true,
  UnhealthyThresholdCount: true,
  Matcher: { HttpCode: true },
} as const;

export const createTargetGroup = write<CreateTargetGroupInput, CreateTargetGroupOutput>({
  action: "elasticloadbalancing:CreateTargetGroup",
  resources: (input, { scope }) => [
    formatArn("elasticloadbalancing", scope, `targetgroup/${input.Name}/*`),
  ],
  accepts: {
    Name: true,
    Protocol: true,
    ProtocolVersion: true,
    Port: true,
    VpcId: true,
    TargetType: true,
    IpAddressType: true,
    Tags: true,
    ...acceptedHealthCheck,
  },
  run({ tx, scope, ids, now }, input) {
    const wanted = validateNewGroup(tx, scope, input);
    const [known] = tx.table(targetGroups).by("name", scope, wanted.name);
    if (known && !isSameGroup(known, wanted)) throw duplicateTargetGroupName(wanted.name);
    if (known) return { TargetGroups: [viewOf(tx, known)] };
    const resource = `targetgroup/${wanted.name}/${ids.hex(16)}`;
    const group: TargetGroup = {
      ...wanted,
      account: scope.account,
      region: scope.region,
      arn: formatArn("elasticloadbalancing", scope, resource),
      attributes: defaultAttributes(targetGroupAttributes),
      createdAt: now,
    };
    tx.table(targetGroups).put(group);
    return { TargetGroups: [viewOf(tx, group)] };
  },
});

export const describeTargetGroups = read<DescribeTargetGroupsInput, DescribeTargetGroupsOutput>({
  action: "elasticloadbalancing:DescribeTargetGroups",
  resources: () => ["*"],
  accepts: {
    LoadBalancerArn: true,
    TargetGroupArns: true,
    Names: true,
    Marker: true,
    PageSize: true,
  },
  run({ tx, scope }, input) {
    const found = selectGroups(tx, scope, input);
    const { page, nextMarker } = pageOf("DescribeTargetGroups", found, input);
    return { TargetGroups: page.map((group) => viewOf(tx, group)), NextMarker: nextMarker };
  },
});

export const modifyTargetGroup = write<ModifyTargetGroupInput, ModifyTargetGroupOutput>({
  action: "elasticloadbalancing:ModifyTargetGroup",
  resources: (input) => [input.TargetGroupArn ?? "*"],
  accepts: { TargetGroupArn: true, ...acceptedHealthCheck },
  run({ tx, scope }, input) {
    const group = findGroup(tx, scope, input.TargetGroupArn);
    const changed = { ...group, healthCheck: validateHealthCheck(group.healthCheck, input) };
    tx.table(targetGroups).put(changed);
    return { TargetGroups: [viewOf(tx, changed)] };
  },
});

export const deleteTargetGroup = write<DeleteTargetGroupInput, DeleteTargetGroupOutput>({
  action: "elasticloadbalancing:DeleteTargetGroup",
  resources: (input) => [input.TargetGroupArn ?? "*"],
  accepts: { TargetGroupArn: true },
  run({ tx, scope }, input) {
    const arn = validateGroupArn(input.TargetGroupArn);
    if (tx.table(listeners).by("targetGroup", scope, arn).length > 0) throw targetGroupInUse(arn);
    for (const target of listTargets(tx, scope, arn)) {
      tx.table(targets).delete(scope, targets.key(target));
    }
    // As on AWS, deleting what is not there succeeds.
    tx.table(targetGroups).delete(scope, arn);
    return {};
  },
});

export const describeTargetGroupAttributes = read<
  DescribeTargetGroupAttributesInput,
  DescribeTargetGroupAttributesOutput
>({
  action: "elasticloadbalancing:DescribeTargetGroupAttributes",
  resources: () => ["*"],
  accepts: { TargetGroupArn: true },
  run({ tx, scope }, input) {
    const { attributes } = findGroup(tx, scope, input.TargetGroupArn);
    return { Attributes: toWireAttributes(attributes) };
  },
});

export const modifyTargetGroupAttributes = write<
  ModifyTargetGroupAttributesInput,
  ModifyTargetGroupAttributesOutput
>({
  action: "elasticloadbalancing:ModifyTargetGroupAttributes",
  resources: (input) => [input.TargetGroupArn ?? "*"],
  accepts: { TargetGroupArn: true, Attributes: true },
  run({ tx, scope }, input) {
    const group = findGroup(tx, scope, input.TargetGroupArn);
    const attributes = changeAttributes(
      targetGroupAttributes,
      group.attributes,
      input.Attributes ?? [],
    );
    tx.table(targetGroups).put({ ...group, attributes });
    return { Attributes: toWireAttributes(attributes) };
  },
});

/** The group of that ARN; throws AWS's error for a malformed or an unknown one. */
export function findGroup(tx: ReadTransaction, scope: Scope, arn: string | undefined): TargetGroup {
  const group = tx.table(targetGroups).get(scope, validateGroupArn(arn));
  if (!group) throw targetGroupsNotFound();
  return group;
}

function validateGroupArn(arn: string | undefined): string {
  if (!arn?.match(/^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:targetgroup\/./)) {
    throw validationError(`'${arn ?? ""}' is not a valid target group ARN`);
  }
  return arn;
}

/** The balancers that a group gets requests from: those with a listener that forwards to it. */
function viewOf(tx: ReadTransaction, group: TargetGroup) {
  const users = tx.table(listeners).by("targetGroup", group, group.arn);
  return toTargetGroupView(group, [...new Set(users.map((user) => user.loadBalancerArn))]);
}

function selectGroups(
  tx: ReadTransaction,
  scope: Scope,
  input: DescribeTargetGroupsInput,
): TargetGroup[] {
  const { LoadBalancerArn: balancerArn, TargetGroupArns: arns = [], Names: names = [] } = input;
  const ways = [balancerArn !== undefined, arns.length > 0, names.length > 0];
  if (ways.filter(Boolean).length > 1) {
    throw validationError(
      "Target group ARNs, names and a load balancer ARN cannot be specified at the same time",
    );
  }
  if (balancerArn !== undefined) return groupsOfBalancer(tx, scope, balancerArn);
  if (arns.length > 0) return arns.map((arn) => findGroup(tx, scope, arn));
  if (names.length === 0) return tx.table(targetGroups).list(scope);
  return names.map((name) => {
    const [group] = tx.table(targetGroups).by("name", scope, name);
    if (!group) throw targetGroupsNotFound();
    return group;
  });
}

function groupsOfBalancer(tx: ReadTransaction, scope: Scope, balancerArn: string): TargetGroup[] {
  const balancer = findBalancer(tx, scope, balancerArn);
  return tx
    .table(targetGroups)
    .by("vpc", scope, balancer.vpcId)
    .filter((group) =>
      tx
        .table(listeners)
        .by("targetGroup", scope, group.arn)
        .some((listener) => listener.loadBalancerArn === balancer.arn),
    );
}

type NewGroup = Omit<TargetGroup, "account" | "region" | "arn" | "attributes" | "createdAt">;

function validateNewGroup(
  tx: ReadTransaction,
  scope: Scope,
  input: CreateTargetGroupInput,
): NewGroup {
  const name = input.Name ?? "";
  validateName("Target group", name);
  const targetType = oneOf(
    "targetType",
    input.TargetType,
    ["instance", "ip", "lambda", "alb"],
    "instance",
  );
  if (targetType !== "ip") throw notBuilt(`target groups of type '${targetType}'`);
  const protocols = ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"] as const;
  if (!input.Protocol) throw validationError("A protocol must be specified");
  const protocol = oneOf("protocol", input.Protocol, protocols, "HTTP");
  if (protocol !== "HTTP") throw notBuilt(`the target group protocol '${protocol}'`);
  const versions = ["HTTP1", "HTTP2", "GRPC"] as const;
  // Terraform's provider sends an empty one where the stack says nothing; AWS takes it as not sent.
  const given = input.ProtocolVersion || undefined;
  const protocolVersion = oneOf("protocolVersion", given, versions, "HTTP1");
  if (protocolVersion !== "HTTP1") throw notBuilt(`the protocol version '${protocolVersion}'`);
  const ipAddressType = oneOf("ipAddressType", input.IpAddressType, ["ipv4", "ipv6"], "ipv4");
  if (ipAddressType !== "ipv4") throw notBuilt(`the IP address type '${ipAddressType}'`);
  if (input.Port === undefined) throw validationError("A port must be specified");
  const port = inRange("port", input.Port, 1, 65535);
  if (!input.VpcId) throw validationError("A VPC ID must be specified");
  if (!tx.table(vpcs).get(scope, input.VpcId)) {
    throw validationError(`The VPC ID '${input.VpcId}' is not found`);
  }
  return {
    name,
    targetType,
    protocol,
    protocolVersion,
    port,
    vpcId: input.VpcId,
    ipAddressType,
    healthCheck: validateHealthCheck(defaultHealthCheck, input),
    tags: validateTags(input.Tags),
  };
}

const isSameGroup = (known: TargetGroup, wanted: NewGroup): boolean =>
  known.port === wanted.port &&
  known.vpcId === wanted.vpcId &&
  JSON.stringify(known.healthCheck) === JSON.stringify(wanted.healthCheck);
