/** What a launch says, at once and later, when something of it is not to be had. */
import { describe, expect, it } from "vitest";
import { type EngineAccount, openEngineAccount } from "./support/engine-account.ts";

/** A subnet with 11 free addresses, the smallest there is. */
async function openSmallSubnet({ ec2 }: EngineAccount): Promise<string> {
  const { Vpcs } = await ec2.describeVpcs({});
  const place = { VpcId: Vpcs?.[0]?.VpcId, CidrBlock: "172.31.240.0/28" };
  const { Subnet } = await ec2.createSubnet(place);
  return Subnet?.SubnetId ?? "";
}

const noAddress = (subnet: string): string =>
  `Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet '${subnet}': InsufficientFreeAddressesInSubnet`;

describe("a subnet without a free address", () => {
  it("RunTask accepts the tasks, and the one too many stops for it; freed, the address is used", async () => {
    await using cloud = await openEngineAccount();
    const subnet = await openSmallSubnet(cloud);
    await cloud.register({});
    const run = (count: number) =>
      cloud.ecs.runTask({
        cluster: "main",
        taskDefinition: "app",
        launchType: "FARGATE",
        count,
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [subnet], assignPublicIp: "ENABLED" },
        },
      });
    const made = [await run(10), await run(2)];
    expect(made.map(({ failures }) => failures)).toEqual([[], []]);
    await cloud.engine.advance(60_000);
    const arns = made.flatMap(({ tasks }) => tasks?.map(({ taskArn = "" }) => taskArn) ?? []);
    const { tasks } = await cloud.ecs.describeTasks({ cluster: "main", tasks: arns });
    expect(tasks?.filter(({ lastStatus }) => lastStatus === "RUNNING")).toHaveLength(11);
    const stopped = tasks?.filter(({ lastStatus }) => lastStatus === "STOPPED");
    expect(stopped).toMatchObject([
      { stopCode: "TaskFailedToStart", stoppedReason: noAddress(subnet), desiredStatus: "STOPPED" },
    ]);
    expect(stopped?.[0]?.attachments?.[0]?.details).toEqual([{ name: "subnetId", value: subnet }]);
    await cloud.ecs.stopTask({ cluster: "main", task: arns[0] });
    await cloud.engine.advance(60_000);
    const again = (await run(1)).tasks?.[0]?.taskArn ?? "";
    await cloud.engine.advance(60_000);
    expect((await cloud.describe(again)).lastStatus).toBe("RUNNING");
  });

  it("a service there: its events say so, and it fills up when addresses are free", async () => {
    await using cloud = await openEngineAccount();
    const subnet = await openSmallSubnet(cloud);
    await cloud.register({});
    await cloud.ecs.createService({
      cluster: "main",
      serviceName: "web",
      taskDefinition: "app",
      desiredCount: 12,
      launchType: "FARGATE",
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [subnet], assignPublicIp: "ENABLED" },
      },
    });
    await cloud.engine.advance(60_000);
    const service = async () =>
      (await cloud.ecs.describeServices({ cluster: "main", services: ["web"] })).services?.[0];
    const short = await service();
    expect(short?.runningCount).toBe(11);
    expect(short?.events?.map(({ message }) => message)).toContain(
      `(service web) was unable to place a task. Reason: ${noAddress(subnet)}.`,
    );
    await cloud.ecs.updateService({ cluster: "main", service: "web", desiredCount: 11 });
    await cloud.engine.advance(120_000);
    expect(await service()).toMatchObject({ runningCount: 11, pendingCount: 0 });
  });
});

describe("tasks that there are not", () => {
  it("described: MISSING under their whole ARNs; stopped: an exception", async () => {
    await using cloud = await openEngineAccount();
    const id = "0123456789abcdef0123456789abcdef";
    const { tasks, failures } = await cloud.ecs.describeTasks({ cluster: "main", tasks: [id] });
    const arn = `arn:aws:ecs:ap-northeast-1:000000000000:task/main/${id}`;
    expect({ tasks, failures }).toEqual({ tasks: [], failures: [{ arn, reason: "MISSING" }] });
    await expect(cloud.ecs.stopTask({ cluster: "main", task: id })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "The referenced task was not found.",
    });
  });
});
