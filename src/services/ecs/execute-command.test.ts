import type { ExecuteCommandConfiguration, ExecuteCommandRequest } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { aTask, aTaskContainer } from "../../../test/builders/ecs.ts";
import { pendingAgent } from "../../engine/exec/agents.ts";
import type { ExecAgent, Task, TaskContainer } from "../../model/ecs.ts";
import type { Role } from "../../model/iam.ts";
import { globalRegion } from "../../model/scope.ts";
import { tasks } from "../../state/tables/ecs.ts";
import { roles } from "../../state/tables/iam.ts";
import { refusal, startTestEcs, type TestEcs, webDefinition } from "./testing.ts";
import { create } from "./testing-services.ts";

const taskRoleArn = "arn:aws:iam::000000000000:role/task";
const trustPolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ],
});
const id = "0".repeat(31);
const working: ExecAgent = { status: "RUNNING", startedAt: 1, reason: undefined };

const running = (name: string, agent: ExecAgent | undefined = working): TaskContainer =>
  aTaskContainer({ name, lastStatus: "RUNNING", handle: `handle-${name}`, agent });

/** A task of the cluster, with what is given changed. */
function putTask({ cloud }: TestEcs, last: string, given: Partial<Task>): string {
  const { account, region } = cloud.scope;
  const prefix = `arn:aws:ecs:${region}:${account}`;
  const task = aTask({
    ...cloud.scope,
    id: id + last,
    arn: `${prefix}:task/shop/${id}${last}`,
    clusterArn: `${prefix}:cluster/shop`,
    lastStatus: "RUNNING",
    enableExecuteCommand: true,
    ...given,
  });
  cloud.store.write((tx) => tx.table(tasks).put(task));
  return task.arn;
}

const invalid = "InvalidParameterException: ";
const notEnabled =
  `${invalid}The execute command failed because execute command was not enabled when the task was run ` +
  "or the execute command agent isn't running. Wait and try again or run a new task with execute " +
  "command enabled and try again.";

const refusals: readonly [string, Partial<ExecuteCommandRequest>, string][] = [
  ["no command", { command: " " }, `${invalid}command can not be blank.`],
  ["a comment only", { command: "# nothing" }, `${invalid}command can not be blank.`],
  [
    "a quote that does not end",
    { command: "sh -c 'x" },
    `${invalid}Invalid command: EOF found when expecting closing quote`,
  ],
  [
    "not interactive",
    { interactive: false },
    `${invalid}Interactive is the only mode supported currently.`,
  ],
  ["no such cluster", { cluster: "gone" }, "ClusterNotFoundException: Cluster not found."],
  ["no task's id", { task: "abc" }, `${invalid}task length should be one of [32,36]`],
  ["no such task", { task: "f".repeat(32) }, `${invalid}The referenced task was not found.`],
  [
    "no container named, and two of them",
    { task: `${id}2` },
    `${invalid}A container name must be specified as the task has more than one container: app, side.`,
  ],
  [
    "no such container",
    { container: "nothing" },
    `${invalid}The container nothing was not found in the task.`,
  ],
  ["a task without execute command", { task: `${id}3` }, notEnabled],
  ["an agent that starts", { task: `${id}4` }, notEnabled],
  [
    "a container that has ended",
    { task: `${id}5` },
    `${invalid}The execute command failed because the task or container is not running.`,
  ],
  [
    "a task that stops",
    { task: `${id}6` },
    `${invalid}The execute command failed because the task or container is not running.`,
  ],
];

describe("ExecuteCommand", () => {
  const world = async (): Promise<TestEcs> => {
    const made = await startTestEcs({ cluster: "shop" });
    putTask(made, "1", { containers: [running("app")] });
    putTask(made, "2", { containers: [running("app"), running("side")] });
    putTask(made, "3", {
      containers: [aTaskContainer({ lastStatus: "RUNNING", handle: "h" })],
      enableExecuteCommand: false,
    });
    putTask(made, "4", { containers: [running("app", pendingAgent)] });
    putTask(made, "5", { containers: [{ ...running("app"), lastStatus: "STOPPED" }] });
    putTask(made, "6", { containers: [running("app")], desiredStatus: "STOPPED" });
    return made;
  };

  it.each(refusals)("%s: refused, and no session is opened", async (_, values, expected) => {
    await using cloud = await world();
    const asked = {
      cluster: "shop",
      task: `${id}1`,
      command: "/bin/sh",
      interactive: true,
      ...values,
    };
    expect(await refusal(cloud.ecs.executeCommand(asked))).toBe(expected);
    expect(cloud.sessions.opened).toEqual([]);
  });

  it("the only container, and one of two that is named: a session in it, by id or ARN", async () => {
    await using cloud = await world();
    const base = { cluster: "shop", command: "/bin/sh -l", interactive: true };
    const answer = await cloud.ecs.executeCommand({ ...base, task: `${id}1` });
    expect(answer).toMatchObject({
      containerName: "app",
      interactive: true,
      session: {
        sessionId: "ecs-execute-command-1",
        streamUrl: `ws://127.0.0.1:${cloud.cloud.port}/v1/data-channel/ecs-execute-command-1?role=publish_subscribe`,
        tokenValue: "token",
      },
    });
    const { taskArn } = await cloud.ecs.executeCommand({
      ...base,
      task: answer.taskArn?.replace(/1$/, "2"),
      container: "side",
    });
    expect(cloud.sessions.opened).toMatchObject([
      { taskArn: answer.taskArn, container: "app", command: "/bin/sh -l" },
      { taskArn, container: "side" },
    ]);
  });
});

describe("execute command of tasks and services", () => {
  it("RunTask with it: every container has an agent, PENDING; by a role of the override too", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const role = { account: cloud.cloud.scope.account, region: globalRegion, name: "task" };
    cloud.cloud.store.write((tx) =>
      tx
        .table(roles)
        .put({ ...role, arn: taskRoleArn, trustPolicy, attachedPolicyArns: [] } as unknown as Role),
    );
    const { networkConfiguration } = create;
    const { tasks: made } = await cloud.ecs.runTask({
      cluster: "shop",
      taskDefinition: "web",
      launchType: "FARGATE",
      networkConfiguration,
      enableExecuteCommand: true,
      overrides: { taskRoleArn },
    });
    expect(made?.[0]).toMatchObject({
      enableExecuteCommand: true,
      containers: [{ managedAgents: [{ name: "ExecuteCommandAgent", lastStatus: "PENDING" }] }],
    });
  });

  const refused = (done: string): string =>
    `${invalid}The service couldn't be ${done} because a valid taskRoleArn is not being used. Specify a ` +
    "valid task role in your task definition and try again.";

  it("a service without a task role: refused when it is made and when it is changed", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { ecs } = cloud;
    const call = ecs.createService({ ...create, enableExecuteCommand: true });
    expect(await refusal(call)).toBe(refused("created"));
    await ecs.createService(create);
    const change = { cluster: "shop", service: "web", enableExecuteCommand: true };
    expect(await refusal(ecs.updateService(change))).toBe(refused("updated"));
  });

  it("a service with one: switched in place, without a new deployment, until it loses the role", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { ecs } = cloud;
    await ecs.registerTaskDefinition({ ...webDefinition, taskRoleArn });
    const { service } = await ecs.createService({ ...create, enableExecuteCommand: true });
    expect(service).toMatchObject({ enableExecuteCommand: true });
    const change = { cluster: "shop", service: "web" };
    const off = await ecs.updateService({ ...change, enableExecuteCommand: false });
    expect(off.service?.enableExecuteCommand).toBe(false);
    const on = await ecs.updateService({ ...change, enableExecuteCommand: true });
    expect(on.service?.deployments).toHaveLength(1);
    const lost = ecs.updateService({ ...change, taskDefinition: "web:1" });
    expect(await refusal(lost)).toBe(refused("updated"));
  });
});

describe("execute command configuration of clusters", () => {
  const configuration = (executeCommandConfiguration: ExecuteCommandConfiguration) => ({
    configuration: { executeCommandConfiguration },
  });

  it("given at the beginning, changed, and shown when asked for", async () => {
    await using cloud = await startTestEcs();
    const { ecs } = cloud;
    const first = { kmsKeyId: "alias/sessions", logging: "NONE" as const };
    const made = await ecs.createCluster({ clusterName: "shop", ...configuration(first) });
    expect(made.cluster?.configuration).toEqual({ executeCommandConfiguration: first });
    const logConfiguration = {
      cloudWatchLogGroupName: "/sessions",
      cloudWatchEncryptionEnabled: true,
    };
    await ecs.updateCluster({
      cluster: "shop",
      ...configuration({ logging: "OVERRIDE", logConfiguration }),
    });
    const asked = await ecs.describeClusters({ clusters: ["shop"], include: ["CONFIGURATIONS"] });
    expect(asked.clusters?.[0]?.configuration?.executeCommandConfiguration).toEqual({
      logging: "OVERRIDE",
      logConfiguration: { ...logConfiguration, s3EncryptionEnabled: false },
    });
    const plain = await ecs.describeClusters({ clusters: ["shop"] });
    expect(plain.clusters?.[0]).not.toHaveProperty("configuration");
  });

  it.each([
    [
      "a group without OVERRIDE",
      { logging: "DEFAULT" as const, logConfiguration: { cloudWatchLogGroupName: "/x" } },
      "logConfiguration can only be specified when logging is OVERRIDE.",
    ],
    [
      "OVERRIDE without a group",
      { logging: "OVERRIDE" as const },
      "logConfiguration with a log group or a bucket must be specified when logging is OVERRIDE.",
    ],
    [
      "no group's name",
      { logging: "OVERRIDE" as const, logConfiguration: { cloudWatchLogGroupName: "a b" } },
      "cloudWatchLogGroupName is not the name of a log group.",
    ],
  ])("%s: refused, and nothing is changed", async (_, given, message) => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const { ecs } = cloud;
    const call = ecs.updateCluster({ cluster: "shop", ...configuration(given) });
    expect(await refusal(call)).toBe(`${invalid}${message}`);
    const { clusters } = await ecs.describeClusters({
      include: ["CONFIGURATIONS"],
      clusters: ["shop"],
    });
    expect(clusters?.[0]?.configuration).toBeUndefined();
  });
});
