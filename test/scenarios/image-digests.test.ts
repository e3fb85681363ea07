/** One deployment, one version: what a tag meant for its first task, its later tasks run too. */
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { type EngineAccount, openEngineAccount, region } from "./support/engine-account.ts";
import { pushImage } from "./support/push-image.ts";

const image = `000000000000.dkr.ecr.${region}.amazonaws.com/app:v1`;
const where = { cluster: "main", service: "web" };

/** A service of one task of the image, that runs. */
async function openService(more: Partial<ContainerDefinition> = {}) {
  const cloud = await openEngineAccount();
  const executionRoleArn = await cloud.executionRole("execution");
  await cloud.ecr.createRepository({ repositoryName: "app" });
  const first = await pushImage(cloud.ecr, "v1", "one");
  await cloud.register({ image, ...more }, { executionRoleArn });
  await cloud.ecs.createService({
    cluster: "main",
    serviceName: "web",
    taskDefinition: "app",
    desiredCount: 1,
    launchType: "FARGATE",
    networkConfiguration: cloud.network,
  });
  await cloud.engine.advance(60_000);
  return { cloud, first: first.digest };
}

/** Digests of the tasks that are to run, each once. */
async function digests({ ecs }: EngineAccount): Promise<(string | undefined)[]> {
  const { taskArns } = await ecs.listTasks({ cluster: "main", serviceName: "web" });
  const { tasks } = await ecs.describeTasks({ cluster: "main", tasks: taskArns });
  return [...new Set(tasks?.map(({ containers }) => containers?.[0]?.imageDigest))];
}

describe("the digests of a deployment", () => {
  it("a tag that moves: tasks added and replaced keep the version; RunTask and a new deployment have the new one", async () => {
    const { cloud, first } = await openService();
    await using _ = cloud;
    const second = (await pushImage(cloud.ecr, "v1", "two")).digest;
    expect(second).not.toBe(first);
    await cloud.ecs.updateService({ ...where, desiredCount: 3 });
    await cloud.engine.advance(60_000);
    expect(await digests(cloud)).toEqual([first]);
    const { taskArns } = await cloud.ecs.listTasks({ cluster: "main", serviceName: "web" });
    for (const task of taskArns ?? []) await cloud.ecs.stopTask({ cluster: "main", task });
    await cloud.engine.advance(120_000);
    expect(await digests(cloud)).toEqual([first]);
    expect((await cloud.run()).containers?.[0]?.imageDigest).toBe(second);
    await cloud.ecs.updateService({ ...where, forceNewDeployment: true });
    await cloud.engine.advance(300_000);
    expect(await digests(cloud)).toEqual([second]);
  });

  it("the version is deleted: tasks of the deployment say which digest is not found", async () => {
    const { cloud, first } = await openService();
    await using _ = cloud;
    await pushImage(cloud.ecr, "v1", "two");
    await cloud.ecr.batchDeleteImage({
      repositoryName: "app",
      imageIds: [{ imageDigest: first }],
    });
    await cloud.ecs.updateService({ ...where, desiredCount: 2 });
    await cloud.engine.advance(5_000);
    const { services } = await cloud.ecs.describeServices({ cluster: "main", services: ["web"] });
    expect(
      services?.[0]?.events?.some(({ message }) => message?.includes(`@${first}: not found`)),
    ).toBe(true);
  });

  it("consistency off: each task looks its tag up anew", async () => {
    const { cloud, first } = await openService({ versionConsistency: "disabled" });
    await using _ = cloud;
    const second = (await pushImage(cloud.ecr, "v1", "two")).digest;
    await cloud.ecs.updateService({ ...where, desiredCount: 2 });
    await cloud.engine.advance(60_000);
    expect(new Set(await digests(cloud))).toEqual(new Set([first, second]));
    const { taskDefinition } = await cloud.ecs.describeTaskDefinition({ taskDefinition: "app" });
    expect(taskDefinition?.containerDefinitions?.[0]?.versionConsistency).toBe("disabled");
  });

  it("a rollback: the old deployment's version, whatever its tag means by then", async () => {
    const { cloud, first } = await openService();
    await using _ = cloud;
    await pushImage(cloud.ecr, "v1", "two");
    await cloud.register(
      { image: image.replace(/v1$/, "none") },
      { executionRoleArn: "execution" },
    );
    await cloud.ecs.updateService({
      ...where,
      taskDefinition: "app",
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    await cloud.engine.advance(600_000);
    await cloud.ecs.updateService({ ...where, desiredCount: 3 });
    await cloud.engine.advance(120_000);
    expect(await digests(cloud)).toEqual([first]);
  });
});
