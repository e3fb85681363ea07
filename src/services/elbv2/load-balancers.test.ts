import {
  CreateLoadBalancerCommand,
  type CreateLoadBalancerCommandInput,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ModifyLoadBalancerAttributesCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { networkInterfaces, securityGroupVpcAssociations } from "../../state/tables/network.ts";
import { type Bench, openBench } from "./testing.ts";

const web: CreateLoadBalancerCommandInput = {
  Name: "web",
  Subnets: ["subnet-a", "subnet-c"],
  SecurityGroups: ["sg-web"],
};

const create = (bench: Bench, change: Partial<CreateLoadBalancerCommandInput> = {}) =>
  bench.elb.send(new CreateLoadBalancerCommand({ ...web, ...change }));

async function createdArn(bench: Bench): Promise<string> {
  const { LoadBalancers: [balancer] = [] } = await create(bench);
  return balancer?.LoadBalancerArn ?? "";
}

const interfacesOf = ({ cloud }: Bench) =>
  cloud.store.read((tx) => tx.table(networkInterfaces).list(cloud.scope));

describe("CreateLoadBalancer", () => {
  it("a new one: provisioning in its answer, active from then on", async () => {
    await using bench = await openBench();
    const { LoadBalancers: [made] = [] } = await create(bench);
    expect(made?.LoadBalancerArn).toMatch(
      /^arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
    );
    expect(made?.DNSName).toMatch(/^web-\d{10}\.ap-northeast-1\.elb\.localhost$/);
    expect(made).toMatchObject({
      State: { Code: "provisioning" },
      Scheme: "internet-facing",
      Type: "application",
      VpcId: "vpc-1",
      IpAddressType: "ipv4",
      CanonicalHostedZoneId: "Z14GRHDCWA56QT",
      SecurityGroups: ["sg-web"],
    });
    const seen = await bench.elb.send(new DescribeLoadBalancersCommand({ Names: ["web"] }));
    expect(seen.LoadBalancers?.[0]?.State?.Code).toBe("active");
    expect(seen.LoadBalancers?.[0]?.AvailabilityZones?.map((zone) => zone.ZoneName)).toEqual([
      "ap-northeast-1a",
      "ap-northeast-1c",
    ]);
  });

  it("its interfaces: one a subnet, described as AWS does, gone with it", async () => {
    await using bench = await openBench();
    const arn = await createdArn(bench);
    const id = arn.split("/").at(-1);
    const made = interfacesOf(bench);
    expect(made.map((one) => one.subnetId)).toEqual(["subnet-a", "subnet-c"]);
    for (const one of made) {
      expect(one.description).toBe(`ELB app/web/${id}`);
      expect(one.owner).toEqual({ type: "load-balancer", loadBalancerArn: arn });
      expect(one.groupIds).toEqual(["sg-web"]);
      expect(one.publicIp).toMatch(/^198\.1[89]\./);
    }
    await bench.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
    expect(interfacesOf(bench)).toEqual([]);
  });

  it("an internal one without groups: its name says so, the default group, no public address", async () => {
    await using bench = await openBench();
    const { LoadBalancers: [made] = [] } = await create(bench, {
      Scheme: "internal",
      SecurityGroups: [],
    });
    expect(made?.DNSName).toMatch(/^internal-web-/);
    expect(made?.SecurityGroups).toEqual(["sg-default"]);
    expect(interfacesOf(bench).map((one) => one.publicIp)).toEqual([undefined, undefined]);
  });

  it("the same again: the one that exists; with other settings: refused", async () => {
    await using bench = await openBench();
    const first = await createdArn(bench);
    expect(await createdArn(bench)).toBe(first);
    expect(interfacesOf(bench)).toHaveLength(2);
    await expect(create(bench, { SecurityGroups: ["sg-default"] })).rejects.toMatchObject({
      name: "DuplicateLoadBalancerNameException",
      message: "A load balancer with the same name 'web' exists, but with different settings",
    });
  });

  it("a group of another VPC that is associated with this one: its interfaces have it", async () => {
    await using bench = await openBench();
    const { store, scope } = bench.cloud;
    store.write((tx) =>
      tx.table(securityGroupVpcAssociations).put({ ...scope, groupId: "sg-other", vpcId: "vpc-1" }),
    );
    await create(bench, { SecurityGroups: ["sg-other"] });
    expect(interfacesOf(bench).map((one) => one.groupIds)).toEqual([["sg-other"], ["sg-other"]]);
  });

  it.each([
    [{ Subnets: ["subnet-a"] }, "ValidationError", "At least two subnets in two different"],
    [{ Subnets: ["subnet-a", "subnet-a2"] }, "ValidationError", "At least two subnets"],
    [{ Subnets: ["subnet-a", "subnet-a2", "subnet-c"] }, "InvalidConfigurationRequest", "multiple"],
    [{ Subnets: ["subnet-a", "subnet-y"] }, "InvalidConfigurationRequest", "same VPC"],
    [{ Subnets: ["subnet-a", "subnet-q"] }, "SubnetNotFound", "'subnet-q' does not exist"],
    [{ Subnets: ["subnet-a", "subnet-tiny"] }, "InvalidSubnet", "at least 8 free IP addresses"],
    [{ Subnets: ["subnet-x", "subnet-y"] }, "InvalidSubnet", "VPC vpc-2 has no internet gateway"],
    [{ SecurityGroups: ["sg-none"] }, "InvalidSecurityGroup", "'sg-none' does not exist"],
    [{ SecurityGroups: ["sg-other"] }, "InvalidConfigurationRequest", "does not belong to VPC"],
    [{ Name: "internal-web" }, "ValidationError", "cannot begin with 'internal-'"],
    [{ Name: "-web" }, "ValidationError", "cannot begin or end with a hyphen"],
    [{ Name: "w_b" }, "ValidationError", "alphanumeric"],
    [{ Name: "w".repeat(33) }, "ValidationError", "cannot be longer than '32' characters"],
    [{ Scheme: "public" as "internal" }, "ValidationError", "Member must satisfy enum value set"],
    [{ Type: "network" as const }, "InvalidAction", "type 'network'"],
  ])("%o: %s, and nothing is made", async (change, code, words) => {
    await using bench = await openBench();
    const error = await create(bench, change).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: expect.stringContaining(words) });
    expect((error as Error).name.replace(/Exception$/, "")).toBe(code);
    expect(interfacesOf(bench)).toEqual([]);
  });
});

describe("DescribeLoadBalancers", () => {
  it("a name that does not exist: LoadBalancerNotFound, not an empty list", async () => {
    await using bench = await openBench();
    await expect(
      bench.elb.send(new DescribeLoadBalancersCommand({ Names: ["web"] })),
    ).rejects.toMatchObject({
      name: "LoadBalancerNotFoundException",
      message: "Load balancers '[web]' not found",
    });
  });

  it("more than a page: a marker leads to the next", async () => {
    await using bench = await openBench();
    for (const Name of ["a", "b", "c"]) await create(bench, { Name });
    const first = await bench.elb.send(new DescribeLoadBalancersCommand({ PageSize: 2 }));
    const second = await bench.elb.send(
      new DescribeLoadBalancersCommand({ PageSize: 2, Marker: first.NextMarker }),
    );
    const names = [first, second].map((page) => page.LoadBalancers?.map((b) => b.LoadBalancerName));
    expect(names).toEqual([["a", "b"], ["c"]]);
    expect(second.NextMarker).toBeUndefined();
  });
});

describe("load balancer attributes", () => {
  it("the keys that Terraform's provider sends: all accepted and given back", async () => {
    await using bench = await openBench();
    const LoadBalancerArn = await createdArn(bench);
    const sent = {
      "access_logs.s3.enabled": "false",
      "connection_logs.s3.enabled": "false",
      "deletion_protection.enabled": "false",
      "zonal_shift.config.enabled": "false",
      "waf.fail_open.enabled": "false",
      "client_keep_alive.seconds": "3600",
      "idle_timeout.timeout_seconds": "120",
      "routing.http2.enabled": "true",
      "routing.http.preserve_host_header.enabled": "false",
      "routing.http.desync_mitigation_mode": "defensive",
      "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
      "routing.http.drop_invalid_header_fields.enabled": "false",
      "routing.http.xff_client_port.enabled": "false",
      "routing.http.xff_header_processing.mode": "append",
    };
    await bench.elb.send(
      new ModifyLoadBalancerAttributesCommand({
        LoadBalancerArn,
        Attributes: Object.entries(sent).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    const answer = await bench.elb.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
    );
    const given = Object.fromEntries(answer.Attributes?.map((one) => [one.Key, one.Value]) ?? []);
    expect(given).toMatchObject(sent);
  });

  it.each([
    ["no.such.key", "true", "Load balancer attribute key 'no.such.key' is not recognized"],
    ["toString", "true", "attribute key 'toString' is not recognized"],
    ["idle_timeout.timeout_seconds", "0", "attribute value '0' is invalid"],
    ["access_logs.s3.enabled", "true", "Neargate does not implement"],
  ])("%s = %s: refused, and the attributes stay", async (Key, Value, words) => {
    await using bench = await openBench();
    const LoadBalancerArn = await createdArn(bench);
    const changes = [
      { Key: "idle_timeout.timeout_seconds", Value: "99" },
      { Key, Value },
    ];
    await expect(
      bench.elb.send(
        new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: changes }),
      ),
    ).rejects.toThrow(words);
    const { Attributes } = await bench.elb.send(
      new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }),
    );
    expect(Attributes).toContainEqual({ Key: "idle_timeout.timeout_seconds", Value: "60" });
  });
});

describe("DeleteLoadBalancer", () => {
  it("deletion protection: refused; an unknown one: accepted; no ARN: refused", async () => {
    await using bench = await openBench();
    const LoadBalancerArn = await createdArn(bench);
    const Attributes = [{ Key: "deletion_protection.enabled", Value: "true" }];
    await bench.elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
    await expect(
      bench.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn })),
    ).rejects.toMatchObject({
      name: "OperationNotPermittedException",
      message: `Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
    });
    const unknown = `${LoadBalancerArn.slice(0, -1)}z`;
    await bench.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: unknown }));
    await expect(
      bench.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: "web" })),
    ).rejects.toThrow("'web' is not a valid load balancer ARN");
  });
});

describe("SetSecurityGroups", () => {
  it("new groups: on the balancer and on each of its interfaces", async () => {
    await using bench = await openBench();
    const LoadBalancerArn = await createdArn(bench);
    const answer = await bench.elb.send(
      new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: ["sg-default"] }),
    );
    expect(answer.SecurityGroupIds).toEqual(["sg-default"]);
    expect(interfacesOf(bench).map((one) => one.groupIds)).toEqual([
      ["sg-default"],
      ["sg-default"],
    ]);
  });
});

describe("SetSubnets", () => {
  it("another subnet: a node where there was none, the other kept, the one left taken away", async () => {
    await using bench = await openBench();
    const LoadBalancerArn = await createdArn(bench);
    const [, kept] = interfacesOf(bench);
    const answer = await bench.elb.send(
      new SetSubnetsCommand({ LoadBalancerArn, Subnets: ["subnet-a2", "subnet-c"] }),
    );
    expect(answer.AvailabilityZones?.map((zone) => zone.SubnetId)).toEqual([
      "subnet-a2",
      "subnet-c",
    ]);
    const now = interfacesOf(bench);
    expect(now.map((one) => one.subnetId).toSorted()).toEqual(["subnet-a2", "subnet-c"]);
    expect(now).toContainEqual(kept);
    await expect(
      bench.elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: ["subnet-x", "subnet-y"] })),
    ).rejects.toThrow("must belong to VPC 'vpc-1'");
  });
});
