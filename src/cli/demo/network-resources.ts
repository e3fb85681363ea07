/** The hello-fargate network: a VPC with public and private subnets in two zones, and its groups. */
import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import { need, type Resource, type Settings } from "./resource.ts";

const zones = {
  a: { public: "10.0.0.0/24", private: "10.0.10.0/24" },
  c: { public: "10.0.1.0/24", private: "10.0.11.0/24" },
};

export function networkResources(settings: Settings): Resource[] {
  return [vpc(), ...subnets(settings), ...gateways(), ...routes(), ...groups(settings)];
}

function vpc(): Resource {
  return {
    type: "aws_vpc",
    name: "main",
    attributes: { cidr_block: "10.0.0.0/16", enable_dns_hostnames: true },
    async make({ ec2 }) {
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
      const VpcId = need(Vpc?.VpcId, "VpcId");
      await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
      return VpcId;
    },
  };
}

function subnets({ region }: Settings): Resource[] {
  return Object.entries(zones).flatMap(([letter, blocks]) =>
    Object.entries(blocks).map(([kind, block]) => {
      const attributes = { cidr_block: block, availability_zone: `${region}${letter}` };
      return {
        type: "aws_subnet",
        name: `${kind}-${letter}`,
        attributes,
        make: async ({ ec2 }, made) => {
          const { Subnet } = await ec2.send(
            new CreateSubnetCommand({
              VpcId: made.id("aws_vpc.main"),
              CidrBlock: block,
              AvailabilityZone: attributes.availability_zone,
            }),
          );
          return need(Subnet?.SubnetId, "SubnetId");
        },
      } satisfies Resource;
    }),
  );
}

function gateways(): Resource[] {
  return [
    {
      type: "aws_internet_gateway",
      name: "main",
      attributes: {},
      async make({ ec2 }, made) {
        const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
        const InternetGatewayId = need(InternetGateway?.InternetGatewayId, "InternetGatewayId");
        const VpcId = made.id("aws_vpc.main");
        await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
        return InternetGatewayId;
      },
    },
    {
      type: "aws_eip",
      name: "nat",
      attributes: { domain: "vpc" },
      async make({ ec2 }) {
        const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
        return need(AllocationId, "AllocationId");
      },
    },
    {
      type: "aws_nat_gateway",
      name: "main",
      attributes: { connectivity_type: "public" },
      async make({ ec2 }, made) {
        const { NatGateway } = await ec2.send(
          new CreateNatGatewayCommand({
            SubnetId: made.id("aws_subnet.public-a"),
            AllocationId: made.id("aws_eip.nat"),
          }),
        );
        return need(NatGateway?.NatGatewayId, "NatGatewayId");
      },
    },
  ];
}

function routes(): Resource[] {
  const table = (name: string): Resource => ({
    type: "aws_route_table",
    name,
    attributes: {},
    async make({ ec2 }, made) {
      const { RouteTable } = await ec2.send(
        new CreateRouteTableCommand({ VpcId: made.id("aws_vpc.main") }),
      );
      const RouteTableId = need(RouteTable?.RouteTableId, "RouteTableId");
      if (name === "public") {
        const GatewayId = made.id("aws_internet_gateway.main");
        await ec2.send(
          new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId }),
        );
      }
      return RouteTableId;
    },
  });
  const association = (kind: string, letter: string): Resource => ({
    type: "aws_route_table_association",
    name: `${kind}-${letter}`,
    attributes: {},
    async make({ ec2 }, made) {
      const { AssociationId } = await ec2.send(
        new AssociateRouteTableCommand({
          RouteTableId: made.id(`aws_route_table.${kind}`),
          SubnetId: made.id(`aws_subnet.${kind}-${letter}`),
        }),
      );
      return need(AssociationId, "AssociationId");
    },
  });
  const privateDefault: Resource = {
    type: "aws_route",
    name: "private_default",
    attributes: { destination_cidr_block: "0.0.0.0/0" },
    async make({ ec2 }, made) {
      const RouteTableId = made.id("aws_route_table.private");
      const NatGatewayId = made.id("aws_nat_gateway.main");
      await ec2.send(
        new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", NatGatewayId }),
      );
      return RouteTableId;
    },
  };
  const letters = Object.keys(zones);
  return [
    table("public"),
    table("private"),
    privateDefault,
    ...["public", "private"].flatMap((kind) => letters.map((letter) => association(kind, letter))),
  ];
}

function groups({ name, port }: Settings): Resource[] {
  const group = (key: string, description: string): Resource => ({
    type: "aws_security_group",
    name: key,
    attributes: { name: `${name}-${key}`, description },
    async make({ ec2 }, made) {
      const { GroupId } = await ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: `${name}-${key}`,
          Description: description,
          VpcId: made.id("aws_vpc.main"),
        }),
      );
      return need(GroupId, "GroupId");
    },
  });
  const ingress = (
    key: string,
    of: string,
    onPort: number,
    from: string | undefined,
  ): Resource => ({
    type: "aws_security_group_rule",
    name: key,
    attributes: { type: "ingress", protocol: "tcp", from_port: onPort, to_port: onPort },
    async make({ ec2 }, made) {
      const GroupId = made.id(`aws_security_group.${of}`);
      const peer = from
        ? { UserIdGroupPairs: [{ GroupId: made.id(`aws_security_group.${from}`) }] }
        : { IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
      await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpPermissions: [{ IpProtocol: "tcp", FromPort: onPort, ToPort: onPort, ...peer }],
        }),
      );
      return GroupId;
    },
  });
  // EC2 itself gives a new group the egress rule that Terraform takes away and adds again.
  const egress = (key: string, of: string): Resource => ({
    type: "aws_security_group_rule",
    name: key,
    attributes: { type: "egress", protocol: "-1" },
    make: async (_clients, made) => made.id(`aws_security_group.${of}`),
  });
  return [
    group("balancer", "The load balancer"),
    ingress("balancer_http", "balancer", 80, undefined),
    egress("balancer_out", "balancer"),
    group("app", "The tasks"),
    ingress("app_http", "app", port, "balancer"),
    egress("app_out", "app"),
  ];
}
