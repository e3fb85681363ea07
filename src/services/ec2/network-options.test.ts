/** Secondary blocks, DHCP options, flow logs and interfaces: what they do and what is refused. */
import type {
  AccountAttributeName,
  CreateDhcpOptionsRequest,
  CreateFlowLogsRequest,
  PrivateIpAddressSpecification,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { describeAccountAttributes } from "./account-attributes.ts";
import {
  associateDhcpOptions,
  createDhcpOptions,
  deleteDhcpOptions,
  describeDhcpOptions,
} from "./dhcp-options.ts";
import { createFlowLogs, deleteFlowLogs, describeFlowLogs } from "./flow-logs.ts";
import { attachNetworkInterface, detachNetworkInterface } from "./network-interface-attachments.ts";
import {
  describeNetworkInterfaceAttribute,
  modifyNetworkInterfaceAttribute,
  resetNetworkInterfaceAttribute,
} from "./network-interface-attributes.ts";
import { createNetworkInterface } from "./network-interfaces.ts";
import { describeRouteTables } from "./route-tables.ts";
import { createSecurityGroup } from "./security-groups.ts";
import { createSubnet, deleteSubnet, describeSubnets } from "./subnets.ts";
import { given, openRoom, type Room, refusal } from "./testing.ts";
import { associateVpcCidrBlock, disassociateVpcCidrBlock } from "./vpc-cidr-blocks.ts";
import { createVpcEndpoint } from "./vpc-endpoints.ts";
import { createVpc, describeVpcs } from "./vpcs.ts";

const makeVpc = (room: Room, CidrBlock = "10.0.0.0/16") =>
  given(room.call(createVpc, { CidrBlock }).Vpc);

const add = (room: Room, VpcId: string, CidrBlock: string): string =>
  given(room.call(associateVpcCidrBlock, { VpcId, CidrBlock }).CidrBlockAssociation?.AssociationId);

describe("secondary blocks of a VPC", () => {
  it("associated: local routes and subnets in it; disassociated: both are gone", () => {
    const room = openRoom();
    const { VpcId = "" } = makeVpc(room);
    const AssociationId = add(room, VpcId, "100.64.0.0/16");
    const inVpc = { Filters: [{ Name: "vpc-id", Values: [VpcId] }] };
    const destinations = () =>
      room
        .call(describeRouteTables, inVpc)
        .RouteTables?.[0]?.Routes?.map((route) => [route.DestinationCidrBlock, route.GatewayId]);
    expect(destinations()).toEqual([
      ["10.0.0.0/16", "local"],
      ["100.64.0.0/16", "local"],
    ]);
    const subnet = room.call(createSubnet, { VpcId, CidrBlock: "100.64.1.0/24" }).Subnet;
    expect(refusal(() => room.call(disassociateVpcCidrBlock, { AssociationId }))).toBe(
      `InvalidCidrBlock.InUse: The vpc ${VpcId} currently has a subnet within CIDR block 100.64.0.0/16`,
    );
    room.call(deleteSubnet, { SubnetId: subnet?.SubnetId });
    room.call(disassociateVpcCidrBlock, { AssociationId });
    expect(destinations()).toEqual([["10.0.0.0/16", "local"]]);
    const [vpc] = room.call(describeVpcs, { VpcIds: [VpcId] }).Vpcs ?? [];
    expect(vpc?.CidrBlockAssociationSet).toHaveLength(1);
  });

  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      "of another private range",
      "172.16.0.0/16",
      /^InvalidVpc\.Range: The CIDR '172\.16\.0\.0\/16' is restricted\. Use a CIDR from the same private address range/,
    ],
    [
      "that overlaps",
      "10.0.128.0/20",
      /^CidrConflict: The CIDR '10\.0\.128\.0\/20' conflicts with another CIDR$/,
    ],
    [
      "that is too large",
      "10.0.0.0/8",
      /^InvalidVpc\.Range: The CIDR '10\.0\.0\.0\/8' is invalid\.$/,
    ],
    [
      "that is no block",
      "ten",
      /^InvalidParameterValue: Value \(ten\) for parameter cidrBlock is invalid\. This is not a valid CIDR block\.$/,
    ],
  ];
  it.each(cases)("one %s: refused", (_, CidrBlock, words) => {
    const room = openRoom();
    const { VpcId = "" } = makeVpc(room);
    expect(refusal(() => add(room, VpcId, CidrBlock))).toMatch(words);
  });

  it("a sixth, the primary one taken away, or one that there is not: refused", () => {
    const room = openRoom();
    const { VpcId = "", CidrBlockAssociationSet } = makeVpc(room);
    for (const second of [1, 2, 3, 4]) add(room, VpcId, `10.${second}.0.0/16`);
    const primary = given(CidrBlockAssociationSet?.[0]?.AssociationId);
    expect([
      refusal(() => add(room, VpcId, "10.5.0.0/16")),
      refusal(() => room.call(disassociateVpcCidrBlock, { AssociationId: primary })),
      refusal(() => room.call(disassociateVpcCidrBlock, { AssociationId: "vpc-cidr-assoc-1" })),
    ]).toEqual([
      `CidrLimitExceeded: This network ${VpcId} has met its maximum number of allowed CIDRs: 5`,
      `OperationNotPermitted: The vpc CIDR block with association ID ${primary} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      "InvalidVpcCidrBlockAssociationID.NotFound: The vpc CIDR block association ID 'vpc-cidr-assoc-1' does not exist",
    ]);
  });
});

describe("DHCP options", () => {
  const own = { DhcpConfigurations: [{ Key: "domain-name", Values: ["corp.internal"] }] };

  it("of a new VPC: the region's, which every VPC of it has", () => {
    const room = openRoom();
    const { DhcpOptionsId = "" } = makeVpc(room);
    const { DhcpOptions = [] } = room.call(describeDhcpOptions, {
      Filters: [{ Name: "key", Values: ["domain-name"] }],
    });
    expect(DhcpOptions.map((options) => options.DhcpOptionsId)).toEqual([DhcpOptionsId]);
    expect(DhcpOptions[0]?.DhcpConfigurations).toEqual([
      { Key: "domain-name", Values: [{ Value: "ap-northeast-1.compute.internal" }] },
      { Key: "domain-name-servers", Values: [{ Value: "AmazonProvidedDNS" }] },
    ]);
  });

  it("associated: not to be deleted until the VPC has others", () => {
    const room = openRoom();
    const { VpcId = "" } = makeVpc(room);
    const { DhcpOptionsId = "" } = given(room.call(createDhcpOptions, own).DhcpOptions);
    room.call(associateDhcpOptions, { VpcId, DhcpOptionsId });
    expect(refusal(() => room.call(deleteDhcpOptions, { DhcpOptionsId }))).toBe(
      `DependencyViolation: The dhcpOptions '${DhcpOptionsId}' has dependencies and cannot be deleted.`,
    );
    room.call(associateDhcpOptions, { VpcId, DhcpOptionsId: "default" });
    room.call(deleteDhcpOptions, { DhcpOptionsId });
    expect(room.call(describeVpcs, { VpcIds: [VpcId] }).Vpcs?.[0]?.DhcpOptionsId).toBe("default");
    expect(refusal(() => room.call(deleteDhcpOptions, { DhcpOptionsId }))).toBe(
      `InvalidDhcpOptionID.NotFound: The dhcpOption ID '${DhcpOptionsId}' does not exist`,
    );
    expect(refusal(() => room.call(deleteDhcpOptions, { DhcpOptionsId: "foo-abcd1234" }))).toBe(
      'InvalidDhcpOptionsId.Malformed: Invalid id: "foo-abcd1234" (expecting "dopt-...")',
    );
  });

  const cases: readonly (readonly [
    string,
    CreateDhcpOptionsRequest["DhcpConfigurations"],
    string,
  ])[] = [
    [
      "a key that there is not",
      [{ Key: "mtu", Values: ["9001"] }],
      "InvalidParameterValue: Value (mtu) for parameter dhcpConfigurationKey is invalid. It is not a supported DHCP option.",
    ],
    [
      "a server that is no address",
      [{ Key: "ntp-servers", Values: ["time"] }],
      "InvalidParameterValue: Value (time) for parameter ntp-servers is invalid. Invalid DHCP option value.",
    ],
    [
      "five servers",
      [
        {
          Key: "domain-name-servers",
          Values: ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5"],
        },
      ],
      "InvalidParameterValue: DHCP option domain-name-servers can have at most 4 values",
    ],
    ["nothing", [], "MissingParameter: The request must contain the parameter dhcpConfiguration"],
  ];
  it.each(cases)("%s: refused", (_, DhcpConfigurations, words) => {
    expect(refusal(() => openRoom().call(createDhcpOptions, { DhcpConfigurations }))).toBe(words);
  });
});

describe("flow logs", () => {
  const role = "arn:aws:iam::000000000000:role/flows";
  const settings = {
    ResourceType: "VPC",
    TrafficType: "ALL",
    LogGroupName: "flows",
    DeliverLogsPermissionArn: role,
  } as const;

  it("made and deleted: described in between with the default format and the group's ARN", () => {
    const room = openRoom();
    const { VpcId = "" } = makeVpc(room);
    const make = () => room.call(createFlowLogs, { ...settings, ResourceIds: [VpcId] });
    const { FlowLogIds = [] } = make();
    expect(room.call(describeFlowLogs, {}).FlowLogs?.[0]).toMatchObject({
      FlowLogId: FlowLogIds[0],
      FlowLogStatus: "ACTIVE",
      LogDestination: "arn:aws:logs:ap-northeast-1:000000000000:log-group:flows",
      LogFormat: expect.stringMatching(/^\$\{version\} \$\{account-id\} .* \$\{log-status\}$/),
      MaxAggregationInterval: 600,
      ResourceId: VpcId,
    });
    expect(refusal(make)).toBe(
      "FlowLogAlreadyExists: Error. There is an existing Flow Log with the same configuration and log destination.",
    );
    expect(room.call(deleteFlowLogs, { FlowLogIds }).Unsuccessful).toEqual([]);
    expect(room.call(deleteFlowLogs, { FlowLogIds }).Unsuccessful?.[0]?.Error?.Code).toBe(
      "InvalidFlowLogId.NotFound",
    );
  });

  const cases: readonly (readonly [string, Partial<CreateFlowLogsRequest>, string])[] = [
    [
      "no role",
      { DeliverLogsPermissionArn: undefined },
      "InvalidParameter: DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
    ],
    [
      "a resource that there is not",
      { ResourceIds: ["vpc-0123456789abcdef0"] },
      "InvalidVpcID.NotFound: The vpc ID 'vpc-0123456789abcdef0' does not exist",
    ],
    [
      "a field that there is not",
      { LogFormat: "colour" },
      "InvalidParameterValue: Unknown fields provided: colour",
    ],
    [
      "another interval",
      { MaxAggregationInterval: 30 },
      "InvalidParameterValue: Invalid Max Aggregation Interval. It must be 60 or 600 seconds.",
    ],
    [
      "a bucket",
      { LogDestinationType: "s3", LogDestination: "arn:aws:s3:::logs" },
      "UnsupportedOperation: Neargate does not act on flow logs with the destination s3 yet",
    ],
  ];
  it.each(cases)("%s: refused, and none is made", (_, change, words) => {
    const room = openRoom();
    const { VpcId = "" } = makeVpc(room);
    const input = { ...settings, ResourceIds: [VpcId], ...change };
    expect(refusal(() => room.call(createFlowLogs, input))).toBe(words);
    expect(room.call(describeFlowLogs, {}).FlowLogs).toEqual([]);
  });
});

describe("network interfaces", () => {
  function openInterface() {
    const room = openRoom();
    const [subnet] = room.call(describeSubnets, {}).Subnets ?? [];
    const { NetworkInterfaceId = "" } = given(
      room.call(createNetworkInterface, { SubnetId: subnet?.SubnetId, Description: "mine" })
        .NetworkInterface,
    );
    return { room, subnet, NetworkInterfaceId };
  }

  it("a list of one primary address: that address; two primary ones or none of the subnet's: refused", () => {
    const { room, subnet } = openInterface();
    const make = (PrivateIpAddresses: PrivateIpAddressSpecification[], rest = {}) => {
      const input = { SubnetId: subnet?.SubnetId, PrivateIpAddresses, ...rest };
      return room.call(createNetworkInterface, input).NetworkInterface;
    };
    const [first, second] = ["172.31.0.50", "172.31.0.51"].map((PrivateIpAddress) => ({
      PrivateIpAddress,
    }));
    const primary = { ...first, Primary: true };
    expect(make([primary])).toMatchObject({ ...first, PrivateIpAddresses: [primary] });
    const twice = "InvalidParameterValue: Only one primary private IP address can be specified.";
    expect(refusal(() => make([primary, { ...second, Primary: true }]))).toBe(twice);
    expect(refusal(() => make([primary], second))).toBe(twice);
    expect(refusal(() => make([{ Primary: true }]))).toContain("MissingParameter");
    expect(refusal(() => make([primary]))).toContain("InvalidIPAddress.InUse");
    expect(refusal(() => make([{ PrivateIpAddress: "10.9.9.9", Primary: true }]))).toContain(
      "Address does not fall within the subnet's address range",
    );
  });

  it("attached to an instance: there is none; an unknown attachment: not found", () => {
    const { room, NetworkInterfaceId } = openInterface();
    const InstanceId = "i-0123456789abcdef0";
    expect([
      refusal(() =>
        room.call(attachNetworkInterface, { NetworkInterfaceId, InstanceId, DeviceIndex: 1 }),
      ),
      refusal(() =>
        room.call(attachNetworkInterface, {
          NetworkInterfaceId,
          InstanceId: "i-1",
          DeviceIndex: 1,
        }),
      ),
      refusal(() => room.call(detachNetworkInterface, { AttachmentId: "eni-attach-1" })),
    ]).toEqual([
      `InvalidInstanceID.NotFound: The instance ID '${InstanceId}' does not exist`,
      'InvalidInstanceID.Malformed: Invalid id: "i-1" (expecting "i-...")',
      "InvalidAttachmentID.NotFound: The attachment ID 'eni-attach-1' does not exist",
    ]);
  });

  it("of an endpoint: neither detached nor changed by anyone else", () => {
    const { room, subnet } = openInterface();
    const endpoint = room.call(createVpcEndpoint, {
      VpcId: subnet?.VpcId,
      ServiceName: "com.amazonaws.ap-northeast-1.logs",
      VpcEndpointType: "Interface",
      SubnetIds: [given(subnet?.SubnetId)],
    }).VpcEndpoint;
    const NetworkInterfaceId = given(endpoint?.NetworkInterfaceIds?.[0]);
    const { Attachment } = room.call(describeNetworkInterfaceAttribute, {
      NetworkInterfaceId,
      Attribute: "attachment",
    });
    const refused = "AuthFailure: You do not have permission to access the specified resource.";
    expect([
      refusal(() => room.call(detachNetworkInterface, { AttachmentId: Attachment?.AttachmentId })),
      refusal(() =>
        room.call(modifyNetworkInterfaceAttribute, {
          NetworkInterfaceId,
          SourceDestCheck: { Value: false },
        }),
      ),
    ]).toEqual([refused, refused]);
  });

  it("a sixth group: refused, as the account's attribute says", () => {
    const { room, subnet, NetworkInterfaceId } = openInterface();
    const Groups = [1, 2, 3, 4, 5, 6].map((at) =>
      given(
        room.call(createSecurityGroup, {
          VpcId: subnet?.VpcId,
          GroupName: `g${at}`,
          Description: "x",
        }).GroupId,
      ),
    );
    const { AccountAttributes } = room.call(describeAccountAttributes, {
      AttributeNames: ["vpc-max-security-groups-per-interface" as AccountAttributeName],
    });
    expect(AccountAttributes?.[0]?.AttributeValues).toEqual([{ AttributeValue: "5" }]);
    expect(
      refusal(() => room.call(modifyNetworkInterfaceAttribute, { NetworkInterfaceId, Groups })),
    ).toBe(
      "SecurityGroupsPerInterfaceLimitExceeded: The maximum number of security groups per interface has been reached.",
    );
  });

  it("attributes: shown one at a time, and the source check reset", () => {
    const { room, NetworkInterfaceId } = openInterface();
    const show = (Attribute: "description" | "sourceDestCheck" | "groupSet") =>
      room.call(describeNetworkInterfaceAttribute, { NetworkInterfaceId, Attribute });
    room.call(modifyNetworkInterfaceAttribute, {
      NetworkInterfaceId,
      SourceDestCheck: { Value: false },
    });
    expect(show("sourceDestCheck").SourceDestCheck).toEqual({ Value: false });
    room.call(resetNetworkInterfaceAttribute, { NetworkInterfaceId, SourceDestCheck: "" });
    expect(show("sourceDestCheck").SourceDestCheck).toEqual({ Value: true });
    expect(show("description").Description).toEqual({ Value: "mine" });
    expect(show("groupSet").Groups?.[0]?.GroupName).toBe("default");
  });
});
