/** For tests: a gateway with load balancing and a VPC of three subnets to put balancers in. */
import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { startTestGateway, type TestGateway } from "../../gateway/testing.ts";
import type { SecurityGroup, Subnet, Vpc } from "../../model/network.ts";
import { internetGateways, securityGroups, subnets, vpcs } from "../../state/tables/network.ts";
import { elbv2Service } from "./service.ts";

export type Bench = AsyncDisposable & {
  readonly cloud: TestGateway;
  readonly elb: ElasticLoadBalancingV2Client;
};

/** `vpc-1` (10.0.0.0/16, with a gateway): `subnet-a`, `subnet-a2` and `subnet-c` in zones a, a and c. */
export async function openBench(): Promise<Bench> {
  const cloud = await startTestGateway([elbv2Service()]);
  const { scope, store } = cloud;
  const common: Common = { ...scope, tags: [], createdAt: 0 };
  store.write((tx) => {
    for (const vpcId of ["vpc-1", "vpc-2"]) tx.table(vpcs).put(vpc(common, vpcId));
    tx.table(internetGateways).put({ ...common, internetGatewayId: "igw-1", vpcId: "vpc-1" });
    tx.table(subnets).put(subnet(common, "subnet-a", "10.0.0.0/24", "a"));
    tx.table(subnets).put(subnet(common, "subnet-a2", "10.0.1.0/24", "a"));
    tx.table(subnets).put(subnet(common, "subnet-c", "10.0.2.0/24", "c"));
    tx.table(subnets).put(subnet(common, "subnet-tiny", "10.0.3.0/28", "c"));
    tx.table(subnets).put({ ...subnet(common, "subnet-x", "10.0.0.0/24", "a"), vpcId: "vpc-2" });
    tx.table(subnets).put({ ...subnet(common, "subnet-y", "10.0.1.0/24", "c"), vpcId: "vpc-2" });
    tx.table(securityGroups).put(group(common, "sg-default", "default", "vpc-1"));
    tx.table(securityGroups).put(group(common, "sg-web", "web", "vpc-1"));
    tx.table(securityGroups).put(group(common, "sg-other", "default", "vpc-2"));
  });
  const elb = cloud.client(ElasticLoadBalancingV2Client);
  return { cloud, elb, [Symbol.asyncDispose]: () => cloud.close() };
}

export const makeBalancer = async ({ elb }: Bench, Name = "web"): Promise<string> => {
  const { LoadBalancers: [made] = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name, Subnets: ["subnet-a", "subnet-c"] }),
  );
  return made?.LoadBalancerArn ?? "";
};

const appGroup: CreateTargetGroupCommandInput = {
  Name: "app",
  Protocol: "HTTP",
  Port: 80,
  VpcId: "vpc-1",
  TargetType: "ip",
};

export const makeGroup = async (
  { elb }: Bench,
  change: Partial<CreateTargetGroupCommandInput> = {},
): Promise<string> => {
  const { TargetGroups: [made] = [] } = await elb.send(
    new CreateTargetGroupCommand({ ...appGroup, ...change }),
  );
  return made?.TargetGroupArn ?? "";
};

export const listen = async (
  { elb }: Bench,
  LoadBalancerArn: string,
  groupArn: string,
  change: Partial<CreateListenerCommandInput> = {},
): Promise<string> => {
  const { Listeners: [made] = [] } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn: groupArn }],
      ...change,
    }),
  );
  return made?.ListenerArn ?? "";
};

type Common = { account: string; region: string; tags: []; createdAt: number };

const vpc = (common: Common, vpcId: string): Vpc => ({
  ...common,
  vpcId,
  cidrBlocks: [{ associationId: `assoc-${vpcId}`, cidr: "10.0.0.0/16" }],
  isDefault: false,
  instanceTenancy: "default",
  enableDnsSupport: true,
  enableDnsHostnames: true,
  enableNetworkAddressUsageMetrics: false,
  dhcpOptionsId: "dopt-1",
});

const subnet = (common: Common, subnetId: string, cidr: string, zone: string): Subnet => ({
  ...common,
  subnetId,
  vpcId: "vpc-1",
  cidr,
  availabilityZone: `${common.region}${zone}`,
  availabilityZoneId: `apne1-az-${zone}`,
  mapPublicIpOnLaunch: true,
  assignIpv6AddressOnCreation: false,
  enableDns64: false,
  enableResourceNameDnsARecord: false,
  enableResourceNameDnsAaaaRecord: false,
  privateDnsHostnameType: "ip-name",
});

const group = (common: Common, groupId: string, name: string, vpcId: string): SecurityGroup => ({
  ...common,
  groupId,
  groupName: name,
  description: name,
  vpcId,
  rules: [],
});
