import type { RunTaskRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { awsvpc, refusal, startTestEcs, webDefinition } from "./testing.ts";
import { run, runOne } from "./testing-tasks.ts";

const invalid = "InvalidParameterException: ";
const notYet = "UnknownOperationException: Neargate does not act on ";

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

  it("a definition for ARM64: its task has that processor", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const runtimePlatform = { cpuArchitecture: "ARM64" } as const;
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      runtimePlatform,
    });
    expect(taskDefinition?.runtimePlatform).toEqual(runtimePlatform);
    expect((await runOne(cloud)).attributes).toEqual([
      { name: "ecs.cpu-architecture", value: "arm64" },
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

  it("sizes overridden: the task, its containers and its storage have them", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const task = await runOne(cloud, {
      overrides: {
        cpu: "512",
        memory: "2 GB",
        ephemeralStorage: { sizeInGiB: 30 },
        containerOverrides: [{ name: "app", cpu: 128, memory: 1024, memoryReservation: 512 }],
      },
    });
    const sizes = { cpu: "128", memory: "1024", memoryReservation: "512" };
    expect(task).toMatchObject({
      cpu: "512",
      memory: "2048",
      ephemeralStorage: { sizeInGiB: 30 },
      containers: [sizes],
      overrides: {
        cpu: "512",
        memory: "2048",
        ephemeralStorage: { sizeInGiB: 30 },
        containerOverrides: [{ name: "app", cpu: 128, memory: 1024, memoryReservation: 512 }],
      },
    });
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

  it("a reference id: taken up to AWS's length, and part of what a token stands for", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const longest = { ...run, clientToken: "one", referenceId: "r".repeat(1024) };
    const { tasks: made } = await cloud.ecs.runTask(longest);
    expect(made).toHaveLength(1);
    expect(await refusal(cloud.ecs.runTask({ ...longest, referenceId: "r" }))).toBe(
      "ConflictException: The client token was used before with other parameters.",
    );
    expect(await refusal(runOne(cloud, { referenceId: "r".repeat(1025) }))).toBe(
      `${invalid}referenceId must be at most 1024 characters long.`,
    );
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
    "a size that Fargate does not have",
    { overrides: { cpu: "512" } },
    "ClientException: No Fargate configuration exists for given values.",
  ],
  [
    "a container larger than its task",
    { overrides: { containerOverrides: [{ name: "app", memory: 1024 }] } },
    "ClientException: The 'memory' setting for container 'app' is greater than for the task.",
  ],
  [
    "too little storage",
    { overrides: { ephemeralStorage: { sizeInGiB: 5 } } },
    "ClientException: EphemeralStorage size should be at least 21",
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
    "execute command without a task role",
    { enableExecuteCommand: true },
    `${invalid}The execute command failed because a valid task role is not being used. Specify a ` +
      "valid task role in your task definition or as a task override and try again.",
  ],
  [
    "constraints on placement",
    { placementConstraints: [{ type: "distinctInstance" }] },
    `${invalid}Placement constraints are not supported with FARGATE launch type.`,
  ],
  [
    "a placement strategy",
    { placementStrategy: [{ type: "spread", field: "host" }] },
    `${invalid}Placement strategies are not supported with FARGATE launch type.`,
  ],
  [
    "accelerators overridden",
    { overrides: { inferenceAcceleratorOverrides: [{ deviceName: "d", deviceType: "t" }] } },
    "ClientException: Unsupported field 'inferenceAcceleratorOverrides'",
  ],
  [
    "a GPU by override",
    {
      overrides: {
        containerOverrides: [{ name: "app", resourceRequirements: [{ type: "GPU", value: "1" }] }],
      },
    },
    "ClientException: Fargate compatible task definitions do not support resourceRequirements",
  ],
  [
    "an environment file that no ARN names, by override",
    {
      overrides: {
        containerOverrides: [{ name: "app", environmentFiles: [{ type: "s3", value: "bad" }] }],
      },
    },
    "ClientException: Invalid arn syntax.",
  ],
  [
    "an environment file by override",
    {
      overrides: {
        containerOverrides: [
          { name: "app", environmentFiles: [{ type: "s3", value: "arn:aws:s3:::b/a.env" }] },
        ],
      },
    },
    `${notYet}the member overrides.containerOverrides.environmentFiles of ecs:RunTask yet`,
  ],
  [
    "a client token that is too long",
    { clientToken: "x".repeat(65) },
    `${invalid}clientToken longer than 64.`,
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

describe("RunTask by capacity providers", () => {
  it("a placement strategy: refused as for the launch type", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.putClusterCapacityProviders({
      cluster: "shop",
      capacityProviders: ["FARGATE"],
      defaultCapacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }],
    });
    const placementStrategy = [{ type: "spread", field: "host" } as const];
    const launch = cloud.ecs.runTask({ ...run, launchType: undefined, placementStrategy });
    expect(await refusal(launch)).toBe(
      `${invalid}Placement strategies are not supported with FARGATE launch type.`,
    );
  });
});

describe("RunTask over a definition with secrets", () => {
  it("a variable with the name of a secret: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const secrets = [{ name: "A", valueFrom: "/a" }];
    await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      executionRoleArn: "arn:aws:iam::000000000000:role/execution",
      containerDefinitions: [{ name: "app", image: "nginx", secrets }],
    });
    const environment = [{ name: "A", value: "mine" }];
    const overrides = { containerOverrides: [{ name: "app", environment }] };
    const launch = cloud.ecs.runTask({ ...run, taskDefinition: "web", overrides });
    expect(await refusal(launch)).toBe(
      "ClientException: The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'A'.",
    );
  });
});
