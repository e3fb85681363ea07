import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { type Bench, listen, makeBalancer, makeGroup, openBench } from "./testing.ts";

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
