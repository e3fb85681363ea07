import { describe, expect, it } from "vitest";
import fc from "../../../test/builders/properties.ts";
import { containsAddress, parseAddress, parseCidr } from "../../model/cidr.ts";
import type {
  InternetGateway,
  NatGateway,
  NetworkInterface,
  Route,
  RouteTable,
  RouteTarget,
  RulePeer,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Vpc,
} from "../../model/network.ts";
import { planVpc } from "./plan-vpc.ts";
import type { VpcSnapshot } from "./snapshot.ts";

const common = { account: "000000000000", region: "us-east-1", tags: [], createdAt: 0 };
const vpc: Vpc = {
  ...common,
  vpcId: "vpc-1",
  cidrBlocks: [{ associationId: "a", cidr: "10.0.0.0/16" }],
  isDefault: false,
  instanceTenancy: "default",
  enableDnsSupport: true,
  enableDnsHostnames: true,
  enableNetworkAddressUsageMetrics: false,
  dhcpOptionsId: "dopt-1",
};
const subnet = (name: string, cidr: string): Subnet => ({
  ...common,
  subnetId: name,
  vpcId: "vpc-1",
  cidr,
  availabilityZone: "us-east-1a",
  availabilityZoneId: "use1-az1",
  mapPublicIpOnLaunch: false,
  assignIpv6AddressOnCreation: false,
  enableDns64: false,
  enableResourceNameDnsARecord: false,
  enableResourceNameDnsAaaaRecord: false,
  privateDnsHostnameType: "ip-name",
});
const local: Route = {
  destinationCidr: "10.0.0.0/16",
  target: { type: "local" },
  origin: "CreateRouteTable",
};
const defaultTo = (target: RouteTarget, destinationCidr = "0.0.0.0/0"): Route => ({
  destinationCidr,
  target,
  origin: "CreateRoute",
});
const table = (
  id: string,
  routes: readonly Route[],
  subnetIds: readonly string[],
  main = false,
): RouteTable => ({
  ...common,
  routeTableId: id,
  vpcId: "vpc-1",
  routes: [local, ...routes],
  associations: [
    ...(main ? [{ associationId: `${id}-main`, subnetId: undefined, main: true }] : []),
    ...subnetIds.map((subnetId) => ({ associationId: subnetId, subnetId, main: false })),
  ],
});
const gateway: InternetGateway = { ...common, internetGatewayId: "igw-1", vpcId: "vpc-1" };
const nat: NatGateway = {
  ...common,
  natGatewayId: "nat-1",
  vpcId: "vpc-1",
  subnetId: "public",
  connectivityType: "public",
  state: "available",
  deletedAt: undefined,
  networkInterfaceId: "eni-nat",
  privateIp: "10.0.0.9",
  allocationId: "eipalloc-1",
  publicIp: "198.18.0.1",
};
const toInternet: RouteTarget = { type: "internet-gateway", id: "igw-1" };
const toNat: RouteTarget = { type: "nat-gateway", id: "nat-1" };
const networkInterface = (id: string, over: Partial<NetworkInterface> = {}): NetworkInterface => ({
  ...common,
  networkInterfaceId: id,
  vpcId: "vpc-1",
  subnetId: "private",
  availabilityZone: "us-east-1a",
  privateIp: "10.0.1.10",
  macAddress: "0a:00:00:00:00:01",
  groupIds: [],
  description: "",
  owner: { type: "user" },
  publicIp: undefined,
  sourceDestCheck: true,
  status: "in-use",
  attachmentId: undefined,
  ...over,
});
const group = (groupId: string, rules: readonly SecurityGroupRule[] = []): SecurityGroup => ({
  ...common,
  groupId,
  groupName: groupId,
  description: "",
  vpcId: "vpc-1",
  rules,
});
const rule = (
  direction: "ingress" | "egress",
  protocol: string,
  ports: readonly [number, number] | undefined,
  peer: RulePeer,
): SecurityGroupRule => ({
  ruleId: "sgr-1",
  direction,
  protocol,
  fromPort: ports?.[0],
  toPort: ports?.[1],
  peer,
  description: undefined,
  tags: [],
});
const everywhere: RulePeer = { type: "ipv4", cidr: "0.0.0.0/0" };

const snapshot = (over: Partial<VpcSnapshot> = {}): VpcSnapshot => ({
  isLogged: false,
  vpc,
  subnets: [subnet("public", "10.0.0.0/24"), subnet("private", "10.0.1.0/24")],
  routeTables: [
    table("rtb-main", [], [], true),
    table("rtb-public", [defaultTo(toInternet)], ["public"]),
    table("rtb-private", [defaultTo(toNat)], ["private"]),
  ],
  internetGateways: [gateway],
  natGateways: [nat],
  securityGroups: [],
  networkInterfaces: [],
  networkAcls: [],
  vpcEndpoints: [],
  vpcPeeringConnections: [],
  prefixLists: [],
  peers: [],
  placeOf: () => ({ type: "edge" }),
  ...over,
});
const waysOut = (records: VpcSnapshot): Record<string, string | undefined> =>
  Object.fromEntries(
    planVpc(records).subnets.map((planned) => [
      planned.subnetId,
      planned.routes.find((route) => route.destination === "0.0.0.0/0")?.via,
    ]),
  );

describe("routes of a planned VPC", () => {
  it.each<[string, Partial<VpcSnapshot>, Record<string, string | undefined>]>([
    ["gateways in place: internet and nat", {}, { public: "internet", private: "nat" }],
    [
      "an internet gateway detached: both ways out are blackholes",
      { internetGateways: [{ ...gateway, vpcId: undefined }] },
      { public: "blackhole", private: "blackhole" },
    ],
    [
      "an internet gateway of another VPC: counts for nothing",
      { internetGateways: [{ ...gateway, vpcId: "vpc-2" }] },
      { public: "blackhole", private: "blackhole" },
    ],
    [
      "a deleted NAT gateway: a blackhole for its users only",
      { natGateways: [{ ...nat, state: "deleted" }] },
      { public: "internet", private: "blackhole" },
    ],
    [
      "a private NAT gateway: leads to no internet",
      { natGateways: [{ ...nat, connectivityType: "private" }] },
      { public: "internet", private: "blackhole" },
    ],
    [
      "a NAT gateway in a subnet without a way out: has none to offer",
      { natGateways: [{ ...nat, subnetId: "private" }] },
      { public: "internet", private: "blackhole" },
    ],
    [
      "subnets without a table of their own: the main one decides",
      { routeTables: [table("rtb-main", [defaultTo(toInternet)], [], true)] },
      { public: "internet", private: "internet" },
    ],
    [
      "no default route: none",
      { routeTables: [table("rtb-main", [], [], true)] },
      { public: undefined, private: undefined },
    ],
    [
      "a route to an interface: a blackhole, none forwards",
      {
        routeTables: [
          table("rtb-main", [defaultTo({ type: "network-interface", id: "eni-1" })], [], true),
        ],
      },
      { public: "blackhole", private: "blackhole" },
    ],
  ])("%s", (_, over, expected) => {
    expect(waysOut(snapshot(over))).toEqual(expected);
  });

  it("several routes: all kept, the kernel takes the longest", () => {
    const routes = [defaultTo(toNat), defaultTo(toInternet, "198.51.100.0/24")];
    const planned = planVpc(
      snapshot({
        routeTables: [
          table("rtb-private", routes, ["private"]),
          table("rtb-main", [defaultTo(toInternet)], [], true),
        ],
      }),
    );
    expect(planned.subnets.find((one) => one.subnetId === "private")?.routes).toEqual([
      { destination: "10.0.0.0/16", via: "local" },
      { destination: "0.0.0.0/0", via: "nat", through: "public" },
      { destination: "198.51.100.0/24", via: "internet" },
    ]);
  });

  it("whatever the gateways' states: out only by an attached internet gateway", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("vpc-1", "vpc-2", undefined),
        fc.constantFrom("available", "failed", "deleted"),
        fc.constantFrom("public", "private"),
        fc.subarray(["public", "private"]),
        (attachedTo, state, natSubnet, withDefault) => {
          const planned = waysOut(
            snapshot({
              internetGateways: [{ ...gateway, vpcId: attachedTo }],
              natGateways: [{ ...nat, state, subnetId: natSubnet }],
              routeTables: [
                table("p", withDefault.includes("public") ? [defaultTo(toInternet)] : [], [
                  "public",
                ]),
                table("q", withDefault.includes("private") ? [defaultTo(toNat)] : [], ["private"]),
              ],
            }),
          );
          const attached = attachedTo === "vpc-1";
          expect(planned["public"] === "internet").toBe(attached && withDefault.includes("public"));
          const natWorks =
            attached &&
            state === "available" &&
            natSubnet === "public" &&
            withDefault.includes("public");
          expect(planned["private"] === "nat").toBe(natWorks && withDefault.includes("private"));
        },
      ),
    );
  });
});

describe("groups and interfaces of a planned VPC", () => {
  it.each<[string, SecurityGroupRule, unknown]>([
    [
      "all protocols",
      rule("ingress", "-1", undefined, everywhere),
      { protocol: "any", ports: undefined, peer: { type: "cidr", cidr: "0.0.0.0/0" } },
    ],
    [
      "tcp ports from a group",
      rule("ingress", "tcp", [80, 90], { type: "group", groupId: "sg-2", account: "1" }),
      {
        protocol: "tcp",
        ports: { from: 80, to: 90 },
        peer: { type: "group", groupId: "sg-2" },
      },
    ],
    [
      "icmp of any type",
      rule("ingress", "icmp", [-1, -1], everywhere),
      { protocol: "icmp", ports: undefined, peer: { type: "cidr", cidr: "0.0.0.0/0" } },
    ],
    [
      "an echo request of any code",
      rule("ingress", "icmp", [8, -1], everywhere),
      { protocol: "icmp", ports: { from: 8, to: -1 }, peer: { type: "cidr", cidr: "0.0.0.0/0" } },
    ],
    [
      "a protocol by number",
      rule("ingress", "50", undefined, everywhere),
      { protocol: "50", ports: undefined, peer: { type: "cidr", cidr: "0.0.0.0/0" } },
    ],
    ["an IPv6 peer", rule("ingress", "-1", undefined, { type: "ipv6", cidr: "::/0" }), undefined],
    [
      "a prefix list",
      rule("ingress", "-1", undefined, { type: "prefix-list", prefixListId: "pl-1" }),
      undefined,
    ],
    ["ICMP of IPv6", rule("ingress", "icmpv6", [-1, -1], everywhere), undefined],
  ])("%s: planned, or left out when no IPv4 packet matches", (_, given, expected) => {
    const [planned] = planVpc(snapshot({ securityGroups: [group("sg-1", [given])] })).groups;
    expect(planned?.ingress).toEqual(expected === undefined ? [] : [expected]);
    expect(planned?.egress).toEqual([]);
  });

  it("members: every interface that holds the group, wired or not", () => {
    const planned = planVpc(
      snapshot({
        securityGroups: [group("sg-1"), group("sg-2")],
        networkInterfaces: [
          networkInterface("eni-1", { privateIp: "10.0.1.10", groupIds: ["sg-1", "sg-2"] }),
          networkInterface("eni-2", { privateIp: "10.0.1.11", groupIds: ["sg-2"] }),
        ],
        placeOf: () => undefined,
      }),
    );
    expect(planned.interfaces).toEqual([]);
    expect(planned.groups.map(({ groupId, members }) => [groupId, members])).toEqual([
      ["sg-1", ["10.0.1.10"]],
      ["sg-2", ["10.0.1.10", "10.0.1.11"]],
    ]);
  });

  it("an interface: its place, public address and the groups that exist", () => {
    const { groups, interfaces } = planVpc(
      snapshot({
        securityGroups: [group("sg-1")],
        networkInterfaces: [
          networkInterface("eni-1", {
            groupIds: ["sg-1", "sg-gone"],
            publicIp: "198.18.0.7",
            secondaryAddresses: [
              { privateIp: "10.0.1.20", publicIp: undefined },
              { privateIp: "10.0.1.30", publicIp: "198.18.0.8" },
            ],
          }),
        ],
        placeOf: () => ({ type: "sandbox", netns: "/run/netns/x" }),
      }),
    );
    expect(groups.find(({ groupId }) => groupId === "sg-1")?.members).toEqual([
      "10.0.1.10",
      "10.0.1.20",
      "10.0.1.30",
    ]);
    const [planned] = interfaces;
    expect(planned).toEqual({
      interfaceId: "eni-1",
      address: "10.0.1.10",
      subnetId: "private",
      macAddress: "0a:00:00:00:00:01",
      groupIds: ["sg-1"],
      place: { type: "sandbox", netns: "/run/netns/x" },
      hasPublicAddress: true,
      secondaryAddresses: [
        { address: "10.0.1.20", isPublic: false },
        { address: "10.0.1.30", isPublic: true },
      ],
      forwards: false,
    });
  });

  it("any interfaces: members and wired ones agree with the records, nothing is invented", () => {
    const groupIds = ["sg-1", "sg-2", "sg-3"];
    const someInterface = fc.record({
      at: fc.integer({ min: 4, max: 250 }),
      groupIds: fc.subarray([...groupIds, "sg-gone"]),
      wired: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.uniqueArray(someInterface, { selector: (one) => one.at }), (given) => {
        const planned = planVpc(
          snapshot({
            securityGroups: groupIds.map((id) => group(id)),
            networkInterfaces: given.map((one) =>
              networkInterface(`eni-${one.at}`, {
                privateIp: `10.0.1.${one.at}`,
                groupIds: one.groupIds,
                description: one.wired ? "wired" : "",
              }),
            ),
            placeOf: ({ description }) => (description === "wired" ? { type: "edge" } : undefined),
          }),
        );
        expect(planned.interfaces).toHaveLength(given.filter((one) => one.wired).length);
        for (const one of planned.interfaces) {
          for (const id of one.groupIds) {
            expect(planned.groups.find(({ groupId }) => groupId === id)?.members).toContain(
              one.address,
            );
          }
        }
        const members = planned.groups.flatMap((one) => one.members);
        expect(members).toHaveLength(
          given.flatMap((one) => one.groupIds.filter((id) => groupIds.includes(id))).length,
        );
        const block = parseCidr("10.0.1.0/24");
        for (const member of members) {
          expect(block && containsAddress(block, parseAddress(member) ?? 0)).toBe(true);
        }
      }),
    );
  });
});
