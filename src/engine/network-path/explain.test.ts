import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aNetwork, vpcIds } from "../../../test/builders/networks.ts";
import type { NetworkInterface, SecurityGroup } from "../../model/network.ts";
import type { EndRecords } from "./ends.ts";
import { explain } from "./explain.ts";
import { isOpenToInternet } from "./open-to-internet.ts";
import { serviceOfHost } from "./services.ts";

const [network] = fc.sample(aNetwork, { seed: 3, numRuns: 1 });
if (!network) throw new Error("no network");
const [vpcId] = vpcIds;
const everything = (direction: "ingress" | "egress"): SecurityGroup["rules"][number] => ({
  ruleId: `sgr-${direction}`,
  direction,
  protocol: "-1",
  fromPort: undefined,
  toPort: undefined,
  peer: { type: "ipv4", cidr: "0.0.0.0/0" },
  description: undefined,
  tags: [],
});
const own = network.networkInterfaces.filter((one) => one.vpcId === vpcId);
const [first, second, third] = own;
if (!first || !second || !third) throw new Error("three interfaces");
const node: NetworkInterface = {
  ...third,
  networkInterfaceId: "eni-node",
  privateIp: "10.0.1.50",
  owner: { type: "load-balancer", loadBalancerArn: "balancer-1" },
  publicIp: "198.18.0.50",
};

/** Everything open: groups, no ACLs, the internet by a gateway. */
const open: EndRecords = {
  ...network,
  networkAcls: [],
  securityGroups: network.securityGroups.map((group) => ({
    ...group,
    rules: [everything("ingress"), everything("egress")],
  })),
  networkInterfaces: [
    { ...first, publicIp: "198.18.0.1" },
    { ...second, publicIp: undefined },
    third,
    node,
  ],
  internetGateways: [
    { ...network.internetGateways[0], vpcId } as (typeof network.internetGateways)[number],
  ],
  routeTables: network.routeTables.map((table) => ({
    ...table,
    routes: [
      { destinationCidr: "10.0.0.0/16", target: { type: "local" }, origin: "CreateRouteTable" },
      {
        destinationCidr: "0.0.0.0/0",
        target: { type: "internet-gateway", id: "igw-0" },
        origin: "CreateRoute",
      },
    ],
  })),
  tasks: [
    {
      id: "0123",
      arn: "arn:aws:ecs:us-east-1:000000000000:task/c/0123",
      group: "service:web",
      lastStatus: "RUNNING",
      attachment: { networkInterfaceId: first.networkInterfaceId },
    } as unknown as EndRecords["tasks"][number],
  ],
  loadBalancers: [
    {
      arn: "balancer-1",
      name: "front",
      dnsName: "front-1.us-east-1.elb.localhost",
      nodes: [
        { subnetId: node.subnetId, availabilityZone: "us-east-1a", networkInterfaceId: "eni-node" },
      ],
    },
  ],
};

const ask = (records: EndRecords, from: string, to: string, port = 80) => {
  const answer = explain(records, { from, to, flow: { protocol: "tcp", port } });
  return answer.type === "unknown" ? answer.message : answer.explanation;
};
const stoppedAt = (records: EndRecords, from: string, to: string, port?: number) => {
  const said = ask(records, from, to, port);
  return typeof said === "string" ? said : (said.stoppedBy?.stage ?? "open");
};

describe("explain", () => {
  it.each([
    ["a task by its id", "0123"],
    ["a service", "web"],
    ["an interface", first.networkInterfaceId],
    ["an address", first.privateIp],
  ])("%s to a balancer by name, both forms of its DNS name, and its address: open", (_, from) => {
    for (const to of [
      "front",
      "front-1.us-east-1.elb.localhost",
      "front-1.us-east-1.elb.amazonaws.com",
      node.privateIp,
    ]) {
      expect(ask(open, from, to)).toMatchObject({ open: true });
    }
  });

  it("an end by a secondary address, private or public: its interface, as it is there", () => {
    const secondaryAddresses = [{ privateIp: "10.0.0.200", publicIp: "198.18.0.200" }];
    const records = {
      ...open,
      networkInterfaces: open.networkInterfaces.map((one) =>
        one.networkInterfaceId === second.networkInterfaceId ? { ...one, secondaryAddresses } : one,
      ),
    };
    expect(stoppedAt(open, "10.0.0.200", "front")).not.toBe("open");
    expect(ask(records, "10.0.0.200", "front")).toMatchObject({
      open: true,
      from: expect.stringContaining(second.networkInterfaceId),
    });
    expect(stoppedAt(records, "web", "10.0.0.200")).toBe("open");
    // The internet gateway serves that address, and not the primary one.
    expect(stoppedAt(records, "198.18.0.200", "internet")).toBe("open");
    expect(stoppedAt(records, second.networkInterfaceId, "internet")).toBe("route");
  });

  it("a name that nobody has: said in one sentence", () => {
    expect(ask(open, "nobody", "front")).toMatch(/^nothing here is called 'nobody'/);
    expect(ask(open, "web", "nobody")).toMatch(/^nothing here is called 'nobody'/);
  });

  it("each thing that may close the way: the step is named and the first one is the last walked", () => {
    const noEgress = {
      ...open,
      securityGroups: open.securityGroups.map((group) => ({ ...group, rules: [] })),
    };
    const noRoutes = {
      ...open,
      routeTables: open.routeTables.map((table) => ({ ...table, routes: [] })),
    };
    const denied = {
      ...open,
      networkAcls: network.networkAcls.map((acl) => ({ ...acl, entries: [] })),
    };
    expect(stoppedAt(noEgress, "web", "front")).toBe("security groups, out");
    expect(stoppedAt(noRoutes, "web", "s3")).toBe("route");
    expect(stoppedAt(denied, "web", "front")).toBe("network ACL, out");
    expect(stoppedAt(open, "web", "10.0.1.99")).toBe("receiver");
    expect(stoppedAt(open, second.networkInterfaceId, "internet")).toBe("route");
    expect(stoppedAt(open, "web", "internet")).toBe("open");
    const said = ask(denied, "web", "front");
    expect(said).toMatchObject({
      open: false,
      stoppedBy: {
        remedy: expect.stringMatching(/^Add an outbound rule to acl-\S+ that allows tcp 80 to /),
      },
    });
  });

  it("an answer that an ACL keeps back: the step says so", () => {
    const acl = network.networkAcls[0];
    if (!acl) throw new Error("an ACL");
    const entry = (egress: boolean, fromPort: number, toPort: number) => ({
      ruleNumber: 100,
      egress,
      protocol: "6",
      action: "allow" as const,
      cidr: "0.0.0.0/0",
      fromPort,
      toPort,
    });
    const stateful = {
      ...open,
      networkAcls: [{ ...acl, entries: [entry(true, 80, 80), entry(false, 80, 80)] }],
    };
    expect(stoppedAt(stateful, "web", "front")).toBe("answer");
    const mended = {
      ...open,
      networkAcls: [{ ...acl, entries: [entry(true, 80, 80), entry(false, 1024, 65535)] }],
    };
    expect(stoppedAt(mended, "web", "front")).toBe("open");
  });

  it("entries of IPv6: neither stop a packet nor let one through", () => {
    const acl = network.networkAcls[0];
    if (!acl) throw new Error("an ACL");
    const entry = (ruleNumber: number, cidr: string, action: "allow" | "deny") =>
      [true, false].map((egress) => ({
        ruleNumber,
        egress,
        protocol: "-1",
        action,
        cidr,
        fromPort: undefined,
        toPort: undefined,
      }));
    const under = (...entries: ReturnType<typeof entry>[]) => ({
      ...open,
      networkAcls: [{ ...acl, entries: entries.flat() }],
    });
    const young = entry(99, "::/0", "deny");
    expect(stoppedAt(under(young, entry(100, "0.0.0.0/0", "allow")), "web", "front")).toBe("open");
    expect(stoppedAt(under(entry(99, "::/0", "allow")), "web", "front")).toBe("network ACL, out");
  });

  it("an interface endpoint: asked instead of the internet, and only with both DNS attributes", () => {
    const endpoint = {
      ...node,
      networkInterfaceId: "eni-endpoint",
      privateIp: "10.0.1.60",
      groupIds: [],
      owner: { type: "vpc-endpoint", vpcEndpointId: "vpce-1" } as const,
    };
    const records: EndRecords = {
      ...open,
      networkInterfaces: [...open.networkInterfaces, endpoint],
      vpcEndpoints: [
        {
          account: "000000000000",
          region: "us-east-1",
          tags: [],
          createdAt: 0,
          type: "interface",
          vpcEndpointId: "vpce-1",
          vpcId,
          serviceName: "com.amazonaws.us-east-1.logs",
          policy: "",
          subnetIds: [node.subnetId],
          groupIds: [],
          networkInterfaceIds: ["eni-endpoint"],
          privateDnsEnabled: true,
        },
      ],
    };
    expect(stoppedAt(records, "web", "logs", 443)).toBe("security groups, in");
    const vpcs = records.vpcs.map((vpc) => ({ ...vpc, enableDnsHostnames: false }));
    expect(stoppedAt({ ...records, vpcs }, "web", "logs", 443)).toBe("open");
  });

  it("the internet: a balancer with a way back, not a task", () => {
    expect(stoppedAt(open, "internet", "front")).toBe("open");
    expect(stoppedAt(open, "internet", "web")).toBe("receiver");
    expect(isOpenToInternet(open, node, 80)).toBe(true);
    expect(isOpenToInternet({ ...open, internetGateways: [] }, node, 80)).toBe(false);
    expect(isOpenToInternet(open, { ...node, publicIp: undefined }, 80)).toBe(false);
    expect(isOpenToInternet(open, { ...node, groupIds: [] }, 80)).toBe(false);
  });

  it.each([
    ["api.ecr.us-east-1.amazonaws.com", "ecr.api"],
    ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "ecr.dkr"],
    ["bucket.s3.us-east-1.amazonaws.com", "s3"],
    ["logs.ap-northeast-1.amazonaws.com.", "logs"],
    ["web-1.us-east-1.elb.amazonaws.com", undefined],
    ["amazonaws.com.example", undefined],
  ])("%s is the host of %s", (host, service) => {
    expect(serviceOfHost(host)?.service).toBe(service);
  });
});
