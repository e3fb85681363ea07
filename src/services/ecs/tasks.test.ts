import type { RunTaskRequest, StopTaskRequest, Task as TaskView } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import type { Task } from "../../model/ecs.ts";
import { tasks } from "../../state/tables/ecs.ts";
import {
  awsvpc,
  networkConfiguration,
  refusal,
  startTestEcs,
  type TestEcs,
  webDefinition,
} from "./testing.ts";

const run: RunTaskRequest = {
  cluster: "shop",
  taskDefinition: "web",
  launchType: "FARGATE",
  networkConfiguration,
};
const invalid = "InvalidParameterException: ";
const notYet = "UnknownOperationException: Neargate does not act on ";

const runOne = async ({ ecs }: TestEcs, more: Partial<RunTaskRequest> = {}): Promise<TaskView> => {
  const { tasks: made } = await ecs.runTask({ ...run, ...more });
  if (!made?.[0]) throw new Error("no task was run");
  return made[0];
};

/** What the loops do to a task. */
const change = ({ cloud }: TestEcs, taskArn: string | undefined, values: Partial<Task>): void =>
  cloud.store.write((tx) => {
    const task = tx.table(tasks).get(cloud.scope, taskArn ?? "");
    if (task) tx.table(tasks).put({ ...task, ...values });
  });

const idOf = (taskArn: string | undefined): string => taskArn?.split("/").at(-1) ?? "";

describe("RunTask", () => {
  it("one task: PROVISIONING, its interface planned in a subnet and nothing made yet", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { tasks: made, failures } = await cloud.ecs.runTask(run);
    expect(failures).toEqual([]);
    const prefix = "arn:aws:ecs:ap-northeast-1:000000000000";
    const taskArn = expect.stringMatching(new RegExp(`^${prefix}:task/shop/[0-9a-f]{32}$`));
    expect(made).toEqual([
      {
        attachments: [
          {
            id: expect.stringMatching(/^[0-9a-f-]{36}$/),
            type: "ElasticNetworkInterface",
            status: "PRECREATED",
            details: [{ name: "subnetId", value: "subnet-a" }],
          },
        ],
        attributes: [{ name: "ecs.cpu-architecture", value: "x86_64" }],
        availabilityZone: "ap-northeast-1a",
        clusterArn: `${prefix}:cluster/shop`,
        containers: [
          {
            containerArn: expect.stringMatching(
              new RegExp(`^${prefix}:container/shop/[0-9a-f]{32}/[0-9a-f-]{36}$`),
            ),
            taskArn,
            name: "app",
            image: "nginx",
            lastStatus: "PENDING",
            networkBindings: [],
            networkInterfaces: [],
            healthStatus: "UNKNOWN",
            cpu: "0",
          },
        ],
        cpu: "256",
        createdAt: new Date(cloud.cloud.clock.now()),
        desiredStatus: "RUNNING",
        enableExecuteCommand: false,
        group: "family:web",
        healthStatus: "UNKNOWN",
        inferenceAccelerators: [],
        lastStatus: "PROVISIONING",
        launchType: "FARGATE",
        memory: "512",
        overrides: { containerOverrides: [{ name: "app" }], inferenceAcceleratorOverrides: [] },
        platformVersion: "1.4.0",
        platformFamily: "Linux",
        tags: [],
        taskArn,
        taskDefinitionArn: `${prefix}:task-definition/web:1`,
        version: 1,
        ephemeralStorage: { sizeInGiB: 20 },
        fargateEphemeralStorage: { sizeInGiB: 20 },
      },
    ]);
  });

  it("five tasks, then one more: spread over the zones, call after call", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { tasks: made } = await cloud.ecs.runTask({ ...run, count: 5 });
    const zones = made?.map((task) => task.availabilityZone?.at(-1)).sort();
    expect(zones).toEqual(["a", "a", "a", "c", "c"]);
    expect((await runOne(cloud)).availabilityZone).toBe("ap-northeast-1c");
  });

  it("overrides: kept and shown by container, variables merged by name", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const task = await runOne(cloud, {
      overrides: {
        containerOverrides: [
          { name: "app", command: ["sleep"], environment: [{ name: "A", value: "1" }] },
          {
            name: "app",
            environment: [
              { name: "A", value: "2" },
              { name: "B", value: "3" },
            ],
          },
        ],
      },
    });
    expect(task.overrides?.containerOverrides).toEqual([
      {
        name: "app",
        command: ["sleep"],
        environment: [
          { name: "A", value: "2" },
          { name: "B", value: "3" },
        ],
      },
    ]);
  });

  it("tags: the task's own win over the definition's, AWS's come with them", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const tags = [
      { key: "team", value: "definition" },
      { key: "cost", value: "1" },
    ];
    await cloud.ecs.registerTaskDefinition({ ...webDefinition, tags });
    const task = await runOne(cloud, {
      tags: [{ key: "team", value: "own" }],
      propagateTags: "TASK_DEFINITION",
      enableECSManagedTags: true,
      group: "batch",
      startedBy: "cron/nightly",
    });
    expect(task).toMatchObject({ group: "batch", startedBy: "cron/nightly" });
    expect(task.tags).toEqual([
      { key: "aws:ecs:clusterName", value: "shop" },
      { key: "team", value: "own" },
      { key: "cost", value: "1" },
    ]);
  });

  it("the same token and parameters: the same task; other parameters: a conflict naming it", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const first = await runOne(cloud, { clientToken: "once" });
    const second = await runOne(cloud, { clientToken: "once" });
    expect(second.taskArn).toBe(first.taskArn);
    const conflict = cloud.ecs.runTask({ ...run, clientToken: "once", count: 2 });
    await expect(conflict).rejects.toMatchObject({
      name: "ConflictException",
      resourceIds: [first.taskArn],
    });
  });
});

const refusals: readonly (readonly [string, object, string])[] = [
  ["an unknown cluster", { cluster: "gone" }, "ClusterNotFoundException: Cluster not found."],
  ["no tasks", { count: 0 }, `${invalid}count must be between 1 and 10.`],
  ["eleven tasks", { count: 11 }, `${invalid}count must be between 1 and 10.`],
  ["an unknown definition", { taskDefinition: "x" }, "ClientException: TaskDefinition not found."],
  [
    "a deregistered definition",
    { taskDefinition: "old:1" },
    `${invalid}TaskDefinition is inactive`,
  ],
  [
    "no network",
    { networkConfiguration: undefined },
    `${invalid}Network Configuration must be provided when networkMode 'awsvpc' is specified.`,
  ],
  [
    "an unknown subnet",
    { networkConfiguration: { awsvpcConfiguration: { ...awsvpc, subnets: ["subnet-x"] } } },
    `${invalid}Error retrieving subnet information for [subnet-x]: The subnet ID 'subnet-x' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
  ],
  [
    "an override of no container",
    { overrides: { containerOverrides: [{ name: "x" }] } },
    `${invalid}Override for container named x is not a container in the TaskDefinition.`,
  ],
  [
    "overrides that are too long",
    { overrides: { containerOverrides: [{ name: "app", command: ["x".repeat(8192)] }] } },
    `${invalid}Container Overrides length must be at most 8192`,
  ],
  [
    "another size",
    { overrides: { cpu: "512" } },
    `${notYet}the member overrides.cpu of ecs:RunTask yet`,
  ],
  [
    "a service's group",
    { group: "service:web" },
    `${invalid}The group name prefix 'service:' is reserved for services.`,
  ],
  [
    "a starter with a space",
    { startedBy: "a b" },
    `${invalid}startedBy contains invalid characters.`,
  ],
  [
    "a service's tags",
    { propagateTags: "SERVICE" },
    `${invalid}propagateTags SERVICE is only valid for services.`,
  ],
  ["no launch type", { launchType: undefined }, `${notYet}launch type EC2 yet`],
  [
    "execute command",
    { enableExecuteCommand: true },
    `${notYet}the member enableExecuteCommand of ecs:RunTask yet`,
  ],
  [
    "an AWS tag",
    { tags: [{ key: "aws:x", value: "" }] },
    `${invalid}Tag keys must not start with aws:.`,
  ],
];

describe("a task that cannot be", () => {
  it.each(refusals)("%s: refused, and nothing is made", async (_, values, expected) => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.registerTaskDefinition({ ...webDefinition, family: "old" });
    await cloud.ecs.deregisterTaskDefinition({ taskDefinition: "old:1" });
    const input = { ...run, ...values } as RunTaskRequest;
    expect(await refusal(cloud.ecs.runTask(input))).toBe(expected);
    expect((await cloud.ecs.listTasks({ cluster: "shop" })).taskArns).toEqual([]);
  });
});

describe("StopTask", () => {
  const stop = ({ ecs }: TestEcs, input: Partial<StopTaskRequest>) =>
    ecs.stopTask({ cluster: "shop", task: undefined, ...input });

  it("by its id, with a reason: to be stopped, the reason as given", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn } = await runOne(cloud);
    change(cloud, taskArn, { lastStatus: "RUNNING" });
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
    change(cloud, taskArn, { lastStatus: "STOPPED", desiredStatus: "STOPPED", stop: ended });
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
    change(cloud, taskArn, {
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
    change(cloud, web, { serviceArn: service?.serviceArn });
    const list = async (filters: object) =>
      (await ecs.listTasks({ cluster: "shop", ...filters })).taskArns;
    expect(await list({})).toEqual([web, job]);
    expect(await list({ family: "job" })).toEqual([job]);
    expect(await list({ startedBy: "cron" })).toEqual([job]);
    expect(await list({ serviceName: "web" })).toEqual([web]);
    expect(await list({ desiredStatus: "STOPPED" })).toEqual([gone]);
    expect(await list({ desiredStatus: "PENDING" })).toEqual([]);
    expect(await list({ launchType: "EC2" })).toEqual([]);
    expect(await list({ maxResults: 1 })).toEqual([web]);
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
    expect(await list({ containerInstance: "i" })).toBe(
      `${notYet}the member containerInstance of ecs:ListTasks yet`,
    );
  });
});
