import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { refusal, startTestEcs, webDefinition } from "./testing.ts";
import { run } from "./testing-tasks.ts";

const arn = "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web";
const role = "arn:aws:iam::000000000000:role/execution";
const ecrImage = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/app:v1";
const logConfiguration = {
  logDriver: "awslogs" as const,
  options: { "awslogs-group": "/app", "awslogs-region": "ap-northeast-1" },
};
const withPrefix = {
  ...logConfiguration,
  options: { ...logConfiguration.options, "awslogs-stream-prefix": "app" },
};

const container0 = { name: "app", image: "nginx" };

describe("registering", () => {
  it("a Fargate definition: everything that was left out is filled in", async () => {
    await using cloud = await startTestEcs();
    const { taskDefinition, tags } = await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      executionRoleArn: role,
      containerDefinitions: [
        {
          name: "app",
          image: ecrImage,
          portMappings: [{ containerPort: 8080 }],
          logConfiguration: withPrefix,
        },
      ],
    });
    expect(tags).toBeUndefined();
    expect(taskDefinition).toEqual({
      taskDefinitionArn: `${arn}:1`,
      containerDefinitions: [
        {
          name: "app",
          image: ecrImage,
          cpu: 0,
          portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
          essential: true,
          environment: [],
          mountPoints: [],
          volumesFrom: [],
          logConfiguration: withPrefix,
          systemControls: [],
        },
      ],
      family: "web",
      executionRoleArn: role,
      networkMode: "awsvpc",
      revision: 1,
      volumes: [],
      status: "ACTIVE",
      requiresAttributes: expect.arrayContaining([{ name: "ecs.capability.task-eni" }]),
      placementConstraints: [],
      compatibilities: ["EC2", "MANAGED_INSTANCES", "FARGATE"],
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      registeredAt: new Date(cloud.cloud.clock.now()),
      registeredBy: "arn:aws:iam::000000000000:root",
    });
  });

  it("a range of ports: shown as it is, with its protocol", async () => {
    await using cloud = await startTestEcs();
    const portMappings = [{ containerPortRange: "8000-8010" }, { containerPort: 80 }];
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      containerDefinitions: [{ ...container0, portMappings }],
    });
    expect(taskDefinition?.containerDefinitions?.[0]?.portMappings).toEqual([
      { containerPortRange: "8000-8010", protocol: "tcp" },
      { containerPort: 80, hostPort: 80, protocol: "tcp" },
    ]);
  });

  it("lists that are given empty, as consoles and earlier answers have them: shown as they were", async () => {
    await using cloud = await startTestEcs();
    const lists = {
      command: [],
      entryPoint: [],
      links: [],
      dnsServers: [],
      dnsSearchDomains: [],
      extraHosts: [],
      dockerSecurityOptions: [],
      environmentFiles: [],
      credentialSpecs: [],
      secrets: [],
      resourceRequirements: [],
      ulimits: [],
      dockerLabels: {},
      logConfiguration: { ...withPrefix, secretOptions: [] },
    };
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      executionRoleArn: role,
      inferenceAccelerators: [],
      placementConstraints: [],
      volumes: [],
      containerDefinitions: [{ ...container0, ...lists }],
    });
    expect(taskDefinition?.containerDefinitions?.[0]).toMatchObject(lists);
    expect(taskDefinition).toMatchObject({
      compatibilities: ["EC2", "MANAGED_INSTANCES", "FARGATE"],
      volumes: [],
    });
    // What was answered can be registered again.
    const again = await cloud.ecs.registerTaskDefinition({
      ...taskDefinition,
      family: "again",
      requiresAttributes: undefined,
    } as RegisterTaskDefinitionRequest);
    expect(again.taskDefinition?.containerDefinitions).toEqual(
      taskDefinition?.containerDefinitions,
    );
  });

  it("what is given as no, as empty or in part: given back so, and Fargate takes it", async () => {
    await using cloud = await startTestEcs();
    const given: Partial<ContainerDefinition> = {
      ...{ privileged: false, disableNetworking: false, interactive: false },
      ...{ pseudoTerminal: false, readonlyRootFilesystem: false, dependsOn: [] },
      linuxParameters: { initProcessEnabled: false, devices: [], tmpfs: [] },
      ...{ user: "", workingDirectory: "" },
      restartPolicy: { enabled: true },
    };
    const dropping = { linuxParameters: { capabilities: { drop: ["ALL"] } } };
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      containerDefinitions: [
        { ...container0, ...given },
        { ...container0, ...dropping, name: "side" },
      ],
    });
    const [app, side] = taskDefinition?.containerDefinitions ?? [];
    expect(app).toMatchObject(given);
    expect(app?.restartPolicy).toEqual({ enabled: true });
    expect(side?.linuxParameters).toEqual(dropping.linuxParameters);
    expect(taskDefinition?.compatibilities).toContain("FARGATE");
    expect(taskDefinition?.requiresAttributes).not.toContainEqual({
      name: "com.amazonaws.ecs.capability.privileged-container",
    });
  });

  it("every setting of a container's process: given back, health checks with their defaults", async () => {
    await using cloud = await startTestEcs();
    const settings: Partial<ContainerDefinition> = {
      startTimeout: 60,
      stopTimeout: 120,
      restartPolicy: { enabled: true, ignoredExitCodes: [0], restartAttemptPeriod: 60 },
      linuxParameters: {
        initProcessEnabled: true,
        capabilities: { add: ["SYS_PTRACE"], drop: ["NET_RAW"] },
        tmpfs: [{ containerPath: "/run", size: 16, mountOptions: ["noexec", "mode=0755"] }],
      },
      readonlyRootFilesystem: true,
      pseudoTerminal: true,
      interactive: true,
      ulimits: [{ name: "nofile", softLimit: 10, hardLimit: 20 }],
      systemControls: [{ namespace: "net.core.somaxconn", value: "512" }],
      dockerLabels: { team: "shop" },
      mountPoints: [{ sourceVolume: "data", containerPath: "/data", readOnly: false }],
    };
    const side = {
      ...container0,
      name: "side",
      dependsOn: [{ containerName: "app", condition: "HEALTHY" as const }],
      volumesFrom: [{ sourceContainer: "app", readOnly: true }],
    };
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      volumes: [{ name: "data" }],
      containerDefinitions: [
        {
          ...container0,
          ...settings,
          healthCheck: { command: ["CMD-SHELL", "true"] },
        },
        side,
      ],
    });
    expect(taskDefinition?.volumes).toEqual([{ name: "data", host: {} }]);
    expect(taskDefinition?.containerDefinitions).toMatchObject([
      {
        ...settings,
        healthCheck: { command: ["CMD-SHELL", "true"], interval: 30, timeout: 5, retries: 3 },
      },
      side,
    ]);
    expect(taskDefinition?.requiresAttributes).toEqual(
      expect.arrayContaining([
        { name: "ecs.capability.container-health-check" },
        { name: "ecs.capability.container-ordering" },
      ]),
    );
  });

  it("sizes in vCPU and GB: stored in units and MiB", async () => {
    await using cloud = await startTestEcs();
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      cpu: ".25 vCPU",
      memory: "1 GB",
    });
    expect(taskDefinition).toMatchObject({ cpu: "256", memory: "1024" });
  });

  it("the same definition again: a new revision", async () => {
    await using cloud = await startTestEcs();
    await cloud.ecs.registerTaskDefinition(webDefinition);
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition(webDefinition);
    expect(taskDefinition?.taskDefinitionArn).toBe(`${arn}:2`);
  });

  it("empty lists and false for what is not built: taken", async () => {
    await using cloud = await startTestEcs();
    const container = {
      ...container0,
      secrets: [],
      dependsOn: [],
      mountPoints: [],
      readonlyRootFilesystem: false,
      privileged: false,
      ulimits: [],
      environmentFiles: [],
    };
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      ...webDefinition,
      volumes: [],
      placementConstraints: [],
      containerDefinitions: [container],
    });
    expect(taskDefinition?.revision).toBe(1);
  });
});

describe("revisions", () => {
  it("a family without revision: the latest ACTIVE one", async () => {
    await using cloud = await startTestEcs();
    await cloud.ecs.registerTaskDefinition(webDefinition);
    await cloud.ecs.registerTaskDefinition(webDefinition);
    await cloud.ecs.deregisterTaskDefinition({ taskDefinition: "web:2" });
    const { taskDefinition } = await cloud.ecs.describeTaskDefinition({ taskDefinition: "web" });
    expect(taskDefinition?.revision).toBe(1);
  });

  it("a deregistered revision: INACTIVE, stamped, still found by its ARN, never used again", async () => {
    await using cloud = await startTestEcs();
    await cloud.ecs.registerTaskDefinition(webDefinition);
    await cloud.ecs.deregisterTaskDefinition({ taskDefinition: `${arn}:1` });
    const { taskDefinition } = await cloud.ecs.describeTaskDefinition({
      taskDefinition: `${arn}:1`,
    });
    expect(taskDefinition?.status).toBe("INACTIVE");
    expect(taskDefinition?.deregisteredAt).toEqual(new Date(cloud.cloud.clock.now()));
    const again = await cloud.ecs.registerTaskDefinition(webDefinition);
    expect(again.taskDefinition?.revision).toBe(2);
  });

  it("tags: shown when asked for, beside the definition", async () => {
    await using cloud = await startTestEcs();
    const tags = [{ key: "team", value: "web" }];
    await cloud.ecs.registerTaskDefinition({ ...webDefinition, tags });
    const asked = { taskDefinition: "web", include: ["TAGS" as const] };
    expect((await cloud.ecs.describeTaskDefinition(asked)).tags).toEqual(tags);
    const plain = await cloud.ecs.describeTaskDefinition({ taskDefinition: "web" });
    expect(plain.tags).toBeUndefined();
  });

  it.each([
    ["gone", "ClientException: Unable to describe task definition."],
    ["web:7", "ClientException: Unable to describe task definition."],
    ["web:foo", "InvalidParameterException: Invalid revision number. Number: foo"],
    [
      "arn:aws:ecs:us-east-1:000000000000:task-definition/web:1",
      "ClientException: Unable to describe task definition.",
    ],
  ])("described by %s: %s", async (taskDefinition, expected) => {
    await using cloud = await startTestEcs();
    await cloud.ecs.registerTaskDefinition(webDefinition);
    expect(await refusal(cloud.ecs.describeTaskDefinition({ taskDefinition }))).toBe(expected);
  });

  it("deregistered without a revision: refused", async () => {
    await using cloud = await startTestEcs();
    await cloud.ecs.registerTaskDefinition(webDefinition);
    expect(await refusal(cloud.ecs.deregisterTaskDefinition({ taskDefinition: "web" }))).toBe(
      "ClientException: Revision is missing.",
    );
    const elsewhere = arn.replace("ap-northeast-1", "eu-west-1");
    expect(
      await refusal(cloud.ecs.deregisterTaskDefinition({ taskDefinition: `${elsewhere}:1` })),
    ).toBe("ClientException: Unable to describe task definition.");
  });
});

describe("listing", () => {
  it("by family, status and order: revisions sorted as numbers", async () => {
    await using cloud = await startTestEcs();
    const { ecs } = cloud;
    for (let at = 0; at < 10; at++) await ecs.registerTaskDefinition(webDefinition);
    await ecs.registerTaskDefinition({ ...webDefinition, family: "api" });
    await ecs.deregisterTaskDefinition({ taskDefinition: "web:1" });
    const all = await ecs.listTaskDefinitions({ maxResults: 2 });
    expect(all.taskDefinitionArns).toEqual([`${arn.replace("web", "api")}:1`, `${arn}:2`]);
    const last = await ecs.listTaskDefinitions({ sort: "DESC", familyPrefix: "web" });
    expect(last.taskDefinitionArns?.slice(0, 2)).toEqual([`${arn}:10`, `${arn}:9`]);
    const inactive = await ecs.listTaskDefinitions({ status: "INACTIVE" });
    expect(inactive.taskDefinitionArns).toEqual([`${arn}:1`]);
  });

  it("families: by prefix, and by whether any revision is ACTIVE", async () => {
    await using cloud = await startTestEcs();
    const { ecs } = cloud;
    await ecs.registerTaskDefinition(webDefinition);
    await ecs.registerTaskDefinition({ ...webDefinition, family: "worker" });
    await ecs.deregisterTaskDefinition({ taskDefinition: "worker:1" });
    const families = async (input: object) =>
      (await ecs.listTaskDefinitionFamilies(input)).families;
    expect(await families({})).toEqual(["web", "worker"]);
    expect(await families({ familyPrefix: "wor" })).toEqual(["worker"]);
    expect(await families({ status: "ACTIVE" })).toEqual(["web"]);
    expect(await families({ status: "INACTIVE" })).toEqual(["worker"]);
  });
});

describe("deleting", () => {
  it("what was deregistered: on its way out, not to be run; the rest says why it stays", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.registerTaskDefinition(webDefinition);
    await cloud.ecs.deregisterTaskDefinition({ taskDefinition: "web:1" });
    const { taskDefinitions, failures } = await cloud.ecs.deleteTaskDefinitions({
      taskDefinitions: ["web:1", "web:2", "web:9", "web", "web:x"],
    });
    expect(taskDefinitions).toMatchObject([
      {
        taskDefinitionArn: `${arn}:1`,
        status: "DELETE_IN_PROGRESS",
        deleteRequestedAt: new Date(cloud.cloud.clock.now()),
      },
    ]);
    expect(failures?.map(({ reason }) => reason)).toEqual([
      "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
      "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
      "The specified task definition identifier is invalid. Specify a valid name or ARN and try again.",
      "The specified task definition identifier is invalid. Specify a valid name or ARN and try again.",
    ]);
    const { taskDefinitionArns } = await cloud.ecs.listTaskDefinitions({
      status: "DELETE_IN_PROGRESS",
    });
    expect(taskDefinitionArns).toEqual([`${arn}:1`]);
    expect(await refusal(cloud.ecs.runTask({ ...run, taskDefinition: "web:1" }))).toBe(
      "InvalidParameterException: TaskDefinition is inactive",
    );
  });
});
