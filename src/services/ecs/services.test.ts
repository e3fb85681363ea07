import { describe, expect, it } from "vitest";
import { tasks } from "../../state/tables/ecs.ts";
import { networkConfiguration, refusal, startTestEcs } from "./testing.ts";
import { changeWeb, create, describeWeb, serviceArn } from "./testing-services.ts";

const invalid = "InvalidParameterException: ";

describe("DescribeServices", () => {
  it("known and unknown ones: the unknown are MISSING by their full ARN", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    const answer = await cloud.ecs.describeServices({
      cluster: "shop",
      services: [serviceArn, "gone"],
    });
    expect(answer.services?.map((service) => service.serviceName)).toEqual(["web"]);
    expect(answer.failures).toEqual([
      { arn: serviceArn.replace("/web", "/gone"), reason: "MISSING" },
    ]);
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
        tx.table(tasks).put({
          ...task,
          serviceArn: serviceArn,
          deploymentId,
          lastStatus: "RUNNING",
        });
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
    expect(second.serviceArns).toEqual([serviceArn.replace("/web", "/s9")]);
  });

  it("a draining service or another launch type: not listed", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService(create);
    const ec2 = await cloud.ecs.listServices({ cluster: "shop", launchType: "EC2" });
    expect(ec2.serviceArns).toEqual([]);
    changeWeb(cloud, { status: "DRAINING" });
    expect((await cloud.ecs.listServices({ cluster: "shop" })).serviceArns).toEqual([]);
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
    changeWeb(cloud, { status: "INACTIVE" });
    expect(await remove()).toBe("ServiceNotFoundException: Service not found.");
  });
});
