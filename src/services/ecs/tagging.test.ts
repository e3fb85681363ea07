import { describe, expect, it } from "vitest";
import { networkConfiguration, refusal, startTestEcs } from "./testing.ts";
import { changeTask, runOne } from "./testing-tasks.ts";

const prefix = "arn:aws:ecs:ap-northeast-1:000000000000:";
const arns = [
  `${prefix}cluster/shop`,
  `${prefix}service/shop/web`,
  `${prefix}task-definition/web:1`,
];

const startWithService = async () => {
  const cloud = await startTestEcs({ cluster: "shop" });
  await cloud.ecs.createService({
    cluster: "shop",
    serviceName: "web",
    taskDefinition: "web",
    launchType: "FARGATE",
    networkConfiguration,
  });
  return cloud;
};

describe("tags by ARN", () => {
  it.each(arns)("%s: set, replaced, listed and taken away", async (resourceArn) => {
    await using cloud = await startWithService();
    const { ecs } = cloud;
    const tag = (key: string, value: string) =>
      ecs.tagResource({ resourceArn, tags: [{ key, value }] });
    await tag("team", "web");
    await tag("cost", "1");
    await tag("team", "shop");
    expect((await ecs.listTagsForResource({ resourceArn })).tags).toEqual([
      { key: "team", value: "shop" },
      { key: "cost", value: "1" },
    ]);
    await ecs.untagResource({ resourceArn, tagKeys: ["team", "other"] });
    expect((await ecs.listTagsForResource({ resourceArn })).tags).toEqual([
      { key: "cost", value: "1" },
    ]);
  });

  it("a deleted cluster: has none any more", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.deleteCluster({ cluster: "shop" });
    const resourceArn = `${prefix}cluster/shop`;
    const inactive =
      "InvalidParameterException: The specified cluster is inactive. Specify an active cluster and try again.";
    const tags = [{ key: "a", value: "b" }];
    expect(await refusal(cloud.ecs.tagResource({ resourceArn, tags }))).toBe(inactive);
    expect(await refusal(cloud.ecs.listTagsForResource({ resourceArn }))).toBe(inactive);
  });

  it("a task: tagged", async () => {
    await using cloud = await startWithService();
    const { tasks } = await cloud.ecs.runTask({
      cluster: "shop",
      taskDefinition: "web",
      launchType: "FARGATE",
      networkConfiguration,
    });
    const resourceArn = tasks?.[0]?.taskArn;
    const tags = [{ key: "a", value: "b" }];
    await cloud.ecs.tagResource({ resourceArn, tags });
    expect((await cloud.ecs.listTagsForResource({ resourceArn })).tags).toEqual(tags);
  });

  it("a task that has STOPPED: its tags stay as they are", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const tags = [{ key: "a", value: "b" }];
    const { taskArn: resourceArn } = await runOne(cloud, { tags });
    changeTask(cloud, resourceArn, { lastStatus: "STOPPED", desiredStatus: "STOPPED" });
    const { ecs } = cloud;
    const stopped =
      "InvalidParameterException: The specified task is stopped. Specify a running task and try again.";
    const added = [{ key: "c", value: "d" }];
    expect(await refusal(ecs.tagResource({ resourceArn, tags: added }))).toBe(stopped);
    expect(await refusal(ecs.untagResource({ resourceArn, tagKeys: ["a"] }))).toBe(stopped);
    expect((await ecs.listTagsForResource({ resourceArn })).tags).toEqual(tags);
  });

  it.each([
    [
      `${prefix}service/shop/gone`,
      "The specified service was not found. Specify a valid service and try again.",
    ],
    [`${prefix}service/web`, "Long arn format must be used for tagging operations"],
    ["arn:aws:s3:::bucket", "Invalid resource ARN."],
    [`${prefix}constructor/shop`, "Invalid resource ARN."],
    ["shop", "Invalid resource ARN."],
  ])("%s: refused", async (resourceArn, expected) => {
    await using cloud = await startWithService();
    expect(await refusal(cloud.ecs.listTagsForResource({ resourceArn }))).toBe(
      `InvalidParameterException: ${expected}`,
    );
  });

  it("a fifty-first tag: refused, and none is added", async () => {
    await using cloud = await startWithService();
    const [resourceArn] = arns;
    const tags = Array.from({ length: 50 }, (_, at) => ({ key: `k${at}`, value: "" }));
    await cloud.ecs.tagResource({ resourceArn, tags });
    const more = cloud.ecs.tagResource({ resourceArn, tags: [{ key: "more", value: "" }] });
    expect(await refusal(more)).toBe(
      "InvalidParameterException: The number of tags has exceeded the limit of 50.",
    );
    expect((await cloud.ecs.listTagsForResource({ resourceArn })).tags).toHaveLength(50);
  });
});

describe("account settings", () => {
  it("effective ones: AWS's defaults; those that somebody set: none", async () => {
    await using cloud = await startTestEcs();
    const { settings } = await cloud.ecs.listAccountSettings({
      effectiveSettings: true,
      name: "taskLongArnFormat",
    });
    expect(settings).toEqual([
      {
        name: "taskLongArnFormat",
        value: "enabled",
        principalArn: "arn:aws:iam::000000000000:root",
        type: "user",
      },
    ]);
    expect((await cloud.ecs.listAccountSettings({})).settings).toEqual([]);
  });
});
