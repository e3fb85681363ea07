import { describe, expect, it } from "vitest";
import type { Listener, LoadBalancer, Target, TargetGroup } from "../../model/load-balancing.ts";
import type { NetworkInterface } from "../../model/network.ts";
import { type EdgeRecords, hostNamesOf, planEdge } from "./edge-plan.ts";

const common = { account: "000000000000", region: "eu-west-1", tags: [], createdAt: 0 };

const balancer: LoadBalancer = {
  ...common,
  arn: "balancer",
  name: "web",
  type: "application",
  scheme: "internet-facing",
  ipAddressType: "ipv4",
  vpcId: "vpc-1",
  nodes: [
    { subnetId: "subnet-a", availabilityZone: "eu-west-1a", networkInterfaceId: "eni-a" },
    { subnetId: "subnet-c", availabilityZone: "eu-west-1c", networkInterfaceId: "eni-c" },
  ],
  securityGroupIds: ["sg-1"],
  dnsName: "web-1.eu-west-1.elb.localhost",
  attributes: {
    "idle_timeout.timeout_seconds": "90",
    "routing.http.xff_header_processing.mode": "remove",
  },
};

const node = (id: string, zone: string, privateIp: string): NetworkInterface => ({
  ...common,
  networkInterfaceId: `eni-${id}`,
  vpcId: "vpc-1",
  subnetId: `subnet-${id}`,
  availabilityZone: zone,
  privateIp,
  macAddress: "0a:00:00:00:00:01",
  groupIds: ["sg-1"],
  description: "",
  owner: { type: "load-balancer", loadBalancerArn: "balancer" },
  publicIp: "198.18.0.1",
  sourceDestCheck: true,
  status: "in-use",
  attachmentId: undefined,
});

const listener: Listener = {
  ...common,
  arn: "listener",
  loadBalancerArn: "balancer",
  port: 80,
  protocol: "HTTP",
  defaultAction: {
    type: "forward",
    targets: [{ targetGroupArn: "group", weight: 1 }],
    stickinessSeconds: undefined,
  },
  attributes: {},
};

const group = (arn: string): TargetGroup => ({
  ...common,
  arn,
  name: arn,
  targetType: "ip",
  protocol: "HTTP",
  protocolVersion: "HTTP1",
  port: 80,
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
  attributes: { "load_balancing.algorithm.type": "least_outstanding_requests" },
});

const target = (id: string, state: Target["health"]["state"], zone = "eu-west-1a"): Target => ({
  account: common.account,
  region: common.region,
  targetGroupArn: "group",
  id,
  port: 80,
  availabilityZone: zone,
  registration: state === "draining" ? "draining" : "registered",
  registeredAt: 7,
  drainingSince: undefined,
  health: { state, reason: undefined, description: undefined },
});

const records: EdgeRecords = {
  vpcs: [],
  subnets: [],
  natGateways: [],
  networkAcls: [],
  vpcEndpoints: [],
  vpcPeeringConnections: [],
  prefixLists: [],
  loadBalancers: [balancer],
  listeners: [listener],
  targetGroups: [group("group"), group("unused")],
  targets: [],
  networkInterfaces: [node("a", "eu-west-1a", "10.0.0.5"), node("c", "eu-west-1c", "10.0.2.5")],
  routeTables: [
    {
      ...common,
      routeTableId: "rtb-1",
      vpcId: "vpc-1",
      routes: [
        {
          destinationCidr: "0.0.0.0/0",
          target: { type: "internet-gateway", id: "igw-1" },
          origin: "CreateRoute",
        },
      ],
      associations: [{ associationId: "a", subnetId: undefined, main: true }],
    },
  ],
  internetGateways: [{ ...common, internetGatewayId: "igw-1", vpcId: "vpc-1" }],
  securityGroups: [
    {
      ...common,
      groupId: "sg-1",
      groupName: "web",
      description: "web",
      vpcId: "vpc-1",
      rules: [
        {
          ruleId: "sgr-1",
          direction: "ingress",
          protocol: "tcp",
          fromPort: 80,
          toPort: 80,
          peer: { type: "ipv4", cidr: "0.0.0.0/0" },
          description: undefined,
          tags: [],
        },
      ],
    },
  ],
};

describe("planEdge", () => {
  it("a balancer: its nodes' addresses, its names, its attributes", () => {
    expect(planEdge(records).balancers).toMatchObject([
      {
        hostNames: ["web-1.eu-west-1.elb.localhost", "web-1.eu-west-1.elb.amazonaws.com"],
        nodes: [
          { interfaceId: "eni-a", address: "10.0.0.5", availabilityZone: "eu-west-1a" },
          { interfaceId: "eni-c", address: "10.0.2.5", availabilityZone: "eu-west-1c" },
        ],
        listeners: [{ port: 80, openToHost: true }],
        idleTimeoutSeconds: 90,
        forwardedFor: "remove",
      },
    ]);
  });

  it.each([
    ["an internal balancer", { loadBalancers: [{ ...balancer, scheme: "internal" as const }] }],
    ["a group that does not admit the host", { securityGroups: [] }],
    ["no way to the internet gateway", { routeTables: [] }],
  ])("%s: closed to the host", (_, change) => {
    const [plan] = planEdge({ ...records, ...change }).balancers;
    expect(plan?.listeners[0]?.openToHost).toBe(false);
  });

  it("a group that no listener uses: not planned", () => {
    expect(planEdge(records).targetGroups.map(({ arn }) => arn)).toEqual(["group"]);
    expect(planEdge({ ...records, listeners: [] }).targetGroups).toEqual([]);
  });

  it.each([
    ["initial", "waiting", false],
    ["unused", "waiting", false],
    ["healthy", "serving", false],
    ["unhealthy", "serving", true],
    ["draining", "draining", false],
  ] as const)("a target that is %s: %s", (state, duty, failing) => {
    const plan = planEdge({ ...records, targets: [target("10.0.0.9", state)] });
    expect(plan.targetGroups[0]).toMatchObject({
      algorithm: "least_outstanding_requests",
      targets: [{ address: "10.0.0.9", registeredAt: 7, duty, failing }],
    });
  });

  it("a target in a zone without a node: not planned; one outside the VPC: planned", () => {
    const targets = [
      target("10.0.9.9", "unused", "eu-west-1b"),
      target("10.200.0.1", "initial", "all"),
    ];
    const [planned] = planEdge({ ...records, targets }).targetGroups;
    expect(planned?.targets.map(({ address }) => address)).toEqual(["10.200.0.1"]);
  });
});

describe("hostNamesOf", () => {
  it("an internal name: both of its forms", () => {
    expect(hostNamesOf({ dnsName: "internal-web-1.eu-west-1.elb.localhost" })).toEqual([
      "internal-web-1.eu-west-1.elb.localhost",
      "internal-web-1.eu-west-1.elb.amazonaws.com",
    ]);
  });
});
