/**
 * Whether a client of the host, which stands for the internet, reaches a port of an interface: the
 * subnet must have a way out by the internet gateway, and a group of the interface must let it in.
 */
import { containsAddress, parseAddress, parseCidr } from "../model/cidr.ts";
import type {
  InternetGateway,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
} from "../model/network.ts";

/** The address that clients of the host have inside a VPC: one of the blocks kept for documentation. */
export const hostClientAddress = "203.0.113.1";

/** The parts of the interface's VPC that decide. */
export type InternetPath = {
  readonly routeTables: readonly RouteTable[];
  readonly internetGateways: readonly InternetGateway[];
  readonly securityGroups: readonly SecurityGroup[];
};

/** True when a TCP connection from `hostClientAddress` to the port would be let through. */
export function isOpenToInternet(
  path: InternetPath,
  networkInterface: Pick<NetworkInterface, "vpcId" | "subnetId" | "groupIds">,
  port: number,
): boolean {
  return hasInternetRoute(path, networkInterface) && isAdmitted(path, networkInterface, port);
}

/** The table that a subnet uses: its own, else the VPC's main one. */
export function effectiveRouteTable(
  routeTables: readonly RouteTable[],
  subnet: { readonly vpcId: string; readonly subnetId: string },
): RouteTable | undefined {
  const ofVpc = routeTables.filter((table) => table.vpcId === subnet.vpcId);
  return (
    ofVpc.find((table) =>
      table.associations.some((association) => association.subnetId === subnet.subnetId),
    ) ?? ofVpc.find((table) => table.associations.some((association) => association.main))
  );
}

function hasInternetRoute(
  path: InternetPath,
  subnet: { readonly vpcId: string; readonly subnetId: string },
): boolean {
  const route = effectiveRouteTable(path.routeTables, subnet)?.routes.find(
    (candidate) => candidate.destinationCidr === "0.0.0.0/0",
  );
  const target = route?.target;
  if (target?.type !== "internet-gateway") return false;
  return path.internetGateways.some(
    (gateway) => gateway.internetGatewayId === target.id && gateway.vpcId === subnet.vpcId,
  );
}

function isAdmitted(
  path: InternetPath,
  { groupIds }: Pick<NetworkInterface, "groupIds">,
  port: number,
): boolean {
  return path.securityGroups
    .filter((group) => groupIds.includes(group.groupId))
    .some((group) => group.rules.some((rule) => admitsHost(rule, port)));
}

function admitsHost(rule: SecurityGroupRule, port: number): boolean {
  if (rule.direction !== "ingress" || rule.peer.type !== "ipv4") return false;
  if (rule.protocol !== "-1" && rule.protocol !== "tcp" && rule.protocol !== "6") return false;
  const cidr = parseCidr(rule.peer.cidr);
  const client = parseAddress(hostClientAddress);
  if (!cidr || client === undefined || !containsAddress(cidr, client)) return false;
  if (rule.protocol === "-1" || rule.fromPort === undefined || rule.fromPort === -1) return true;
  return port >= rule.fromPort && port <= (rule.toPort ?? rule.fromPort);
}
