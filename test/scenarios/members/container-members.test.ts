/** What the members of ECS's, ECR's and the balancers' requests do that are seldom given. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ServiceName } from "../../../tools/wire-model.ts";
import type { Input } from "../../builders/generic-calls.ts";
import { type MemberRoom, openMemberRoom } from "../../builders/member-cases.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let room: MemberRoom;
const ids: Record<string, string> = {};
const at = (output: unknown, ...path: (string | number)[]): string =>
  String(path.reduce<unknown>((held, step) => (held as Input | undefined)?.[step], output));

const digestOf = (content: string): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;
const part = (type: string, content: string) => ({
  mediaType: `application/vnd.docker.${type}`,
  digest: digestOf(content),
  size: content.length,
});
const manifest = (layer: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: part("container.image.v1+json", "{}"),
    layers: [part("image.rootfs.diff.tar.gzip", layer)],
  });

async function upload(repositoryName: string, content: string): Promise<void> {
  const { uploadId } = await room.call("ecr", "InitiateLayerUpload", { repositoryName });
  const layerPartBlob = new TextEncoder().encode(content);
  await room.call("ecr", "UploadLayerPart", {
    repositoryName,
    uploadId,
    partFirstByte: 0,
    partLastByte: layerPartBlob.length - 1,
    layerPartBlob,
  });
  await room.call("ecr", "CompleteLayerUpload", {
    repositoryName,
    uploadId,
    layerDigests: [digestOf(content)],
  });
}

beforeAll(async () => {
  room = await openMemberRoom();
  for (const [name, id] of room.world.known) ids[name] = id;
  const { call } = room;
  const repositoryName = "homely";
  for (const content of ["{}", "one", "two", "three"]) await upload(repositoryName, content);
  for (const [tag, layer] of [
    ["1", "one"],
    ["2", "two"],
  ] as const) {
    await call("ecr", "PutImage", {
      repositoryName,
      imageManifest: manifest(layer),
      imageTag: tag,
    });
  }
  await call("ecr", "SetRepositoryPolicy", { repositoryName, policyText: repositoryPolicy });
  await call("ecr", "PutLifecyclePolicy", { repositoryName, lifecyclePolicyText: lifecycle });
  ids["imageToken"] = at(
    await call("ecr", "ListImages", { repositoryName, maxResults: 1 }),
    "nextToken",
  );
  ids["describeToken"] = at(
    await call("ecr", "DescribeImages", { repositoryName, maxResults: 1 }),
    "nextToken",
  );
  for (const [name, value] of [
    ["serviceLongArnFormat", "enabled"],
    ["taskLongArnFormat", "enabled"],
  ] as const)
    await call("ecs", "PutAccountSettingDefault", { name, value });
  await call("ecs", "RegisterTaskDefinition", {
    ...definition({}, [container({ portMappings: [{ containerPort: 80 }] })]),
    family: "ported",
  });
  await call("ecs", "CreateCluster", {
    clusterName: "provided",
    capacityProviders: ["FARGATE", "FARGATE_SPOT"],
  });
  const provided = {
    cluster: "provided",
    taskDefinition: "homely",
    networkConfiguration: network(),
  };
  await call("ecs", "CreateService", {
    ...provided,
    serviceName: "of-provider",
    desiredCount: 1,
    launchType: "FARGATE",
  });
  ids["settingToken"] = at(
    await call("ecs", "ListAccountSettings", { effectiveSettings: true, maxResults: 1 }),
    "nextToken",
  );
  ids["providerToken"] = at(
    await call("ecs", "DescribeCapacityProviders", { maxResults: 1 }),
    "nextToken",
  );
  const subnets = await call("ec2", "DescribeSubnets", {
    Filters: [{ Name: "vpc-id", Values: [ids["VpcId"]] }],
  });
  ids["subnetA"] = at(subnets, "Subnets", 0, "SubnetId");
  ids["subnetB"] = at(subnets, "Subnets", 1, "SubnetId");
  const other = await call("elbv2", "CreateTargetGroup", {
    Name: "second",
    VpcId: ids["VpcId"],
    Protocol: "HTTP",
    Port: 81,
    TargetType: "ip",
  });
  ids["secondGroup"] = at(other, "TargetGroups", 0, "TargetGroupArn");
  await call("elbv2", "RegisterTargets", {
    TargetGroupArn: ids["TargetGroupArn"],
    Targets: [
      { Id: "10.9.0.9", Port: 80 },
      { Id: "10.9.0.9", Port: 81 },
    ],
  });
  const second = await call("elbv2", "CreateLoadBalancer", {
    Name: "second",
    Subnets: [ids["subnetA"], ids["subnetB"]],
  });
  ids["secondBalancer"] = at(second, "LoadBalancers", 0, "LoadBalancerArn");
  const listener = await call("elbv2", "CreateListener", {
    LoadBalancerArn: ids["LoadBalancerArn"],
    Protocol: "HTTP",
    Port: 8080,
    DefaultActions: [forward("TargetGroupArn")],
  });
  ids["secondListener"] = at(listener, "Listeners", 0, "ListenerArn");
  ids["listenerToken"] = at(
    await call("elbv2", "DescribeListeners", {
      LoadBalancerArn: ids["LoadBalancerArn"],
      PageSize: 1,
    }),
    "NextMarker",
  );
  await call("ecs", "CreateService", {
    cluster: "homely",
    taskDefinition: "homely",
    serviceName: "daemonless",
    desiredCount: 0,
    launchType: "FARGATE",
    networkConfiguration: network(),
  });
});
afterAll(() => room.cloud.close());

const repositoryPolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "a", Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" }],
});
const lifecycle = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 100 },
      action: { type: "expire" },
    },
  ],
});
const forward = (group: string) => ({ Type: "forward", TargetGroupArn: ids[group] });
const network = (more: Input = {}) => ({
  awsvpcConfiguration: { subnets: [ids["SubnetId"]], securityGroups: [ids["GroupId"]], ...more },
});
const container = (more: Input = {}) => ({ name: "main", image: "main", ...more });
const definition = (more: Input, containers: Input[] = [container()]) => ({
  family: "other",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  cpu: "1024",
  memory: "2048",
  containerDefinitions: containers,
  ...more,
});
const launch = (more: Input) => ({
  cluster: "homely",
  taskDefinition: "homely",
  launchType: "FARGATE",
  networkConfiguration: network(),
  ...more,
});
const service = (more: Input) => launch({ serviceName: "another", desiredCount: 1, ...more });
const update = (more: Input) => ({ cluster: "homely", service: "homely", ...more });
const fixed = {
  Type: "fixed-response",
  FixedResponseConfig: { StatusCode: "200", MessageBody: "hello", ContentType: "text/plain" },
};
const redirect = {
  Type: "redirect",
  RedirectConfig: {
    Protocol: "HTTPS",
    Port: "444",
    Host: "a.example",
    Path: "/x",
    Query: "y",
    StatusCode: "HTTP_302",
  },
};
const weighted = () => ({
  Type: "forward",
  ForwardConfig: {
    TargetGroups: [
      { TargetGroupArn: ids["TargetGroupArn"], Weight: 3 },
      { TargetGroupArn: ids["secondGroup"], Weight: 7 },
    ],
    TargetGroupStickinessConfig: { Enabled: false },
  },
});
const checks = {
  HealthCheckPort: "8080",
  HealthCheckPath: "/up",
  HealthCheckIntervalSeconds: 20,
  HealthCheckTimeoutSeconds: 7,
  HealthyThresholdCount: 3,
  UnhealthyThresholdCount: 4,
  Matcher: { HttpCode: "204" },
};
const group = (more: Input) => ({
  Name: "fresh",
  VpcId: ids["VpcId"],
  Protocol: "HTTP",
  Port: 80,
  TargetType: "ip",
  ...more,
});
const tags = [{ Key: "a", Value: "1" }];

type Case = [service: ServiceName, operation: string, input: () => Input, but?: readonly string[]];
const lastPage = ["maxResults", "PageSize"];
const ofRegistry = (operation: string, more: Input = {}): Case => [
  "ecr",
  operation,
  () => ({ repositoryName: "homely", registryId: "111111111111", ...more }),
];
const image = { imageIds: [{ imageTag: "1" }] };
const listener = (more: Input) => ({
  LoadBalancerArn: ids["LoadBalancerArn"],
  Protocol: "HTTP",
  Port: 90,
  ...more,
});

/** Every member that is given does something, apart from the last ones. */
const cases: readonly Case[] = [
  ofRegistry("BatchCheckLayerAvailability", { layerDigests: [digestOf("one")] }),
  ofRegistry("BatchDeleteImage", image),
  ofRegistry("BatchGetImage", { imageIds: [{ imageDigest: digestOf(manifest("one")) }] }),
  ofRegistry("BatchGetImage", {
    ...image,
    acceptedMediaTypes: ["application/vnd.oci.image.index.v1+json"],
  }),
  [
    "ecr",
    "CreateRepository",
    () => ({
      registryId: "111111111111",
      repositoryName: "fresh",
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "dev-*" }],
      imageScanningConfiguration: { scanOnPush: true },
    }),
  ],
  ofRegistry("DeleteLifecyclePolicy"),
  ofRegistry("DeleteRepository", { force: true }),
  ofRegistry("DeleteRepositoryPolicy"),
  ofRegistry("DescribeImages", { imageIds: [{ imageTag: "1" }] }),
  ofRegistry("DescribeImages", { imageIds: [{ imageDigest: digestOf(manifest("one")) }] }),
  ["ecr", "DescribeImages", () => ({ repositoryName: "homely", maxResults: 1 })],
  [
    "ecr",
    "DescribeImages",
    () => ({ repositoryName: "homely", maxResults: 1, nextToken: ids["describeToken"] }),
    lastPage,
  ],
  [
    "ecr",
    "DescribeImages",
    () => ({ repositoryName: "homely", filter: { tagStatus: "UNTAGGED" } }),
  ],
  [
    "ecr",
    "DescribeImages",
    () => ({ repositoryName: "homely", filter: { imageStatus: "ARCHIVED" } }),
  ],
  ["ecr", "ListImages", () => ({ repositoryName: "homely", filter: { imageStatus: "ARCHIVED" } })],
  ["ecs", "DescribeCapacityProviders", () => ({ cluster: "homely" })],
  [
    "ecr",
    "DescribeRepositories",
    () => ({ registryId: "111111111111", repositoryNames: ["homely"] }),
  ],
  ofRegistry("GetLifecyclePolicy"),
  ofRegistry("GetRepositoryPolicy"),
  [
    "ecr",
    "ListImages",
    () => ({ registryId: "111111111111", repositoryName: "homely", maxResults: 1 }),
  ],
  [
    "ecr",
    "ListImages",
    () => ({ repositoryName: "homely", maxResults: 1, nextToken: ids["imageToken"] }),
    lastPage,
  ],
  ofRegistry("PutImage", {
    imageManifest: manifest("three"),
    imageTag: "3",
    imageDigest: digestOf(manifest("three")),
  }),
  ofRegistry("PutImageScanningConfiguration", { imageScanningConfiguration: { scanOnPush: true } }),
  ofRegistry("PutImageTagMutability", { imageTagMutability: "IMMUTABLE" }),
  ofRegistry("PutLifecyclePolicy", { lifecyclePolicyText: lifecycle }),
  ofRegistry("SetRepositoryPolicy", { policyText: repositoryPolicy }),
  ["ecr", "GetAuthorizationToken", () => ({ registryIds: ["111111111111", "222222222222"] })],

  [
    "ecs",
    "CreateCluster",
    () => ({
      clusterName: "fresh",
      configuration: {
        executeCommandConfiguration: {
          logging: "OVERRIDE",
          logConfiguration: { cloudWatchLogGroupName: "homely", cloudWatchEncryptionEnabled: true },
        },
      },
    }),
  ],
  [
    "ecs",
    "CreateCluster",
    () => ({
      clusterName: "fresh",
      capacityProviders: ["FARGATE", "FARGATE_SPOT"],
      defaultCapacityProviderStrategy: [
        { capacityProvider: "FARGATE", weight: 2, base: 3 },
        { capacityProvider: "FARGATE_SPOT", weight: 1 },
      ],
    }),
  ],
  [
    "ecs",
    "CreateService",
    () =>
      service({
        enableECSManagedTags: true,
        propagateTags: "SERVICE",
        tags: [{ key: "a", value: "1" }],
      }),
  ],
  [
    "ecs",
    "CreateService",
    () => service({ schedulingStrategy: "REPLICA", deploymentController: { type: "ECS" } }),
  ],
  ["ecs", "CreateService", () => service({ platformVersion: "1.4.0" })],
  [
    "ecs",
    "CreateService",
    () => ({
      cluster: "provided",
      taskDefinition: "homely",
      serviceName: "another",
      desiredCount: 1,
      networkConfiguration: network(),
      capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1, base: 2 }],
    }),
  ],
  [
    "ecs",
    "CreateService",
    () =>
      service({
        deploymentConfiguration: {
          maximumPercent: 150,
          minimumHealthyPercent: 50,
          deploymentCircuitBreaker: { enable: true, rollback: true },
        },
      }),
  ],
  // The only strategy there is, as when none is named.
  [
    "ecs",
    "CreateService",
    () => service({ deploymentConfiguration: { strategy: "ROLLING" } }),
    ["deploymentConfiguration"],
  ],
  [
    "ecs",
    "CreateService",
    () => service({ networkConfiguration: network({ assignPublicIp: "ENABLED" }) }),
  ],
  ["ecs", "DescribeCapacityProviders", () => ({ maxResults: 1 })],
  [
    "ecs",
    "DescribeCapacityProviders",
    () => ({ maxResults: 1, nextToken: ids["providerToken"] }),
    lastPage,
  ],
  ["ecs", "GetTaskProtection", () => ({ cluster: "homely", tasks: [ids["task"]] })],
  ["ecs", "ListAccountSettings", () => ({ effectiveSettings: true, maxResults: 1 })],
  ["ecs", "ListAccountSettings", () => ({ effectiveSettings: true, value: "enabled" })],
  [
    "ecs",
    "ListAccountSettings",
    () => ({ effectiveSettings: true, maxResults: 1, nextToken: ids["settingToken"] }),
  ],
  ["ecs", "ListServices", () => ({ cluster: "homely", schedulingStrategy: "DAEMON" })],
  [
    "ecs",
    "PutClusterCapacityProviders",
    () => ({
      cluster: "homely",
      capacityProviders: ["FARGATE"],
      defaultCapacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1, base: 2 }],
    }),
  ],
  [
    "ecs",
    "RegisterTaskDefinition",
    () =>
      definition({}, [
        container({
          cpu: 256,
          memoryReservation: 256,
          environment: [{ name: "A", value: "1" }],
          versionConsistency: "disabled",
          user: "1",
          workingDirectory: "/x",
        }),
      ]),
  ],
  [
    "ecs",
    "RegisterTaskDefinition",
    () => definition({}, [container(), container({ name: "side", essential: false })]),
  ],
  [
    "ecs",
    "RegisterTaskDefinition",
    () =>
      definition({}, [
        container({
          healthCheck: {
            command: ["CMD", "true"],
            interval: 10,
            timeout: 3,
            retries: 4,
            startPeriod: 20,
          },
        }),
      ]),
  ],
  [
    "ecs",
    "RegisterTaskDefinition",
    () =>
      definition({ executionRoleArn: ids["RoleArn"] }, [
        container({
          repositoryCredentials: {
            credentialsParameter: "arn:aws:secretsmanager:us-east-1:111111111111:secret:a-abcdef",
          },
        }),
      ]),
  ],
  [
    "ecs",
    "RegisterTaskDefinition",
    () =>
      definition({
        ephemeralStorage: { sizeInGiB: 30 },
        runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
      }),
  ],
  [
    "ecs",
    "RunTask",
    () => launch({ networkConfiguration: network({ assignPublicIp: "ENABLED" }) }),
  ],
  ["ecs", "RunTask", () => launch({ platformVersion: "1.4.0" })],
  ["ecs", "RunTask", () => launch({ overrides: { executionRoleArn: ids["RoleArn"] } })],
  [
    "ecs",
    "UpdateCluster",
    () => ({
      cluster: "homely",
      configuration: { executeCommandConfiguration: { kmsKeyId: ids["KeyId"], logging: "NONE" } },
    }),
  ],
  ["ecs", "UpdateService", () => update({ platformVersion: "1.4.0", forceNewDeployment: true })],
  [
    "ecs",
    "UpdateService",
    () =>
      update({
        deploymentConfiguration: {
          minimumHealthyPercent: 50,
          deploymentCircuitBreaker: { enable: true, rollback: true },
        },
      }),
  ],
  [
    "ecs",
    "UpdateService",
    () => update({ networkConfiguration: network({ assignPublicIp: "ENABLED" }) }),
  ],
  [
    "ecs",
    "UpdateService",
    () => ({
      cluster: "provided",
      service: "of-provider",
      capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1, base: 2 }],
      forceNewDeployment: true,
    }),
  ],
  [
    "ecs",
    "UpdateService",
    () =>
      update({
        taskDefinition: "ported",
        loadBalancers: [
          { targetGroupArn: ids["TargetGroupArn"], containerName: "main", containerPort: 80 },
        ],
      }),
  ],

  [
    "elbv2",
    "CreateListener",
    () => listener({ DefaultActions: [{ ...fixed, Order: 1 }], Tags: tags }),
  ],
  ["elbv2", "CreateListener", () => listener({ DefaultActions: [redirect] })],
  [
    "elbv2",
    "CreateListener",
    () => listener({ DefaultActions: [weighted()] }),
    ["DefaultActions.Type"],
  ],
  [
    "elbv2",
    "CreateLoadBalancer",
    () => ({
      Name: "fresh",
      SubnetMappings: [{ SubnetId: ids["subnetA"] }, { SubnetId: ids["subnetB"] }],
      Tags: tags,
    }),
  ],
  ["elbv2", "CreateTargetGroup", () => group({ ...checks, Tags: tags })],
  [
    "elbv2",
    "CreateTargetGroup",
    () =>
      group({
        HealthCheckProtocol: "HTTP",
        HealthCheckEnabled: true,
        ProtocolVersion: "HTTP1",
        IpAddressType: "ipv4",
      }),
  ],
  [
    "elbv2",
    "DeregisterTargets",
    () => ({ TargetGroupArn: ids["TargetGroupArn"], Targets: [{ Id: "10.9.0.9", Port: 81 }] }),
  ],
  ["elbv2", "DescribeListeners", () => ({ ListenerArns: [ids["ListenerArn"]] })],
  ["elbv2", "DescribeListeners", () => ({ LoadBalancerArn: ids["LoadBalancerArn"], PageSize: 1 })],
  [
    "elbv2",
    "DescribeListeners",
    () => ({ LoadBalancerArn: ids["LoadBalancerArn"], PageSize: 1, Marker: ids["listenerToken"] }),
    lastPage,
  ],
  ["elbv2", "DescribeLoadBalancers", () => ({ LoadBalancerArns: [ids["LoadBalancerArn"]] })],
  ["elbv2", "DescribeLoadBalancers", () => ({ Names: ["homely"] })],
  ["elbv2", "DescribeTargetGroups", () => ({ LoadBalancerArn: ids["LoadBalancerArn"] })],
  ["elbv2", "DescribeTargetGroups", () => ({ TargetGroupArns: [ids["TargetGroupArn"]] })],
  ["elbv2", "DescribeTargetGroups", () => ({ Names: ["homely"] })],
  [
    "elbv2",
    "DescribeTargetHealth",
    () => ({ TargetGroupArn: ids["TargetGroupArn"], Targets: [{ Id: "10.9.0.9", Port: 81 }] }),
  ],
  [
    "elbv2",
    "ModifyListener",
    () => ({ ListenerArn: ids["ListenerArn"], DefaultActions: [{ ...fixed, Order: 1 }] }),
  ],
  [
    "elbv2",
    "ModifyListener",
    () => ({ ListenerArn: ids["ListenerArn"], DefaultActions: [redirect] }),
  ],
  [
    "elbv2",
    "ModifyListener",
    () => ({ ListenerArn: ids["ListenerArn"], DefaultActions: [weighted()] }),
    ["DefaultActions.Type"],
  ],
  [
    "elbv2",
    "ModifyListener",
    () => ({ ListenerArn: ids["ListenerArn"], DefaultActions: [forward("secondGroup")] }),
    ["DefaultActions.Type"],
  ],
  ["elbv2", "ModifyTargetGroup", () => ({ TargetGroupArn: ids["secondGroup"], ...checks })],
  [
    "elbv2",
    "RegisterTargets",
    () => ({
      TargetGroupArn: ids["TargetGroupArn"],
      Targets: [{ Id: "192.168.9.9", Port: 80, AvailabilityZone: "all" }],
    }),
  ],
  [
    "elbv2",
    "SetSubnets",
    () => ({
      LoadBalancerArn: ids["secondBalancer"],
      SubnetMappings: [{ SubnetId: ids["subnetA"] }, { SubnetId: ids["subnetB"] }],
    }),
  ],
];

it.each(cases)(
  "%s %s: every member does something",
  async (service, operation, input, but = []) => {
    const idle = await room.idle(service, operation, input());
    expect(idle.filter((member) => !but.includes(member))).toEqual([]);
  },
);
