import { describe, expect, it } from "vitest";
import { refusal, startTestEcs, type TestEcs } from "./testing.ts";
import { runOne } from "./testing-tasks.ts";

const invalid = "InvalidParameterException: ";

type Call = (cloud: TestEcs, cluster: string, task: string) => Promise<unknown>;

const calls: readonly [string, string, Call][] = [
  [
    "DescribeTasks",
    "taskId",
    ({ ecs }, cluster, task) => ecs.describeTasks({ cluster, tasks: [task] }),
  ],
  ["StopTask", "taskId", ({ ecs }, cluster, task) => ecs.stopTask({ cluster, task })],
  [
    "GetTaskProtection",
    "taskId",
    ({ ecs }, cluster, task) => ecs.getTaskProtection({ cluster, tasks: [task] }),
  ],
  [
    "UpdateTaskProtection",
    "taskId",
    ({ ecs }, cluster, task) =>
      ecs.updateTaskProtection({ cluster, tasks: [task], protectionEnabled: true }),
  ],
  [
    "ExecuteCommand",
    "task",
    ({ ecs }, cluster, task) =>
      ecs.executeCommand({ cluster, task, command: "sh", interactive: true }),
  ],
];

describe.each(calls)("what %s is told a task is", (operation, noun, call) => {
  const wrong = ["bad", "None", "arn:aws:ecs:ap-northeast-1:000000000000:task/shop/bad"];
  const blank = operation === "ExecuteCommand" ? [] : [""];

  it.each([...wrong, ...blank])("'%s', of no task's length: refused", async (task) => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    expect(await refusal(call(cloud, "shop", task))).toBe(
      `${invalid}${noun} length should be one of [32,36]`,
    );
  });

  it("a service's ARN: refused", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const service = "arn:aws:ecs:ap-northeast-1:000000000000:service/shop/web";
    expect(await refusal(call(cloud, "shop", service))).toMatch(/length should be one of/);
  });

  it("the ARN of a task of another cluster: refused, with both clusters", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { taskArn = "" } = await runOne(cloud);
    const { ecs } = cloud;
    const { cluster } = await ecs.createCluster({ clusterName: "c1" });
    const refused = `${invalid}Invalid identifier: Identifier is for cluster shop. Your cluster is c1`;
    expect(await refusal(call(cloud, "c1", taskArn))).toBe(refused);
    expect(await refusal(call(cloud, cluster?.clusterArn ?? "", taskArn))).toBe(refused);
  });
});
