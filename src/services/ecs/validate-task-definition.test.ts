import type { RegisterTaskDefinitionRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { refusal, startTestEcs, webDefinition } from "./testing.ts";

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
const container = (more: object): Partial<RegisterTaskDefinitionRequest> => ({
  containerDefinitions: [{ ...container0, ...more }],
});
const pair = (more: object, side: object): Partial<RegisterTaskDefinitionRequest> => ({
  containerDefinitions: [
    { ...container0, ...more },
    { ...container0, name: "side", ...side },
  ],
});
const onInstances = { requiresCompatibilities: [], cpu: undefined, memory: undefined };
const options = (more: object): object => ({
  logConfiguration: { logDriver: "awslogs", options: { ...withPrefix.options, ...more } },
});

const client = "ClientException: ";
const notYet = "UnknownOperationException: Neargate does not act on ";
const awsvpcPorts = "the host ports and container ports in port mappings must match.";

const refusals: readonly (readonly [string, object, string])[] = [
  ["no family", { family: "" }, `${client}Family should not be null or empty.`],
  ["a family with a space", { family: "a b" }, `${client}Family contains invalid characters.`],
  [
    "a pair of sizes that Fargate does not have",
    { cpu: "256", memory: "4096" },
    `${client}No Fargate configuration exists for given values.`,
  ],
  [
    "a size that is no number",
    { cpu: "lots" },
    `${client}Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`,
  ],
  [
    "no cpu",
    { cpu: undefined },
    `${client}Fargate requires that 'cpu' be defined at the task level.`,
  ],
  [
    "no memory",
    { memory: undefined },
    `${client}Fargate requires that 'memory' be defined at the task level.`,
  ],
  [
    "another network mode",
    { networkMode: "bridge" },
    `${client}Fargate only supports network mode ‘awsvpc’.`,
  ],
  [
    "no network mode",
    { networkMode: undefined },
    `${client}Fargate only supports network mode ‘awsvpc’.`,
  ],
  [
    "a host port of its own",
    container({ portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
    `${client}When networkMode=awsvpc, ${awsvpcPorts}`,
  ],
  ["no containers", { containerDefinitions: [] }, `${client}Container list cannot be empty.`],
  [
    "nothing essential",
    container({ essential: false }),
    `${client}Task definition doesn't have any essential container.`,
  ],
  [
    "one name twice",
    { containerDefinitions: [container0, container0] },
    `${client}Container names must be unique within a task definition`,
  ],
  [
    "no memory anywhere",
    onInstances,
    `${client}Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.`,
  ],
  [
    "less memory than is reserved",
    container({ memory: 128, memoryReservation: 256 }),
    `${client}Invalid setting for container 'app'. 'memory' must be greater than or equal to 'memoryReservation'`,
  ],
  [
    "a container larger than its task",
    container({ memory: 1024 }),
    `${client}The 'memory' setting for container 'app' is greater than for the task.`,
  ],
  [
    "more cpu than the task has",
    {
      containerDefinitions: [
        { ...container0, cpu: 200 },
        { ...container0, name: "b", cpu: 57 },
      ],
    },
    `${client}The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value.`,
  ],
  [
    "containers with more memory reserved than their task has",
    pair({ memoryReservation: 300 }, { memoryReservation: 300 }),
    `${client}The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.`,
  ],
  [
    "a container without name",
    container({ name: undefined }),
    `${client}Container.name should not be null or empty.`,
  ],
  [
    "a container without image",
    container({ image: "" }),
    `${client}Container.image should not be null or empty.`,
  ],
  [
    "an image with a space",
    container({ image: "my image" }),
    `${client}Container.image contains invalid characters.`,
  ],
  [
    "awslogs without options",
    container({ logConfiguration: { logDriver: "awslogs" } }),
    `${client}Log driver awslogs requires options: awslogs-region, awslogs-group`,
  ],
  [
    "awslogs without prefix",
    container({ logConfiguration }),
    `${client}Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.`,
  ],
  [
    "awslogs without role",
    container({ logConfiguration: withPrefix }),
    `${client}Fargate requires task definition to have execution role ARN to support log driver awslogs.`,
  ],
  [
    "an ECR image without role",
    container({ image: ecrImage }),
    `${client}Fargate requires task definition to have execution role ARN to support ECR images.`,
  ],
  [
    "an option awslogs does not have",
    container(options({ "awslogs-endpoint": "x" })),
    `${client}Log driver awslogs disallows options: awslogs-endpoint`,
  ],
  [
    "an option of another log driver from a secret",
    container({
      logConfiguration: {
        ...withPrefix,
        secretOptions: [{ name: "splunk-token", valueFrom: "/token" }],
      },
    }),
    `${client}Log driver awslogs disallows options: splunk-token`,
  ],
  [
    "an option of awslogs from a secret",
    container({
      logConfiguration: {
        ...withPrefix,
        secretOptions: [{ name: "awslogs-group", valueFrom: "/group" }],
      },
    }),
    `${notYet}log driver awslogs with secretOptions yet`,
  ],
  [
    "an option from a secret without an execution role",
    {
      ...onInstances,
      ...container({
        memory: 64,
        logConfiguration: {
          logDriver: "gelf",
          secretOptions: [{ name: "gelf-address", valueFrom: "/address" }],
        },
      }),
    },
    `${client}When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.`,
  ],
  [
    "a port and a range of ports",
    container({ portMappings: [{ containerPort: 80, containerPortRange: "80-90" }] }),
    `${client}Invalid 'containerPortRange' setting for container 'app'. You cannot specify both single port and port range.`,
  ],
  [
    "a range of ports the wrong way round",
    container({ portMappings: [{ containerPortRange: "90-80" }] }),
    `${client}Invalid 'containerPortRange' setting for container 'app'. It must be two ports with a hyphen between, the lower one first.`,
  ],
  [
    "ranges of ports that overlap",
    container({ portMappings: [{ containerPortRange: "80-90" }, { containerPort: 85 }] }),
    `${client}Container 'app' has port mappings that overlap.`,
  ],
  [
    "a log mode that is none",
    container(options({ mode: "fast" })),
    `${client}Invalid value 'fast' for log option mode. Must be one of [blocking, non-blocking]`,
  ],
  [
    "a buffer that is none",
    container(options({ mode: "non-blocking", "max-buffer-size": "much" })),
    `${client}Invalid value 'much' for log option max-buffer-size.`,
  ],
  [
    "a buffer for who blocks",
    container(options({ mode: "blocking", "max-buffer-size": "4m" })),
    `${client}Log option max-buffer-size is only supported with mode non-blocking.`,
  ],
  [
    "two ways to tell an event's first line",
    container(options({ "awslogs-datetime-format": "%H", "awslogs-multiline-pattern": "^a" })),
    `${client}Log options awslogs-datetime-format and awslogs-multiline-pattern cannot be configured at the same time.`,
  ],
  [
    "another log driver",
    container({ logConfiguration: { logDriver: "json-file" } }),
    `${client}json-file is not a valid log driver. Must be one of [awslogs, splunk, awsfirelens]`,
  ],
  [
    "a log driver not built",
    container({ logConfiguration: { logDriver: "awsfirelens" } }),
    `${notYet}log driver awsfirelens yet`,
  ],
  [
    "too little storage",
    { ephemeralStorage: { sizeInGiB: 20 } },
    `${client}EphemeralStorage size should be at least 21`,
  ],
  [
    "too much storage",
    { ephemeralStorage: { sizeInGiB: 201 } },
    `${client}EphemeralStorage size should be at most 200`,
  ],
  [
    "privileged",
    container({ privileged: true }),
    `${client}Fargate requires that the 'privileged' setting be 'false' for container 'app'`,
  ],
  [
    "the host's processes",
    { pidMode: "host" },
    `${client}Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.`,
  ],
  [
    "an IPC mode",
    { ipcMode: "task" },
    `${client}Fargate compatible task definitions do not support ipcMode`,
  ],
  [
    "placement constraints",
    { placementConstraints: [{ type: "memberOf", expression: "x" }] },
    `${client}Fargate compatible task definitions do not support constraints`,
  ],
  [
    "a Docker volume",
    { volumes: [{ name: "v", dockerVolumeConfiguration: { scope: "task" } }] },
    `${client}Fargate compatible task definitions do not support dockerVolumeConfiguration`,
  ],
  [
    "a path of the host",
    { volumes: [{ name: "v", host: { sourcePath: "/etc" } }] },
    `${client}Fargate compatible task definitions do not support host.sourcePath`,
  ],
  [
    "Docker security options",
    container({ dockerSecurityOptions: ["no-new-privileges"] }),
    `${client}Fargate compatible task definitions do not support dockerSecurityOptions`,
  ],
  [
    "a capability Fargate does not give",
    container({ linuxParameters: { capabilities: { add: ["NET_ADMIN"] } } }),
    `${client}NET_ADMIN is not allowed on Fargate.`,
  ],
  [
    "links",
    container({ links: ["db"] }),
    `${client}Links are not supported when networkMode=awsvpc.`,
  ],
  [
    "DNS servers",
    container({ dnsServers: ["1.1.1.1"] }),
    `${client}DNS servers are not supported on container when networkMode=awsvpc`,
  ],
  [
    "no network",
    container({ disableNetworking: true }),
    `${client}Disable Networking is not supported on container when networkMode=awsvpc`,
  ],
  [
    "inference accelerators",
    { inferenceAccelerators: [{ deviceName: "d", deviceType: "t" }] },
    `${client}Unsupported field 'inferenceAccelerators'`,
  ],
  [
    "a stop timeout of a second",
    container({ stopTimeout: 1 }),
    `${client}Granular stop timeout on container 'app' must be at least 2 seconds.`,
  ],
  [
    "a stop timeout above two minutes",
    container({ stopTimeout: 121 }),
    `${client}Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds.`,
  ],
  [
    "a start timeout of a second",
    container({ startTimeout: 1 }),
    `${client}Granular start timeout on container 'app' must be at least 2 seconds.`,
  ],
  [
    "a start timeout above two minutes",
    container({ startTimeout: 121 }),
    `${client}Tasks using the Fargate launch type must have a container start timeout of less than 120 seconds.`,
  ],
  [
    "a dependency on nobody",
    container({ dependsOn: [{ containerName: "db", condition: "START" }] }),
    `${client}Cannot depend on container + 'db' because it does not exist`,
  ],
  [
    "waiting for the end of an essential container",
    pair({}, { dependsOn: [{ containerName: "app", condition: "COMPLETE" }] }),
    `${client}A dependency container with SUCCESS or COMPLETE condition cannot be an essential container`,
  ],
  [
    "waiting for health that nobody checks",
    pair({}, { dependsOn: [{ containerName: "app", condition: "HEALTHY" }] }),
    `${client}A dependency container with HEALTHY condition must have health check configured`,
  ],
  [
    "two that wait for each other",
    pair(
      { dependsOn: [{ containerName: "side", condition: "START" }] },
      { dependsOn: [{ containerName: "app", condition: "START" }] },
    ),
    `${client}Detected a cyclic dependency between containers: app, side`,
  ],
  [
    "a condition that is none",
    pair({}, { dependsOn: [{ containerName: "app", condition: "DONE" }] }),
    "InvalidParameterException: 1 validation error detected: Value 'DONE' at 'containerDefinitions.2.member.dependsOn.1.member.condition' failed to satisfy constraint: Member must satisfy enum value set: [START, COMPLETE, SUCCESS, HEALTHY]",
  ],
  [
    "a restart policy in too much of a hurry",
    container({ restartPolicy: { enabled: true, restartAttemptPeriod: 59 } }),
    `${client}the 'restartAttemptPeriod' setting for container 'app' must be between 60 and 1800`,
  ],
  [
    "a health check without command",
    container({ healthCheck: { command: [] } }),
    `${client}Invalid health check for container 'app'. 'command' must not be empty.`,
  ],
  [
    "a health check every second",
    container({ healthCheck: { command: ["CMD", "true"], interval: 1 } }),
    `${client}Invalid health check for container 'app'. 'interval' must be between 5 and 300.`,
  ],
  [
    "a soft limit above the hard one",
    container({ ulimits: [{ name: "nofile", softLimit: 2, hardLimit: 1 }] }),
    `${client}Soft limit exceeds hard limit for ulimit nofile`,
  ],
  [
    "no soft limit above a hard one",
    container({ ulimits: [{ name: "nofile", softLimit: -1, hardLimit: 1024 }] }),
    `${client}Soft limit exceeds hard limit for ulimit nofile`,
  ],
  [
    "a soft limit below none",
    container({ ulimits: [{ name: "core", softLimit: -2, hardLimit: -1 }] }),
    `${client}Limits must be -1 or greater for ulimit core`,
  ],
  [
    "a hard limit below none",
    container({ ulimits: [{ name: "core", softLimit: 0, hardLimit: -5 }] }),
    `${client}Limits must be -1 or greater for ulimit core`,
  ],
  [
    "a shared memory size",
    container({ linuxParameters: { sharedMemorySize: 64 } }),
    `${client}Fargate compatible task definitions do not support sharedMemorySize`,
  ],
  [
    "a memory file system at no path",
    container({ linuxParameters: { tmpfs: [{ containerPath: "tmp", size: 1 }] } }),
    `${client}Invalid container path 'tmp': it must be absolute.`,
  ],
  [
    "a memory file system of no size",
    container({ linuxParameters: { tmpfs: [{ containerPath: "/tmp", size: 0 }] } }),
    `${client}Invalid 'size' setting for tmpfs '/tmp': it must be positive.`,
  ],
  [
    "a memory file system with an option that is none",
    container({
      linuxParameters: {
        tmpfs: [{ containerPath: "/tmp", size: 1, mountOptions: ["mode=1777", "quick"] }],
      },
    }),
    `${client}Invalid value 'quick' for tmpfs mountOptions`,
  ],
  [
    "a kernel parameter of the host",
    container({ systemControls: [{ namespace: "vm.swappiness", value: "1" }] }),
    `${client}Invalid systemControls namespace 'vm.swappiness'.`,
  ],
  [
    "a hostname",
    container({ hostname: "app" }),
    `${client}Hostname is not supported on container when networkMode=awsvpc.`,
  ],
  [
    "a mount of no volume",
    container({ mountPoints: [{ sourceVolume: "data", containerPath: "/data" }] }),
    `${client}Unknown volume 'data'.`,
  ],
  [
    "volumes of nobody",
    container({ volumesFrom: [{ sourceContainer: "db" }] }),
    `${client}Unknown container 'db' in volumesFrom.`,
  ],
  [
    "volumes in a circle",
    pair(
      { volumesFrom: [{ sourceContainer: "side" }] },
      { volumesFrom: [{ sourceContainer: "app" }] },
    ),
    `${client}Containers must not take their volumes in a circle.`,
  ],
  ["tags that are none", { tags: [] }, "InvalidParameterException: Tags can not be empty."],
  ["a role that is none", { taskRoleArn: "arn:aws:s3:::bucket" }, `${client}Role is not valid`],
  [
    "a Windows file server's volume",
    {
      volumes: [
        {
          name: "v",
          fsxWindowsFileServerVolumeConfiguration: {
            ...{ fileSystemId: "fs-0", rootDirectory: "share" },
            authorizationConfig: { credentialsParameter: "a", domain: "b" },
          },
        },
      ],
    },
    `${client}Fargate compatible task definitions do not support fsxWindowsFileServerVolumeConfiguration`,
  ],
  [
    "no image, in another network mode too",
    { networkMode: "bridge", containerDefinitions: [{ name: "app" }] },
    `${client}Container.image should not be null or empty.`,
  ],
  [
    "so little of a processor on an instance",
    { ...onInstances, networkMode: "bridge", cpu: "127", memory: "512" },
    `${client}Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`,
  ],
  [
    "an image's name of too many characters",
    container({ image: "a".repeat(256) }),
    `${client}Container.image must be at most 255 characters long.`,
  ],
  [
    "a capability that is none",
    container({ linuxParameters: { capabilities: { drop: ["FLY"] } } }),
    `${client}Invalid value 'FLY' for linuxParameters.capabilities`,
  ],
  [
    "another operating system",
    { runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" } },
    `${notYet}operating system family WINDOWS_SERVER_2022_CORE yet`,
  ],
  [
    "an environment file that no ARN names",
    container({ environmentFiles: [{ type: "s3", value: "bad" }] }),
    `${client}Invalid arn syntax.`,
  ],
  [
    "an environment file",
    container({ environmentFiles: [{ type: "s3", value: "arn:aws:s3:::bucket/a.env" }] }),
    `${notYet}the member containerDefinitions.environmentFiles of ecs:RegisterTaskDefinition yet`,
  ],
  [
    "secrets without a role to fetch them",
    container({ secrets: [{ name: "A", valueFrom: "b" }] }),
    "ClientException: When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
  ],
  [
    "a secret with the name of a variable",
    container({
      environment: [{ name: "A", value: "a" }],
      secrets: [{ name: "A", valueFrom: "b" }],
    }),
    "ClientException: The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'A'.",
  ],
  [
    "two secrets of one name",
    container({
      secrets: [
        { name: "A", valueFrom: "a" },
        { name: "A", valueFrom: "b" },
      ],
    }),
    "ClientException: The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'A'.",
  ],
  [
    "a secret from where there are none",
    container({ secrets: [{ name: "A", valueFrom: "arn:aws:s3:::bucket/key" }] }),
    "ClientException: Invalid arn syntax.",
  ],
  [
    "a registry's login without a role to fetch it",
    container({ repositoryCredentials: { credentialsParameter: "login" } }),
    "ClientException: When you are specifying repository credentials, you must also specify a value for 'executionRoleArn'.",
  ],
  [
    "an EFS volume",
    { volumes: [{ name: "v", efsVolumeConfiguration: { fileSystemId: "fs-1" } }] },
    `${notYet}the member volumes.efsVolumeConfiguration of ecs:RegisterTaskDefinition yet`,
  ],
];

describe("a definition that cannot be", () => {
  it.each(refusals)("%s: refused, and no revision is made", async (_, change, expected) => {
    await using cloud = await startTestEcs();
    const input = { ...webDefinition, ...change } as RegisterTaskDefinitionRequest;
    expect(await refusal(cloud.ecs.registerTaskDefinition(input))).toBe(expected);
    expect((await cloud.ecs.listTaskDefinitionFamilies({})).families).toEqual([]);
  });
});
