import type { StopTaskRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { refusal, startTestEcs, type TestEcs, webDefinition } from "./testing.ts";
import { changeTask, run, runOne } from "./testing-tasks.ts";

const invalid = "InvalidParameterException: ";

const idOf = (taskArn: string | undefined): string => taskArn?.split("/").at(-1) ?? "";

describe("StopTask", () => {
  const stop = ({ ecs }: TestEcs, input: Partial<StopTaskRequest>) =>
    ecs.stopTask({ cluster: "shop", task: undefined, ...input });

  it("by its id, with a reason: to be stopped, the reason as given", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn } = await runOne(cloud);
    changeTask(cloud, taskArn, { lastStatus: "RUNNING" });
    await cloud.cloud.clock.advance(5000);
    const { task } = await stop(cloud, { task: idOf(taskArn), reason: "enough" });
    expect(task).toMatchObject({
      taskArn,
      desiredStatus: "STOPPED",
      lastStatus: "RUNNING",
      stopCode: "UserInitiated",
      stoppedReason: "enough",
      stoppingAt: new Date(cloud.cloud.clock.now()),
    });
  });

  it("without a reason: stopped by user; stopping again changes nothing", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn } = await runOne(cloud);
    await stop(cloud, { task: taskArn });
    const { task } = await stop(cloud, { task: taskArn, reason: "again" });
    expect(task?.stoppedReason).toBe("Task stopped by user");
  });

  it("a task that is STOPPED: given back as it is", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn } = await runOne(cloud);
    const ended = { code: "EssentialContainerExited", reason: "it ended", at: 1 } as const;
    changeTask(cloud, taskArn, { lastStatus: "STOPPED", desiredStatus: "STOPPED", stop: ended });
    const { task } = await stop(cloud, { task: taskArn });
    expect(task?.stoppedReason).toBe("it ended");
  });

  it("an unknown task: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    expect(await refusal(stop(cloud, { task: "0".repeat(32) }))).toBe(
      `${invalid}The referenced task was not found.`,
    );
  });
});

describe("DescribeTasks", () => {
  it("a task with its interface: address, identifiers and times are shown", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn, attachments } = await runOne(cloud);
    const [attachmentId = ""] = attachments?.map((attachment) => attachment.id ?? "") ?? [];
    changeTask(cloud, taskArn, {
      lastStatus: "RUNNING",
      connectivityAt: 1000,
      pullStartedAt: 2000,
      pullStoppedAt: 3000,
      startedAt: 4000,
      attachment: {
        id: attachmentId,
        status: "ATTACHED",
        subnetId: "subnet-a",
        networkInterfaceId: "eni-1",
        macAddress: "02:00:00:00:00:01",
        privateDnsName: "ip-10-0-0-5.ap-northeast-1.compute.internal",
        privateIp: "10.0.0.5",
      },
    });
    const { tasks: found } = await cloud.ecs.describeTasks({
      cluster: "shop",
      tasks: [idOf(taskArn)],
    });
    expect(found?.[0]).toMatchObject({
      connectivity: "CONNECTED",
      connectivityAt: new Date(1000),
      pullStartedAt: new Date(2000),
      pullStoppedAt: new Date(3000),
      startedAt: new Date(4000),
      attachments: [
        {
          status: "ATTACHED",
          details: [
            { name: "subnetId", value: "subnet-a" },
            { name: "networkInterfaceId", value: "eni-1" },
            { name: "macAddress", value: "02:00:00:00:00:01" },
            { name: "privateDnsName", value: "ip-10-0-0-5.ap-northeast-1.compute.internal" },
            { name: "privateIPv4Address", value: "10.0.0.5" },
          ],
        },
      ],
      containers: [{ networkInterfaces: [{ attachmentId, privateIpv4Address: "10.0.0.5" }] }],
    });
  });

  it("an unknown id: MISSING by its full ARN", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const id = "0".repeat(32);
    const answer = await cloud.ecs.describeTasks({ cluster: "shop", tasks: [id] });
    const arn = `arn:aws:ecs:ap-northeast-1:000000000000:task/shop/${id}`;
    expect(answer).toMatchObject({ tasks: [], failures: [{ arn, reason: "MISSING" }] });
  });

  it("none, or more than a hundred: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const describe = (ids: string[]) =>
      refusal(cloud.ecs.describeTasks({ cluster: "shop", tasks: ids }));
    expect(await describe([])).toBe(`${invalid}Tasks cannot be empty.`);
    const many = Array.from({ length: 101 }, (_, at) => String(at));
    expect(await describe(many)).toBe(`${invalid}tasks can have at most 100 items.`);
  });

  it("tags: empty unless asked for", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn = "" } = await runOne(cloud, { tags: [{ key: "a", value: "b" }] });
    const asked = { cluster: "shop", tasks: [taskArn] };
    expect((await cloud.ecs.describeTasks(asked)).tasks?.[0]?.tags).toEqual([]);
    const include = ["TAGS" as const];
    const { tasks: tagged } = await cloud.ecs.describeTasks({ ...asked, include });
    expect(tagged?.[0]?.tags).toEqual([{ key: "a", value: "b" }]);
  });
});

describe("ListTasks", () => {
  it("each filter: only the tasks it names", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { ecs } = cloud;
    await ecs.registerTaskDefinition({ ...webDefinition, family: "job" });
    const web = (await runOne(cloud)).taskArn;
    const job = (await runOne(cloud, { taskDefinition: "job", startedBy: "cron" })).taskArn;
    const gone = (await runOne(cloud)).taskArn;
    await ecs.stopTask({ cluster: "shop", task: gone });
    const { service } = await ecs.createService({ ...run, serviceName: "web" });
    changeTask(cloud, web, { serviceArn: service?.serviceArn });
    const list = async (filters: object) =>
      (await ecs.listTasks({ cluster: "shop", ...filters })).taskArns;
    expect(await list({})).toEqual([web, job]);
    expect(await list({ family: "job" })).toEqual([job]);
    expect(await list({ startedBy: "cron" })).toEqual([job]);
    expect(await list({ serviceName: "web" })).toEqual([web]);
    expect(await list({ desiredStatus: "STOPPED" })).toEqual([gone]);
    expect(await list({ desiredStatus: "PENDING" })).toEqual([]);
    expect(await list({ launchType: "EC2" })).toEqual([]);
    expect(await list({ containerInstance: "i-0" })).toEqual([]);
    expect(await list({ maxResults: 1 })).toEqual([[web, job].toSorted()[0]]);
  });

  it("what cannot be asked: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const list = (filters: object) => refusal(cloud.ecs.listTasks({ cluster: "shop", ...filters }));
    expect(await list({ startedBy: "cron", family: "web" })).toBe(
      `${invalid}startedBy can not be combined with other filters.`,
    );
    expect(await list({ serviceName: "gone" })).toBe(
      "ServiceNotFoundException: Service not found.",
    );
  });
});
