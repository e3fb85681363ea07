/** What EC2's resources tell conditions of themselves besides their tags, by the names of EC2's own keys. */
import type { ConditionValues } from "../engine/policy/condition-keys.ts";
import { formatArn } from "../model/arn.ts";
import type {
  DhcpOptions,
  ElasticIp,
  InternetGateway,
  NetworkAcl,
  NetworkInterface,
  PeeringSide,
  RouteTable,
  SecurityGroup,
  Subnet,
  Vpc,
  VpcEndpoint,
  VpcPeeringConnection,
} from "../model/network.ts";
import type { Scope } from "../model/scope.ts";

/** The value of `ec2:Vpc`. */
export const vpcArn = (scope: Scope, vpcId: string): string =>
  formatArn("ec2", scope, `vpc/${vpcId}`);

const inVpc = (resource: Scope & { readonly vpcId: string }): ConditionValues => ({
  "ec2:Vpc": vpcArn(resource, resource.vpcId),
});

export const vpcKeys = ({ vpcId, instanceTenancy }: Vpc): ConditionValues => ({
  "ec2:VpcID": vpcId,
  "ec2:Tenancy": instanceTenancy,
});

export const subnetKeys = (subnet: Subnet): ConditionValues => ({
  ...inVpc(subnet),
  "ec2:SubnetID": subnet.subnetId,
  "ec2:AvailabilityZone": subnet.availabilityZone,
});

export const groupKeys = (group: SecurityGroup): ConditionValues => ({
  ...inVpc(group),
  "ec2:SecurityGroupID": group.groupId,
});

export const interfaceKeys = (eni: NetworkInterface): ConditionValues => ({
  ...inVpc(eni),
  "ec2:NetworkInterfaceID": eni.networkInterfaceId,
  "ec2:Subnet": formatArn("ec2", eni, `subnet/${eni.subnetId}`),
  "ec2:AvailabilityZone": eni.availabilityZone,
});

export const routeTableKeys = (table: RouteTable): ConditionValues => ({
  ...inVpc(table),
  "ec2:RouteTableID": table.routeTableId,
});

export const networkAclKeys = (acl: NetworkAcl): ConditionValues => ({
  ...inVpc(acl),
  "ec2:NetworkAclID": acl.networkAclId,
});

export const internetGatewayKeys = ({ internetGatewayId }: InternetGateway): ConditionValues => ({
  "ec2:InternetGatewayID": internetGatewayId,
});

export const elasticIpKeys = ({ allocationId, publicIp }: ElasticIp): ConditionValues => ({
  "ec2:AllocationId": allocationId,
  "ec2:PublicIpAddress": publicIp,
  "ec2:Domain": "vpc",
});

export const vpcEndpointKeys = ({ serviceName }: VpcEndpoint): ConditionValues => ({
  "ec2:VpceServiceName": serviceName,
});

export const peeringKeys = (connection: VpcPeeringConnection): ConditionValues => ({
  "ec2:VpcPeeringConnectionID": connection.vpcPeeringConnectionId,
  "ec2:RequesterVpc": sideArn(connection.requester),
  "ec2:AccepterVpc": sideArn(connection.accepter),
});

const sideArn = (side: PeeringSide): string => vpcArn(side, side.vpcId);

export const dhcpOptionsKeys = ({ dhcpOptionsId }: DhcpOptions): ConditionValues => ({
  "ec2:DhcpOptionsID": dhcpOptionsId,
});
