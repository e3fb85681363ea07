import type { UpdateServiceRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { services } from "../../state/tables/ecs.ts";
import {
  networkConfiguration,
  refusal,
  startTestEcs,
  type TestEcs,
  webDefinition,
} from "./testing.ts";
import {
  changeWeb,
  create,
  definitionArn,
  describeWeb,
  loadBalancers,
  network,
  serviceArn,
} from "./testing-services.ts";

const invalid = "InvalidParameterException: ";

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

  it("other balancers: the deployment before keeps its own", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService({ ...create, loadBalancers });
    await update(cloud, { loadBalancers: [] });
    const { store, scope } = cloud.cloud;
    const service = store.read((tx) => tx.table(services).get(scope, serviceArn));
    expect(service?.deployments.map((one) => one.loadBalancers)).toEqual([[], loadBalancers]);
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

  it("constraints on placement: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    const placementConstraints = [{ type: "distinctInstance" as const }];
    expect(await refusal(update(cloud, { placementConstraints }))).toBe(
      `${invalid}Placement constraints are not supported with FARGATE launch type.`,
    );
    await update(cloud, { placementConstraints: [], placementStrategy: [] });
  });

  it("an unknown service, and one that is not ACTIVE: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    expect(await refusal(update(cloud, {}))).toBe("ServiceNotFoundException: Service not found.");
    await cloud.ecs.createService(create);
    changeWeb(cloud, { status: "INACTIVE" });
    expect(await refusal(update(cloud, {}))).toBe(
      "ServiceNotActiveException: Service was not ACTIVE.",
    );
  });
});
