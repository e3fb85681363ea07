/** What a task gets at its endpoint: credentials of its role, documents of itself, protection. */
import { ECS } from "@aws-sdk/client-ecs";
import { SSM } from "@aws-sdk/client-ssm";
import { STS } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { type EngineAccount, openEngineAccount, region } from "./support/engine-account.ts";

const account = "000000000000";
type Json = Readonly<Record<string, unknown>>;

/** Asks as the task would. */
async function ask(cloud: EngineAccount, taskArn: string, path: string, put?: string) {
  const id = taskArn.split("/").at(-1);
  const answer = await fetch(`${cloud.engine.endpoint}/_neargate/tasks/${id}/endpoint${path}`, {
    ...(put !== undefined && { method: "PUT", body: put }),
  });
  return { status: answer.status, body: (await answer.json()) as Json };
}

const idOf = (taskArn: string): string => taskArn.split("/").at(-1) ?? "";
const credentialsPath = (taskArn: string): string => {
  const digits = [...idOf(taskArn)].reverse().join("");
  const parts = [0, 8, 12, 16, 20].map((from, at, all) => digits.slice(from, all[at + 1]));
  return `/v2/credentials/${parts.join("-")}`;
};

describe("credentials of the task role", () => {
  it("keys of a session named for the task: good at the API for what the role may, and for no more", async () => {
    await using cloud = await openEngineAccount();
    const taskRoleArn = await cloud.executionRole("app", { Action: "ssm:GetParameter" });
    await cloud.ssm.putParameter({ Name: "/p", Type: "String", Value: "v" });
    await cloud.register({}, { taskRoleArn });
    const { taskArn = "" } = await cloud.run();
    const { status, body } = await ask(cloud, taskArn, credentialsPath(taskArn));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      RoleArn: taskRoleArn,
      AccessKeyId: expect.stringMatching(/^ASIA/),
      Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const credentials = {
      accessKeyId: String(body["AccessKeyId"]),
      secretAccessKey: String(body["SecretAccessKey"]),
      sessionToken: String(body["Token"]),
    };
    const settings = { endpoint: cloud.engine.endpoint, region, credentials };
    const { Arn } = await new STS(settings).getCallerIdentity({});
    expect(Arn).toBe(`arn:aws:sts::${account}:assumed-role/app/${idOf(taskArn)}`);
    const { Parameter } = await new SSM(settings).getParameter({ Name: "/p" });
    expect(Parameter?.Value).toBe("v");
    await expect(new ECS(settings).listClusters({})).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  it("asked again: the same keys; in their last hour: new ones, the old still good", async () => {
    await using cloud = await openEngineAccount();
    const taskRoleArn = await cloud.executionRole("app");
    await cloud.register({}, { taskRoleArn });
    const { taskArn = "" } = await cloud.run();
    const keys = async () => (await ask(cloud, taskArn, credentialsPath(taskArn))).body;
    const first = await keys();
    await cloud.engine.advance(4 * 3_600_000);
    expect(await keys()).toEqual(first);
    await cloud.engine.advance(65 * 60_000);
    const second = await keys();
    expect(second["AccessKeyId"]).not.toBe(first["AccessKeyId"]);
    expect(Date.parse(String(second["Expiration"]))).toBeGreaterThan(
      Date.parse(String(first["Expiration"])),
    );
  });

  it("no task role, another's id, no id: refused as the agent refuses", async () => {
    await using cloud = await openEngineAccount();
    const taskRoleArn = await cloud.executionRole("app");
    await cloud.register({});
    const without = (await cloud.run()).taskArn ?? "";
    const withRole = (await cloud.run({ overrides: { taskRoleArn } })).taskArn ?? "";
    expect(await ask(cloud, without, credentialsPath(without))).toMatchObject({
      status: 404,
      body: { code: "InvalidIdInRequest" },
    });
    expect(await ask(cloud, withRole, credentialsPath(without))).toMatchObject({ status: 404 });
    expect(await ask(cloud, withRole, "/v2/credentials")).toMatchObject({
      status: 400,
      body: { code: "NoIdInRequest" },
    });
    expect(await ask(cloud, withRole, credentialsPath(withRole))).toMatchObject({ status: 200 });
  });
});

describe("documents of a task", () => {
  it("task, container, tags and both versions: the task's own", async () => {
    await using cloud = await openEngineAccount();
    await cloud.register({});
    const task = await cloud.run({ tags: [{ key: "team", value: "web" }] });
    const { taskArn = "" } = task;
    const runtimeId = task.containers?.[0]?.runtimeId ?? "";
    for (const version of ["v3", "v4"]) {
      expect((await ask(cloud, taskArn, `/${version}/${runtimeId}`)).body).toMatchObject({
        DockerId: runtimeId,
        Name: "app",
      });
      const told = await ask(cloud, taskArn, `/${version}/${runtimeId}/task`);
      expect(told.body).toMatchObject({ TaskARN: taskArn, KnownStatus: "RUNNING" });
      expect(told.body).not.toHaveProperty("TaskTags");
    }
    const tagged = await ask(cloud, taskArn, `/v4/${runtimeId}/taskWithTags`);
    expect(tagged.body).toMatchObject({ TaskARN: taskArn, TaskTags: { team: "web" } });
    expect((await ask(cloud, taskArn, "/v2/metadata")).body).toMatchObject({ TaskARN: taskArn });
    expect((await ask(cloud, taskArn, `/v4/${runtimeId}/other`)).status).toBe(404);
    expect((await ask(cloud, taskArn, "/v4/somebody")).status).toBe(404);
    expect((await ask(cloud, taskArn, `/v4/${runtimeId}`, "{}")).status).toBe(405);
  });

  it("version 4 of a plain task: the members of Fargate's document, storage and clock measured", async () => {
    await using cloud = await openEngineAccount();
    const environment = [{ name: "NEARGATE_SIM", value: "disk:100;disk:250@10m" }];
    await cloud.register({ environment });
    const task = await cloud.run();
    const { taskArn = "" } = task;
    const path = `/v4/${task.containers?.[0]?.runtimeId}/task`;
    type Document = {
      Containers: object[];
      ClockDrift: Record<string, unknown>;
      EphemeralStorageMetrics: object;
    };
    const document = async () => (await ask(cloud, taskArn, path)).body as unknown as Document;
    const first = await document();
    expect(Object.keys(first).toSorted()).toEqual([
      ...["AvailabilityZone", "ClockDrift", "Cluster", "Containers", "DesiredStatus"],
      ...["EphemeralStorageMetrics", "Family", "KnownStatus", "LaunchType", "Limits"],
      ...["PullStartedAt", "PullStoppedAt", "Revision", "TaskARN"],
    ]);
    expect(Object.keys(first.Containers[0] ?? {}).toSorted()).toEqual([
      ...["ContainerARN", "CreatedAt", "DesiredStatus", "DockerId", "DockerName", "Image"],
      ...["ImageID", "KnownStatus", "Labels", "Limits", "Name", "Networks", "Snapshotter"],
      ...["StartedAt", "Type"],
    ]);
    expect(first.EphemeralStorageMetrics).toEqual({ Utilized: 100, Reserved: 20_496 });
    expect(first.ClockDrift).toEqual({
      ClockErrorBound: 0,
      ReferenceTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      ClockSynchronizationStatus: "SYNCHRONIZED",
    });
    await cloud.engine.advance(600_000);
    const second = await document();
    expect(second.EphemeralStorageMetrics).toEqual({ Utilized: 250, Reserved: 20_496 });
    expect(second.ClockDrift["ReferenceTimestamp"]).not.toBe(
      first.ClockDrift["ReferenceTimestamp"],
    );
  });

  it("statistics: what the container computes and holds, by its script; rates between two answers", async () => {
    await using cloud = await openEngineAccount();
    const environment = [{ name: "NEARGATE_SIM", value: "cpu:20;mem:64;cpu:0@90s;exit:0@10m" }];
    await cloud.register({ environment });
    const task = await cloud.run();
    const { taskArn = "" } = task;
    const runtimeId = task.containers?.[0]?.runtimeId ?? "";
    type Cpu = { cpu_usage: { total_usage: number }; system_cpu_usage: number };
    type Stats = { cpu_stats: Cpu; precpu_stats: Cpu; memory_stats: { usage: number } };
    const stats = async () => {
      const { body } = await ask(cloud, taskArn, `/v4/${runtimeId}/stats`);
      return body as unknown as Stats;
    };
    const share = ({ cpu_stats: now, precpu_stats: before }: Stats): number =>
      (now.cpu_usage.total_usage - before.cpu_usage.total_usage) /
      (now.system_cpu_usage - before.system_cpu_usage);
    const first = await stats();
    expect(share(first)).toBeCloseTo(0.2);
    expect(first.memory_stats.usage).toBe(64 * 1024 * 1024);
    await cloud.engine.advance(60_000);
    // Half of the minute at a fifth of a processor.
    expect(share(await stats())).toBeCloseTo(0.1, 1);
    await cloud.engine.advance(60_000);
    expect(share(await stats())).toBe(0);
    const all = await ask(cloud, taskArn, `/v4/${runtimeId}/task/stats`);
    expect(all.body).toEqual({
      [runtimeId]: expect.objectContaining({ id: runtimeId, name: "app" }),
    });
  });

  it("statistics of a container that does not run: null", async () => {
    await using cloud = await openEngineAccount();
    await cloud.ecs.registerTaskDefinition({
      family: "app",
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      containerDefinitions: [
        { name: "app", image: "nginx" },
        {
          name: "once",
          image: "nginx",
          essential: false,
          environment: [{ name: "NEARGATE_SIM", value: "exit:0" }],
        },
      ],
    });
    const task = await cloud.run();
    const { taskArn = "" } = task;
    const once = task.containers?.find(({ name }) => name === "once")?.runtimeId ?? "";
    expect((await ask(cloud, taskArn, `/v4/${once}/stats`)).body).toBeNull();
  });
});

describe("the count of restarts", () => {
  it("a container with a restart policy that ends: counted in its document and its task's", async () => {
    await using cloud = await openEngineAccount();
    await cloud.register(
      {},
      {
        containerDefinitions: [
          {
            name: "app",
            image: "nginx",
            restartPolicy: { enabled: true, restartAttemptPeriod: 60 },
            environment: [{ name: "NEARGATE_SIM", value: "exit:1@61s" }],
          },
          { name: "plain", image: "nginx", restartPolicy: { enabled: false } },
        ],
      },
    );
    const { taskArn = "", containers = [] } = await cloud.run();
    const runtimeId = containers.find(({ name }) => name === "app")?.runtimeId ?? "";
    const counts = async () => {
      const { body } = await ask(cloud, taskArn, `/v4/${runtimeId}`);
      const task = (await ask(cloud, taskArn, `/v4/${runtimeId}/task`)).body;
      const all = task["Containers"] as Json[];
      const inTask = new Map(all.map((one) => [one["Name"], one["RestartCount"]]));
      return {
        status: body["KnownStatus"],
        own: body["RestartCount"],
        app: inTask.get("app"),
        plain: inTask.get("plain"),
      };
    };
    const counted = (count: number) => ({
      status: "RUNNING",
      own: count,
      app: count,
      plain: undefined,
    });
    expect(await counts()).toEqual(counted(0));
    await cloud.engine.advance(61_000);
    expect(await counts()).toEqual(counted(1));
    await cloud.engine.advance(61_000);
    expect(await counts()).toEqual(counted(2));
  });
});

describe("the task-protection endpoint", () => {
  const path = (runtimeId: string) => `/api/${runtimeId}/task-protection/v1/state`;

  it("a service's task with the permission: set, told, and seen by the API; taken back", async () => {
    await using cloud = await openEngineAccount();
    const taskRoleArn = await cloud.executionRole("app", {
      Action: ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
    });
    await cloud.register({}, { taskRoleArn });
    const { taskArn, runtimeId } = await serviceTask(cloud);
    const put = (body: object) => ask(cloud, taskArn, path(runtimeId), JSON.stringify(body));
    expect(await put({ ProtectionEnabled: true, ExpiresInMinutes: 60 })).toMatchObject({
      status: 200,
      body: {
        protection: {
          ProtectionEnabled: true,
          TaskArn: taskArn,
          ExpirationDate: expect.stringMatching(/Z$/),
        },
      },
    });
    const { protectedTasks } = await cloud.ecs.getTaskProtection({
      cluster: "main",
      tasks: [taskArn],
    });
    expect(protectedTasks?.[0]?.protectionEnabled).toBe(true);
    await put({ ProtectionEnabled: false });
    expect((await ask(cloud, taskArn, path(runtimeId))).body).toMatchObject({
      protection: { ProtectionEnabled: false, ExpirationDate: null },
    });
  });

  it("what cannot be: the endpoint's own words, and nothing is changed", async () => {
    await using cloud = await openEngineAccount();
    const taskRoleArn = await cloud.executionRole("app", { Action: "ecs:UpdateTaskProtection" });
    await cloud.register({}, { taskRoleArn });
    const { taskArn, runtimeId } = await serviceTask(cloud);
    const put = (body: string) => ask(cloud, taskArn, path(runtimeId), body);
    const error = (Code: string, Message: unknown) => ({ error: { Arn: taskArn, Code, Message } });
    const invalid = "InvalidParameterException";
    for (const body of ["", "[]", '{"ProtectionEnabled":1}', '{"ProtectionEnabled":true,"x":1}']) {
      expect(await put(body)).toEqual({
        status: 400,
        body: error(invalid, "UpdateTaskProtection: failed to decode request"),
      });
    }
    expect((await put("{}")).body).toEqual(
      error(invalid, "Invalid request: does not contain 'ProtectionEnabled' field"),
    );
    expect((await put('{"ProtectionEnabled":true,"ExpiresInMinutes":2881}')).body).toEqual(
      error(invalid, "expiresInMinutes must be between 1 and 2880."),
    );
    expect(await ask(cloud, taskArn, path(runtimeId))).toEqual({
      status: 400,
      body: error("AccessDeniedException", expect.stringContaining("ecs:GetTaskProtection")),
    });
  });

  it("a task of no service, a task without a role: failure and error", async () => {
    await using cloud = await openEngineAccount();
    const taskRoleArn = await cloud.executionRole("app", { Action: "ecs:*" });
    await cloud.register({});
    const alone = await cloud.run({ overrides: { taskRoleArn } });
    const { taskArn = "" } = alone;
    const runtimeId = alone.containers?.[0]?.runtimeId ?? "";
    expect(await ask(cloud, taskArn, path(runtimeId))).toMatchObject({
      status: 400,
      body: { failure: { Arn: taskArn, Reason: "TASK_NOT_VALID" } },
    });
    const without = await cloud.run();
    const id = without.containers?.[0]?.runtimeId ?? "";
    expect(await ask(cloud, without.taskArn ?? "", path(id))).toMatchObject({
      status: 403,
      body: { error: { Code: "AccessDeniedException" } },
    });
  });
});

async function serviceTask(cloud: EngineAccount) {
  await cloud.ecs.createService({
    cluster: "main",
    serviceName: "web",
    taskDefinition: "app",
    desiredCount: 1,
    launchType: "FARGATE",
    networkConfiguration: cloud.network,
  });
  await cloud.engine.advance(1_000);
  const { taskArns } = await cloud.ecs.listTasks({ cluster: "main", serviceName: "web" });
  const task = await cloud.describe(taskArns?.[0] ?? "");
  return { taskArn: task.taskArn ?? "", runtimeId: task.containers?.[0]?.runtimeId ?? "" };
}
