import {
  AddTagsCommand,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenerAttributesCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { type Bench, openBench } from "./testing.ts";

const makeBalancer = async ({ elb }: Bench, Name = "web"): Promise<string> => {
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

const makeGroup = async (
  { elb }: Bench,
  change: Partial<CreateTargetGroupCommandInput> = {},
): Promise<string> => {
  const { TargetGroups: [made] = [] } = await elb.send(
    new CreateTargetGroupCommand({ ...appGroup, ...change }),
  );
  return made?.TargetGroupArn ?? "";
};

const listen = async (
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

const healthOf = async ({ elb }: Bench, TargetGroupArn: string) => {
  const answer = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return answer.TargetHealthDescriptions?.map((one) => [
    one.Target?.Id,
    one.Target?.Port,
    one.Target?.AvailabilityZone,
    one.TargetHealth?.State,
    one.TargetHealth?.Reason,
  ]);
};

describe("CreateTargetGroup", () => {
  it("nothing but the needed: AWS's defaults, and no balancer yet", async () => {
    await using bench = await openBench();
    const TargetGroupArn = await makeGroup(bench);
    const { TargetGroups: [seen] = [] } = await bench.elb.send(
      new DescribeTargetGroupsCommand({ Names: ["app"] }),
    );
    expect(TargetGroupArn).toMatch(/:targetgroup\/app\/[0-9a-f]{16}$/);
    expect(seen).toEqual({
      TargetGroupArn,
      TargetGroupName: "app",
      Protocol: "HTTP",
      ProtocolVersion: "HTTP1",
      Port: 80,
      VpcId: "vpc-1",
      TargetType: "ip",
      IpAddressType: "ipv4",
      HealthCheckEnabled: true,
      HealthCheckProtocol: "HTTP",
      HealthCheckPort: "traffic-port",
      HealthCheckPath: "/",
      HealthCheckIntervalSeconds: 30,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: "200" },
      LoadBalancerArns: [],
    });
  });

  it("the same again: the one that exists; with other settings: refused", async () => {
    await using bench = await openBench();
    const first = await makeGroup(bench);
    expect(await makeGroup(bench)).toBe(first);
    await expect(makeGroup(bench, { Port: 81 })).rejects.toMatchObject({
      name: "DuplicateTargetGroupNameException",
    });
  });

  it.each([
    [{ VpcId: "vpc-9" }, "The VPC ID 'vpc-9' is not found"],
    [{ VpcId: undefined }, "A VPC ID must be specified"],
    [{ Port: undefined }, "A port must be specified"],
    [{ Port: 70000 }, "Member must have value less than or equal to 65535"],
    [{ TargetType: undefined }, "type 'instance'"],
    [{ Protocol: "TCP" as const }, "protocol 'TCP'"],
    [
      { HealthCheckTimeoutSeconds: 30 },
      "Health check timeout '30' must be smaller than the interval '30'",
    ],
    [{ HealthCheckIntervalSeconds: 4 }, "greater than or equal to 5"],
    [{ HealthCheckPath: "health" }, "must begin with a '/'"],
    [{ HealthyThresholdCount: 1 }, "greater than or equal to 2"],
    [{ Matcher: { HttpCode: "500" } }, "must be within '200-499'"],
    [{ Matcher: { HttpCode: "299-200" } }, "must be within '200-499'"],
    [{ HealthCheckEnabled: false }, "must be true"],
  ])("%o: refused", async (change, words) => {
    await using bench = await openBench();
    await expect(makeGroup(bench, change)).rejects.toThrow(words);
    const { TargetGroups } = await bench.elb.send(new DescribeTargetGroupsCommand({}));
    expect(TargetGroups).toEqual([]);
  });

  it("health checks and attributes are changed: only what was sent", async () => {
    await using bench = await openBench();
    const TargetGroupArn = await makeGroup(bench);
    const changed = await bench.elb.send(
      new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckPath: "/up" }),
    );
    expect(changed.TargetGroups?.[0]).toMatchObject({
      HealthCheckPath: "/up",
      HealthCheckIntervalSeconds: 30,
    });
    const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: "5" }];
    await bench.elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
    const { Attributes: given } = await bench.elb.send(
      new DescribeTargetGroupAttributesCommand({ TargetGroupArn }),
    );
    expect(given).toContainEqual(Attributes[0]);
    expect(given).toContainEqual({ Key: "stickiness.enabled", Value: "false" });
  });

  it("an unknown name or ARN: TargetGroupNotFound in AWS's words", async () => {
    await using bench = await openBench();
    const TargetGroupArns = [`${await makeGroup(bench)}0`];
    for (const input of [{ Names: ["none"] }, { TargetGroupArns }]) {
      await expect(bench.elb.send(new DescribeTargetGroupsCommand(input))).rejects.toMatchObject({
        name: "TargetGroupNotFoundException",
        message: "One or more target groups not found",
      });
    }
  });
});

describe("CreateListener", () => {
  it("forward: the action in both forms, and the group knows its balancer", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    const ListenerArn = await listen(bench, balancer, group);
    expect(ListenerArn).toMatch(/:listener\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
    const { Listeners } = await bench.elb.send(
      new DescribeListenersCommand({ LoadBalancerArn: balancer }),
    );
    const action = {
      Type: "forward",
      Order: 1,
      TargetGroupArn: group,
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: group, Weight: 1 }],
        TargetGroupStickinessConfig: { Enabled: false },
      },
    };
    expect(Listeners).toEqual([
      {
        ListenerArn,
        LoadBalancerArn: balancer,
        Port: 80,
        Protocol: "HTTP",
        DefaultActions: [action],
      },
    ]);
    const { Rules } = await bench.elb.send(new DescribeRulesCommand({ ListenerArn }));
    expect(Rules).toMatchObject([
      { Priority: "default", IsDefault: true, Conditions: [], Actions: [action] },
    ]);
    const byRule = await bench.elb.send(
      new DescribeRulesCommand({ RuleArns: [Rules?.[0]?.RuleArn ?? ""] }),
    );
    expect(byRule.Rules).toEqual(Rules);
    const { TargetGroups } = await bench.elb.send(
      new DescribeTargetGroupsCommand({ LoadBalancerArn: balancer }),
    );
    expect(TargetGroups?.[0]?.LoadBalancerArns).toEqual([balancer]);
    const attributes = await bench.elb.send(new DescribeListenerAttributesCommand({ ListenerArn }));
    expect(attributes.Attributes).toEqual([
      { Key: "routing.http.response.server.enabled", Value: "true" },
    ]);
  });

  it("the same port twice, a group of another balancer, a group in use deleted: refused", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    await listen(bench, balancer, group);
    await expect(listen(bench, balancer, group)).rejects.toMatchObject({
      name: "DuplicateListenerException",
      message: `A listener already exists on this port for this load balancer '${balancer}'`,
    });
    const other = await makeBalancer(bench, "other");
    await expect(listen(bench, other, group)).rejects.toMatchObject({
      name: "TargetGroupAssociationLimitException",
    });
    await expect(
      bench.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: group })),
    ).rejects.toMatchObject({
      name: "ResourceInUseException",
      message: `Target group '${group}' is currently in use by a listener or a rule`,
    });
  });

  it.each([
    [{ Protocol: "TCP" as const }, "not supported with a load balancer of type 'APPLICATION'"],
    [{ Protocol: "HTTPS" as const }, "Neargate does not implement"],
    [{ Port: 0 }, "greater than or equal to 1"],
    [{ DefaultActions: [{ Type: "forward" as const }] }, "A target group ARN must be specified"],
    [{ DefaultActions: [] }, "at least one default action"],
    [
      {
        DefaultActions: [
          { Type: "redirect" as const, RedirectConfig: { StatusCode: "HTTP_301" as const } },
        ],
      },
      "because it creates a loop",
    ],
    [
      {
        DefaultActions: [
          { Type: "fixed-response" as const, FixedResponseConfig: { StatusCode: "302" } },
        ],
      },
      "status code '302' is not valid",
    ],
  ])("%o: refused", async (change, words) => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    await expect(listen(bench, balancer, group, change)).rejects.toThrow(words);
  });

  it("an unknown group, or one of another VPC: refused", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    await expect(listen(bench, balancer, `${group}0`)).rejects.toMatchObject({
      name: "TargetGroupNotFoundException",
    });
    const foreign = await makeGroup(bench, { Name: "foreign", VpcId: "vpc-2" });
    await expect(listen(bench, balancer, foreign)).rejects.toThrow("in a different VPC");
  });

  it("modified, then deleted: the group follows", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    const ListenerArn = await listen(bench, balancer, group);
    const next = await makeGroup(bench, { Name: "next" });
    const { Listeners } = await bench.elb.send(
      new ModifyListenerCommand({
        ListenerArn,
        Port: 8080,
        DefaultActions: [
          {
            Type: "forward",
            ForwardConfig: {
              TargetGroups: [
                { TargetGroupArn: group, Weight: 9 },
                { TargetGroupArn: next, Weight: 1 },
              ],
            },
          },
        ],
      }),
    );
    expect(Listeners?.[0]).toMatchObject({ Port: 8080 });
    expect(Listeners?.[0]?.DefaultActions?.[0]?.TargetGroupArn).toBeUndefined();
    await bench.elb.send(new DeleteListenerCommand({ ListenerArn }));
    await expect(
      bench.elb.send(new DescribeListenersCommand({ ListenerArns: [ListenerArn] })),
    ).rejects.toMatchObject({ name: "ListenerNotFoundException" });
    await bench.elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: group }));
  });

  it("the balancer deleted: its listeners go, the group stays", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    await listen(bench, balancer, group);
    await bench.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer }));
    const { TargetGroups } = await bench.elb.send(new DescribeTargetGroupsCommand({}));
    expect(TargetGroups?.[0]?.LoadBalancerArns).toEqual([]);
  });
});

describe("targets", () => {
  it("registered before a listener: unused; after: initial; the zone is its subnet's", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    const register = (Targets: { Id: string; Port?: number }[]) =>
      bench.elb.send(new RegisterTargetsCommand({ TargetGroupArn: group, Targets }));
    await register([{ Id: "10.0.0.9" }]);
    expect(await healthOf(bench, group)).toEqual([
      ["10.0.0.9", 80, "ap-northeast-1a", "unused", "Target.NotInUse"],
    ]);
    await listen(bench, balancer, group);
    await register([{ Id: "10.0.2.9", Port: 8080 }]);
    expect((await healthOf(bench, group))?.[1]).toEqual([
      "10.0.2.9",
      8080,
      "ap-northeast-1c",
      "initial",
      "Elb.RegistrationInProgress",
    ]);
  });

  it("deregistered: draining; one that was never there: not registered", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    await listen(bench, balancer, group);
    const input = { TargetGroupArn: group, Targets: [{ Id: "10.0.0.9" }] };
    await bench.elb.send(new RegisterTargetsCommand(input));
    await bench.elb.send(new DeregisterTargetsCommand(input));
    expect((await healthOf(bench, group))?.[0]?.slice(3)).toEqual([
      "draining",
      "Target.DeregistrationInProgress",
    ]);
    const other = { TargetGroupArn: group, Targets: [{ Id: "10.0.0.77" }] };
    await bench.elb.send(new DeregisterTargetsCommand(other));
    const { TargetHealthDescriptions } = await bench.elb.send(
      new DescribeTargetHealthCommand(other),
    );
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toMatchObject({
      State: "unused",
      Reason: "Target.NotRegistered",
    });
  });

  it.each([
    ["8.8.8.8", undefined, "is not within a VPC CIDR"],
    ["192.168.1.1", undefined, "You must specify an Availability Zone of 'all'"],
    ["i-0123", undefined, "is not a valid IPv4 address"],
  ])("%s: refused", async (Id, AvailabilityZone, words) => {
    await using bench = await openBench();
    const TargetGroupArn = await makeGroup(bench);
    const Targets = [{ Id, AvailabilityZone }];
    await expect(
      bench.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets })),
    ).rejects.toThrow(words);
    expect(await healthOf(bench, TargetGroupArn)).toEqual([]);
  });
});

describe("tags", () => {
  it("added and taken away, on each kind of resource", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    const ResourceArns = [balancer, group, await listen(bench, balancer, group)];
    const Tags = [
      { Key: "env", Value: "dev" },
      { Key: "team", Value: "" },
    ];
    await bench.elb.send(new AddTagsCommand({ ResourceArns, Tags }));
    await bench.elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ["team"] }));
    const { TagDescriptions } = await bench.elb.send(new DescribeTagsCommand({ ResourceArns }));
    expect(TagDescriptions).toEqual(
      ResourceArns.map((ResourceArn) => ({ ResourceArn, Tags: [{ Key: "env", Value: "dev" }] })),
    );
  });

  it("a resource that does not exist: the kind's own error, and the others stay untouched", async () => {
    await using bench = await openBench();
    const group = await makeGroup(bench);
    const ResourceArns = [group, `${group}0`];
    await expect(
      bench.elb.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key: "a", Value: "b" }] })),
    ).rejects.toMatchObject({ name: "TargetGroupNotFoundException" });
    const { TagDescriptions } = await bench.elb.send(
      new DescribeTagsCommand({ ResourceArns: [group] }),
    );
    expect(TagDescriptions?.[0]?.Tags).toEqual([]);
  });
});
