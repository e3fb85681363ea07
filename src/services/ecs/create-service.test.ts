import type { CreateServiceRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { securityGroupVpcAssociations } from "../../state/tables/network.ts";
import {
  awsvpc,
  balancedGroupArn,
  loneGroupArn,
  refusal,
  startTestEcs,
  webDefinition,
} from "./testing.ts";
import {
  changeWeb,
  create,
  definitionArn,
  loadBalancers,
  network,
  serviceArn,
} from "./testing-services.ts";

describe("CreateService", () => {
  it("a group of another VPC: taken once it is associated with the subnets' VPC", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { store, scope } = cloud.cloud;
    store.write((tx) =>
      tx.table(securityGroupVpcAssociations).put({ ...scope, groupId: "sg-other", vpcId: "vpc-1" }),
    );
    const { service } = await cloud.ecs.createService({
      ...create,
      ...network({ securityGroups: ["sg-app", "sg-other"] }),
    });
    expect(service?.networkConfiguration?.awsvpcConfiguration?.securityGroups).toEqual([
      "sg-app",
      "sg-other",
    ]);
  });

  it("a balanced service as Terraform asks for it: everything is given back", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { service } = await cloud.ecs.createService({
      ...create,
      loadBalancers,
      platformVersion: "LATEST",
      availabilityZoneRebalancing: "DISABLED",
      capacityProviderStrategy: [],
      healthCheckGracePeriodSeconds: 60,
    });
    const now = new Date(cloud.cloud.clock.now());
    const network = { awsvpcConfiguration: { ...awsvpc, assignPublicIp: "DISABLED" } };
    expect(service).toEqual({
      serviceArn: serviceArn,
      serviceName: "web",
      clusterArn: "arn:aws:ecs:ap-northeast-1:000000000000:cluster/shop",
      loadBalancers,
      serviceRegistries: [],
      status: "ACTIVE",
      desiredCount: 2,
      runningCount: 0,
      pendingCount: 0,
      launchType: "FARGATE",
      platformVersion: "1.4.0",
      platformFamily: "Linux",
      taskDefinition: `${definitionArn}:1`,
      deploymentConfiguration: {
        deploymentCircuitBreaker: { enable: false, rollback: false },
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        strategy: "ROLLING",
        bakeTimeInMinutes: 0,
      },
      deployments: [
        {
          id: expect.stringMatching(/^ecs-svc\/\d{19}$/),
          status: "PRIMARY",
          taskDefinition: `${definitionArn}:1`,
          desiredCount: 2,
          pendingCount: 0,
          runningCount: 0,
          failedTasks: 0,
          createdAt: now,
          updatedAt: now,
          launchType: "FARGATE",
          platformVersion: "1.4.0",
          platformFamily: "Linux",
          networkConfiguration: network,
          rolloutState: "IN_PROGRESS",
          rolloutStateReason: expect.stringMatching(
            /^ECS deployment ecs-svc\/\d{19} in progress\.$/,
          ),
        },
      ],
      roleArn:
        "arn:aws:iam::000000000000:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
      events: [],
      createdAt: now,
      placementConstraints: [],
      placementStrategy: [],
      networkConfiguration: network,
      healthCheckGracePeriodSeconds: 60,
      schedulingStrategy: "REPLICA",
      tags: [],
      createdBy: "arn:aws:iam::000000000000:root",
      enableECSManagedTags: false,
      propagateTags: "NONE",
      enableExecuteCommand: false,
      availabilityZoneRebalancing: "DISABLED",
    });
  });

  it("a service without balancer: no role, no grace period, rebalancing by default", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { service } = await cloud.ecs.createService(create);
    expect(service).not.toHaveProperty("roleArn");
    expect(service).not.toHaveProperty("healthCheckGracePeriodSeconds");
    expect(service?.availabilityZoneRebalancing).toBe("ENABLED");
  });

  it("a grace period without balancer, for container health checks: kept", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { service } = await cloud.ecs.createService({
      ...create,
      healthCheckGracePeriodSeconds: 60,
    });
    expect(service?.healthCheckGracePeriodSeconds).toBe(60);
  });

  it("a balanced service that says no grace period: zero", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { service } = await cloud.ecs.createService({ ...create, loadBalancers });
    expect(service?.healthCheckGracePeriodSeconds).toBe(0);
  });

  it("the same token and parameters: the service that is there; other parameters: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const request = { ...create, clientToken: "once" };
    const first = await cloud.ecs.createService(request);
    const second = await cloud.ecs.createService(request);
    expect(second.service?.deployments?.[0]?.id).toBe(first.service?.deployments?.[0]?.id);
    const other = { ...request, serviceName: "other" };
    expect(await refusal(cloud.ecs.createService(other))).toBe(
      "InvalidParameterException: Creation of service was not idempotent.",
    );
  });

  it("the name of an ACTIVE service, then of a DRAINING one, then of an INACTIVE one", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    expect(await refusal(cloud.ecs.createService(create))).toBe(
      "InvalidParameterException: Creation of service was not idempotent.",
    );
    changeWeb(cloud, { status: "DRAINING" });
    expect(await refusal(cloud.ecs.createService(create))).toBe(
      "InvalidParameterException: Unable to Start a service that is still Draining.",
    );
    changeWeb(cloud, { status: "INACTIVE" });
    expect((await cloud.ecs.createService(create)).service?.status).toBe("ACTIVE");
  });
});

const invalid = "InvalidParameterException: ";
const notYet = "UnknownOperationException: Neargate does not act on ";
const balanced = (more: object) => ({ loadBalancers: [{ ...loadBalancers[0], ...more }] });

const refusals: readonly (readonly [string, object, string])[] = [
  ["an unknown cluster", { cluster: "gone" }, "ClusterNotFoundException: Cluster not found."],
  ["no name", { serviceName: "" }, `${invalid}Service name should not be null or empty.`],
  [
    "a name with a space",
    { serviceName: "a b" },
    `${invalid}Service name contains invalid characters.`,
  ],
  [
    "an unknown definition",
    { taskDefinition: "gone" },
    "ClientException: TaskDefinition not found.",
  ],
  [
    "a deregistered definition",
    { taskDefinition: "old:1" },
    "ClientException: TaskDefinition is inactive",
  ],
  [
    "a definition with no Fargate size",
    { taskDefinition: "large" },
    `${invalid}Task definition does not support launch_type FARGATE.`,
  ],
  [
    "a launch type and a strategy",
    { capacityProviderStrategy: [{ capacityProvider: "FARGATE" }] },
    `${invalid}Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.`,
  ],
  ["no launch type", { launchType: undefined }, `${notYet}launch type EC2 yet`],
  [
    "a launch type that is none",
    { launchType: "CLOUD" },
    `${invalid}1 validation error detected: Value 'CLOUD' at 'launchType' failed to satisfy constraint: Member must satisfy enum value set: [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]`,
  ],
  [
    "an unknown platform version",
    { platformVersion: "9.9.9" },
    "PlatformUnknownException: The specified platform version does not exist.",
  ],
  [
    "no network",
    { networkConfiguration: undefined },
    `${invalid}Network Configuration must be provided when networkMode 'awsvpc' is specified.`,
  ],
  ["no subnets", network({ subnets: [] }), `${invalid}subnets can not be empty.`],
  [
    "seventeen subnets",
    network({ subnets: Array.from({ length: 17 }, () => "subnet-a") }),
    `${invalid}subnets can have at most 16 items.`,
  ],
  [
    "an unknown subnet",
    network({ subnets: ["subnet-a", "subnet-x"] }),
    `${invalid}Error retrieving subnet information for [subnet-x]: The subnet ID 'subnet-x' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
  ],
  [
    "an unknown group",
    network({ securityGroups: ["sg-x"] }),
    `${invalid}Error retrieving security group information for [sg-x]: The security group 'sg-x' does not exist (ErrorCode: InvalidGroup.NotFound)`,
  ],
  [
    "subnets of two VPCs",
    network({ subnets: ["subnet-a", "subnet-other"] }),
    `${invalid}subnets and securityGroups must all belong to the same VPC.`,
  ],
  [
    "a group of another VPC",
    network({ securityGroups: ["sg-other"] }),
    `${invalid}subnets and securityGroups must all belong to the same VPC.`,
  ],
  [
    "an unknown target group",
    balanced({ targetGroupArn: `${balancedGroupArn}0` }),
    `${invalid}The specified target group does not exist`,
  ],
  [
    "a target group without listener",
    balanced({ targetGroupArn: loneGroupArn }),
    `${invalid}The target group with targetGroupArn ${loneGroupArn} does not have an associated load balancer.`,
  ],
  [
    "an unknown container",
    balanced({ containerName: "db" }),
    `${invalid}The container db does not exist in the task definition.`,
  ],
  [
    "a port the container does not have",
    balanced({ containerPort: 9090 }),
    `${invalid}The container app did not have a container port 9090 defined.`,
  ],
  [
    "no room to deploy",
    { deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 } },
    `${invalid}Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.`,
  ],
  [
    "a minimum above all",
    { deploymentConfiguration: { minimumHealthyPercent: 101 } },
    `${invalid}minimumHealthyPercent must be at most 100`,
  ],
  [
    "rebalancing without room",
    {
      availabilityZoneRebalancing: "ENABLED",
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
    },
    `${invalid}availabilityZoneRebalancing requires a maximumPercent greater than 100.`,
  ],
  ["daemons", { schedulingStrategy: "DAEMON" }, `${notYet}scheduling strategy DAEMON yet`],
  [
    "CodeDeploy",
    { deploymentController: { type: "CODE_DEPLOY" } },
    `${notYet}deployment controller CODE_DEPLOY yet`,
  ],
  [
    "service discovery",
    { serviceRegistries: [{ registryArn: "arn" }] },
    `${notYet}the member serviceRegistries of ecs:CreateService yet`,
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
    "a client token that is too long",
    { clientToken: "x".repeat(65) },
    `${invalid}clientToken longer than 64.`,
  ],
  [
    "a count below none",
    { desiredCount: -1 },
    `${invalid}desiredCount must be between 0 and 5000.`,
  ],
];

describe("a service that cannot be", () => {
  it.each(refusals)("%s: refused, and nothing is made", async (_, change, expected) => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { ecs } = cloud;
    await ecs.registerTaskDefinition({ ...webDefinition, family: "old" });
    await ecs.deregisterTaskDefinition({ taskDefinition: "old:1" });
    await ecs.registerTaskDefinition({
      ...webDefinition,
      family: "large",
      requiresCompatibilities: [],
      memory: "8192",
    });
    const input = { ...create, ...change } as CreateServiceRequest;
    expect(await refusal(ecs.createService(input))).toBe(expected);
    expect((await ecs.listServices({ cluster: "shop" })).serviceArns).toEqual([]);
  });
});
