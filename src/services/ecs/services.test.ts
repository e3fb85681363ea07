import type { CreateServiceRequest, UpdateServiceRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { services, tasks } from "../../state/tables/ecs.ts";
import {
  awsvpc,
  balancedGroupArn,
  loneGroupArn,
  networkConfiguration,
  refusal,
  startTestEcs,
  type TestEcs,
  webDefinition,
} from "./testing.ts";

const arn = "arn:aws:ecs:ap-northeast-1:000000000000:service/shop/web";
const definitionArn = "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web";
const create: CreateServiceRequest = {
  cluster: "shop",
  serviceName: "web",
  taskDefinition: "web",
  desiredCount: 2,
  launchType: "FARGATE",
  networkConfiguration,
};
const loadBalancers = [
  { targetGroupArn: balancedGroupArn, containerName: "app", containerPort: 8080 },
];

const describeWeb = async ({ ecs }: TestEcs) => {
  const answer = await ecs.describeServices({ cluster: "shop", services: ["web"] });
  return answer.services?.[0];
};

/** What the service loop does to a service. */
const change = ({ cloud }: TestEcs, values: object): void =>
  cloud.store.write((tx) => {
    const service = tx.table(services).get(cloud.scope, arn);
    if (service) tx.table(services).put({ ...service, ...values });
  });

describe("CreateService", () => {
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
      serviceArn: arn,
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
    change(cloud, { status: "DRAINING" });
    expect(await refusal(cloud.ecs.createService(create))).toBe(
      "InvalidParameterException: Unable to Start a service that is still Draining.",
    );
    change(cloud, { status: "INACTIVE" });
    expect((await cloud.ecs.createService(create)).service?.status).toBe("ACTIVE");
  });
});

const invalid = "InvalidParameterException: ";
const notYet = "UnknownOperationException: Neargate does not act on ";
const network = (more: object) => ({
  networkConfiguration: { awsvpcConfiguration: { ...awsvpc, ...more } },
});
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
    `${invalid}1 validation error detected: Value 'CLOUD' at 'launchType' failed to satisfy constraint: Member must satisfy enum value set: [EC2, EXTERNAL, FARGATE, MANAGED_INSTANCES]`,
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
  [
    "a grace period without balancer",
    { healthCheckGracePeriodSeconds: 60 },
    `${invalid}Health check grace period is only valid for services configured to use load balancers`,
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

describe("DescribeServices", () => {
  it("known and unknown ones: the unknown are MISSING by their full ARN", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    const answer = await cloud.ecs.describeServices({ cluster: "shop", services: [arn, "gone"] });
    expect(answer.services?.map((service) => service.serviceName)).toEqual(["web"]);
    expect(answer.failures).toEqual([{ arn: arn.replace("/web", "/gone"), reason: "MISSING" }]);
  });

  it("tags: absent unless asked for", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService({ ...create, tags: [{ key: "team", value: "web" }] });
    expect(await describeWeb(cloud)).not.toHaveProperty("tags");
    const include = ["TAGS" as const];
    const asked = await cloud.ecs.describeServices({ cluster: "shop", services: ["web"], include });
    expect(asked.services?.[0]?.tags).toEqual([{ key: "team", value: "web" }]);
  });

  it("eleven, none, or an unknown cluster: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const describe = (cluster: string, names: string[]) =>
      refusal(cloud.ecs.describeServices({ cluster, services: names }));
    const eleven = Array.from({ length: 11 }, (_, at) => `s${at}`);
    expect(await describe("shop", eleven)).toBe(`${invalid}services can have at most 10 items.`);
    expect(await describe("shop", [])).toBe(`${invalid}Services cannot be empty.`);
    expect(await describe("gone", ["web"])).toBe("ClusterNotFoundException: Cluster not found.");
  });

  it("tasks of two deployments: counted for the service and for each deployment", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    const before = await describeWeb(cloud);
    await cloud.ecs.updateService({ cluster: "shop", service: "web", forceNewDeployment: true });
    const { tasks: run } = await cloud.ecs.runTask({
      cluster: "shop",
      taskDefinition: "web",
      launchType: "FARGATE",
      networkConfiguration,
    });
    cloud.cloud.store.write((tx) => {
      const task = tx.table(tasks).get(cloud.cloud.scope, run?.[0]?.taskArn ?? "");
      const deploymentId = before?.deployments?.[0]?.id;
      if (task)
        tx.table(tasks).put({ ...task, serviceArn: arn, deploymentId, lastStatus: "RUNNING" });
    });
    const service = await describeWeb(cloud);
    expect(service?.runningCount).toBe(1);
    expect(service?.deployments?.map((one) => one.runningCount)).toEqual([0, 1]);
  });
});

describe("ListServices", () => {
  it("eleven services: ten a page, and the rest by the token", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    for (let at = 0; at < 11; at++) {
      await cloud.ecs.createService({ ...create, serviceName: `s${at}` });
    }
    const first = await cloud.ecs.listServices({ cluster: "shop" });
    expect(first.serviceArns).toHaveLength(10);
    const nextToken = first.nextToken ?? "";
    const second = await cloud.ecs.listServices({ cluster: "shop", nextToken });
    expect(second.serviceArns).toEqual([arn.replace("/web", "/s10")]);
  });

  it("a draining service or another launch type: not listed", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    const ec2 = await cloud.ecs.listServices({ cluster: "shop", launchType: "EC2" });
    expect(ec2.serviceArns).toEqual([]);
    change(cloud, { status: "DRAINING" });
    expect((await cloud.ecs.listServices({ cluster: "shop" })).serviceArns).toEqual([]);
  });
});

describe("UpdateService", () => {
  const update = async (cloud: TestEcs, input: Partial<UpdateServiceRequest>) => {
    await cloud.cloud.clock.advance(1000);
    return cloud.ecs.updateService({ cluster: "shop", service: "web", ...input });
  };

  it.each([
    ["a desired count", { desiredCount: 5 }],
    ["a grace period", { healthCheckGracePeriodSeconds: 10 }],
    ["deployment percents", { deploymentConfiguration: { maximumPercent: 150 } }],
    ["the definition it has", { taskDefinition: "web:1" }],
    ["the network it has", { networkConfiguration }],
    ["tag options", { propagateTags: "SERVICE" as const, enableECSManagedTags: true }],
  ])("%s: no deployment", async (_, input) => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService({ ...create, loadBalancers });
    const before = await describeWeb(cloud);
    const { service } = await update(cloud, input);
    expect(service?.deployments?.map((one) => one.id)).toEqual([before?.deployments?.[0]?.id]);
  });

  it.each([
    ["a new revision by its family", { taskDefinition: "web" }],
    [
      "another network",
      { networkConfiguration: network({ subnets: ["subnet-a"] }).networkConfiguration },
    ],
    ["other balancers", { loadBalancers: [] }],
    ["nothing, by force", { forceNewDeployment: true }],
  ])("%s: a deployment in front of the one before", async (_, input) => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService({ ...create, loadBalancers });
    const before = await describeWeb(cloud);
    await cloud.ecs.registerTaskDefinition(webDefinition);
    const { service } = await update(cloud, input);
    const [primary, replaced, ...others] = service?.deployments ?? [];
    expect(others).toEqual([]);
    expect(primary).toMatchObject({ status: "PRIMARY", rolloutState: "IN_PROGRESS" });
    expect(replaced).toMatchObject({ status: "ACTIVE", id: before?.deployments?.[0]?.id });
    expect(primary?.id).not.toBe(replaced?.id);
  });

  it("a family's name: its latest ACTIVE revision", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    await cloud.ecs.registerTaskDefinition(webDefinition);
    await cloud.ecs.registerTaskDefinition(webDefinition);
    await cloud.ecs.deregisterTaskDefinition({ taskDefinition: "web:3" });
    const { service } = await update(cloud, { taskDefinition: "web" });
    expect(service?.taskDefinition).toBe(`${definitionArn}:2`);
    expect(service?.deployments?.[0]?.taskDefinition).toBe(`${definitionArn}:2`);
  });

  it("a desired count: of the service and of its primary deployment", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    await cloud.ecs.deregisterTaskDefinition({ taskDefinition: "web:1" });
    const { service } = await update(cloud, { desiredCount: 0 });
    expect(service?.desiredCount).toBe(0);
    expect(service?.deployments?.[0]?.desiredCount).toBe(0);
  });

  it("a revision without the balanced port: refused, and nothing changes", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService({ ...create, loadBalancers });
    const containerDefinitions = [{ name: "app", image: "nginx" }];
    await cloud.ecs.registerTaskDefinition({ ...webDefinition, containerDefinitions });
    expect(await refusal(update(cloud, { taskDefinition: "web", desiredCount: 7 }))).toBe(
      `${invalid}The container app did not have a container port 8080 defined.`,
    );
    expect((await describeWeb(cloud))?.desiredCount).toBe(2);
  });

  it("an unknown service, and one that is not ACTIVE: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    expect(await refusal(update(cloud, {}))).toBe("ServiceNotFoundException: Service not found.");
    await cloud.ecs.createService(create);
    change(cloud, { status: "INACTIVE" });
    expect(await refusal(update(cloud, {}))).toBe(
      "ServiceNotActiveException: Service was not ACTIVE.",
    );
  });
});

describe("DeleteService", () => {
  it("a service above zero: refused, unless forced", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    expect(await refusal(cloud.ecs.deleteService({ cluster: "shop", service: "web" }))).toBe(
      `${invalid}The service cannot be stopped while it is scaled above 0.`,
    );
    const force = { cluster: "shop", service: "web", force: true };
    const { service } = await cloud.ecs.deleteService(force);
    expect(service).toMatchObject({ status: "DRAINING", desiredCount: 0 });
  });

  it("a service at zero: DRAINING, described still", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService({ ...create, desiredCount: 0 });
    await cloud.ecs.deleteService({ cluster: "shop", service: "web" });
    expect((await describeWeb(cloud))?.status).toBe("DRAINING");
  });

  it("an unknown service, or one that is gone: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const remove = () => refusal(cloud.ecs.deleteService({ cluster: "shop", service: "web" }));
    expect(await remove()).toBe("ServiceNotFoundException: Service not found.");
    await cloud.ecs.createService(create);
    change(cloud, { status: "INACTIVE" });
    expect(await remove()).toBe("ServiceNotFoundException: Service not found.");
  });
});
