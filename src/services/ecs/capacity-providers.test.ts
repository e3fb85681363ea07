import type { CapacityProviderStrategyItem } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { networkConfiguration, refusal, startTestEcs, type TestEcs } from "./testing.ts";

const invalid = "InvalidParameterException: ";
const both = ["FARGATE", "FARGATE_SPOT"];
const evenly = [
  { capacityProvider: "FARGATE", weight: 1, base: 0 },
  { capacityProvider: "FARGATE_SPOT", weight: 1, base: 0 },
];

const put = (
  { ecs }: TestEcs,
  capacityProviders: string[],
  defaultCapacityProviderStrategy: CapacityProviderStrategyItem[] = [],
) =>
  ecs.putClusterCapacityProviders({
    cluster: "shop",
    capacityProviders,
    defaultCapacityProviderStrategy,
  });

const launch = { cluster: "shop", taskDefinition: "web", networkConfiguration };

describe("capacity providers of a cluster", () => {
  it("put, then taken away: shown with the cluster", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { cluster } = await put(cloud, both, [{ capacityProvider: "FARGATE", weight: 1 }]);
    expect(cluster).toMatchObject({
      capacityProviders: both,
      defaultCapacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1, base: 0 }],
    });
    expect((await put(cloud, [])).cluster?.capacityProviders).toEqual([]);
  });

  it("made with the cluster: the same", async () => {
    await using cloud = await startTestEcs();
    const { cluster } = await cloud.ecs.createCluster({ capacityProviders: ["FARGATE"] });
    expect(cluster?.capacityProviders).toEqual(["FARGATE"]);
  });

  it("described: Fargate's two, and what is unknown as MISSING", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const all = await cloud.ecs.describeCapacityProviders({});
    expect(all.capacityProviders?.map((one) => one.name)).toEqual(both);
    const asked = await cloud.ecs.describeCapacityProviders({ capacityProviders: ["asg"] });
    const arn = "arn:aws:ecs:ap-northeast-1:000000000000:capacity-provider/asg";
    expect(asked).toMatchObject({ capacityProviders: [], failures: [{ arn, reason: "MISSING" }] });
  });

  it("unknown, or in use by a service: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    expect(await refusal(put(cloud, ["asg"]))).toBe(
      `${invalid}The specified capacity provider 'asg' was not found. Specify a valid name or ARN and try again.`,
    );
    await put(cloud, both);
    const capacityProviderStrategy = evenly;
    await cloud.ecs.createService({ ...launch, serviceName: "web", capacityProviderStrategy });
    expect(await refusal(put(cloud, ["FARGATE"]))).toBe(
      "ResourceInUseException: The specified capacity provider is in use and cannot be removed.",
    );
  });
});

describe("launching by a strategy", () => {
  it("tasks: shared out, each with its provider", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await put(cloud, both);
    const { tasks } = await cloud.ecs.runTask({
      ...launch,
      count: 3,
      capacityProviderStrategy: evenly,
    });
    expect(tasks?.map((task) => task.capacityProviderName)).toEqual([
      "FARGATE",
      "FARGATE_SPOT",
      "FARGATE",
    ]);
    expect(tasks?.[0]?.launchType).toBe("FARGATE");
  });

  it("a service that says nothing: the cluster's default strategy, no launch type", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await put(cloud, both, evenly);
    const { service } = await cloud.ecs.createService({ ...launch, serviceName: "web" });
    expect(service).not.toHaveProperty("launchType");
    expect(service?.capacityProviderStrategy).toEqual(evenly);
    expect(service?.deployments?.[0]?.capacityProviderStrategy).toEqual(evenly);
  });

  it("a service that changes to a strategy: only by a forced deployment", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await put(cloud, both);
    await cloud.ecs.createService({ ...launch, serviceName: "web", launchType: "FARGATE" });
    const update = (forceNewDeployment: boolean) =>
      cloud.ecs.updateService({
        cluster: "shop",
        service: "web",
        capacityProviderStrategy: evenly,
        forceNewDeployment,
      });
    expect(await refusal(update(false))).toBe(
      `${invalid}When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.`,
    );
    const { service } = await update(true);
    expect(service).not.toHaveProperty("launchType");
    expect(service?.deployments?.map((one) => one.launchType)).toEqual([undefined, "FARGATE"]);
  });

  const notAssociated =
    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster and try again.";
  it.each([
    ["a provider the cluster lacks", [{ capacityProvider: "asg", weight: 1 }], notAssociated],
    [
      "two bases",
      evenly.map((item) => ({ ...item, base: 1 })),
      "There are multiple capacity providers in the specified capacity provider strategy with a base value defined. Only one capacity provider can have a base value.",
    ],
    [
      "no weight",
      [{ capacityProvider: "FARGATE" }],
      "There are no capacity providers in the capacity provider strategy with a weight value greater than zero.",
    ],
    [
      "a weight above all",
      [{ capacityProvider: "FARGATE", weight: 1001 }],
      "1 validation error detected: Value '1001' at 'capacityProviderStrategy.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 1000",
    ],
  ])("%s: refused", async (_, capacityProviderStrategy, expected) => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await put(cloud, both);
    expect(await refusal(cloud.ecs.runTask({ ...launch, capacityProviderStrategy }))).toBe(
      `${invalid}${expected}`,
    );
  });
});
