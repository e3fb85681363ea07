/** Whether a plan lets a new flow through: what the kernel would do with its first packet (pure). */
import { type Cidr, containsAddress, parseAddress, parseCidr } from "../../../model/cidr.ts";
import type { InterfacePlan, PacketRule, RoutePlan, VpcPlan } from "../../../model/vpc-plan.ts";

export type Flow = {
  /** Address of an interface of the VPC. */
  readonly from: string;
  /** Any address. */
  readonly to: string;
  /** A lower-case protocol name or number. */
  readonly protocol: string;
  readonly port?: number;
};

export function isReachable(plan: VpcPlan, flow: Flow): boolean {
  const sender = plan.interfaces.find((one) => one.address === flow.from);
  if (!sender || !isAdmitted(plan, sender, "egress", flow.to, flow)) return false;
  const receiver = plan.interfaces.find((one) => one.address === flow.to);
  if (receiver) return isAdmitted(plan, receiver, "ingress", flow.from, flow);
  return leadsOut(plan, sender, flow.to);
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
  if (peer.type === "cidr") return contains(parseCidr(peer.cidr), address);
  return groups.some((group) => group.groupId === peer.groupId && group.members.includes(address));
}

function matchesPort({ protocol, ports }: PacketRule, flow: Flow): boolean {
  if (protocol === "any") return true;
  if (protocol !== flow.protocol) return false;
  if (!ports || protocol === "icmp") return true;
  return flow.port !== undefined && flow.port >= ports.from && flow.port <= ports.to;
}

function leadsOut(plan: VpcPlan, sender: InterfacePlan, to: string): boolean {
  const subnet = plan.subnets.find((one) => one.subnetId === sender.subnetId);
  const route = longestPrefix(subnet?.routes ?? [], to);
  return route?.via === "nat" || (route?.via === "internet" && sender.hasPublicAddress);
}

const longestPrefix = (routes: readonly RoutePlan[], to: string): RoutePlan | undefined =>
  routes
    .filter((route) => contains(parseCidr(route.destination), to))
    .toSorted((a, b) => bitsOf(b) - bitsOf(a))[0];

const bitsOf = (route: RoutePlan): number => parseCidr(route.destination)?.bits ?? 0;

function contains(cidr: Cidr | undefined, address: string): boolean {
  const value = parseAddress(address);
  return cidr !== undefined && value !== undefined && containsAddress(cidr, value);
}
