/**
 * Random small networks, as records: two VPCs that may be peered, subnets with ACLs and routes of all
 * kinds, groups, endpoints, and interfaces of tasks, balancers and endpoints. Small enough to be made on a
 * kernel in a moment.
 */
import fc from "fast-check";
import type { NetworkRecords } from "../../src/engine/network-path/records.ts";
import { awsPrefixLists } from "../../src/model/aws-prefix-lists.ts";
import type {
  InterfaceOwner,
  NetworkAcl,
  NetworkAclEntry,
  NetworkInterface,
  Route,
  RouteTarget,
  RulePeer,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Vpc,
  VpcEndpoint,
} from "../../src/model/network.ts";
import type { InterfacePlace } from "../../src/model/vpc-plan.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const common = { ...scope, tags: [], createdAt: 0 };

export const vpcIds = ["vpc-0aa000000000000a1", "vpc-0bb000000000000b2"] as const;
/** Outside of every VPC. */
export const outsideAddress = "198.18.77.77";
const peeringId = "pcx-0cc0000000000000c";
const listId = "pl-0dd0000000000000d";
/** Of AWS itself, to which gateway endpoints lead. */
const awsListId =
  awsPrefixLists(scope.region).find(({ prefixListName }) => prefixListName.endsWith("s3"))
    ?.prefixListId ?? "";

/** Ports that flows go to. */
export const ports = [80, 81] as const;

const blockOf = (vpc: number): string => `10.${vpc}.0.0/16`;
const subnetId = (vpc: number, subnet: number): string => `subnet-${vpc}${subnet}00000000000000`;
const groupId = (vpc: number, group: number): string => `sg-${vpc}${group}00000000000000`;
const igwId = (vpc: number): string => `igw-${vpc}`;
const natId = (vpc: number): string => `nat-${vpc}`;
const gatewayEndpointId = (vpc: number): string => `vpce-${vpc}0`;
const interfaceEndpointId = (vpc: number): string => `vpce-${vpc}1`;
const interfaceId = (vpc: number, at: number): string => `eni-0${vpc}${at}e00000000000000`;
const subnetBlock = (vpc: number, subnet: number): string => `10.${vpc}.${subnet}.0/24`;

const blocks = fc.constantFrom(
  "0.0.0.0/0",
  "10.0.0.0/16",
  "10.1.0.0/16",
  "10.0.0.0/24",
  "10.0.1.0/24",
  "10.1.0.0/24",
  `${outsideAddress}/32`,
);

const portsOf = fc.constantFrom<readonly [string, number | undefined, number | undefined]>(
  ["-1", undefined, undefined],
  ["tcp", 80, 80],
  ["tcp", 80, 81],
  ["tcp", 0, 65535],
  ["udp", 0, 65535],
  ["icmp", -1, -1],
);

const ruleOf = (vpc: number) => {
  const peer = fc.oneof<fc.Arbitrary<RulePeer>[]>(
    blocks.map((cidr) => ({ type: "ipv4", cidr })),
    fc.tuple(fc.constantFrom(vpc, 1 - vpc), fc.nat(1)).map(([of, group]) => ({
      type: "group",
      groupId: groupId(of, group),
      account: scope.account,
    })),
    fc.constantFrom(listId, awsListId).map((prefixListId) => ({
      type: "prefix-list",
      prefixListId,
    })),
  );
  return fc.tuple(fc.constantFrom("ingress", "egress"), portsOf, peer).map(
    ([direction, [protocol, fromPort, toPort], one]): SecurityGroupRule => ({
      ruleId: "sgr-1",
      direction: direction as SecurityGroupRule["direction"],
      protocol,
      fromPort,
      toPort,
      peer: one,
      description: undefined,
      tags: [],
    }),
  );
};

const anyPeer: RulePeer = { type: "ipv4", cidr: "0.0.0.0/0" };
const everything = (direction: "ingress" | "egress"): SecurityGroupRule => ({
  ruleId: "sgr-0",
  direction,
  protocol: "-1",
  fromPort: undefined,
  toPort: undefined,
  peer: anyPeer,
  description: undefined,
  tags: [],
});

const groupsOf = (vpc: number): fc.Arbitrary<SecurityGroup[]> =>
  fc
    .array(fc.tuple(fc.array(ruleOf(vpc), { maxLength: 3 }), fc.nat(3)), {
      minLength: 2,
      maxLength: 2,
    })
    .map((all) =>
      all.map(([rules, openness], group) => ({
        ...common,
        groupId: groupId(vpc, group),
        groupName: `group-${group}`,
        description: "",
        vpcId: vpcIds[vpc] ?? "",
        rules: [
          ...rules,
          // Without these hardly anything would ever get through.
          ...(openness > 0 ? [everything("egress")] : []),
          ...(openness > 1 ? [everything("ingress")] : []),
        ],
      })),
    );

const entry = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom("allow", "allow", "deny"),
    blocks,
    fc.constantFrom<readonly [string, number | undefined, number | undefined]>(
      ["-1", undefined, undefined],
      ["6", 80, 80],
      ["6", 1024, 65535],
      ["6", 0, 40000],
      ["17", 0, 65535],
      ["1", -1, -1],
    ),
  )
  .map(
    ([egress, action, cidr, [protocol, fromPort, toPort]]): Omit<
      NetworkAclEntry,
      "ruleNumber"
    > => ({
      egress,
      protocol,
      action: action as NetworkAclEntry["action"],
      cidr,
      fromPort,
      toPort,
    }),
  );

const allowAll = (egress: boolean): NetworkAclEntry => ({
  ruleNumber: 30000,
  egress,
  protocol: "-1",
  action: "allow",
  cidr: "0.0.0.0/0",
  fromPort: undefined,
  toPort: undefined,
});

const aclOf = (vpc: number, subnet: number): fc.Arbitrary<NetworkAcl> =>
  fc.tuple(fc.array(entry, { maxLength: 3 }), fc.nat(5)).map(([entries, openness]) => ({
    ...common,
    networkAclId: `acl-${vpc}${subnet}`,
    vpcId: vpcIds[vpc] ?? "",
    isDefault: false,
    entries: [
      ...(openness > 2 ? [] : entries.map((one, at) => ({ ...one, ruleNumber: 100 - at }))),
      ...(openness > 0 ? [allowAll(true), allowAll(false)] : []),
    ],
    associations: [{ associationId: "aclassoc-1", subnetId: subnetId(vpc, subnet) }],
  }));

const targetOf = (vpc: number): fc.Arbitrary<RouteTarget> =>
  fc.constantFrom<RouteTarget>(
    { type: "internet-gateway", id: igwId(vpc) },
    { type: "nat-gateway", id: natId(vpc) },
    { type: "vpc-peering-connection", id: peeringId },
    { type: "network-interface", id: interfaceId(vpc, 1) },
  );

/** Between the VPC's own subnets only boxes may be led through, not gateways to elsewhere. */
const innerTargetOf = (vpc: number): fc.Arbitrary<RouteTarget> =>
  fc.constantFrom<RouteTarget>(
    { type: "network-interface", id: interfaceId(vpc, 1) },
    { type: "network-interface", id: "eni-gone" },
    { type: "nat-gateway", id: natId(vpc) },
  );

const routesOf = (vpc: number): fc.Arbitrary<Route[]> =>
  fc
    .tuple(
      fc.option(targetOf(vpc)),
      fc.option(targetOf(vpc)),
      fc.nat(3),
      fc.option(fc.tuple(fc.nat(1), innerTargetOf(vpc)), { freq: 1 }),
      fc.option(targetOf(vpc), { freq: 1 }),
      fc.option(targetOf(vpc), { freq: 1 }),
      fc.boolean(),
    )
    .map(([out, other, peered, inner, listed, linkLocal, endpoint]) => [
      route(blockOf(vpc), { type: "local" }),
      ...(inner ? [route(subnetBlock(vpc, inner[0]), inner[1])] : []),
      ...(listed ? [listRoute(listId, listed)] : []),
      ...(linkLocal ? [route("169.0.0.0/8", linkLocal)] : []),
      ...(endpoint
        ? [listRoute(awsListId, { type: "vpc-endpoint", id: gatewayEndpointId(vpc) })]
        : []),
      ...(out ? [route("0.0.0.0/0", out)] : []),
      ...(other ? [route("198.18.64.0/18", other)] : []),
      ...(peered > 0
        ? [route(blockOf(1 - vpc), { type: "vpc-peering-connection", id: peeringId })]
        : []),
    ]);

const route = (destinationCidr: string, target: RouteTarget): Route => ({
  destinationCidr,
  target,
  origin: "CreateRoute",
});

const listRoute = (destinationPrefixListId: string, target: RouteTarget): Route => ({
  destinationCidr: undefined,
  destinationPrefixListId,
  target,
  origin: "CreateRoute",
});

const endpointsOf = (vpc: number): VpcEndpoint[] => {
  const base = { ...common, vpcId: vpcIds[vpc] ?? "", policy: "" };
  return [
    {
      ...base,
      type: "gateway",
      vpcEndpointId: gatewayEndpointId(vpc),
      serviceName: "com.amazonaws.us-east-1.s3",
      routeTableIds: [],
    },
    {
      ...base,
      type: "interface",
      vpcEndpointId: interfaceEndpointId(vpc),
      serviceName: "com.amazonaws.us-east-1.ssm",
      subnetIds: [subnetId(vpc, 1)],
      groupIds: [],
      networkInterfaceIds: [interfaceId(vpc, 3)],
      privateDnsEnabled: true,
    },
  ];
};

const vpcOf = (vpc: number): Vpc => ({
  ...common,
  vpcId: vpcIds[vpc] ?? "",
  cidrBlocks: [{ associationId: "a", cidr: blockOf(vpc) }],
  isDefault: false,
  instanceTenancy: "default",
  enableDnsSupport: true,
  enableDnsHostnames: true,
  enableNetworkAddressUsageMetrics: false,
  dhcpOptionsId: "dopt-1",
});

const subnetOf = (vpc: number, subnet: number): Subnet => ({
  ...common,
  subnetId: subnetId(vpc, subnet),
  vpcId: vpcIds[vpc] ?? "",
  cidr: subnetBlock(vpc, subnet),
  availabilityZone: "us-east-1a",
  availabilityZoneId: "use1-az1",
  mapPublicIpOnLaunch: false,
  assignIpv6AddressOnCreation: false,
  enableDns64: false,
  enableResourceNameDnsARecord: false,
  enableResourceNameDnsAaaaRecord: false,
  privateDnsHostnameType: "ip-name",
});

/** Each VPC has the other's first group, too. */
const groupsIn = (vpc: number): string[] => [groupId(vpc, 0), groupId(vpc, 1), groupId(1 - vpc, 0)];

/** Of three tasks, two of them in the first subnet; of an endpoint in the second, a balancer in the first. */
const ownersOf = (vpc: number): InterfaceOwner[] => [
  ...[0, 1, 2].map((at) => ({
    type: "ecs-task" as const,
    taskArn: `task-${vpc}${at}`,
    attachmentId: "",
  })),
  { type: "vpc-endpoint", vpcEndpointId: interfaceEndpointId(vpc) },
  { type: "load-balancer", loadBalancerArn: `balancer-${vpc}` },
];

/** The subnets that they are in. */
const subnetsOf = [0, 0, 1, 1, 0] as const;

const interfacesOf = (vpc: number): fc.Arbitrary<NetworkInterface[]> =>
  fc
    .array(
      fc.tuple(
        fc.subarray(groupsIn(vpc), { minLength: 1 }),
        fc.boolean(),
        fc.option(fc.boolean(), { freq: 2 }),
        fc.nat(2),
      ),
      { minLength: subnetsOf.length, maxLength: subnetsOf.length },
    )
    .map((all) =>
      all.map(([groups, isPublic, secondary, checked], at) => {
        const subnet = subnetsOf[at] ?? 0;
        const owner = ownersOf(vpc)[at] ?? { type: "user" };
        return {
          ...common,
          networkInterfaceId: interfaceId(vpc, at),
          vpcId: vpcIds[vpc] ?? "",
          subnetId: subnetId(vpc, subnet),
          availabilityZone: "us-east-1a",
          privateIp: `10.${vpc}.${subnet}.${at + 10}`,
          macAddress: `0a:00:00:00:0${vpc}:0${at}`,
          groupIds: groups,
          description: "",
          owner,
          publicIp:
            isPublic && owner.type !== "vpc-endpoint" ? `198.18.0.${vpc * 10 + at}` : undefined,
          secondaryAddresses:
            secondary === null || owner.type !== "ecs-task"
              ? []
              : [
                  {
                    privateIp: `10.${vpc}.${subnet}.${at + 110}`,
                    publicIp: secondary ? `198.18.1.${vpc * 10 + at}` : undefined,
                  },
                ],
          sourceDestCheck: owner.type !== "ecs-task" || checked > 0,
          status: "in-use",
          attachmentId: "eni-attach-1",
        };
      }),
    );

const oneVpc = (vpc: number) =>
  fc.record({
    groups: groupsOf(vpc),
    acls: fc.tuple(aclOf(vpc, 0), aclOf(vpc, 1)),
    routes: fc.tuple(routesOf(vpc), routesOf(vpc)),
    interfaces: interfacesOf(vpc),
    natSubnet: fc.nat(1),
    natIsAvailable: fc.nat(3).map((n) => n > 0),
    gatewayIsAttached: fc.nat(3).map((n) => n > 0),
  });

export const aNetwork: fc.Arbitrary<NetworkRecords> = fc
  .record({
    vpcs: fc.tuple(oneVpc(0), oneVpc(1)),
    peering: fc.constantFrom("active", "active", "pending-acceptance"),
    listed: fc.array(blocks, { maxLength: 2 }),
  })
  .map(({ vpcs, peering, listed }) => ({
    vpcs: vpcs.map((_, vpc) => vpcOf(vpc)),
    subnets: vpcs.flatMap((_, vpc) => [subnetOf(vpc, 0), subnetOf(vpc, 1)]),
    routeTables: vpcs.flatMap(({ routes }, vpc) =>
      routes.map((ofSubnet, subnet) => ({
        ...common,
        routeTableId: `rtb-${vpc}${subnet}`,
        vpcId: vpcIds[vpc] ?? "",
        routes: ofSubnet,
        associations: [
          { associationId: "rtbassoc-1", subnetId: subnetId(vpc, subnet), main: false },
        ],
      })),
    ),
    internetGateways: vpcs.map(({ gatewayIsAttached }, vpc) => ({
      ...common,
      internetGatewayId: igwId(vpc),
      vpcId: gatewayIsAttached ? vpcIds[vpc] : undefined,
    })),
    natGateways: vpcs.map(({ natSubnet, natIsAvailable }, vpc) => ({
      ...common,
      natGatewayId: natId(vpc),
      vpcId: vpcIds[vpc] ?? "",
      subnetId: subnetId(vpc, natSubnet),
      connectivityType: "public" as const,
      state: natIsAvailable ? ("available" as const) : ("deleted" as const),
      deletedAt: undefined,
      networkInterfaceId: "eni-nat",
      privateIp: `10.${vpc}.${natSubnet}.200`,
      allocationId: "eipalloc-1",
      publicIp: "198.18.9.9",
    })),
    securityGroups: vpcs.flatMap(({ groups }) => groups),
    networkAcls: vpcs.flatMap(({ acls }) => acls),
    networkInterfaces: vpcs.flatMap(({ interfaces }) => interfaces),
    vpcEndpoints: vpcs.flatMap((_, vpc) => endpointsOf(vpc)),
    vpcPeeringConnections: [
      {
        ...common,
        vpcPeeringConnectionId: peeringId,
        requester: { ...scope, vpcId: vpcIds[0], allowDnsResolutionFromRemoteVpc: false },
        accepter: { ...scope, vpcId: vpcIds[1], allowDnsResolutionFromRemoteVpc: false },
        status: peering as "active",
        statusMessage: "",
        endedAt: undefined,
      },
    ],
    prefixLists: [
      {
        ...common,
        prefixListId: listId,
        prefixListName: "some",
        addressFamily: "IPv4",
        maxEntries: 5,
        versions: [
          { version: 1, entries: listed.map((cidr) => ({ cidr, description: undefined })) },
        ],
      },
    ],
  }));

export type FlowOfNetwork = {
  /** Which of the network's interfaces sends. */
  readonly from: number;
  /** By the last of its addresses. */
  readonly fromLast: boolean;
  readonly to: string;
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly port: number;
};

/** The private addresses of all interfaces, and second ones that some of the tasks' have. */
const addresses = [0, 1].flatMap((vpc) =>
  subnetsOf.map((subnet, at) => `10.${vpc}.${subnet}.${at + 10}`),
);
const secondAddresses = [0, 1].flatMap((vpc) =>
  subnetsOf.slice(0, 3).map((subnet, at) => `10.${vpc}.${subnet}.${at + 110}`),
);

/** Of the VPCs' blocks, and no interface's. */
const nobodys: readonly string[] = ["10.0.1.99", "10.1.0.1"];

/** Of a task and a balancer, where they have any. */
const publicAddresses: readonly string[] = ["198.18.0.0", "198.18.0.14"];

const destination = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...addresses) },
  { weight: 2, arbitrary: fc.constantFrom(...secondAddresses) },
  { weight: 2, arbitrary: fc.constant(outsideAddress) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      // AWS's: its APIs, and what a gateway endpoint leads to.
      "203.0.113.50",
      "198.51.100.7",
      ...publicAddresses,
      // Nobody's, the router's, and link-local ones.
      ...nobodys,
      "169.254.1.1",
      "169.254.168.9",
      "169.254.10.9",
      "169.254.170.2",
    ),
  },
);

/** A flow to any place that a network knows. */
export const aFlow: fc.Arbitrary<FlowOfNetwork> = fc.record({
  from: fc.nat(addresses.length - 1),
  fromLast: fc.boolean(),
  to: destination,
  protocol: fc.constantFrom("tcp", "tcp", "udp", "icmp"),
  port: fc.constantFrom(...ports),
});

/** What the network loop would hand to the planner, everything wired where `netnsOf` says. */
export function snapshotOf(
  records: NetworkRecords,
  vpcId: string,
  netnsOf: (interfaceId: string) => string,
) {
  const vpc = records.vpcs.find((one) => one.vpcId === vpcId);
  if (!vpc) throw new Error(`no ${vpcId}`);
  const own = <T extends { readonly vpcId: string | undefined }>(all: readonly T[]): T[] =>
    all.filter((one) => one.vpcId === vpcId);
  const other = vpcIds.find((id) => id !== vpcId) ?? "";
  const groupsOf = (id: string): SecurityGroup[] => {
    const ids = groupsIn(id === vpcIds[0] ? 0 : 1);
    return records.securityGroups.filter((group) => ids.includes(group.groupId));
  };
  return {
    vpc,
    subnets: own(records.subnets),
    routeTables: own(records.routeTables),
    internetGateways: own(records.internetGateways),
    natGateways: own(records.natGateways),
    securityGroups: groupsOf(vpcId),
    networkAcls: own(records.networkAcls),
    networkInterfaces: own(records.networkInterfaces),
    vpcEndpoints: own(records.vpcEndpoints),
    vpcPeeringConnections: records.vpcPeeringConnections,
    prefixLists: records.prefixLists,
    placeOf: ({ networkInterfaceId, owner }: NetworkInterface): InterfacePlace =>
      owner.type === "ecs-task"
        ? { type: "sandbox", netns: netnsOf(networkInterfaceId) }
        : { type: "edge" },
    isLogged: false,
    peers: records.vpcPeeringConnections
      .filter(({ status }) => status === "active")
      .map((connection) => ({
        connection,
        vpcId: other,
        securityGroups: groupsOf(other),
        networkInterfaces: records.networkInterfaces.filter((one) => one.vpcId === other),
        isWired: true,
      })),
  };
}
