import {
  DeleteListenerCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenerAttributesCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { listen, makeBalancer, makeGroup, openBench } from "./testing.ts";

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
      "Value '302' at 'defaultActions.1.member.fixedResponseConfig.statusCode' failed",
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
