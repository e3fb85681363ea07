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
  SetSubnetsInput,
  SetSubnetsOutput,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { LoadBalancer } from "../../model/load-balancing.ts";
import type { Subnet } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { deleteNetworkInterface } from "../../state/network-interfaces.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { listeners, loadBalancers } from "../../state/tables/load-balancing.ts";
import { networkInterfaces } from "../../state/tables/network.ts";
import { defaultAttributes, loadBalancerAttributes } from "./attributes.ts";
import {
  addNode,
  defaultGroups,
  hasInternetGateway,
  validateGroups,
  validateRoom,
  validateSubnets,
} from "./balancer-network.ts";
import {
  deletionProtected,
  duplicateLoadBalancerName,
  invalidConfiguration,
  invalidSubnet,
  loadBalancerNotFound,
  loadBalancersNotFound,
  notBuilt,
  validationError,
} from "./errors.ts";
import { oneOf, pageOf, validateName, validateTags } from "./validation.ts";
import { toLoadBalancerView, toZonesView } from "./views.ts";

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
    for (const subnet of wanted.subnets) validateRoom(context.tx, subnet);
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
    const { page, nextMarker } = pageOf("DescribeLoadBalancers", found, input);
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

export const setSubnets = write<SetSubnetsInput, SetSubnetsOutput>({
  action: "elasticloadbalancing:SetSubnets",
  resources: (input) => [input.LoadBalancerArn ?? "*"],
  accepts: {
    LoadBalancerArn: true,
    Subnets: true,
    SubnetMappings: { SubnetId: true },
    IpAddressType: true,
  },
  run(context, input) {
    const { tx, scope } = context;
    const balancer = findBalancer(tx, scope, input.LoadBalancerArn);
    validateIpAddressType(input.IpAddressType);
    const wanted = validateSubnets(tx, scope, subnetIdsOf(input));
    if (wanted.some((subnet) => subnet.vpcId !== balancer.vpcId)) {
      throw invalidConfiguration(`The subnets must belong to VPC '${balancer.vpcId}'`);
    }
    const nodeIn = (subnet: Subnet) =>
      balancer.nodes.find((node) => node.subnetId === subnet.subnetId);
    for (const subnet of wanted) if (!nodeIn(subnet)) validateRoom(tx, subnet);
    const nodes = wanted.map((subnet) => nodeIn(subnet) ?? addNode(context, balancer, subnet));
    for (const node of balancer.nodes) {
      if (!nodes.includes(node)) deleteNetworkInterface(tx, scope, node.networkInterfaceId);
    }
    const changed = { ...balancer, nodes };
    tx.table(loadBalancers).put(changed);
    return { AvailabilityZones: toZonesView(changed), IpAddressType: "ipv4" };
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
  validateIpAddressType(input.IpAddressType);
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

function validateIpAddressType(value: string | undefined): void {
  const types = ["ipv4", "dualstack", "dualstack-without-public-ipv4"] as const;
  const type = oneOf("ipAddressType", value, types, "ipv4");
  if (type !== "ipv4") throw notBuilt(`the IP address type '${type}'`);
}

function subnetIdsOf(input: Pick<CreateLoadBalancerInput, "Subnets" | "SubnetMappings">): string[] {
  const { Subnets: plain = [], SubnetMappings: mappings = [] } = input;
  if (plain.length > 0 && mappings.length > 0) {
    throw validationError("Subnets and subnet mappings cannot be specified at the same time");
  }
  return [...plain, ...mappings.map((mapping) => mapping.SubnetId ?? "")];
}

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
  const arn = formatArn("elasticloadbalancing", scope, `loadbalancer/app/${name}/${ids.hex(16)}`);
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
    nodes: wanted.subnets.map((subnet) =>
      addNode(context, { arn, name, scheme, securityGroupIds }, subnet),
    ),
    securityGroupIds,
    dnsName: `${prefix}${name}-${ids.digits(10)}.${scope.region}.elb.localhost`.toLowerCase(),
    attributes: defaultAttributes(loadBalancerAttributes),
    createdAt: now,
    tags,
  };
  tx.table(loadBalancers).put(balancer);
  return balancer;
}
