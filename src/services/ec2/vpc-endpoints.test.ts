import type { CreateVpcEndpointRequest } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { modifyVpcEndpoint } from "./modify-vpc-endpoint.ts";
import { deleteNetworkInterface, describeNetworkInterfaces } from "./network-interfaces.ts";
import { createRouteTable, deleteRouteTable, describeRouteTables } from "./route-tables.ts";
import { createRoute, deleteRoute } from "./routes.ts";
import { createSecurityGroup, deleteSecurityGroup } from "./security-groups.ts";
import { createSubnet, deleteSubnet, describeSubnets } from "./subnets.ts";
import { given, openRoom, type Room, refusal } from "./testing.ts";
import { modifyVpcAttribute } from "./vpc-attributes.ts";
import { describeVpcEndpointServices } from "./vpc-endpoint-services.ts";
import { createVpcEndpoint, deleteVpcEndpoints, describeVpcEndpoints } from "./vpc-endpoints.ts";
import { createVpc, deleteVpc } from "./vpcs.ts";

const service = (name: string) => `com.amazonaws.ap-northeast-1.${name}`;

/** A VPC with names, a subnet in each of two zones, a route table and a group. */
function openVpc() {
  const room = openRoom();
  const { VpcId = "" } = given(room.call(createVpc, { CidrBlock: "10.0.0.0/16" }).Vpc);
  room.call(modifyVpcAttribute, { VpcId, EnableDnsHostnames: { Value: true } });
  const subnet = (third: number, zone: string): string =>
    given(
      room.call(createSubnet, {
        VpcId,
        CidrBlock: `10.0.${third}.0/24`,
        AvailabilityZone: `ap-northeast-1${zone}`,
      }).Subnet?.SubnetId,
    );
  const { RouteTableId = "" } = given(room.call(createRouteTable, { VpcId }).RouteTable);
  const { GroupId = "" } = room.call(createSecurityGroup, {
    VpcId,
    GroupName: "endpoint",
    Description: "x",
  });
  const subnets = [subnet(0, "a"), subnet(1, "c"), subnet(2, "a")] as const;
  return { room, VpcId, RouteTableId, GroupId, subnets };
}

const make = (room: Room, input: CreateVpcEndpointRequest) =>
  given(room.call(createVpcEndpoint, input).VpcEndpoint);

const routesOf = (room: Room, RouteTableId: string) =>
  room.call(describeRouteTables, { RouteTableIds: [RouteTableId] }).RouteTables?.[0]?.Routes ?? [];

const policy = (change: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*", ...change }],
  });

const badStatements = (): [string, Partial<CreateVpcEndpointRequest>, string][] =>
  [
    { Principal: undefined },
    { Principal: "everybody" },
    { Principal: {} },
    { Principal: { Role: "x" } },
    { Action: undefined },
    { Resource: undefined },
    { Effect: "Maybe" },
    { Condition: { Nearly: { "aws:SourceVpc": "x" } } },
    { Effects: "Allow" },
  ].map((change) => [
    `a policy whose statement has ${JSON.stringify({ ...change })} or none`,
    { PolicyDocument: policy(change) },
    "InvalidPolicyDocument: The Policy Document is not valid.",
  ]);

describe("a gateway endpoint", () => {
  it("made: its route to the service's prefix list is in each table, and goes with it", () => {
    const { room, VpcId, RouteTableId } = openVpc();
    const endpoint = make(room, {
      VpcId,
      ServiceName: service("s3"),
      RouteTableIds: [RouteTableId],
    });
    const route = given(routesOf(room, RouteTableId)[1]);
    expect(route).toMatchObject({ GatewayId: endpoint.VpcEndpointId, State: "active" });
    expect(route.DestinationPrefixListId).toMatch(/^pl-/);
    expect(
      refusal(() =>
        room.call(deleteRoute, {
          RouteTableId,
          DestinationPrefixListId: route.DestinationPrefixListId,
        }),
      ),
    ).toBe(
      `InvalidParameterValue: cannot remove VPC endpoint route ${route.DestinationPrefixListId} in route table ${RouteTableId}`,
    );
    room.call(deleteVpcEndpoints, { VpcEndpointIds: [endpoint.VpcEndpointId ?? ""] });
    expect(routesOf(room, RouteTableId)).toHaveLength(1);
    expect(room.call(describeVpcEndpoints, {}).VpcEndpoints).toEqual([]);
  });

  it("a second one for the same table and service: refused", () => {
    const { room, VpcId, RouteTableId } = openVpc();
    const input = { VpcId, ServiceName: service("s3"), RouteTableIds: [RouteTableId] };
    make(room, input);
    expect(refusal(() => make(room, input))).toMatch(
      new RegExp(
        `^RouteAlreadyExists: route table ${RouteTableId} already has a route with destination-prefix-list-id pl-[0-9a-f]{8}$`,
      ),
    );
  });

  it("tables added and removed, and one deleted: the endpoint says which it has", () => {
    const { room, VpcId, RouteTableId } = openVpc();
    const other = given(room.call(createRouteTable, { VpcId }).RouteTable?.RouteTableId);
    const { VpcEndpointId = "" } = make(room, {
      VpcId,
      ServiceName: service("dynamodb"),
      RouteTableIds: [RouteTableId],
    });
    const tablesOf = () =>
      room.call(describeVpcEndpoints, { VpcEndpointIds: [VpcEndpointId] }).VpcEndpoints?.[0]
        ?.RouteTableIds;
    room.call(modifyVpcEndpoint, {
      VpcEndpointId,
      AddRouteTableIds: [other],
      RemoveRouteTableIds: [RouteTableId],
    });
    expect(tablesOf()).toEqual([other]);
    expect(routesOf(room, RouteTableId)).toHaveLength(1);
    room.call(deleteRouteTable, { RouteTableId: other });
    expect(tablesOf()).toEqual([]);
  });

  it("as the target of a route: refused", () => {
    const { room, VpcId, RouteTableId } = openVpc();
    const { VpcEndpointId } = make(room, { VpcId, ServiceName: service("s3") });
    expect(
      refusal(() =>
        room.call(createRoute, {
          RouteTableId,
          DestinationCidrBlock: "192.0.2.0/24",
          VpcEndpointId,
        }),
      ),
    ).toBe(
      `InvalidParameterValue: VPC endpoint ${VpcEndpointId} cannot be the target of a route: its type is Gateway`,
    );
  });
});

describe("an interface endpoint", () => {
  it("addresses chosen for its subnets: its interfaces have them, and are made anew for others", () => {
    const { room, VpcId, subnets } = openVpc();
    const [first, second] = subnets;
    const endpoint = make(room, {
      VpcId,
      ServiceName: service("logs"),
      VpcEndpointType: "Interface",
      SubnetIds: [first, second],
      SubnetConfigurations: [{ SubnetId: first, Ipv4: "10.0.0.77" }],
    });
    const interfaces = () =>
      given(room.call(describeNetworkInterfaces, {}).NetworkInterfaces).map((eni) => ({
        id: eni.NetworkInterfaceId,
        at: eni.PrivateIpAddress,
      }));
    const [chosen, free] = interfaces();
    expect([chosen?.at, free?.at]).toEqual(["10.0.0.77", "10.0.1.4"]);
    const change = (SubnetConfigurations: { SubnetId?: string; Ipv4?: string }[]) =>
      room.call(modifyVpcEndpoint, { VpcEndpointId: endpoint.VpcEndpointId, SubnetConfigurations });
    change([
      { SubnetId: first, Ipv4: "10.0.0.78" },
      { SubnetId: second, Ipv4: "10.0.1.4" },
    ]);
    expect(interfaces().map(({ at }) => at)).toEqual(["10.0.1.4", "10.0.0.78"]);
    expect(interfaces()[0]?.id).toBe(free?.id);
    expect(refusal(() => change([{ SubnetId: first }]))).toMatch("MissingParameter");
    expect(refusal(() => change([{ SubnetId: first, Ipv4: "10.0.9.9" }]))).toMatch(
      "Address does not fall within the subnet's address range",
    );
    expect(
      refusal(() =>
        make(room, {
          VpcId,
          ServiceName: service("s3"),
          SubnetConfigurations: [{ SubnetId: first, Ipv4: "10.0.0.80" }],
        }),
      ),
    ).toMatch("only supported for Interface type VPC Endpoint");
  });

  const ofLogs = { ServiceName: service("logs"), VpcEndpointType: "Interface" } as const;

  it("made: an interface in each subnet with its group, names for each zone, and private ones", () => {
    const { room, VpcId, GroupId, subnets } = openVpc();
    const endpoint = make(room, {
      ...ofLogs,
      VpcId,
      SubnetIds: [subnets[0], subnets[1]],
      SecurityGroupIds: [GroupId],
      PrivateDnsEnabled: true,
    });
    const { NetworkInterfaces = [] } = room.call(describeNetworkInterfaces, {
      Filters: [{ Name: "interface-type", Values: ["vpc_endpoint"] }],
    });
    expect(NetworkInterfaces.map((eni) => [eni.SubnetId, eni.Description, eni.Status])).toEqual([
      [subnets[0], `VPC Endpoint Interface ${endpoint.VpcEndpointId}`, "in-use"],
      [subnets[1], `VPC Endpoint Interface ${endpoint.VpcEndpointId}`, "in-use"],
    ]);
    expect(endpoint.Groups).toEqual([{ GroupId, GroupName: "endpoint" }]);
    expect(endpoint.DnsEntries).toHaveLength(4);
    expect(endpoint.DnsEntries?.at(-1)?.DnsName).toBe("logs.ap-northeast-1.amazonaws.com");
  });

  it("while it is there: its subnet, group, interface and VPC cannot go; after it they can", () => {
    const { room, VpcId, GroupId, subnets, RouteTableId } = openVpc();
    const { VpcEndpointId = "", NetworkInterfaceIds = [] } = make(room, {
      ...ofLogs,
      VpcId,
      SubnetIds: [subnets[0]],
      SecurityGroupIds: [GroupId],
    });
    const NetworkInterfaceId = NetworkInterfaceIds[0];
    expect([
      refusal(() => room.call(deleteSubnet, { SubnetId: subnets[0] })),
      refusal(() => room.call(deleteSecurityGroup, { GroupId })),
      refusal(() => room.call(deleteNetworkInterface, { NetworkInterfaceId })),
      refusal(() => room.call(deleteVpc, { VpcId })),
    ]).toEqual([
      `DependencyViolation: The subnet '${subnets[0]}' has dependencies and cannot be deleted.`,
      `DependencyViolation: resource ${GroupId} has a dependent object`,
      `InvalidParameterValue: Network interface '${NetworkInterfaceId}' is currently in use.`,
      `DependencyViolation: The vpc '${VpcId}' has dependencies and cannot be deleted.`,
    ]);
    room.call(deleteVpcEndpoints, { VpcEndpointIds: [VpcEndpointId] });
    for (const SubnetId of subnets) room.call(deleteSubnet, { SubnetId });
    room.call(deleteSecurityGroup, { GroupId });
    room.call(deleteRouteTable, { RouteTableId });
    room.call(deleteVpc, { VpcId });
  });

  it("subnets and groups changed: the interfaces follow, and addresses come back", () => {
    const { room, VpcId, GroupId, subnets } = openVpc();
    const { VpcEndpointId = "", Groups = [] } = make(room, {
      ...ofLogs,
      VpcId,
      SubnetIds: [subnets[0]],
    });
    room.call(modifyVpcEndpoint, {
      VpcEndpointId,
      AddSubnetIds: [subnets[1]],
      RemoveSubnetIds: [subnets[0]],
      AddSecurityGroupIds: [GroupId],
      RemoveSecurityGroupIds: [Groups[0]?.GroupId ?? ""],
    });
    const { NetworkInterfaces = [] } = room.call(describeNetworkInterfaces, {});
    expect(NetworkInterfaces.map((eni) => [eni.SubnetId, eni.Groups?.[0]?.GroupId])).toEqual([
      [subnets[1], GroupId],
    ]);
    const { Subnets } = room.call(describeSubnets, { SubnetIds: [subnets[0]] });
    expect(Subnets?.[0]?.AvailableIpAddressCount).toBe(251);
  });

  it("private DNS not spoken of: on where nothing stands against it", () => {
    const { room, VpcId } = openVpc();
    const input = { ...ofLogs, VpcId };
    expect(make(room, input).PrivateDnsEnabled).toBe(true);
    expect(make(room, input).PrivateDnsEnabled).toBe(false);
    expect(make(room, { ...input, ServiceName: service("s3") }).PrivateDnsEnabled).toBe(false);
    room.call(modifyVpcAttribute, { VpcId, EnableDnsHostnames: { Value: false } });
    expect(make(room, { ...input, ServiceName: service("sqs") }).PrivateDnsEnabled).toBe(false);
  });

  it("private DNS twice for one service, or in a VPC without names: refused", () => {
    const { room, VpcId } = openVpc();
    const input = { ...ofLogs, VpcId, PrivateDnsEnabled: true };
    make(room, input);
    expect(refusal(() => make(room, input))).toBe(
      `InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for logs.ap-northeast-1.amazonaws.com in the VPC ${VpcId}`,
    );
    room.call(modifyVpcAttribute, { VpcId, EnableDnsHostnames: { Value: false } });
    expect(refusal(() => make(room, { ...input, ServiceName: service("sqs") }))).toBe(
      `InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${VpcId}`,
    );
  });
});

describe("CreateVpcEndpoint", () => {
  const cases: readonly (readonly [string, Partial<CreateVpcEndpointRequest>, string])[] = [
    [
      "no service",
      { ServiceName: undefined },
      "MissingParameter: The request must contain the parameter ServiceName",
    ],
    [
      "a service that there is not",
      { ServiceName: service("nothing") },
      `InvalidServiceName: The Vpc Endpoint Service '${service("nothing")}' does not exist`,
    ],
    [
      "a gateway to a service without one",
      { ServiceName: service("logs") },
      "InvalidParameter: Endpoint type (Gateway) does not match available service types ([Interface]).",
    ],
    [
      "a VPC that there is not",
      { VpcId: "vpc-0123456789abcdef0" },
      "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist",
    ],
    [
      "private DNS for a gateway",
      { PrivateDnsEnabled: true },
      "InvalidParameter: Private DNS can only be enabled for Interface type VPC Endpoint.",
    ],
    [
      "a policy that is not JSON",
      { PolicyDocument: '{"Statement":\n []],' },
      "InvalidPolicyDocument: The Policy Document is not valid. Syntax error at position (2,4)",
    ],
    [
      "a policy that ends early",
      { PolicyDocument: "{" },
      "InvalidPolicyDocument: The Policy Document is not valid. Syntax error at position (1,2)",
    ],
    ...badStatements(),
    [
      "a policy that is too long",
      { PolicyDocument: policy({ Sid: "x".repeat(20_480) }) },
      "InvalidPolicyDocument: The Policy Document is not valid.",
    ],
    [
      "IPv6",
      { IpAddressType: "dualstack" },
      "InvalidParameter: The IP address type (dualstack) is not supported by the subnets.",
    ],
    [
      "a type that is not built",
      { VpcEndpointType: "GatewayLoadBalancer" },
      "UnsupportedOperation: Neargate does not act on VPC endpoints of the type GatewayLoadBalancer yet",
    ],
    [
      "a route table for an interface endpoint",
      { VpcEndpointType: "Interface", RouteTableIds: ["rtb-1"] },
      "InvalidParameter: Route table IDs are only supported for Gateway type VPC Endpoint.",
    ],
  ];
  it.each(cases)("%s: refused, and nothing is made", (_, change, words) => {
    const { room, VpcId } = openVpc();
    const input = { VpcId, ServiceName: service("s3"), ...change };
    expect(refusal(() => make(room, input))).toBe(words);
    expect(room.call(describeVpcEndpoints, {}).VpcEndpoints).toEqual([]);
  });

  it("two subnets of one zone: refused", () => {
    const { room, VpcId, subnets } = openVpc();
    const input: CreateVpcEndpointRequest = {
      VpcId,
      ServiceName: service("logs"),
      VpcEndpointType: "Interface",
      SubnetIds: [subnets[0], subnets[2]],
    };
    expect(refusal(() => make(room, input))).toBe(
      `DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of ${subnets[2]}`,
    );
    expect(room.call(describeNetworkInterfaces, {}).NetworkInterfaces).toEqual([]);
  });
});

describe("ids of endpoints", () => {
  it("one that there is not: described with an error, deleted without success", () => {
    const { room } = openVpc();
    const id = "vpce-0123456789abcdef0";
    expect(refusal(() => room.call(describeVpcEndpoints, { VpcEndpointIds: [id] }))).toBe(
      `InvalidVpcEndpointId.NotFound: The Vpc Endpoint Id '${id}' does not exist`,
    );
    const { Unsuccessful } = room.call(deleteVpcEndpoints, { VpcEndpointIds: [id] });
    expect(Unsuccessful?.[0]).toMatchObject({
      ResourceId: id,
      Error: { Code: "InvalidVpcEndpointId.NotFound" },
    });
  });
});

describe("DescribeVpcEndpointServices", () => {
  it("S3 by name: once for each kind of endpoint, told apart by a filter", () => {
    const { room } = openVpc();
    const types = (Filters?: { Name: string; Values: string[] }[]) =>
      room
        .call(describeVpcEndpointServices, { ServiceNames: [service("s3")], Filters })
        .ServiceDetails?.map((detail) => detail.ServiceType?.[0]?.ServiceType);
    expect(types()).toEqual(["Gateway", "Interface"]);
    expect(types([{ Name: "service-type", Values: ["Gateway"] }])).toEqual(["Gateway"]);
    expect(refusal(() => types([{ Name: "colour", Values: ["red"] }]))).toBe(
      "InvalidParameterValue: The filter 'colour' is invalid",
    );
  });
});
