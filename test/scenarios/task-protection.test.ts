/** Protected tasks in the way of a service's deployment, through the API of a whole engine. */
import { describe, expect, it } from "vitest";
import { type EngineAccount, openEngineAccount } from "./support/engine-account.ts";

const where = { cluster: "main", service: "web" };

async function openService(cloud: EngineAccount): Promise<string[]> {
  await cloud.register({});
  await cloud.ecs.createService({
    cluster: "main",
    serviceName: "web",
    taskDefinition: "app",
    desiredCount: 2,
    launchType: "FARGATE",
    networkConfiguration: cloud.network,
  });
  await cloud.engine.advance(120_000);
  return tasksOf(cloud);
}

const tasksOf = async ({ ecs }: EngineAccount): Promise<string[]> =>
  (await ecs.listTasks({ cluster: "main", serviceName: "web" })).taskArns ?? [];

const serviceOf = async ({ ecs }: EngineAccount) =>
  (await ecs.describeServices({ cluster: "main", services: ["web"] })).services?.[0];

const protect = ({ ecs }: EngineAccount, tasks: string[], protectionEnabled = true) =>
  ecs.updateTaskProtection({ cluster: "main", tasks, protectionEnabled, expiresInMinutes: 60 });

describe("protected tasks and a deployment", () => {
  it("in its way: they go on, no more of the old ones may be protected, and the new ones may", async () => {
    await using cloud = await openEngineAccount();
    const old = await openService(cloud);
    const [held = "", free = ""] = old;
    expect((await protect(cloud, [held])).failures).toEqual([]);
    await cloud.ecs.updateService({ ...where, forceNewDeployment: true });
    await cloud.engine.advance(300_000);
    const during = await serviceOf(cloud);
    expect(during?.deployments).toMatchObject([
      { status: "PRIMARY", rolloutState: "IN_PROGRESS", runningCount: 2 },
      { status: "ACTIVE", runningCount: 1 },
    ]);
    expect(during?.events?.map(({ message }) => message).join("\n")).toMatch(
      /was unable to reach steady state because \(taskSet ecs-svc\/\d+\) was unable to scale in due to \(reason 1 tasks under protection\)/,
    );
    const now = await tasksOf(cloud);
    expect(now).toContain(held);
    expect(now).not.toContain(free);
    const again = await protect(cloud, [held]);
    expect(again).toMatchObject({
      protectedTasks: [],
      failures: [{ arn: held, reason: "DEPLOYMENT_BLOCKED" }],
    });
    const { protectedTasks } = await cloud.ecs.getTaskProtection({
      cluster: "main",
      tasks: [held],
    });
    expect(protectedTasks).toMatchObject([{ taskArn: held, protectionEnabled: true }]);
    const fresh = now.filter((arn) => !old.includes(arn));
    expect((await protect(cloud, fresh)).failures).toEqual([]);
    expect((await protect(cloud, [held], false)).failures).toEqual([]);
    await cloud.engine.advance(180_000);
    const after = await serviceOf(cloud);
    expect(after?.deployments).toMatchObject([{ rolloutState: "COMPLETED", runningCount: 2 }]);
    expect((await tasksOf(cloud)).toSorted()).toEqual(fresh.toSorted());
  });

  it("its protection expires: the deployment ends by itself", async () => {
    await using cloud = await openEngineAccount();
    const [held = ""] = await openService(cloud);
    await protect(cloud, [held]);
    await cloud.ecs.updateService({ ...where, forceNewDeployment: true });
    await cloud.engine.advance(50 * 60_000);
    expect((await serviceOf(cloud))?.deployments).toHaveLength(2);
    await cloud.engine.advance(15 * 60_000);
    expect((await serviceOf(cloud))?.deployments).toHaveLength(1);
    expect(await tasksOf(cloud)).not.toContain(held);
  });

  it("scaling in: the free task goes, and StopTask ends a protected one all the same", async () => {
    await using cloud = await openEngineAccount();
    const [held = ""] = await openService(cloud);
    await protect(cloud, [held]);
    await cloud.ecs.updateService({ ...where, desiredCount: 1 });
    await cloud.engine.advance(60_000);
    expect(await tasksOf(cloud)).toEqual([held]);
    await cloud.ecs.stopTask({ cluster: "main", task: held });
    await cloud.engine.advance(60_000);
    expect(await cloud.describe(held)).toMatchObject({
      lastStatus: "STOPPED",
      stopCode: "UserInitiated",
    });
  });
});
