import { describe, expect, it } from "vitest";
import { startTestEcs } from "./testing.ts";
import { changeTask, runOne } from "./testing-tasks.ts";

const gone = "f".repeat(32);
const serviceArn = "arn:aws:ecs:ap-northeast-1:000000000000:service/shop/web";

describe("task protection", () => {
  it("of a service's task: on for two hours or as said, and off again", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn = "" } = await runOne(cloud);
    changeTask(cloud, taskArn, { serviceArn });
    const now = cloud.cloud.clock.now();
    const about = { cluster: "shop", tasks: [taskArn] };
    const update = (protectionEnabled: boolean, expiresInMinutes?: number) =>
      cloud.ecs.updateTaskProtection({ ...about, protectionEnabled, expiresInMinutes });
    const minutes = (count: number) => new Date(now + count * 60_000);
    expect((await update(true)).protectedTasks).toEqual([
      { taskArn, protectionEnabled: true, expirationDate: minutes(120) },
    ]);
    await update(true, 5);
    expect((await cloud.ecs.getTaskProtection(about)).protectedTasks).toEqual([
      { taskArn, protectionEnabled: true, expirationDate: minutes(5) },
    ]);
    await cloud.cloud.clock.advance(5 * 60_000);
    expect((await cloud.ecs.getTaskProtection(about)).protectedTasks).toEqual([
      { taskArn, protectionEnabled: false },
    ]);
    expect((await update(false)).protectedTasks).toEqual([{ taskArn, protectionEnabled: false }]);
  });

  it("of nobody's task or an unknown one: failures", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn = "" } = await runOne(cloud);
    const { protectedTasks, failures } = await cloud.ecs.updateTaskProtection({
      cluster: "shop",
      tasks: [taskArn, gone],
      protectionEnabled: true,
    });
    expect(protectedTasks).toEqual([]);
    expect(failures).toMatchObject([
      { arn: taskArn, reason: "TASK_NOT_VALID" },
      { arn: `arn:aws:ecs:ap-northeast-1:000000000000:task/shop/${gone}`, reason: "MISSING" },
    ]);
  });
});
