import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { makeGroup, openBench } from "./testing.ts";

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
