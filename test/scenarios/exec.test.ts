/** ECS Exec in a whole engine on the simulated runtime, entered by the client of our own CLI. */
import { request } from "node:http";
import { ECS, type Task } from "@aws-sdk/client-ecs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterName, type ExecWorld, enter, openExecWorld, until } from "./support/exec-world.ts";

let world: ExecWorld;

beforeEach(async () => {
  world = await openExecWorld();
});
afterEach(() => world.close());

const agentOf = (task: Task, name = "app") =>
  task.containers?.find((container) => container.name === name)?.managedAgents?.[0];

const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return "it was not refused";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

const notConnected =
  "TargetNotConnectedException: The execute command failed due to an internal error. Try again later.";
const notEnabled =
  "InvalidParameterException: The execute command failed because execute command was not enabled when " +
  "the task was run or the execute command agent isn't running. Wait and try again or run a new task " +
  "with execute command enabled and try again.";

/** The answer's status; 101 when the connection was handed over. */
const statusOf = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers })
      .on("response", (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
      .on("upgrade", (_, socket) => {
        socket.destroy();
        resolve(101);
      })
      .on("error", reject)
      .end();
  });

/** A stream of the group, once its last line is there. */
const logged = (logGroupName: string, logStreamName: string, last: RegExp) =>
  until(async () => {
    const { events } = await world.logs
      .getLogEvents({ logGroupName, logStreamName, startFromHead: true })
      .catch(() => ({ events: [] }));
    const lines = (events ?? []).map(({ message }) => message ?? "");
    return last.test(lines.at(-1) ?? "") ? lines : undefined;
  });

describe("a session", () => {
  beforeEach(() => world.allow());

  it("a command: its output and its exit code", async () => {
    const task = await world.run();
    const answer = await world.execute(task, "echo hello 'there you'");
    expect(answer).toMatchObject({
      clusterArn: task.clusterArn,
      taskArn: task.taskArn,
      containerName: "app",
      containerArn: task.containers?.[0]?.containerArn,
      interactive: true,
      session: {
        sessionId: expect.stringMatching(/^ecs-execute-command-[0-9a-f]{17}$/),
        streamUrl: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/v1\/data-channel\//),
      },
    });
    const sitting = enter(answer);
    expect(await sitting.end).toEqual({ type: "closed", exitCode: 0, says: "" });
    expect(sitting.shown()).toBe("hello there you\r\n");
  });

  it("a command that fails: its code", async () => {
    const task = await world.run();
    const sitting = enter(await world.execute(task, "/bin/sh -c 'echo bad; exit 7'"));
    expect(await sitting.end).toMatchObject({ exitCode: 7 });
    expect(sitting.shown()).toBe("bad\r\n");
  });

  it("a shell: keys are echoed, Ctrl-C interrupts, the size is the terminal's and follows it", async () => {
    const task = await world.run();
    const size = { cols: 100, rows: 30 };
    const sitting = enter(await world.execute(task, "/bin/sh"), { size });
    sitting.type("stty size\n");
    await sitting.untilShown("# stty size\r\n30 100\r\n# ");
    sitting.resize({ cols: 80, rows: 24 });
    sitting.type("stty size\r");
    await sitting.untilShown("24 80\r\n# ");
    sitting.type("sleep 100\n");
    await sitting.untilShown("sleep 100\r\n");
    sitting.type("\x03");
    await sitting.untilShown("^C\r\n# ");
    sitting.type("echo $?\n");
    await sitting.untilShown("130\r\n# ");
    sitting.type("exit 3\n");
    expect(await sitting.end).toMatchObject({ exitCode: 3, says: "" });
  });

  it("a great deal of output and input: all of it, in order", async () => {
    const task = await world.run();
    const sitting = enter(await world.execute(task, "cat"));
    const lines = Array.from({ length: 3000 }, (_, at) => `line ${at} ${"x".repeat(60)}`);
    for (const line of lines) sitting.type(`${line}\n`);
    sitting.type("\x04");
    expect(await sitting.end).toMatchObject({ exitCode: 0 });
    const shown = sitting.shown().split("\r\n").slice(0, -1);
    // Each is there twice: echoed as it was typed, and written by the program.
    const counts = new Map<string, number>();
    for (const line of shown) counts.set(line, (counts.get(line) ?? 0) + 1);
    expect([...counts.values()].every((count) => count === 2)).toBe(true);
    expect([...counts.keys()]).toEqual(lines);
  });

  it("a program that is not there: told, with no exit code", async () => {
    const task = await world.run();
    const sitting = enter(await world.execute(task, "nothing-such"));
    const end = await sitting.end;
    expect(end).toMatchObject({ type: "closed", exitCode: undefined });
    expect(end).toMatchObject({
      says: expect.stringContaining(
        'Unable to start command: Failed to start pty: exec: "nothing-such": executable file not found in $PATH',
      ),
    });
  });

  it("the client asks for its end: the command is killed", async () => {
    const task = await world.run();
    const sitting = enter(await world.execute(task, "/bin/sh"));
    await sitting.untilShown("# ");
    sitting.interrupt();
    expect(await sitting.end).toEqual({ type: "closed", exitCode: undefined, says: "" });
  });

  it("the task stops: the session ends", async () => {
    const task = await world.run();
    const sitting = enter(await world.execute(task, "/bin/sh"));
    await sitting.untilShown("# ");
    await world.ecs.stopTask({ cluster: clusterName, task: task.taskArn });
    await world.engine().advance(1000);
    expect(await sitting.end).toEqual({ type: "closed", exitCode: 137, says: "" });
    const stopped = await world.task(task.taskArn ?? "");
    expect(agentOf(stopped)?.lastStatus).toBe("STOPPED");
    expect(await refusal(world.execute(task, "/bin/sh"))).toMatch(/^InvalidParameterException: /);
  });

  it("nothing happens for twenty minutes: timed out; a key before that puts it off", async () => {
    const task = await world.run();
    const sitting = enter(await world.execute(task, "/bin/sh"));
    await sitting.untilShown("# ");
    await world.engine().advance(19 * 60_000);
    sitting.type("pwd\n");
    await sitting.untilShown("/\r\n# ");
    await world.engine().advance(19 * 60_000);
    sitting.type("pwd\n");
    await sitting.untilShown(/pwd\r\n\/\r\n# .*pwd\r\n\/\r\n# /s);
    await world.engine().advance(20 * 60_000);
    expect(await sitting.end).toMatchObject({
      says: expect.stringContaining("timed out due to inactivity"),
    });
  });

  it("the engine stops: the client is told", async () => {
    const task = await world.run();
    const sitting = enter(await world.execute(task, "/bin/sh"));
    await sitting.untilShown("# ");
    await world.restart();
    expect(await sitting.end).toMatchObject({ type: "closed", says: "The engine stops." });
  });

  it("another token, another session: not let in", async () => {
    const task = await world.run();
    const answer = await world.execute(task, "/bin/sh");
    const { session } = answer;
    const wrong = enter({ session: { ...session, tokenValue: "guessed" } });
    expect(await wrong.end).toMatchObject({
      type: "lost",
      reason: expect.stringContaining("token"),
    });
    const streamUrl = session?.streamUrl?.replace(/command-\w+/, "command-0");
    const lost = enter({ session: { ...session, streamUrl } });
    expect(await lost.end).toMatchObject({ type: "lost", reason: "there is no such session" });
    const right = enter(answer);
    await right.untilShown("# ");
    right.type("exit\n");
    expect(await right.end).toMatchObject({ exitCode: 0 });
  });

  it("a client that comes back asks for a new token: the one before is no good any more", async () => {
    const task = await world.run();
    const { session } = await world.execute(task, "echo back");
    const resumed = await world.ssm.resumeSession({ SessionId: session?.sessionId });
    expect(resumed).toMatchObject({ SessionId: session?.sessionId, StreamUrl: session?.streamUrl });
    expect(await enter({ session }).end).toMatchObject({ type: "lost" });
    const sitting = enter({ session: { ...session, tokenValue: resumed.TokenValue } });
    expect(await sitting.end).toMatchObject({ exitCode: 0 });
    // Of a session that is over there is no token, by which AWS's plugin ends.
    const over = await world.ssm.resumeSession({ SessionId: session?.sessionId });
    expect(over.TokenValue).toBeUndefined();
    expect(await refusal(world.ssm.resumeSession({ SessionId: "i-other-session" }))).toBe(
      "DoesNotExistException: Session i-other-session does not exist.",
    );
  });

  it("terminated by Systems Manager's API, also twice: the session ends", async () => {
    const task = await world.run();
    const answer = await world.execute(task, "/bin/sh");
    const sitting = enter(answer);
    await sitting.untilShown("# ");
    const SessionId = answer.session?.sessionId;
    expect(await world.ssm.terminateSession({ SessionId })).toMatchObject({ SessionId });
    expect(await sitting.end).toEqual({ type: "closed", exitCode: undefined, says: "" });
    expect(await world.ssm.terminateSession({ SessionId })).toMatchObject({ SessionId });
  });

  it("as many sessions as a container may have: one more is refused, until one ends", async () => {
    const task = await world.run();
    const first = await world.execute(task, "true");
    for (let count = 1; count < 1000; count++) await world.execute(task, "true");
    expect(await refusal(world.execute(task, "true"))).toBe(
      "ClientException: The container has the most sessions that it can have, 1000.",
    );
    await enter(first).end;
    const next = await until(() => world.execute(task, "true").catch(() => undefined));
    expect(await enter(next).end).toMatchObject({ exitCode: 0 });
  });

  it("a page of another origin: turned away before it is a connection", async () => {
    const task = await world.run();
    const { session } = await world.execute(task, "/bin/sh");
    const url = (session?.streamUrl ?? "").replace("ws:", "http:");
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      origin: "https://evil.example",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    expect(await statusOf(url, headers)).toBe(403);
  });

  it("a client that offers HTTP/2 with an ordinary request: answered as if it had not", async () => {
    const headers = {
      connection: "Upgrade, HTTP2-Settings",
      upgrade: "h2c",
      "http2-settings": "AAMAAABkAARAAAAAAAIAAAAA",
    };
    expect(await statusOf(`${world.engine().endpoint}/_neargate/health`, headers)).toBe(200);
  });
});

describe("the agent of a container", () => {
  it("its role is not allowed: STOPPED with AWS's words; allowed later: RUNNING, each a version", async () => {
    const denied = await world.run();
    expect(agentOf(denied)).toMatchObject({
      name: "ExecuteCommandAgent",
      lastStatus: "STOPPED",
      reason: expect.stringMatching(
        /is not authorized to perform: ssmmessages:CreateControlChannel on resource: .* because no identity-based policy allows/,
      ),
    });
    expect(await refusal(world.execute(denied, "/bin/sh"))).toBe(notConnected);
    await world.allow();
    const arn = denied.taskArn ?? "";
    const running = await until(async () => {
      const task = await world.task(arn);
      return agentOf(task)?.lastStatus === "RUNNING" ? task : undefined;
    });
    expect(agentOf(running)).toMatchObject({ lastStartedAt: expect.any(Date) });
    expect(agentOf(running)).not.toHaveProperty("reason");
    expect(running.version).toBe((denied.version ?? 0) + 1);
    const sitting = enter(await world.execute(running, "true"));
    expect(await sitting.end).toMatchObject({ exitCode: 0 });
  });

  it("the permission is taken away again: the agent runs, and is not connected", async () => {
    await world.allow();
    const task = await world.run();
    expect(agentOf(task)?.lastStatus).toBe("RUNNING");
    await world.iam.deleteRolePolicy({ RoleName: "task", PolicyName: "exec" });
    expect(await refusal(world.execute(task, "/bin/sh"))).toBe(notConnected);
  });

  it("no way to Session Manager: not connected", async () => {
    await world.allow();
    const task = await world.run();
    const { SecurityGroups } = await world.ec2.describeSecurityGroups({
      Filters: [{ Name: "group-name", Values: ["default"] }],
    });
    const [group] = SecurityGroups ?? [];
    await world.ec2.revokeSecurityGroupEgress({
      GroupId: group?.GroupId,
      IpPermissions: group?.IpPermissionsEgress,
    });
    expect(await refusal(world.execute(task, "/bin/sh"))).toBe(notConnected);
  });

  it("a root filesystem that is read-only: STOPPED, unless the agent has folders to write to", async () => {
    await world.allow();
    const fit = { readonlyRootFilesystem: true };
    const task = await world.run([{ ...fit }, { name: "other" }]);
    expect(agentOf(task)).toMatchObject({
      lastStatus: "STOPPED",
      reason: expect.stringContaining("read-only"),
    });
    expect(agentOf(task, "other")?.lastStatus).toBe("RUNNING");
    expect(await refusal(world.execute(task, "/bin/sh", { container: "app" }))).toBe(notConnected);
  });

  it("a task run without execute command: no agent, and refused", async () => {
    await world.allow();
    const task = await world.run([{}], { enableExecuteCommand: false });
    expect(agentOf(task)).toBeUndefined();
    expect(await refusal(world.execute(task, "/bin/sh"))).toBe(notEnabled);
  });

  it("a service with execute command: its tasks have agents", async () => {
    await world.allow();
    const { enableExecuteCommand, networkConfiguration } = {
      enableExecuteCommand: true,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets:
            (await world.ec2.describeSubnets({})).Subnets?.map((s) => s.SubnetId ?? "") ?? [],
          assignPublicIp: "ENABLED" as const,
        },
      },
    };
    await world.run();
    await world.ecs.createService({
      cluster: clusterName,
      serviceName: "web",
      taskDefinition: "app",
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration,
    });
    const tasksOf = async () => {
      await world.engine().advance(1000);
      const { taskArns } = await world.ecs.listTasks({ cluster: clusterName, serviceName: "web" });
      return Promise.all((taskArns ?? []).map((arn) => world.task(arn)));
    };
    const [first] = await until(async () => {
      const tasks = await tasksOf();
      return tasks[0]?.lastStatus === "RUNNING" ? tasks : undefined;
    });
    expect(first?.enableExecuteCommand).toBe(false);
    const { service } = await world.ecs.updateService({
      cluster: clusterName,
      service: "web",
      enableExecuteCommand,
      forceNewDeployment: true,
    });
    expect(service?.enableExecuteCommand).toBe(true);
    const replaced = await until(async () => {
      const tasks = await tasksOf();
      return tasks.find((task) => task && agentOf(task)?.lastStatus === "RUNNING");
    });
    const sitting = enter(await world.execute(replaced, "hostname"));
    expect(await sitting.end).toMatchObject({ exitCode: 0 });
  });
});

describe("who may open a session", () => {
  it("ecs:ExecuteCommand on the cluster and the task, and only in containers that are allowed", async () => {
    await world.allow();
    const task = await world.run([{}, { name: "side" }]);
    await world.iam.createUser({ UserName: "alice" });
    await world.iam.putUserPolicy({
      UserName: "alice",
      PolicyName: "exec",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: "ecs:ExecuteCommand",
            Resource: [task.clusterArn, "arn:aws:ecs:*:*:task/shop/*"],
            Condition: { StringEquals: { "ecs:container-name": "side" } },
          },
        ],
      }),
    });
    const { AccessKey: key } = await world.iam.createAccessKey({ UserName: "alice" });
    const alice = new ECS({
      endpoint: world.engine().endpoint,
      region: "ap-northeast-1",
      credentials: {
        accessKeyId: key?.AccessKeyId ?? "",
        secretAccessKey: key?.SecretAccessKey ?? "",
      },
    });
    const execute = (container: string) =>
      alice.executeCommand({
        cluster: clusterName,
        task: task.taskArn,
        container,
        command: "true",
        interactive: true,
      });
    expect(await refusal(execute("app"))).toMatch(
      /^AccessDeniedException: User: .*user\/alice is not authorized to perform: ecs:ExecuteCommand on resource: /,
    );
    const sitting = enter(await execute("side"));
    expect(await sitting.end).toMatchObject({ exitCode: 0 });
    alice.destroy();
  });
});

describe("the log of a session", () => {
  const logConfiguration = {
    logDriver: "awslogs" as const,
    options: {
      "awslogs-group": "/app",
      "awslogs-region": "ap-northeast-1",
      "awslogs-stream-prefix": "t",
    },
  };
  beforeEach(async () => {
    await world.allow();
    await world.allow(["logs:*"], "logs");
    await world.logs.createLogGroup({ logGroupName: "/app" });
  });
  const configure = (executeCommandConfiguration: object) =>
    world.ecs.updateCluster({
      cluster: clusterName,
      configuration: { executeCommandConfiguration },
    });

  it("by default: into the container's own stream", async () => {
    const task = await world.run([{ logConfiguration }]);
    await enter(await world.execute(task, "echo kept")).end;
    const id = task.taskArn?.split("/").at(-1);
    const lines = await logged("/app", `t/app/${id}`, /^Script done on /);
    expect(lines).toEqual([
      expect.stringMatching(/^Script started on \d{4}-/),
      "kept",
      expect.stringMatching(/^Script done on /),
    ]);
  });

  it("OVERRIDE: into the cluster's group, a stream of the session's name", async () => {
    await world.logs.createLogGroup({ logGroupName: "/sessions" });
    await configure({
      logging: "OVERRIDE",
      logConfiguration: { cloudWatchLogGroupName: "/sessions" },
    });
    const task = await world.run();
    const answer = await world.execute(task, "echo kept");
    await enter(answer).end;
    const lines = await logged("/sessions", answer.session?.sessionId ?? "", /^Script done on /);
    expect(lines).toContain("kept");
  });

  it("NONE, or a task role that may not write: nothing is kept", async () => {
    await configure({ logging: "NONE" });
    const task = await world.run([{ logConfiguration }]);
    await enter(await world.execute(task, "echo lost")).end;
    await configure({ logging: "DEFAULT" });
    await world.iam.deleteRolePolicy({ RoleName: "task", PolicyName: "logs" });
    await enter(await world.execute(task, "echo lost")).end;
    const { events } = await world.logs.filterLogEvents({ logGroupName: "/app" });
    expect(events).toEqual([]);
  });

  it("a group that must be encrypted and is not: the session is refused in the agent's words", async () => {
    await configure({
      logging: "OVERRIDE",
      logConfiguration: { cloudWatchLogGroupName: "/app", cloudWatchEncryptionEnabled: true },
    });
    const task = await world.run();
    const sitting = enter(await world.execute(task, "echo lost"));
    expect(await sitting.end).toMatchObject({
      exitCode: undefined,
      says: expect.stringContaining(
        "encryption is not set up on the selected CloudWatch Logs log group",
      ),
    });
  });
});

describe("a KMS key of the cluster's", () => {
  const keyed = async () => {
    const { KeyMetadata } = await world.kms.createKey({});
    const KeyId = KeyMetadata?.KeyId;
    await world.ecs.updateCluster({
      cluster: clusterName,
      configuration: { executeCommandConfiguration: { kmsKeyId: KeyId } },
    });
    const task = await world.run();
    const answer = await world.execute(task, "echo secret");
    const [, name, id] = task.taskArn?.split("/") ?? [];
    const target = `ecs:${name}_${id}_${task.containers?.[0]?.runtimeId}`;
    const makeDataKey = async (asked: string) => {
      expect(asked).toBe(KeyId);
      const made = await world.kms.generateDataKey({
        KeyId,
        NumberOfBytes: 64,
        EncryptionContext: {
          "aws:ssm:SessionId": answer.session?.sessionId ?? "",
          "aws:ssm:TargetId": target,
        },
      });
      return {
        plaintext: made.Plaintext ?? new Uint8Array(),
        ciphertext: Buffer.from(made.CiphertextBlob ?? []).toString("base64"),
      };
    };
    return { answer, makeDataKey };
  };

  it("the task role may decrypt: the session is encrypted end to end", async () => {
    await world.allow();
    await world.allow(["kms:Decrypt"], "kms");
    const { answer, makeDataKey } = await keyed();
    const sitting = enter(answer, { makeDataKey });
    expect(await sitting.end).toEqual({ type: "closed", exitCode: 0, says: "" });
    expect(sitting.shown()).toBe("secret\r\n");
  });

  it("the task role may not: the session does not begin, and says why", async () => {
    await world.allow();
    const { answer, makeDataKey } = await keyed();
    const sitting = enter(answer, { makeDataKey });
    expect(await sitting.end).toMatchObject({
      says: expect.stringMatching(
        /Fetching data key failed: Unable to retrieve data key, Error when decrypting data key AccessDeniedException: .*kms:Decrypt/,
      ),
    });
    expect(sitting.shown()).toBe("");
  });

  it("a client without permission on the key: told which action failed", async () => {
    await world.allow();
    const { answer } = await keyed();
    const sitting = enter(answer, { makeDataKey: () => Promise.reject(new Error("denied")) });
    expect(await sitting.end).toMatchObject({
      says: expect.stringContaining("KMSEncryption failed on client with status 2"),
    });
  });
});
