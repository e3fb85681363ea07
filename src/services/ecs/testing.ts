/** For tests of ECS: the service behind a gateway, with a network and a target group it can use. */
import { ECS, ECSServiceException, type RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { type RecordedSessions, recordedSessions } from "../../dataplane/sessions/testing.ts";
import { startTestGateway, type TestGateway } from "../../gateway/testing.ts";
import type { Scope } from "../../model/scope.ts";
import type { WriteTransaction } from "../../state/store.ts";
import { listeners, targetGroups } from "../../state/tables/load-balancing.ts";
import { securityGroups, subnets } from "../../state/tables/network.ts";
import { ecsService } from "./service.ts";

export const balancedGroupArn =
  "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:targetgroup/app/0123456789abcdef";
/** No listener forwards to it. */
export const loneGroupArn =
  "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:targetgroup/lone/0123456789abcdef";

/** Subnets `subnet-a` and `subnet-c`, group `sg-app`; `subnet-other` and `sg-other` of another VPC. */
export const awsvpc = { subnets: ["subnet-a", "subnet-c"], securityGroups: ["sg-app"] };
export const networkConfiguration = { awsvpcConfiguration: awsvpc };

export const webDefinition: RegisterTaskDefinitionRequest = {
  family: "web",
  requiresCompatibilities: ["FARGATE"],
  networkMode: "awsvpc",
  cpu: "256",
  memory: "512",
  containerDefinitions: [{ name: "app", image: "nginx", portMappings: [{ containerPort: 8080 }] }],
};

export type TestEcs = AsyncDisposable & {
  readonly ecs: ECS;
  readonly cloud: TestGateway;
  readonly sessions: RecordedSessions;
};

/** A gateway with ECS alone. With `cluster`, a cluster of that name and the definition `web:1`. */
export async function startTestEcs(options: { cluster?: string } = {}): Promise<TestEcs> {
  const sessions = recordedSessions();
  const cloud = await startTestGateway([ecsService({ sessions })]);
  cloud.store.write((tx) => makeSurroundings(tx, cloud.scope));
  const ecs = cloud.client(ECS);
  if (options.cluster !== undefined) {
    await ecs.createCluster({ clusterName: options.cluster });
    await ecs.registerTaskDefinition(webDefinition);
  }
  return { ecs, cloud, sessions, [Symbol.asyncDispose]: () => cloud.close() };
}

/** `<code>: <message>` of the error that a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ECSServiceException) return `${error.name}: ${error.message}`;
    throw error;
  }
  throw new Error("the call was not refused");
}

function makeSurroundings(tx: WriteTransaction, scope: Scope): void {
  makeSubnet(tx, scope, "subnet-a", "vpc-1", "ap-northeast-1a");
  makeSubnet(tx, scope, "subnet-c", "vpc-1", "ap-northeast-1c");
  makeSubnet(tx, scope, "subnet-other", "vpc-2", "ap-northeast-1a");
  makeGroup(tx, scope, "sg-app", "vpc-1");
  makeGroup(tx, scope, "sg-other", "vpc-2");
  makeTargetGroup(tx, scope, balancedGroupArn);
  makeTargetGroup(tx, scope, loneGroupArn);
  const target = { targetGroupArn: balancedGroupArn, weight: 1 };
  tx.table(listeners).put({
    ...scope,
    arn: "listener",
    loadBalancerArn: "balancer",
    port: 80,
    protocol: "HTTP",
    defaultAction: { type: "forward", targets: [target], stickinessSeconds: undefined },
    attributes: {},
    createdAt: 0,
    tags: [],
  });
}

function makeSubnet(
  tx: WriteTransaction,
  scope: Scope,
  subnetId: string,
  vpcId: string,
  availabilityZone: string,
): void {
  tx.table(subnets).put({
    ...scope,
    subnetId,
    vpcId,
    cidr: "10.0.0.0/24",
    availabilityZone,
    availabilityZoneId: "apne1-az1",
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: false,
    enableDns64: false,
    enableResourceNameDnsARecord: false,
    enableResourceNameDnsAaaaRecord: false,
    privateDnsHostnameType: "ip-name",
    createdAt: 0,
    tags: [],
  });
}

function makeGroup(tx: WriteTransaction, scope: Scope, groupId: string, vpcId: string): void {
  const described = { groupName: groupId, description: groupId };
  const group = { ...scope, groupId, vpcId, ...described, rules: [], createdAt: 0, tags: [] };
  tx.table(securityGroups).put(group);
}

function makeTargetGroup(tx: WriteTransaction, scope: Scope, arn: string): void {
  tx.table(targetGroups).put({
    ...scope,
    arn,
    name: "app",
    targetType: "ip",
    protocol: "HTTP",
    protocolVersion: "HTTP1",
    port: 8080,
    vpcId: "vpc-1",
    ipAddressType: "ipv4",
    healthCheck: {
      enabled: true,
      protocol: "HTTP",
      port: "traffic-port",
      path: "/",
      intervalSeconds: 30,
      timeoutSeconds: 5,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      matcher: "200",
    },
    attributes: {},
    createdAt: 0,
    tags: [],
  });
}
