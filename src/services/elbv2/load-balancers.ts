/**
 * Load balancers. One is `active` as soon as it is asked about: AWS's minutes of provisioning are
 * slowness and not behaviour, so only the answer of CreateLoadBalancer says `provisioning`.
 */
import type {
  CreateLoadBalancerInput,
  CreateLoadBalancerOutput,
  DeleteLoadBalancerInput,
  DeleteLoadBalancerOutput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  SetSecurityGroupsInput,
  SetSecurityGroupsOutput,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import { cidrSize, parseCidr } from "../../model/cidr.ts";
import type { LoadBalancer } from "../../model/load-balancing.ts";
import type { Subnet } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { createNetworkInterface, deleteNetworkInterface } from "../../state/network-interfaces.ts";
import { allocatePublicAddress } from "../../state/public-addresses.ts";
import type { ReadTransaction, WriteTransaction } from "../../state/store.ts";
import { listeners, loadBalancers } from "../../state/tables/load-balancing.ts";
import {
  internetGateways,
  networkInterfaces,
  securityGroups,
  subnets,
} from "../../state/tables/network.ts";
import { defaultAttributes, loadBalancerAttributes } from "./attributes.ts";
import {
  deletionProtected,
  duplicateLoadBalancerName,
  invalidConfiguration,
  invalidSecurityGroup,
  invalidSubnet,
  loadBalancerNotFound,
  loadBalancersNotFound,
  notBuilt,
  subnetNotFound,
  validationError,
} from "./errors.ts";
import { oneOf, pageOf, validateName, validateTags } from "./validation.ts";
import { toLoadBalancerView } from "./views.ts";

/** Addresses that AWS wants free in each subnet, so that the balancer can grow. */
const freeAddressesWanted = 8;
/** The smallest subnet that AWS takes. */
const smallestSubnetBits = 27;
const reservedBySubnet = 5;

type NewBalancer = Pick<LoadBalancer, "name" | "scheme" | "vpcId" | "securityGroupIds" | "tags"> & {
  readonly subnets: readonly Subnet[];
};

export const createLoadBalancer = write<CreateLoadBalancerInput, CreateLoadBalancerOutput>({
  action: "elasticloadbalancing:CreateLoadBalancer",
  resources: (input, { scope }) => [
    formatArn("elasticloadbalancing", scope, `loadbalancer/app/${input.Name}/*`),
  ],
  accepts: {
    Name: true,
    Subnets: true,
    SubnetMappings: { SubnetId: true },
    SecurityGroups: true,
    Scheme: true,
    Tags: true,
    Type: true,
    IpAddressType: true,
  },
  run(context, input) {
    const wanted = validateNewBalancer(context.tx, context.scope, input);
    const [known] = context.tx.table(loadBalancers).by("name", context.scope, wanted.name);
    if (known && !isSameBalancer(known, wanted)) throw duplicateLoadBalancerName(wanted.name);
    if (known) return { LoadBalancers: [toLoadBalancerView(known, "active")] };
    for (const subnet of wanted.subnets) validateRoom(context.tx, context.scope, subnet);
    const balancer = addBalancer(context, wanted);
    return { LoadBalancers: [toLoadBalancerView(balancer, "provisioning")] };
  },
});

export const describeLoadBalancers = read<DescribeLoadBalancersInput, DescribeLoadBalancersOutput>({
  action: "elasticloadbalancing:DescribeLoadBalancers",
  resources: () => ["*"],
  accepts: { LoadBalancerArns: true, Names: true, Marker: true, PageSize: true },
  run({ tx, scope }, input) {
    const found = selectBalancers(tx, scope, input);
    const { page, nextMarker } = pageOf(found, input.Marker, input.PageSize);
    return {
      LoadBalancers: page.map((balancer) => toLoadBalancerView(balancer, "active")),
      NextMarker: nextMarker,
    };
  },
});

export const deleteLoadBalancer = write<DeleteLoadBalancerInput, DeleteLoadBalancerOutput>({
  action: "elasticloadbalancing:DeleteLoadBalancer",
  resources: (input) => [input.LoadBalancerArn ?? "*"],
  accepts: { LoadBalancerArn: true },
  run({ tx, scope }, input) {
    const arn = validateBalancerArn(input.LoadBalancerArn);
    const balancer = tx.table(loadBalancers).get(scope, arn);
    // As on AWS, deleting what is not there succeeds.
    if (!balancer) return {};
    if (balancer.attributes["deletion_protection.enabled"] === "true") throw deletionProtected(arn);
    for (const listener of tx.table(listeners).by("balancer", scope, arn)) {
      tx.table(listeners).delete(scope, listener.arn);
    }
    for (const node of balancer.nodes) deleteNetworkInterface(tx, scope, node.networkInterfaceId);
    tx.table(loadBalancers).delete(scope, arn);
    return {};
  },
});

export const setSecurityGroups = write<SetSecurityGroupsInput, SetSecurityGroupsOutput>({
  action: "elasticloadbalancing:SetSecurityGroups",
  resources: (input) => [input.LoadBalancerArn ?? "*"],
  accepts: { LoadBalancerArn: true, SecurityGroups: true },
  run({ tx, scope }, input) {
    const balancer = findBalancer(tx, scope, input.LoadBalancerArn);
    const groupIds = validateGroups(tx, scope, balancer.vpcId, input.SecurityGroups ?? []);
    if (groupIds.length === 0) throw validationError("At least one security group must be given");
    tx.table(loadBalancers).put({ ...balancer, securityGroupIds: groupIds });
    for (const node of balancer.nodes) {
      const record = tx.table(networkInterfaces).get(scope, node.networkInterfaceId);
      if (record) tx.table(networkInterfaces).put({ ...record, groupIds });
    }
    return { SecurityGroupIds: groupIds };
  },
});

/** The balancer of that ARN; throws AWS's error for a malformed or an unknown one. */
export function findBalancer(
  tx: ReadTransaction,
  scope: Scope,
  arn: string | undefined,
): LoadBalancer {
  const balancer = tx.table(loadBalancers).get(scope, validateBalancerArn(arn));
  if (!balancer) throw loadBalancerNotFound(arn ?? "");
  return balancer;
}

function validateBalancerArn(arn: string | undefined): string {
  if (!arn?.match(/^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:loadbalancer\/./)) {
    throw validationError(`'${arn ?? ""}' is not a valid load balancer ARN`);
  }
  return arn;
}

function selectBalancers(
  tx: ReadTransaction,
  scope: Scope,
  input: DescribeLoadBalancersInput,
): LoadBalancer[] {
  const { LoadBalancerArns: arns = [], Names: names = [] } = input;
  if (arns.length > 0 && names.length > 0) {
    throw validationError("Load balancer ARNs and names cannot be specified at the same time");
  }
  if (arns.length === 0 && names.length === 0) return tx.table(loadBalancers).list(scope);
  const missing: string[] = [];
  const found: LoadBalancer[] = [];
  const look = (what: string, balancer: LoadBalancer | undefined): void => {
    if (balancer) found.push(balancer);
    else missing.push(what);
  };
  for (const arn of arns) look(arn, tx.table(loadBalancers).get(scope, validateBalancerArn(arn)));
  for (const name of names) look(name, tx.table(loadBalancers).by("name", scope, name)[0]);
  if (missing.length > 0) throw loadBalancersNotFound(missing);
  return found;
}

function validateNewBalancer(
  tx: ReadTransaction,
  scope: Scope,
  input: CreateLoadBalancerInput,
): NewBalancer {
  const name = input.Name ?? "";
  validateName("Load balancer", name);
  const type = oneOf("type", input.Type, ["application", "network", "gateway"], "application");
  if (type !== "application") throw notBuilt(`load balancers of type '${type}'`);
  const scheme = oneOf("scheme", input.Scheme, ["internet-facing", "internal"], "internet-facing");
  const ipAddressType = oneOf(
    "ipAddressType",
    input.IpAddressType,
    ["ipv4", "dualstack", "dualstack-without-public-ipv4"],
    "ipv4",
  );
  if (ipAddressType !== "ipv4") throw notBuilt(`the IP address type '${ipAddressType}'`);
  const tags = validateTags(input.Tags);
  const found = validateSubnets(tx, scope, subnetIdsOf(input));
  const vpcId = found[0]?.vpcId ?? "";
  if (scheme === "internet-facing" && !hasInternetGateway(tx, scope, vpcId)) {
    throw invalidSubnet(`VPC ${vpcId} has no internet gateway`);
  }
  const securityGroupIds = validateGroups(tx, scope, vpcId, input.SecurityGroups ?? []);
  return {
    name,
    scheme,
    vpcId,
    tags,
    subnets: found,
    securityGroupIds:
      securityGroupIds.length > 0 ? securityGroupIds : defaultGroups(tx, scope, vpcId),
  };
}

function subnetIdsOf(input: CreateLoadBalancerInput): string[] {
  const { Subnets: plain = [], SubnetMappings: mappings = [] } = input;
  if (plain.length > 0 && mappings.length > 0) {
    throw validationError("Subnets and subnet mappings cannot be specified at the same time");
  }
  return [...plain, ...mappings.map((mapping) => mapping.SubnetId ?? "")];
}

function validateSubnets(tx: ReadTransaction, scope: Scope, ids: readonly string[]): Subnet[] {
  const found = ids.map((id) => {
    const subnet = tx.table(subnets).get(scope, id);
    if (!subnet) throw subnetNotFound(id);
    return subnet;
  });
  const vpcIds = new Set(found.map((subnet) => subnet.vpcId));
  if (vpcIds.size > 1) {
    throw invalidConfiguration(
      `All subnets must belong to the same VPC: '${[...vpcIds].join(", ")}'`,
    );
  }
  const zones = new Set(found.map((subnet) => subnet.availabilityZone));
  if (zones.size < found.length && zones.size > 1) {
    throw invalidConfiguration(
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    );
  }
  if (zones.size < 2) {
    throw validationError(
      "At least two subnets in two different Availability Zones must be specified",
    );
  }
  return found;
}

function validateRoom(tx: ReadTransaction, scope: Scope, subnet: Subnet): void {
  const cidr = parseCidr(subnet.cidr);
  const used = tx.table(networkInterfaces).by("subnet", scope, subnet.subnetId).length;
  const free = cidr ? cidrSize(cidr) - reservedBySubnet - used : 0;
  if (!cidr || cidr.bits > smallestSubnetBits || free < freeAddressesWanted) {
    throw invalidSubnet(
      `Not enough IP space available in ${subnet.subnetId}. ELB requires at least ${freeAddressesWanted} free IP addresses in each subnet.`,
    );
  }
}

const hasInternetGateway = (tx: ReadTransaction, scope: Scope, vpcId: string): boolean =>
  tx.table(internetGateways).by("vpc", scope, vpcId).length > 0;

function validateGroups(
  tx: ReadTransaction,
  scope: Scope,
  vpcId: string,
  ids: readonly string[],
): string[] {
  for (const id of ids) {
    const group = tx.table(securityGroups).get(scope, id);
    if (!group) throw invalidSecurityGroup(id);
    if (group.vpcId !== vpcId) {
      throw invalidConfiguration(`Security group '${id}' does not belong to VPC '${vpcId}'`);
    }
  }
  return [...new Set(ids)];
}

const defaultGroups = (tx: ReadTransaction, scope: Scope, vpcId: string): string[] =>
  tx
    .table(securityGroups)
    .by("vpc", scope, vpcId)
    .filter((group) => group.groupName === "default")
    .map((group) => group.groupId);

function isSameBalancer(known: LoadBalancer, wanted: NewBalancer): boolean {
  const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && a.every((one) => b.includes(one));
  return (
    known.scheme === wanted.scheme &&
    sameSet(
      known.nodes.map((node) => node.subnetId),
      wanted.subnets.map((subnet) => subnet.subnetId),
    ) &&
    sameSet(known.securityGroupIds, wanted.securityGroupIds)
  );
}

function addBalancer(context: WriteContext, wanted: NewBalancer): LoadBalancer {
  const { tx, scope, ids, now } = context;
  const { name, scheme, vpcId, securityGroupIds, tags } = wanted;
  const id = ids.hex(16);
  const arn = formatArn("elasticloadbalancing", scope, `loadbalancer/app/${name}/${id}`);
  const prefix = scheme === "internal" ? "internal-" : "";
  const balancer: LoadBalancer = {
    account: scope.account,
    region: scope.region,
    arn,
    name,
    type: "application",
    scheme,
    ipAddressType: "ipv4",
    vpcId,
    nodes: wanted.subnets.map((subnet) => addNode(context, { arn, id, wanted, subnet })),
    securityGroupIds,
    dnsName: `${prefix}${name}-${ids.digits(10)}.${scope.region}.elb.localhost`.toLowerCase(),
    attributes: defaultAttributes(loadBalancerAttributes),
    createdAt: now,
    tags,
  };
  tx.table(loadBalancers).put(balancer);
  return balancer;
}

function addNode(
  { tx, scope, ids, now }: WriteContext,
  node: { arn: string; id: string; wanted: NewBalancer; subnet: Subnet },
): LoadBalancer["nodes"][number] {
  const { arn, id, wanted, subnet } = node;
  const record = createNetworkInterface(tx, ids, {
    scope,
    subnetId: subnet.subnetId,
    groupIds: wanted.securityGroupIds,
    description: `ELB app/${wanted.name}/${id}`,
    owner: { type: "load-balancer", loadBalancerArn: arn },
    publicIp: publicAddressFor(tx, ids, wanted.scheme),
    now,
  });
  return {
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    networkInterfaceId: record.networkInterfaceId,
  };
}

const publicAddressFor = (
  tx: WriteTransaction,
  ids: WriteContext["ids"],
  scheme: LoadBalancer["scheme"],
): string | undefined =>
  scheme === "internet-facing" ? allocatePublicAddress(tx, ids) : undefined;
