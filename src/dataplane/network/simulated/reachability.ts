/** Whether plans let a new flow through: what the kernel would do with its packets (pure). */

import { awsBlocks } from "../../../model/aws-addresses.ts";
import { type Cidr, containsAddress, parseAddress, parseCidr } from "../../../model/cidr.ts";
import { taskEndpointAddress } from "../../../model/task-endpoint.ts";
import type {
  AclRule,
  InterfacePlan,
  PacketRule,
  RoutePlan,
  SubnetPlan,
  VpcPlan,
} from "../../../model/vpc-plan.ts";

export type Flow = {
  /** Address of an interface of the VPC. */
  readonly from: string;
  /** Any address. */
  readonly to: string;
  /** A lower-case protocol name or number. */
  readonly protocol: string;
  /** The type of an ICMP message. */
  readonly port?: number;
};

/** From where Linux opens connections. */
const ephemeral = { from: 32768, to: 60999 };

/** `peers` are the plans of other VPCs. */
export function isReachable(
  plan: VpcPlan,
  flow: Flow,
  peers: ReadonlyMap<string, VpcPlan> = new Map(),
): boolean {
  return isLetThrough(plan, flow, peers) && !isUnansweredPing(plan, flow, peers);
}

/** The edge answers no pings: neither for balancers and endpoints nor for AWS's APIs. */
function isUnansweredPing(
  plan: VpcPlan,
  { protocol, to }: Flow,
  peers: ReadonlyMap<string, VpcPlan>,
): boolean {
  if (protocol !== "icmp") return false;
  return (
    to === taskEndpointAddress ||
    awsBlocks.some((block) => contains(parseCidr(block), to)) ||
    [plan, ...peers.values()].some(({ interfaces }) =>
      interfaces.some(({ address, place }) => address === to && place.type === "edge"),
    )
  );
}

function isLetThrough(plan: VpcPlan, flow: Flow, peers: ReadonlyMap<string, VpcPlan>): boolean {
  const sender = interfaceAt(plan, flow.from);
  if (sender && isLinkLocal(plan, flow.to)) return isServed(plan, flow);
  if (!sender || !isAdmitted(plan, sender, "egress", flow.to, flow)) return false;
  const receiver = interfaceAt(plan, flow.to);
  const isLocal =
    receiver?.subnetId === sender.subnetId || routeOf(plan, sender, flow.to)?.via === "local";
  if (receiver && isLocal) {
    return (
      isAdmitted(plan, receiver, "ingress", flow.from, flow) &&
      crossesAcls(plan, subnetOf(plan, sender), plan, subnetOf(plan, receiver), flow)
    );
  }
  const route = receiver ? undefined : routeOf(plan, sender, flow.to);
  if (route?.via === "peering") return crossesPeering(plan, sender, route, flow, peers);
  // A private address is looked for in no other VPC by way of the outside.
  const isElsewhere = [...peers.values()].some(
    (other) => interfaceAt(other, flow.to) !== undefined,
  );
  if (isElsewhere) return false;
  return leadsOut(sender, route) && passesOutside(plan, subnetOf(plan, sender), route, flow);
}

/** The interface as it is at one of its addresses. */
function interfaceAt({ interfaces }: VpcPlan, address: string): InterfacePlan | undefined {
  for (const one of interfaces) {
    if (one.address === address) return one;
    const secondary = one.secondaryAddresses.find((more) => more.address === address);
    if (secondary) return { ...one, address, hasPublicAddress: secondary.isPublic };
  }
  return undefined;
}

/** What routes, groups and ACLs have no say in: link-local addresses and the VPC's resolver. */
const isLinkLocal = ({ dnsAddresses }: VpcPlan, address: string): boolean =>
  address.startsWith("169.254.") || dnsAddresses.includes(address);

const isServed = ({ dnsAddresses }: VpcPlan, { to, protocol, port }: Flow): boolean =>
  to === taskEndpointAddress ||
  (dnsAddresses.includes(to) && (protocol === "udp" || protocol === "tcp") && port === 53);

function crossesPeering(
  plan: VpcPlan,
  sender: InterfacePlan,
  { through }: RoutePlan,
  flow: Flow,
  peers: ReadonlyMap<string, VpcPlan>,
): boolean {
  const peering = plan.peerings.find((one) => one.peeringId === through);
  const other = peers.get(peering?.peerVpcId ?? "");
  const receiver = other && interfaceAt(other, flow.to);
  if (!other || !receiver || !isAdmitted(other, receiver, "ingress", flow.from, flow)) return false;
  const back = routeOf(other, receiver, flow.from);
  if (back?.via !== "peering" || back.through !== through) return false;
  return crossesAcls(plan, subnetOf(plan, sender), other, subnetOf(other, receiver), flow);
}

const subnetOf = (plan: VpcPlan, { subnetId }: InterfacePlan): SubnetPlan | undefined =>
  plan.subnets.find((one) => one.subnetId === subnetId);

function crossesAcls(
  here: VpcPlan,
  from: SubnetPlan | undefined,
  there: VpcPlan,
  to: SubnetPlan | undefined,
  flow: Flow,
): boolean {
  if (from === to) return true;
  return (
    passesBothWays(here, from, "egress", flow.to, flow) &&
    passesBothWays(there, to, "ingress", flow.from, flow)
  );
}

/** The flow one way through a subnet's ACL, and its answer the other. */
function passesBothWays(
  plan: VpcPlan,
  subnet: SubnetPlan | undefined,
  direction: "ingress" | "egress",
  peer: string,
  flow: Flow,
): boolean {
  const acl = plan.acls.find((one) => one.aclId === subnet?.aclId);
  if (!acl) return true;
  const back = direction === "egress" ? acl.ingress : acl.egress;
  return (
    isAllowed(acl[direction], peer, flow) &&
    answers(flow).every((answer) => isAllowed(back, peer, answer))
  );
}

/** Every port that an answer may go to is tried: slow and beyond doubt. */
function answers(flow: Flow): Flow[] {
  if (flow.protocol === "icmp") return [{ ...flow, port: 0 }];
  if (flow.protocol !== "tcp" && flow.protocol !== "udp") return [flow];
  const count = ephemeral.to - ephemeral.from + 1;
  return Array.from({ length: count }, (_, at) => ({ ...flow, port: ephemeral.from + at }));
}

function isAllowed(rules: readonly AclRule[], peer: string, flow: Flow): boolean {
  const rule = rules.find(
    (one) => contains(parseCidr(one.cidr), peer) && matchesPort({ ...one }, flow),
  );
  return rule?.allows ?? false;
}

function passesOutside(
  plan: VpcPlan,
  own: SubnetPlan | undefined,
  route: RoutePlan | undefined,
  flow: Flow,
): boolean {
  if (!passesBothWays(plan, own, "egress", flow.to, flow)) return false;
  if (route?.via !== "nat" || route.through === own?.subnetId) return true;
  const nat = plan.subnets.find((one) => one.subnetId === route.through);
  return (
    passesBothWays(plan, nat, "ingress", flow.from, flow) &&
    passesBothWays(plan, nat, "egress", flow.to, flow)
  );
}

function isAdmitted(
  plan: VpcPlan,
  { groupIds }: InterfacePlan,
  direction: "ingress" | "egress",
  peer: string,
  flow: Flow,
): boolean {
  return plan.groups
    .filter((group) => groupIds.includes(group.groupId))
    .some((group) =>
      group[direction].some((rule) => matchesPeer(plan, rule, peer) && matchesPort(rule, flow)),
    );
}

function matchesPeer({ groups }: VpcPlan, { peer }: PacketRule, address: string): boolean {
  switch (peer.type) {
    case "cidr":
      return contains(parseCidr(peer.cidr), address);
    case "cidrs":
      return peer.cidrs.some((cidr) => contains(parseCidr(cidr), address));
    case "group":
      return groups.some(
        (group) => group.groupId === peer.groupId && group.members.includes(address),
      );
  }
}

function matchesPort({ protocol, ports }: Pick<PacketRule, "protocol" | "ports">, flow: Flow) {
  if (protocol === "any") return true;
  if (protocol !== flow.protocol) return false;
  if (!ports) return true;
  if (protocol === "icmp") return flow.port === ports.from && ports.to <= 0;
  return flow.port !== undefined && flow.port >= ports.from && flow.port <= ports.to;
}

const leadsOut = (sender: InterfacePlan, route: RoutePlan | undefined): boolean =>
  route?.via === "nat" ||
  route?.via === "endpoint" ||
  (route?.via === "internet" && sender.hasPublicAddress);

const routeOf = (plan: VpcPlan, from: InterfacePlan, to: string): RoutePlan | undefined =>
  longestPrefix(subnetOf(plan, from)?.routes ?? [], to);

const longestPrefix = (routes: readonly RoutePlan[], to: string): RoutePlan | undefined =>
  routes
    .filter((route) => contains(parseCidr(route.destination), to))
    .toSorted((a, b) => bitsOf(b) - bitsOf(a))[0];

const bitsOf = (route: RoutePlan): number => parseCidr(route.destination)?.bits ?? 0;

function contains(cidr: Cidr | undefined, address: string): boolean {
  const value = parseAddress(address);
  return cidr !== undefined && value !== undefined && containsAddress(cidr, value);
}
