/** The network of a Fargate stack through the AWS SDK, with the calls that Terraform makes. */
import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeAddressesAttributeCommand,
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  DisassociateRouteTableCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ReleaseAddressCommand,
  type ResourceType,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../../gateway/testing.ts";
import { ec2Service } from "./service.ts";
import { given } from "./testing.ts";

const named = (ResourceType: ResourceType) => [
  { ResourceType, Tags: [{ Key: "Name", Value: "hello-fargate" }] },
];

/** The code and status of the error that a call ends with. */
async function failure(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${name} ${$metadata?.httpStatusCode}`;
  }
  return "no error";
}

async function createVpc(ec2: EC2Client) {
  const made = await ec2.send(
    new CreateVpcCommand({
      CidrBlock: "10.0.0.0/16",
      AmazonProvidedIpv6CidrBlock: false,
      InstanceTenancy: "default",
      TagSpecifications: named("vpc"),
    }),
  );
  const VpcId = given(made.Vpc?.VpcId);
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  return VpcId;
}

async function createSubnet(ec2: EC2Client, VpcId: string, at: number, zone: string) {
  const made = await ec2.send(
    new CreateSubnetCommand({
      VpcId,
      CidrBlock: `10.0.${at}.0/24`,
      AvailabilityZone: `ap-northeast-1${zone}`,
      TagSpecifications: named("subnet"),
    }),
  );
  return given(made.Subnet?.SubnetId);
}

async function createRouteTable(
  ec2: EC2Client,
  VpcId: string,
  target: { GatewayId: string } | { NatGatewayId: string },
  subnetIds: readonly string[],
) {
  const made = await ec2.send(
    new CreateRouteTableCommand({
      VpcId,
      ClientToken: JSON.stringify(target),
      TagSpecifications: named("route-table"),
    }),
  );
  const RouteTableId = given(made.RouteTable?.RouteTableId);
  const DestinationCidrBlock = "0.0.0.0/0";
  await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock, ...target }));
  const associationIds: string[] = [];
  for (const SubnetId of subnetIds) {
    const made = await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    associationIds.push(given(made.AssociationId));
  }
  return { RouteTableId, associationIds };
}

async function createGroup(ec2: EC2Client, VpcId: string, GroupName: string) {
  const made = await ec2.send(
    new CreateSecurityGroupCommand({
      VpcId,
      GroupName,
      Description: "Managed by Terraform",
      TagSpecifications: named("security-group"),
    }),
  );
  const GroupId = given(made.GroupId);
  const IpProtocol = "-1";
  const v4 = [{ IpProtocol, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
  const v6 = [{ IpProtocol, Ipv6Ranges: [{ CidrIpv6: "::/0" }] }];
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: v4 }));
  const second = ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: v6 }));
  expect(await failure(second)).toBe("InvalidPermission.NotFound 400");
  await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: v4 }));
  return GroupId;
}

async function createNetwork(ec2: EC2Client) {
  const VpcId = await createVpc(ec2);
  const publicSubnets = [
    await createSubnet(ec2, VpcId, 0, "a"),
    await createSubnet(ec2, VpcId, 1, "c"),
  ];
  const privateSubnets = [
    await createSubnet(ec2, VpcId, 10, "a"),
    await createSubnet(ec2, VpcId, 11, "c"),
  ];
  for (const SubnetId of publicSubnets) {
    const MapPublicIpOnLaunch = { Value: true };
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch }));
  }
  const gateway = await ec2.send(
    new CreateInternetGatewayCommand({ TagSpecifications: named("internet-gateway") }),
  );
  const InternetGatewayId = given(gateway.InternetGateway?.InternetGatewayId);
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  const address = await ec2.send(
    new AllocateAddressCommand({ Domain: "vpc", TagSpecifications: named("elastic-ip") }),
  );
  const AllocationId = given(address.AllocationId);
  const nat = await ec2.send(
    new CreateNatGatewayCommand({
      SubnetId: publicSubnets[0],
      AllocationId,
      ConnectivityType: "public",
      TagSpecifications: named("natgateway"),
    }),
  );
  const NatGatewayId = given(nat.NatGateway?.NatGatewayId);
  const tables = [
    await createRouteTable(ec2, VpcId, { GatewayId: InternetGatewayId }, publicSubnets),
    await createRouteTable(ec2, VpcId, { NatGatewayId }, privateSubnets),
  ];
  const balancerGroup = await createGroup(ec2, VpcId, "balancer");
  const appGroup = await createGroup(ec2, VpcId, "app");
  const port80 = { IpProtocol: "tcp", FromPort: 80, ToPort: 80 };
  const ingress = [
    {
      GroupId: balancerGroup,
      IpPermissions: [{ ...port80, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    },
    {
      GroupId: appGroup,
      IpPermissions: [{ ...port80, UserIdGroupPairs: [{ GroupId: balancerGroup }] }],
    },
  ];
  for (const rule of ingress) await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
  const subnets = [...publicSubnets, ...privateSubnets];
  const groups = [balancerGroup, appGroup];
  return { VpcId, subnets, InternetGatewayId, AllocationId, NatGatewayId, tables, groups, ingress };
}

type Network = Awaited<ReturnType<typeof createNetwork>>;

/** All that a refresh reads. */
async function readNetwork(ec2: EC2Client, network: Network) {
  const { VpcId } = network;
  const inVpc = [{ Name: "vpc-id", Values: [VpcId] }];
  const answers = [
    await ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })),
    await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: "enableDnsHostnames" })),
    await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute: "enableDnsSupport" })),
    await ec2.send(
      new DescribeVpcAttributeCommand({ VpcId, Attribute: "enableNetworkAddressUsageMetrics" }),
    ),
    await ec2.send(
      new DescribeNetworkAclsCommand({
        Filters: [{ Name: "default", Values: ["true"] }, ...inVpc],
      }),
    ),
    await ec2.send(
      new DescribeRouteTablesCommand({
        Filters: [{ Name: "association.main", Values: ["true"] }, ...inVpc],
      }),
    ),
    await ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [{ Name: "group-name", Values: ["default"] }, ...inVpc],
      }),
    ),
    await ec2.send(new DescribeSubnetsCommand({ SubnetIds: network.subnets })),
    await ec2.send(
      new DescribeInternetGatewaysCommand({ InternetGatewayIds: [network.InternetGatewayId] }),
    ),
    await ec2.send(new DescribeAddressesCommand({ AllocationIds: [network.AllocationId] })),
    await ec2.send(
      new DescribeAddressesAttributeCommand({
        AllocationIds: [network.AllocationId],
        Attribute: "domain-name",
      }),
    ),
    await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [network.NatGatewayId] })),
    await ec2.send(
      new DescribeRouteTablesCommand({
        RouteTableIds: network.tables.map((table) => table.RouteTableId),
      }),
    ),
    await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: network.groups })),
    await ec2.send(
      new DescribeSecurityGroupRulesCommand({
        Filters: [{ Name: "group-id", Values: network.groups }],
      }),
    ),
  ];
  return answers.map(({ $metadata: _, ...answer }) => answer);
}

describe("the network of a Fargate stack", () => {
  it("created and read twice: nothing has drifted, and it is as it was asked for", async () => {
    await using cloud = await startTestGateway([ec2Service()]);
    const ec2 = cloud.client(EC2Client);
    const network = await createNetwork(ec2);
    const first = await readNetwork(ec2, network);
    expect(await readNetwork(ec2, network)).toEqual(first);
    const [vpcs] = first;
    expect(vpcs).toMatchObject({
      Vpcs: [
        {
          VpcId: network.VpcId,
          CidrBlock: "10.0.0.0/16",
          State: "available",
          IsDefault: false,
          InstanceTenancy: "default",
          OwnerId: "000000000000",
          Tags: [{ Key: "Name", Value: "hello-fargate" }],
        },
      ],
    });
    const [publicTable, privateTable] =
      (
        await ec2.send(
          new DescribeRouteTablesCommand({
            Filters: [{ Name: "association.subnet-id", Values: network.subnets }],
          }),
        )
      ).RouteTables ?? [];
    expect(publicTable?.Routes?.[1]).toMatchObject({
      GatewayId: network.InternetGatewayId,
      State: "active",
    });
    expect(privateTable?.Routes?.[1]).toMatchObject({
      NatGatewayId: network.NatGatewayId,
      State: "active",
    });
    expect(privateTable?.Associations).toHaveLength(2);
  });

  it("taken away in the wrong order: DependencyViolation; in the right one: nothing is left", async () => {
    await using cloud = await startTestGateway([ec2Service()]);
    const ec2 = cloud.client(EC2Client);
    const network = await createNetwork(ec2);
    const { VpcId, InternetGatewayId, AllocationId, NatGatewayId, tables, groups } = network;
    const [balancerGroup] = groups;
    const tooEarly = [
      ec2.send(new DeleteVpcCommand({ VpcId })),
      ec2.send(new DeleteSubnetCommand({ SubnetId: network.subnets[0] })),
      ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId })),
      ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId })),
      ec2.send(new DeleteRouteTableCommand({ RouteTableId: tables[0]?.RouteTableId })),
      ec2.send(new DeleteSecurityGroupCommand({ GroupId: balancerGroup })),
    ];
    expect(await Promise.all(tooEarly.map(failure))).toEqual(
      tooEarly.map(() => "DependencyViolation 400"),
    );

    for (const rule of network.ingress) {
      await ec2.send(new RevokeSecurityGroupIngressCommand(rule));
    }
    for (const GroupId of groups) await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    for (const { RouteTableId, associationIds } of tables) {
      for (const AssociationId of associationIds) {
        await ec2.send(new DisassociateRouteTableCommand({ AssociationId }));
      }
      await ec2.send(new DeleteRouteTableCommand({ RouteTableId }));
    }
    await ec2.send(new DeleteNatGatewayCommand({ NatGatewayId }));
    const nat = await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [NatGatewayId] }));
    expect(nat.NatGateways?.[0]?.State).toBe("deleted");
    await ec2.send(new ReleaseAddressCommand({ AllocationId }));
    for (const SubnetId of network.subnets) {
      const Filters = [{ Name: "subnet-id", Values: [SubnetId] }];
      const lingering = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
      expect(lingering.NetworkInterfaces).toEqual([]);
      await ec2.send(new DeleteSubnetCommand({ SubnetId }));
    }
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
    await ec2.send(new DeleteVpcCommand({ VpcId }));

    const gone = [
      ec2.send(new DescribeVpcsCommand({ VpcIds: [VpcId] })),
      ec2.send(new DescribeSubnetsCommand({ SubnetIds: network.subnets })),
      ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [InternetGatewayId] })),
      ec2.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId] })),
      ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [given(tables[0]).RouteTableId] })),
      ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: groups })),
    ];
    expect(await Promise.all(gone.map(failure))).toEqual([
      "InvalidVpcID.NotFound 400",
      "InvalidSubnetID.NotFound 400",
      "InvalidInternetGatewayID.NotFound 400",
      "InvalidAllocationID.NotFound 400",
      "InvalidRouteTableID.NotFound 400",
      "InvalidGroup.NotFound 400",
    ]);
  });

  it("a dry run, an unknown filter, a member that is not acted on: refused over the wire", async () => {
    await using cloud = await startTestGateway([ec2Service()]);
    const ec2 = cloud.client(EC2Client);
    const CidrBlock = "10.0.0.0/16";
    const refused = [
      ec2.send(new CreateVpcCommand({ CidrBlock, DryRun: true })),
      ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: "colour", Values: ["red"] }] })),
      ec2.send(new CreateVpcCommand({ CidrBlock, AmazonProvidedIpv6CidrBlock: true })),
    ];
    const [dryRun, filter, member] = await Promise.all(refused.map(failure));
    expect(dryRun).toBe("DryRunOperation 412");
    expect(filter).toBe("InvalidParameterValue 400");
    expect(member).not.toBe("no error");
    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs).toHaveLength(1);
  });

  it("another region, another account: sees nothing of it", async () => {
    await using cloud = await startTestGateway([ec2Service()]);
    const { VpcId } = await createNetwork(cloud.client(EC2Client));
    for (const scope of [{ region: "us-east-1" }, { account: "111111111111" }]) {
      const elsewhere = cloud.client(EC2Client, scope);
      const asked = elsewhere.send(new DescribeVpcsCommand({ VpcIds: [VpcId] }));
      expect(await failure(asked)).toBe("InvalidVpcID.NotFound 400");
    }
  });
});
