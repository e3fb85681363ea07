/** The network in a whole engine without a host: a path explained as its rules change, and what is left out. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  AssociateRouteTableCommand,
  AssociateSubnetCidrBlockCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateFlowLogsCommand,
  CreateNetworkAclEntryCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeNetworkAclsCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateLoadBalancerCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explain } from "../../src/cli/commands/explain.ts";
import type { Clients } from "../../src/cli/demo/resource.ts";
import { readConfig } from "../../src/daemon/config.ts";
import { type Engine, startEngine } from "../../src/daemon/engine.ts";
import { clientsOf } from "../live/support/hello.ts";

const region = "ap-northeast-1";

let home: string;
let engine: Engine;
let clients: Clients;
let ec2: EC2Client;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "ng-scenario-"));
  const options = { port: "0", "state-dir": home, runtime: "simulated", clock: "manual", region };
  engine = await startEngine(readConfig(options));
  await engine.ready;
  clients = clientsOf(engine);
  ec2 = clients.ec2;
});
afterAll(async () => {
  await engine.stop({ removeAll: true });
  rmSync(home, { recursive: true, force: true });
});

/** An interface and a load balancer in one VPC, each with a group of its own that lets nothing in. */
async function makeEnds() {
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }))).Vpc?.VpcId;
  const group = async (GroupName: string) => {
    const named = { GroupName, Description: GroupName, VpcId };
    return (await ec2.send(new CreateSecurityGroupCommand(named))).GroupId ?? "";
  };
  const subnet = async (CidrBlock: string, zone: string) => {
    const input = { VpcId, CidrBlock, AvailabilityZone: `${region}${zone}` };
    return (await ec2.send(new CreateSubnetCommand(input))).Subnet?.SubnetId ?? "";
  };
  const web = await group("web");
  const SubnetId = await subnet("10.0.1.0/24", "a");
  const { NetworkInterface } = await ec2.send(
    new CreateNetworkInterfaceCommand({ SubnetId, Groups: [web] }),
  );
  const base = await group("base");
  const Subnets = [await subnet("10.0.2.0/24", "a"), await subnet("10.0.3.0/24", "c")];
  const balancer = { Name: "base", Scheme: "internal", Subnets } as const;
  await clients.elb.send(new CreateLoadBalancerCommand({ ...balancer, SecurityGroups: [base] }));
  const id = NetworkInterface?.NetworkInterfaceId ?? "";
  return { VpcId, web: { GroupId: web, id }, base: { GroupId: base, id: "base" } };
}

const ask = async (query: Record<string, string>) => {
  const url = `${engine.endpoint}/_neargate/explain?${new URLSearchParams(query)}`;
  const answer = await fetch(url);
  return { status: answer.status, body: (await answer.json()) as object };
};

/** What `neargate explain` prints and ends with. */
async function run(positionals: string[], options: Record<string, string | boolean> = {}) {
  const printed: string[] = [];
  const io = { out: (text: string) => void printed.push(text), err: () => {}, env: {} };
  const input = { positionals, options: { "state-dir": home, ...options } };
  const code = await explain.run(input, { ...io, isTerminal: false });
  return { code, text: printed.join("\n") };
}

describe("explain", () => {
  it("a rule and an ACL entry added by the API: the next answer follows them", async () => {
    const { VpcId, web, base } = await makeEnds();
    const question = { from: web.id, to: base.id, port: "5432" };
    const words = [web.id, base.id, "5432"];
    const shut = await ask(question);
    const stoppedBy = { stage: "security groups, in", at: base.GroupId };
    expect(shut).toMatchObject({ status: 200, body: { open: false, stoppedBy } });
    const stopped = await run(words);
    expect(stopped.code).toBe(1);
    expect(stopped.text).toContain("tcp 5432: does not get through");
    expect(stopped.text).toMatch(/STOP +security groups, in/);

    const from = { UserIdGroupPairs: [{ GroupId: web.GroupId }] };
    const IpPermissions = [{ IpProtocol: "tcp", FromPort: 5432, ToPort: 5432, ...from }];
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: base.GroupId, IpPermissions }),
    );
    expect(await ask(question)).toMatchObject({ body: { open: true } });
    const passed = await run(words);
    expect(passed.code).toBe(0);
    expect(passed.text).toContain("tcp 5432: gets through");
    expect((await run([web.id, base.id, "5433"])).code).toBe(1);
    expect((await run(words, { protocol: "udp" })).code).toBe(1);

    const Filters = [{ Name: "vpc-id", Values: [VpcId ?? ""] }];
    const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }));
    const deny = { Protocol: "-1", RuleAction: "deny", CidrBlock: "10.0.1.0/24" } as const;
    const NetworkAclId = NetworkAcls?.[0]?.NetworkAclId;
    const entry = { ...deny, NetworkAclId, RuleNumber: 1, Egress: false };
    await ec2.send(new CreateNetworkAclEntryCommand(entry));
    const { code, text } = await run(words, { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(text)).toEqual((await ask(question)).body);
    expect(JSON.parse(text).steps.at(-1).stage).toBe("network ACL, in");
  });

  it("a question without an end, about nobody, of no port: refused in words", async () => {
    const from = "eni-0123456789abcdef0";
    expect(await ask({ from })).toMatchObject({ status: 400 });
    expect(await ask({ from, to: "internet" })).toMatchObject({ status: 404 });
    expect(await ask({ from, to: "internet", port: "0" })).toMatchObject({ status: 400 });
    expect(await ask({ from, to: "internet", protocol: "gre" })).toMatchObject({ status: 400 });
    await expect(run([from, "internet"])).rejects.toThrow(from);
    await expect(run([from])).rejects.toThrow("say two ends");
  });
});

describe("what the network leaves out", () => {
  const id = (prefix: string) => `${prefix}-0123456789abcdef0`;
  const [SubnetId, RouteTableId] = [id("subnet"), id("rtb")];
  const VpcId = id("vpc");
  const block = "2001:db8::/56";
  const flows = { ResourceType: "VPC", TrafficType: "ALL" } as const;
  const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
    [
      "AmazonProvidedIpv6CidrBlock",
      () =>
        ec2.send(
          new CreateVpcCommand({ CidrBlock: "10.0.0.0/16", AmazonProvidedIpv6CidrBlock: true }),
        ),
    ],
    [
      "AssociateSubnetCidrBlock",
      () => ec2.send(new AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock: block })),
    ],
    [
      "CreateEgressOnlyInternetGateway",
      () => ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId })),
    ],
    [
      "DestinationIpv6CidrBlock",
      () => ec2.send(new CreateRouteCommand({ RouteTableId, DestinationIpv6CidrBlock: block })),
    ],
    [
      "GatewayId",
      () => ec2.send(new AssociateRouteTableCommand({ RouteTableId, GatewayId: id("igw") })),
    ],
    ...(["s3", "kinesis-data-firehose"] as const).map((LogDestinationType) => {
      const LogDestination = "arn:aws:s3:::flows";
      const input = { ...flows, ResourceIds: [VpcId], LogDestinationType, LogDestination };
      return [LogDestinationType, () => ec2.send(new CreateFlowLogsCommand(input))] as const;
    }),
  ];
  it.each(calls)("%s: 501 by name", async (name, call) => {
    await expect(call()).rejects.toMatchObject({
      message: expect.stringContaining(name),
      $metadata: { httpStatusCode: 501 },
    });
  });
});
