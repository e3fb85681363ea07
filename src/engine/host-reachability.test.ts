import { describe, expect, it } from "vitest";
import type {
  InternetGateway,
  RouteTable,
  RouteTarget,
  SecurityGroup,
  SecurityGroupRule,
} from "../model/network.ts";
import { type InternetPath, isOpenToInternet } from "./host-reachability.ts";

const common = { account: "000000000000", region: "eu-west-1", tags: [], createdAt: 0 };
const node = { vpcId: "vpc-1", subnetId: "subnet-1", groupIds: ["sg-1"] };

const gateway = (vpcId: string | undefined): InternetGateway => ({
  ...common,
  internetGatewayId: "igw-1",
  vpcId,
});

const table = (id: string, target: RouteTarget | undefined, subnetId?: string): RouteTable => ({
  ...common,
  routeTableId: id,
  vpcId: "vpc-1",
  routes: target ? [{ destinationCidr: "0.0.0.0/0", target, origin: "CreateRoute" }] : [],
  associations: [{ associationId: `a-${id}`, subnetId, main: subnetId === undefined }],
});

const rule = (change: Partial<SecurityGroupRule> = {}): SecurityGroupRule => ({
  ruleId: "sgr-1",
  direction: "ingress",
  protocol: "tcp",
  fromPort: 80,
  toPort: 81,
  peer: { type: "ipv4", cidr: "0.0.0.0/0" },
  description: undefined,
  tags: [],
  ...change,
});

const group = (...rules: SecurityGroupRule[]): SecurityGroup => ({
  ...common,
  groupId: "sg-1",
  groupName: "balancer",
  description: "balancer",
  vpcId: "vpc-1",
  rules,
});

const toGateway: RouteTarget = { type: "internet-gateway", id: "igw-1" };
const open: InternetPath = {
  routeTables: [table("rtb-main", undefined), table("rtb-1", toGateway, "subnet-1")],
  internetGateways: [gateway("vpc-1")],
  securityGroups: [group(rule())],
};

describe("isOpenToInternet", () => {
  it("a route to an attached gateway and a group that admits the port: open", () => {
    expect(isOpenToInternet(open, node, 80)).toBe(true);
    expect(isOpenToInternet(open, node, 81)).toBe(true);
    expect(isOpenToInternet(open, node, 82)).toBe(false);
  });

  it("a subnet without a table of its own: the main table decides", () => {
    const main = { ...open, routeTables: [table("rtb-main", toGateway)] };
    expect(isOpenToInternet(main, node, 80)).toBe(true);
    expect(isOpenToInternet({ ...open, routeTables: open.routeTables.slice(0, 1) }, node, 80)).toBe(
      false,
    );
  });

  it.each([
    ["a NAT gateway's route", { routeTables: [table("r", { type: "nat-gateway", id: "nat-1" })] }],
    ["a detached gateway", { internetGateways: [gateway(undefined)] }],
    ["a gateway that is gone", { internetGateways: [] }],
    ["no rule", { securityGroups: [group()] }],
    ["an egress rule only", { securityGroups: [group(rule({ direction: "egress" }))] }],
    ["another protocol", { securityGroups: [group(rule({ protocol: "udp" }))] }],
    [
      "another block",
      { securityGroups: [group(rule({ peer: { type: "ipv4", cidr: "10.0.0.0/8" } }))] },
    ],
    [
      "a group as the peer",
      {
        securityGroups: [
          group(rule({ peer: { type: "group", groupId: "sg-1", account: "000000000000" } })),
        ],
      },
    ],
  ])("%s: closed", (_, change) => {
    expect(isOpenToInternet({ ...open, ...change }, node, 80)).toBe(false);
  });

  it("a rule for all protocols, or for the client's own block: open", () => {
    const all = rule({ protocol: "-1", fromPort: undefined, toPort: undefined });
    const own = rule({ peer: { type: "ipv4", cidr: "203.0.113.0/24" } });
    expect(isOpenToInternet({ ...open, securityGroups: [group(all)] }, node, 443)).toBe(true);
    expect(isOpenToInternet({ ...open, securityGroups: [group(own)] }, node, 80)).toBe(true);
  });
});
