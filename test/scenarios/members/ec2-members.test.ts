/** What the members of EC2's requests do that are seldom given: the answer or what is written differs with each. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Input } from "../../builders/generic-calls.ts";
import { type MemberRoom, openMemberRoom } from "../../builders/member-cases.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let room: MemberRoom;
const ids: Record<string, string> = {};
const call = (operation: string, input: Input): Promise<Input> =>
  room.call("ec2", operation, input);

/** The value at a path of an answer. */
const at = (output: unknown, ...path: (string | number)[]): string =>
  String(path.reduce<unknown>((held, step) => (held as Input | undefined)?.[step], output));

beforeAll(async () => {
  room = await openMemberRoom();
  for (const [name, id] of room.world.known) ids[name] = id;
  const { VpcId, SubnetId, GroupId, NetworkInterfaceId, AllocationId } = ids;
  const keep = async (name: string, output: Promise<Input>, ...path: (string | number)[]) => {
    ids[name] = at(await output, ...path);
  };
  await keep(
    "defaultVpc",
    call("DescribeVpcs", { Filters: [{ Name: "is-default", Values: ["true"] }] }),
    "Vpcs",
    0,
    "VpcId",
  );
  await keep("other", call("CreateVpc", { CidrBlock: "10.77.0.0/16" }), "Vpc", "VpcId");
  await keep("third", call("CreateVpc", { CidrBlock: "10.78.0.0/16" }), "Vpc", "VpcId");
  await keep(
    "peering",
    call("CreateVpcPeeringConnection", { VpcId, PeerVpcId: ids["other"] }),
    "VpcPeeringConnection",
    "VpcPeeringConnectionId",
  );
  await call("AcceptVpcPeeringConnection", { VpcPeeringConnectionId: ids["peering"] });
  await keep(
    "peering2",
    call("CreateVpcPeeringConnection", { VpcId: ids["defaultVpc"], PeerVpcId: ids["other"] }),
    "VpcPeeringConnection",
    "VpcPeeringConnectionId",
  );
  await keep(
    "list",
    call("CreateManagedPrefixList", {
      PrefixListName: "mine",
      AddressFamily: "IPv4",
      MaxEntries: 5,
      Entries: [{ Cidr: "10.1.0.0/16" }, { Cidr: "10.2.0.0/16" }],
    }),
    "PrefixList",
    "PrefixListId",
  );
  await keep(
    "long",
    call("CreateManagedPrefixList", {
      PrefixListName: "long",
      AddressFamily: "IPv4",
      MaxEntries: 9,
      Entries: Array.from({ length: 7 }, (_, one) => ({ Cidr: `10.${one}.0.0/16` })),
    }),
    "PrefixList",
    "PrefixListId",
  );
  await keep("aws", call("DescribePrefixLists", {}), "PrefixLists", 0, "PrefixListId");
  await keep(
    "list2",
    call("CreateManagedPrefixList", {
      PrefixListName: "wide",
      AddressFamily: "IPv4",
      MaxEntries: 2,
    }),
    "PrefixList",
    "PrefixListId",
  );
  for (const name of ["tenth", "eleventh"]) {
    await keep(
      name,
      call("CreateSecurityGroup", { VpcId, GroupName: name, Description: name }),
      "GroupId",
    );
  }
  await keep(
    "inDefault",
    call("CreateSecurityGroup", {
      VpcId: ids["defaultVpc"],
      GroupName: "in-default",
      Description: "x",
    }),
    "GroupId",
  );
  await keep(
    "inOther",
    call("CreateSecurityGroup", { VpcId: ids["other"], GroupName: "in-other", Description: "x" }),
    "GroupId",
  );
  await keep(
    "second",
    call("CreateNetworkInterface", { SubnetId, Description: "second" }),
    "NetworkInterface",
    "NetworkInterfaceId",
  );
  const links = await call("DescribeNetworkInterfaces", {
    NetworkInterfaceIds: [NetworkInterfaceId],
  });
  ids["ip"] = at(links, "NetworkInterfaces", 0, "PrivateIpAddress");
  await keep("address", call("AllocateAddress", {}), "PublicIp");
  await keep("allocation", call("AllocateAddress", {}), "AllocationId");
  await keep(
    "taken",
    call("CreateNetworkInterface", { SubnetId }),
    "NetworkInterface",
    "NetworkInterfaceId",
  );
  const allocated = await call("AllocateAddress", {});
  ids["associated"] = at(allocated, "PublicIp");
  ids["associatedAllocation"] = at(allocated, "AllocationId");
  await call("AssociateAddress", {
    AllocationId: at(allocated, "AllocationId"),
    NetworkInterfaceId: ids["taken"],
  });
  await keep(
    "nat",
    call("CreateNatGateway", { SubnetId, AllocationId }),
    "NatGateway",
    "NatGatewayId",
  );
  await keep(
    "gatewayEndpoint",
    call("CreateVpcEndpoint", {
      VpcId,
      ServiceName: "com.amazonaws.us-east-1.s3",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Principal: "*", Action: "*", Resource: "*" }],
      }),
    }),
    "VpcEndpoint",
    "VpcEndpointId",
  );
  await call("ModifyVpcAttribute", { VpcId, EnableDnsHostnames: { Value: true } });
  await keep(
    "endpoint",
    call("CreateVpcEndpoint", {
      VpcId,
      VpcEndpointType: "Interface",
      ServiceName: "com.amazonaws.us-east-1.ecs",
      SubnetIds: [SubnetId],
      SecurityGroupIds: [GroupId],
    }),
    "VpcEndpoint",
    "VpcEndpointId",
  );
  for (const egress of [true, false]) {
    const rule = { IpProtocol: "tcp", FromPort: 80, ToPort: 80 };
    const answer = await call(`AuthorizeSecurityGroup${egress ? "Egress" : "Ingress"}`, {
      GroupId,
      IpPermissions: [
        {
          ...rule,
          IpRanges: [{ CidrIp: "10.1.0.0/16", Description: "a" }],
          Ipv6Ranges: [{ CidrIpv6: "fd00::/8", Description: "a" }],
          PrefixListIds: [{ PrefixListId: ids["list"], Description: "a" }],
          UserIdGroupPairs: [{ GroupId: ids["tenth"], Description: "a" }],
        },
      ],
    });
    const name = egress ? "egressRule" : "ingressRule";
    for (const [index, kind] of ["", "6", "List", "Group"].entries()) {
      ids[`${name}${kind}`] = at(answer, "SecurityGroupRules", index, "SecurityGroupRuleId");
    }
  }
  await call("AuthorizeSecurityGroupIngress", {
    GroupId: ids["inDefault"],
    IpPermissions: [
      {
        IpProtocol: "tcp",
        FromPort: 80,
        ToPort: 80,
        UserIdGroupPairs: [{ GroupName: "in-default" }],
        IpRanges: [{ CidrIp: "10.1.0.0/16" }],
      },
    ],
  });
  await call("CreateRoute", {
    RouteTableId: ids["RouteTableId"],
    DestinationCidrBlock: "10.99.0.0/16",
    NetworkInterfaceId,
  });
  await call("CreateRoute", {
    RouteTableId: ids["RouteTableId"],
    DestinationPrefixListId: ids["list"],
    NetworkInterfaceId,
  });
  const entry = {
    NetworkAclId: ids["NetworkAclId"],
    RuleNumber: 50,
    Protocol: "1",
    RuleAction: "allow",
    CidrBlock: "10.0.0.0/8",
    IcmpTypeCode: { Type: 8, Code: 0 },
  };
  for (const Egress of [true, false]) await call("CreateNetworkAclEntry", { ...entry, Egress });
  await call("CreateTags", {
    Resources: [VpcId],
    Tags: [
      { Key: "b", Value: "2" },
      { Key: "c", Value: "3" },
    ],
  });
  await call("CreateSecurityGroup", {
    VpcId: ids["defaultVpc"],
    GroupName: "spare",
    Description: "x",
  });
  await keep(
    "dhcp",
    call("CreateDhcpOptions", {
      DhcpConfigurations: [{ Key: "domain-name", Values: ["a.example"] }],
    }),
    "DhcpOptions",
    "DhcpOptionsId",
  );
  const flow = {
    ResourceType: "VPC",
    TrafficType: "ALL",
    LogGroupName: "homely",
    DeliverLogsPermissionArn: ids["RoleArn"],
  };
  await keep(
    "flow",
    call("CreateFlowLogs", { ...flow, ResourceIds: [ids["other"]] }),
    "FlowLogIds",
    0,
  );
  for (const [TrafficType, of] of [
    ["REJECT", "other"],
    ["ACCEPT", "other"],
    ["ALL", "third"],
    ["ACCEPT", "third"],
    ["REJECT", "third"],
  ] as const) {
    await call("CreateFlowLogs", { ...flow, TrafficType, ResourceIds: [ids[of]] });
  }
  for (const name of ["a", "b", "c", "d"])
    await call("CreateSecurityGroup", { VpcId, GroupName: name, Description: name });
  const far = (group: string, egress: boolean, other = "inOther") =>
    call(`AuthorizeSecurityGroup${egress ? "Egress" : "Ingress"}`, {
      GroupId: ids[group],
      IpPermissions: [
        { IpProtocol: "tcp", FromPort: 9, ToPort: 9, UserIdGroupPairs: [{ GroupId: ids[other] }] },
      ],
    });
  for (const egress of [true, false]) {
    await far("GroupId", egress);
    await far("inDefault", egress, "inDefault");
  }
  const peer = async (VpcId: string | undefined, PeerVpcId: string | undefined) => {
    const made = await call("CreateVpcPeeringConnection", { VpcId, PeerVpcId });
    const id = at(made, "VpcPeeringConnection", "VpcPeeringConnectionId");
    await call("AcceptVpcPeeringConnection", { VpcPeeringConnectionId: id });
    return id;
  };
  await peer(VpcId, ids["defaultVpc"]);
  await peer(VpcId, ids["third"]);
  const stale = await peer(ids["third"], ids["other"]);
  for (const name of ["s1", "s2", "s3", "s4", "s5", "s6"]) {
    const group = { VpcId: ids["third"], GroupName: name, Description: name };
    await keep(name, call("CreateSecurityGroup", group), "GroupId");
    await far(name, false);
  }
  await call("DeleteVpcPeeringConnection", { VpcPeeringConnectionId: stale });
  await peer(ids["third"], ids["other"]);
  for (const vpc of ["other", "third"]) {
    for (const service of ["s3", "dynamodb"]) {
      const ServiceName = `com.amazonaws.us-east-1.${service}`;
      await call("CreateVpcEndpoint", { VpcId: ids[vpc], ServiceName });
    }
  }
  for (const name of ["s1", "s2", "s3", "s4", "s5"]) {
    await call("AuthorizeSecurityGroupIngress", {
      GroupId: ids[name],
      IpPermissions: [
        {
          IpProtocol: "tcp",
          FromPort: 5,
          ToPort: 5,
          PrefixListIds: [{ PrefixListId: ids["list"] }],
        },
      ],
    });
  }
  await keep("roomy", call("CreateVpc", { CidrBlock: "10.90.0.0/16" }), "Vpc", "VpcId");
  await keep(
    "reserved",
    call("CreateSubnet", { VpcId: ids["roomy"], CidrBlock: "10.90.0.0/24" }),
    "Subnet",
    "SubnetId",
  );
  await keep(
    "linked",
    call("CreateSecurityGroup", {
      VpcId: ids["roomy"],
      GroupName: "linked",
      Description: "linked",
    }),
    "GroupId",
  );
  const token = { MaxResults: 5 };
  for (let one = 0; one < 6; one++) {
    const made = await call("CreateVpc", { CidrBlock: `10.8${one}.0.0/16` });
    await call("AssociateSecurityGroupVpc", {
      GroupId: ids["linked"],
      VpcId: at(made, "Vpc", "VpcId"),
    });
    await call("CreateSubnetCidrReservation", {
      SubnetId: ids["reserved"],
      Cidr: `10.90.0.${(one + 1) * 16}/28`,
      ReservationType: "explicit",
    });
  }
  await keep("linkToken", call("DescribeSecurityGroupVpcAssociations", token), "NextToken");
  await keep(
    "reservationToken",
    call("GetSubnetCidrReservations", { SubnetId: ids["reserved"], ...token }),
    "NextToken",
  );
  await keep("peeringToken", call("DescribeVpcPeeringConnections", token), "NextToken");
  await keep("endpointToken", call("DescribeVpcEndpoints", token), "NextToken");
  await keep(
    "associationToken",
    call("GetManagedPrefixListAssociations", { PrefixListId: ids["list"], ...token }),
    "NextToken",
  );
  await keep(
    "staleToken",
    call("DescribeStaleSecurityGroups", { VpcId: ids["third"], ...token }),
    "NextToken",
  );
  await keep("flowToken", call("DescribeFlowLogs", token), "NextToken");
  await keep("serviceToken", call("DescribeVpcEndpointServices", token), "NextToken");
  await keep(
    "entryToken",
    call("GetManagedPrefixListEntries", { PrefixListId: ids["long"], ...token }),
    "NextToken",
  );
  await keep("ruleToken", call("DescribeSecurityGroupRules", token), "NextToken");
  await keep("groupToken", call("GetSecurityGroupsForVpc", { VpcId, ...token }), "NextToken");
});
afterAll(() => room.cloud.close());

const tags = (ResourceType: string) => [{ ResourceType, Tags: [{ Key: "a", Value: "1" }] }];

const permissions = (group: string, Description = "a") => [
  {
    IpProtocol: "tcp",
    FromPort: 80,
    ToPort: 80,
    IpRanges: [{ CidrIp: "10.1.0.0/16", Description }],
    Ipv6Ranges: [{ CidrIpv6: "fd00::/8", Description }],
    PrefixListIds: [{ PrefixListId: ids["list"], Description }],
    UserIdGroupPairs: [{ GroupId: ids[group], Description }],
  },
];
const toGroup = (pair: Input) => [
  { IpProtocol: "tcp", FromPort: 9, ToPort: 9, UserIdGroupPairs: [pair] },
];
const farPermissions = (Description?: string) =>
  toGroup({
    GroupId: ids["inOther"],
    UserId: "111111111111",
    VpcId: ids["other"],
    VpcPeeringConnectionId: ids["peering"],
    Description,
  });
const nearPermissions = (Description?: string) => toGroup({ GroupName: "in-default", Description });

type Case = [operation: string, input: () => Input, but?: readonly string[]];
// Smaller than a page, so that its size says nothing.
const lastPage = ["MaxResults"];

/** Every member that is given does something, apart from the last ones. */
const cases: readonly Case[] = [
  ["DescribeVpcPeeringConnections", () => ({ MaxResults: 5 })],
  [
    "DescribeVpcPeeringConnections",
    () => ({ MaxResults: 5, NextToken: ids["peeringToken"] }),
    lastPage,
  ],
  ["DescribeVpcEndpoints", () => ({ MaxResults: 5, NextToken: ids["endpointToken"] }), lastPage],
  ["GetManagedPrefixListAssociations", () => ({ PrefixListId: ids["list"], MaxResults: 5 })],
  [
    "GetManagedPrefixListAssociations",
    () => ({ PrefixListId: ids["list"], MaxResults: 5, NextToken: ids["associationToken"] }),
    lastPage,
  ],
  ["DescribeStaleSecurityGroups", () => ({ VpcId: ids["third"], MaxResults: 5 })],
  [
    "DescribeStaleSecurityGroups",
    () => ({ VpcId: ids["third"], MaxResults: 5, NextToken: ids["staleToken"] }),
    lastPage,
  ],
  ...["Egress", "Ingress"].flatMap((way): Case[] => [
    [
      `RevokeSecurityGroup${way}`,
      () => ({ GroupId: ids["GroupId"], IpPermissions: farPermissions() }),
    ],
    [
      `RevokeSecurityGroup${way}`,
      () => ({ GroupId: ids["inDefault"], IpPermissions: nearPermissions() }),
    ],
    [
      `UpdateSecurityGroupRuleDescriptions${way}`,
      () => ({ GroupId: ids["GroupId"], IpPermissions: farPermissions("b") }),
    ],
    [
      `UpdateSecurityGroupRuleDescriptions${way}`,
      () => ({ GroupName: "in-default", IpPermissions: nearPermissions("b") }),
    ],
  ]),
  ["AllocateAddress", () => ({ NetworkBorderGroup: "us-east-1" })],
  ["AssociateAddress", () => ({ PublicIp: ids["address"], NetworkInterfaceId: ids["second"] })],
  [
    "AssociateAddress",
    () => ({
      AllocationId: ids["allocation"],
      NetworkInterfaceId: ids["NetworkInterfaceId"],
      PrivateIpAddress: ids["ip"],
    }),
  ],
  [
    "AssociateAddress",
    () => ({
      AllocationId: ids["associatedAllocation"],
      NetworkInterfaceId: ids["second"],
      AllowReassociation: true,
    }),
  ],
  [
    "AuthorizeSecurityGroupEgress",
    () => ({
      GroupId: ids["eleventh"],
      TagSpecifications: tags("security-group-rule"),
      IpPermissions: permissions("eleventh"),
    }),
  ],
  [
    "AuthorizeSecurityGroupIngress",
    () => ({
      GroupId: ids["eleventh"],
      TagSpecifications: tags("security-group-rule"),
      IpPermissions: permissions("eleventh"),
    }),
  ],
  [
    "AuthorizeSecurityGroupIngress",
    () => ({
      GroupName: "in-default",
      IpProtocol: "tcp",
      FromPort: 1,
      ToPort: 2,
      CidrIp: "10.0.0.0/8",
    }),
  ],
  [
    "AuthorizeSecurityGroupIngress",
    () => ({
      GroupId: ids["inDefault"],
      IpPermissions: [
        {
          IpProtocol: "tcp",
          FromPort: 7,
          ToPort: 7,
          UserIdGroupPairs: [{ GroupName: "in-default" }],
        },
      ],
    }),
  ],
  [
    "AuthorizeSecurityGroupIngress",
    () => ({
      GroupId: ids["GroupId"],
      IpPermissions: [
        {
          IpProtocol: "tcp",
          FromPort: 7,
          ToPort: 7,
          UserIdGroupPairs: [
            {
              GroupId: ids["inOther"],
              UserId: "111111111111",
              VpcId: ids["other"],
              VpcPeeringConnectionId: ids["peering"],
            },
          ],
        },
      ],
    }),
  ],
  [
    "AuthorizeSecurityGroupEgress",
    () => ({
      GroupId: ids["GroupId"],
      IpPermissions: [
        {
          IpProtocol: "tcp",
          FromPort: 7,
          ToPort: 7,
          UserIdGroupPairs: [
            {
              GroupId: ids["inOther"],
              UserId: "111111111111",
              VpcId: ids["other"],
              VpcPeeringConnectionId: ids["peering"],
            },
          ],
        },
      ],
    }),
  ],
  [
    "AuthorizeSecurityGroupEgress",
    () => ({
      GroupId: ids["inDefault"],
      IpPermissions: [
        {
          IpProtocol: "tcp",
          FromPort: 7,
          ToPort: 7,
          UserIdGroupPairs: [{ GroupName: "in-default" }],
        },
      ],
    }),
  ],
  [
    "CreateDhcpOptions",
    () => ({
      DhcpConfigurations: [{ Key: "domain-name", Values: ["a.example"] }],
      TagSpecifications: tags("dhcp-options"),
    }),
  ],
  [
    "CreateFlowLogs",
    () => ({
      ResourceIds: [ids["VpcId"]],
      ResourceType: "VPC",
      TrafficType: "ALL",
      LogGroupName: "homely",
      DeliverLogsPermissionArn: ids["RoleArn"],
      LogFormat: ["$", "{srcaddr}"].join(""),
      MaxAggregationInterval: 60,
      TagSpecifications: tags("vpc-flow-log"),
    }),
  ],
  [
    "CreateFlowLogs",
    () => ({
      ResourceIds: [ids["VpcId"]],
      ResourceType: "VPC",
      TrafficType: "ALL",
      LogDestinationType: "cloud-watch-logs",
      LogDestination: "arn:aws:logs:us-east-1:111111111111:log-group:homely",
      DeliverLogsPermissionArn: ids["RoleArn"],
    }),
  ],
  [
    "CreateManagedPrefixList",
    () => ({
      PrefixListName: "third",
      AddressFamily: "IPv4",
      MaxEntries: 3,
      TagSpecifications: tags("prefix-list"),
    }),
  ],
  [
    "CreateNatGateway",
    () => ({
      SubnetId: ids["SubnetId"],
      AllocationId: ids["allocation"],
      PrivateIpAddress: "10.9.1.77",
    }),
  ],
  ["CreateNetworkAcl", () => ({ VpcId: ids["VpcId"], TagSpecifications: tags("network-acl") })],
  [
    "CreateNetworkInterface",
    () => ({ SubnetId: ids["SubnetId"], TagSpecifications: tags("network-interface") }),
  ],
  [
    "CreateSubnet",
    () => ({ VpcId: ids["VpcId"], CidrBlock: "10.9.77.0/24", AvailabilityZoneId: "use1-az2" }),
  ],
  [
    "CreateVpcEndpoint",
    () => ({
      VpcId: ids["VpcId"],
      ServiceName: "com.amazonaws.us-east-1.ecr.api",
      VpcEndpointType: "Interface",
      IpAddressType: "ipv4",
      DnsOptions: { DnsRecordIpType: "ipv4" },
      TagSpecifications: tags("vpc-endpoint"),
    }),
  ],
  [
    "CreateVpcPeeringConnection",
    () => ({
      VpcId: ids["third"],
      PeerVpcId: ids["defaultVpc"],
      TagSpecifications: tags("vpc-peering-connection"),
    }),
  ],
  [
    "DeleteNetworkAclEntry",
    () => ({ NetworkAclId: ids["NetworkAclId"], RuleNumber: 50, Egress: true }),
  ],
  ["DeleteSecurityGroup", () => ({ GroupName: "spare" })],
  ["DeleteTags", () => ({ Resources: [ids["VpcId"]], Tags: [{ Key: "b" }] })],
  ["DeleteTags", () => ({ Resources: [ids["VpcId"]], Tags: [{ Key: "b", Value: "other" }] })],
  ["DescribeAddresses", () => ({ PublicIps: [ids["address"]] })],
  ["DescribeAddresses", () => ({ AllocationIds: [ids["allocation"]] })],
  ["DescribeAddresses", () => ({ Filters: [{ Name: "public-ip", Values: [ids["address"]] }] })],
  [
    "DescribeAddressesAttribute",
    () => ({ AllocationIds: [ids["allocation"]], Attribute: "domain-name" }),
  ],
  ["DescribeAvailabilityZones", () => ({ ZoneNames: ["us-east-1a"] })],
  ["DescribeAvailabilityZones", () => ({ ZoneIds: ["use1-az1"] })],
  ["DescribeDhcpOptions", () => ({ DhcpOptionsIds: [ids["dhcp"]] })],
  ["DescribeFlowLogs", () => ({ FlowLogIds: [ids["flow"]] })],
  ["DescribeFlowLogs", () => ({ MaxResults: 5 })],
  ["DescribeFlowLogs", () => ({ Filter: [{ Name: "traffic-type", Values: ["REJECT"] }] })],
  ["DescribeManagedPrefixLists", () => ({ PrefixListIds: [ids["list"]] })],
  ["DescribeNatGateways", () => ({ Filter: [{ Name: "state", Values: ["failed"] }] })],
  ["DescribeNatGateways", () => ({ NatGatewayIds: [ids["nat"]] })],
  ["DescribeNetworkAcls", () => ({ NetworkAclIds: [ids["NetworkAclId"]] })],
  ["DescribeNetworkInterfaces", () => ({ NetworkInterfaceIds: [ids["second"]] })],
  ["DescribePrefixLists", () => ({ PrefixListIds: [ids["aws"]] })],
  ["DescribeSecurityGroupVpcAssociations", () => ({ MaxResults: 5 })],
  [
    "DescribeSecurityGroupVpcAssociations",
    () => ({ MaxResults: 5, NextToken: ids["linkToken"] }),
    lastPage,
  ],
  ["GetSubnetCidrReservations", () => ({ SubnetId: ids["reserved"], MaxResults: 5 })],
  [
    "GetSubnetCidrReservations",
    () => ({ SubnetId: ids["reserved"], MaxResults: 5, NextToken: ids["reservationToken"] }),
    lastPage,
  ],
  ["DescribeSecurityGroupRules", () => ({ SecurityGroupRuleIds: [ids["ingressRule"]] })],
  ["DescribeSecurityGroups", () => ({ GroupNames: ["in-default"] })],
  ["DescribeVpcEndpointServices", () => ({ MaxResults: 5 })],
  ["DescribeVpcEndpoints", () => ({ VpcEndpointIds: [ids["endpoint"]] })],
  ["DescribeVpcEndpoints", () => ({ MaxResults: 5 })],
  [
    "DescribeVpcEndpoints",
    () => ({ Filters: [{ Name: "vpc-endpoint-type", Values: ["Gateway"] }] }),
  ],
  [
    "DescribeVpcPeeringConnections",
    () => ({ Filters: [{ Name: "status-code", Values: ["active"] }] }),
  ],
  ["DisassociateAddress", () => ({ PublicIp: ids["associated"] })],
  ["GetManagedPrefixListEntries", () => ({ PrefixListId: ids["long"], MaxResults: 5 })],
  [
    "GetSecurityGroupsForVpc",
    () => ({ VpcId: ids["VpcId"], Filters: [{ Name: "group-id", Values: [ids["tenth"]] }] }),
  ],
  ["GetSecurityGroupsForVpc", () => ({ VpcId: ids["VpcId"], MaxResults: 5 })],
  [
    "ModifyManagedPrefixList",
    () => ({
      PrefixListId: ids["list"],
      CurrentVersion: 1,
      AddEntries: [{ Cidr: "10.3.0.0/16", Description: "third" }],
    }),
  ],
  ["ModifyManagedPrefixList", () => ({ PrefixListId: ids["list"], MaxEntries: 7 })],
  [
    "ModifyNetworkInterfaceAttribute",
    () => ({ NetworkInterfaceId: ids["second"], Description: { Value: "other" } }),
  ],
  [
    "ModifySecurityGroupRules",
    () => ({
      GroupId: ids["GroupId"],
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: ids["ingressRule"],
          SecurityGroupRule: {
            IpProtocol: "tcp",
            FromPort: 1,
            ToPort: 2,
            CidrIpv4: "10.7.0.0/16",
            Description: "changed",
          },
        },
      ],
    }),
  ],
  [
    "ModifySecurityGroupRules",
    () => ({
      GroupId: ids["GroupId"],
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: ids["ingressRule6"],
          SecurityGroupRule: { IpProtocol: "tcp", FromPort: 1, ToPort: 2, CidrIpv6: "fd01::/16" },
        },
      ],
    }),
  ],
  [
    "ModifySecurityGroupRules",
    () => ({
      GroupId: ids["GroupId"],
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: ids["ingressRuleList"],
          SecurityGroupRule: {
            IpProtocol: "tcp",
            FromPort: 1,
            ToPort: 2,
            PrefixListId: ids["list2"],
          },
        },
      ],
    }),
  ],
  [
    "ModifySecurityGroupRules",
    () => ({
      GroupId: ids["GroupId"],
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: ids["ingressRuleGroup"],
          SecurityGroupRule: {
            IpProtocol: "tcp",
            FromPort: 1,
            ToPort: 2,
            ReferencedGroupId: ids["eleventh"],
          },
        },
      ],
    }),
  ],
  ["ModifyVpcAttribute", () => ({ VpcId: ids["VpcId"], EnableDnsSupport: { Value: false } })],
  [
    "ModifyVpcEndpoint",
    () => ({
      VpcEndpointId: ids["gatewayEndpoint"],
      PolicyDocument:
        '{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}',
    }),
  ],
  ["ModifyVpcEndpoint", () => ({ VpcEndpointId: ids["gatewayEndpoint"], ResetPolicy: true })],
  [
    "ModifyVpcEndpoint",
    () => ({
      VpcEndpointId: ids["endpoint"],
      IpAddressType: "ipv4",
      DnsOptions: { DnsRecordIpType: "ipv4" },
      PrivateDnsEnabled: true,
    }),
  ],
  [
    "ModifyVpcPeeringConnectionOptions",
    () => ({
      VpcPeeringConnectionId: ids["peering"],
      AccepterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
    }),
  ],
  ["ReleaseAddress", () => ({ AllocationId: ids["allocation"], NetworkBorderGroup: "us-east-1" })],
  [
    "ReplaceNetworkAclEntry",
    () => ({
      NetworkAclId: ids["NetworkAclId"],
      RuleNumber: 50,
      Egress: true,
      Protocol: "1",
      RuleAction: "deny",
      CidrBlock: "10.0.0.0/8",
      IcmpTypeCode: { Type: 3, Code: 1 },
    }),
  ],
  [
    "ReplaceRoute",
    () => ({
      RouteTableId: ids["RouteTableId"],
      DestinationPrefixListId: ids["list"],
      NatGatewayId: ids["nat"],
    }),
  ],
  [
    "ReplaceRoute",
    () => ({
      RouteTableId: ids["RouteTableId"],
      DestinationCidrBlock: "10.99.0.0/16",
      GatewayId: ids["InternetGatewayId"],
    }),
  ],
  [
    "ReplaceRoute",
    () => ({
      RouteTableId: ids["RouteTableId"],
      DestinationCidrBlock: "10.99.0.0/16",
      VpcPeeringConnectionId: ids["peering"],
    }),
  ],
  [
    "ReplaceRoute",
    () => ({
      RouteTableId: ids["RouteTableId"],
      DestinationCidrBlock: "10.9.0.0/16",
      LocalTarget: true,
    }),
  ],
  ["DescribeFlowLogs", () => ({ MaxResults: 5, NextToken: ids["flowToken"] }), lastPage],
  [
    "DescribeVpcEndpointServices",
    () => ({ MaxResults: 5, NextToken: ids["serviceToken"] }),
    lastPage,
  ],
  [
    "GetManagedPrefixListEntries",
    () => ({ PrefixListId: ids["long"], MaxResults: 5, NextToken: ids["entryToken"] }),
    lastPage,
  ],
  ["DescribeSecurityGroupRules", () => ({ MaxResults: 5, NextToken: ids["ruleToken"] }), lastPage],
  [
    "GetSecurityGroupsForVpc",
    () => ({ VpcId: ids["VpcId"], MaxResults: 5, NextToken: ids["groupToken"] }),
    lastPage,
  ],
  ...["Egress", "Ingress"].flatMap((way): Case[] => [
    [
      `RevokeSecurityGroup${way}`,
      () => ({ GroupId: ids["GroupId"], SecurityGroupRuleIds: [ids[`${way.toLowerCase()}Rule`]] }),
    ],
    [
      `RevokeSecurityGroup${way}`,
      () => ({ GroupId: ids["GroupId"], IpPermissions: permissions("tenth") }),
    ],
    [
      `UpdateSecurityGroupRuleDescriptions${way}`,
      () => ({ GroupId: ids["GroupId"], IpPermissions: permissions("tenth", "b") }),
    ],
    [
      `UpdateSecurityGroupRuleDescriptions${way}`,
      () => ({
        GroupId: ids["GroupId"],
        SecurityGroupRuleDescriptions: [
          { SecurityGroupRuleId: ids[`${way.toLowerCase()}Rule`], Description: "b" },
        ],
      }),
    ],
  ]),
  [
    "RevokeSecurityGroupIngress",
    () => ({
      GroupName: "in-default",
      IpProtocol: "tcp",
      FromPort: 80,
      ToPort: 80,
      CidrIp: "10.1.0.0/16",
    }),
  ],
  [
    "RevokeSecurityGroupIngress",
    () => ({
      GroupId: ids["inDefault"],
      IpPermissions: [
        {
          IpProtocol: "tcp",
          FromPort: 80,
          ToPort: 80,
          UserIdGroupPairs: [{ GroupName: "in-default" }],
        },
      ],
    }),
  ],
  [
    "UpdateSecurityGroupRuleDescriptionsIngress",
    () => ({
      GroupName: "in-default",
      IpPermissions: [
        {
          IpProtocol: "tcp",
          FromPort: 80,
          ToPort: 80,
          UserIdGroupPairs: [{ GroupName: "in-default", Description: "b" }],
        },
      ],
    }),
  ],
];

it.each(cases)("%s: every member does something", async (operation, input, but = []) => {
  const idle = await room.idle("ec2", operation, input());
  expect(idle.filter((member) => !but.includes(member))).toEqual([]);
});
