import type { ContainerDefinition, RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { refusal, startTestEcs, webDefinition } from "./testing.ts";

const everything = {
  name: "app",
  image: "nginx:1",
  memory: 256,
  links: ["db:database"],
  hostname: "app",
  dnsServers: ["10.0.0.2"],
  dnsSearchDomains: ["example.com"],
  extraHosts: [{ hostname: "db", ipAddress: "10.0.0.3" }],
  disableNetworking: false,
  privileged: true,
  dockerSecurityOptions: ["no-new-privileges"],
  resourceRequirements: [{ type: "GPU", value: "1" }],
  portMappings: [{ containerPort: 80 }, { containerPort: 81, hostPort: 8081, protocol: "udp" }],
  mountPoints: [{ sourceVolume: "host", containerPath: "/host" }],
  linuxParameters: {
    capabilities: { add: ["NET_ADMIN"], drop: ["MKNOD"] },
    devices: [{ hostPath: "/dev/fuse", containerPath: "/dev/fuse", permissions: ["read"] }],
    sharedMemorySize: 64,
    tmpfs: [{ containerPath: "/run", size: 50, mountOptions: ["noexec"] }],
    maxSwap: 100,
    swappiness: 10,
  },
  logConfiguration: { logDriver: "json-file", options: { "max-size": "10m" } },
} satisfies ContainerDefinition;
const { portMappings: _, ...shown } = everything;

const onBridge: RegisterTaskDefinitionRequest = {
  family: "bridge",
  requiresCompatibilities: ["EC2"],
  networkMode: "bridge",
  pidMode: "host",
  ipcMode: "host",
  placementConstraints: [{ type: "memberOf", expression: "attribute:ecs.instance-type =~ t3.*" }],
  volumes: [
    { name: "host", host: { sourcePath: "/srv" } },
    { name: "shared", dockerVolumeConfiguration: { scope: "shared", autoprovision: true } },
    {
      name: "windows",
      fsxWindowsFileServerVolumeConfiguration: {
        fileSystemId: "fs-0123456789abcdef0",
        rootDirectory: "share",
        authorizationConfig: { credentialsParameter: "arn:aws:ssm:::x", domain: "example.com" },
      },
    },
    { name: "own" },
  ],
  containerDefinitions: [everything],
};

describe("a definition for instances", () => {
  it("what Fargate has no part for: kept and shown as it was given, defaults filled in", async () => {
    await using cloud = await startTestEcs();
    await cloud.ecs.registerTaskDefinition(onBridge);
    const { taskDefinition } = await cloud.ecs.describeTaskDefinition({ taskDefinition: "bridge" });
    expect(taskDefinition).toMatchObject({
      networkMode: "bridge",
      pidMode: "host",
      ipcMode: "host",
      placementConstraints: onBridge.placementConstraints,
      compatibilities: ["EXTERNAL", "EC2"],
      volumes: [...(onBridge.volumes ?? []).slice(0, 3), { name: "own", host: {} }],
    });
    expect(taskDefinition?.containerDefinitions).toMatchObject([
      {
        ...shown,
        essential: true,
        environment: [],
        volumesFrom: [],
        portMappings: [
          { containerPort: 80, hostPort: 0, protocol: "tcp" },
          { containerPort: 81, hostPort: 8081, protocol: "udp" },
        ],
      },
    ]);
    expect(taskDefinition?.requiresAttributes?.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "com.amazonaws.ecs.capability.privileged-container",
        "com.amazonaws.ecs.capability.logging-driver.json-file",
        "ecs.capability.docker-plugin.local",
        "ecs.capability.fsxWindowsFileServer",
        "ecs.capability.pid-ipc-namespace-sharing",
      ]),
    );
  });

  it("options of a log driver from secrets: kept as given, with what an instance must know for them", async () => {
    await using cloud = await startTestEcs();
    const secretOptions = [
      { name: "gelf-address", valueFrom: "/address" },
      { name: "tag", valueFrom: "arn:aws:secretsmanager:us-east-1:000000000000:secret:tag-a1b2c3" },
    ];
    const { taskDefinition } = await cloud.ecs.registerTaskDefinition({
      family: "gelf",
      executionRoleArn: "arn:aws:iam::000000000000:role/execution",
      containerDefinitions: [
        {
          ...{ name: "app", image: "nginx", memory: 64 },
          logConfiguration: { logDriver: "gelf", secretOptions },
        },
      ],
    });
    expect(taskDefinition?.containerDefinitions?.[0]?.logConfiguration).toEqual({
      ...{ logDriver: "gelf", options: {}, secretOptions },
    });
    expect(taskDefinition?.requiresAttributes?.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "ecs.capability.secrets.asm.bootstrap.log-driver",
        "ecs.capability.secrets.ssm.bootstrap.log-driver",
      ]),
    );
  });

  it("run on Fargate: refused", async () => {
    await using cloud = await startTestEcs();
    await cloud.ecs.registerTaskDefinition(onBridge);
    await cloud.ecs.createCluster({});
    const run = cloud.ecs.runTask({ taskDefinition: "bridge", launchType: "FARGATE" });
    expect(await refusal(run)).toBe(
      "InvalidParameterException: Task definition does not support launch_type FARGATE.",
    );
  });

  it("awsvpc without a word of Fargate: Fargate's when it would take it, and only then", async () => {
    await using cloud = await startTestEcs();
    const { requiresCompatibilities: _, ...plain } = webDefinition;
    const compatibilities = async (input: RegisterTaskDefinitionRequest) =>
      (await cloud.ecs.registerTaskDefinition(input)).taskDefinition?.compatibilities;
    expect(await compatibilities(plain)).toContain("FARGATE");
    const [container] = plain.containerDefinitions ?? [];
    const withContainer = (more: Partial<ContainerDefinition>) => ({
      ...plain,
      containerDefinitions: [{ ...container, ...more }],
    });
    for (const input of [
      { ...plain, cpu: "300" },
      { ...plain, ipcMode: "task" as const },
      withContainer({ privileged: true }),
      withContainer({ linuxParameters: { capabilities: { add: ["NET_ADMIN"] } } }),
    ]) {
      expect(await compatibilities(input)).toEqual(["EC2", "MANAGED_INSTANCES"]);
    }
  });

  it("no memory for a container or the task: refused", async () => {
    await using cloud = await startTestEcs();
    const containerDefinitions = [{ name: "app", image: "nginx" }];
    const register = cloud.ecs.registerTaskDefinition({ family: "small", containerDefinitions });
    expect(await refusal(register)).toBe(
      "ClientException: Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.",
    );
  });
});
