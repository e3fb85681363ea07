/** `neargate exec <task>`: a command in a container of a task, through ECS Exec. */
import { type Clock, realClock } from "../../seams/clock.ts";
import { randomIds } from "../../seams/ids.ts";
import {
  type Command,
  CommandError,
  type CommandInput,
  type CommandIo,
  engineOptions,
  stringOption,
} from "../command.ts";
import { type EngineClient, findEngine } from "../engine-client.ts";
import { type DataKey, runSession, type SessionEnd } from "../exec/session-client.ts";
import { localTerminal } from "../exec/terminal.ts";

export const exec: Command = {
  name: "exec",
  summary: "Run a command in a container of a task, or open a shell.",
  usage: "exec <task> [options] [-- command ...]",
  options: {
    container: {
      type: "string",
      value: "<name>",
      help: "the container (default: the only one)",
    },
    cluster: { type: "string", value: "<name>", help: "its cluster (default: looked for in all)" },
    ...engineOptions,
    region: {
      type: "string",
      value: "<region>",
      help: "the task's region (default: the environment's or the engine's)",
    },
  },
  async run(input, io) {
    const [name, ...words] = input.positionals;
    if (name === undefined) {
      throw new CommandError("say which task, for example: neargate exec 0f6b9a3e -- /bin/sh");
    }
    const ecs = await openEcs(input, io);
    const target = await findTask(ecs, name, stringOption(input, "cluster"));
    const command = words.length > 0 ? words.map(quoteWord).join(" ") : "/bin/sh";
    const answer = (await ecs.call("ExecuteCommand", {
      ...target,
      command,
      interactive: true,
      container: stringOption(input, "container"),
    })) as ExecAnswer;
    return exitCodeOf(await enter(ecs, answer, realClock()), io);
  },
};

type Ecs = {
  readonly engine: EngineClient;
  readonly region: string;
  call(operation: string, input: object): Promise<unknown>;
};

type ExecAnswer = {
  readonly clusterArn: string;
  readonly taskArn: string;
  readonly containerName: string;
  readonly session: { sessionId: string; streamUrl: string; tokenValue: string };
};

type Target = { readonly cluster: string; readonly task: string };

async function openEcs(input: CommandInput, io: CommandIo): Promise<Ecs> {
  const engine = findEngine(input, io);
  const given = stringOption(input, "region") ?? io.env["AWS_REGION"];
  const region = given ?? ((await engine.get("health")) as { region: string }).region;
  return {
    engine,
    region,
    call: (operation, content) =>
      engine.aws("ecs", region, `AmazonEC2ContainerServiceV20141113.${operation}`, content),
  };
}

/** A task by its ARN, its id, or the beginning of its id. */
async function findTask(ecs: Ecs, name: string, cluster: string | undefined): Promise<Target> {
  if (name.startsWith("arn:"))
    return { cluster: cluster ?? name.split("/").at(-2) ?? "", task: name };
  const clusters =
    cluster === undefined ? await list(ecs, "ListClusters", "clusterArns") : [cluster];
  const found: Target[] = [];
  for (const one of clusters) {
    const arns = await list(ecs, "ListTasks", "taskArns", { cluster: one });
    const named = arns.filter((arn) => arn.split("/").at(-1)?.startsWith(name));
    found.push(...named.map((task) => ({ cluster: one, task })));
  }
  const [first, second] = found;
  if (!first) throw new CommandError(`no running task's id begins with '${name}'`);
  if (second) throw new CommandError(`the ids of ${found.length} tasks begin with '${name}'`);
  return first;
}

async function list(
  ecs: Ecs,
  operation: string,
  member: string,
  input: object = {},
): Promise<string[]> {
  const all: string[] = [];
  let nextToken: unknown;
  do {
    const page = (await ecs.call(operation, { ...input, nextToken })) as Record<string, unknown>;
    all.push(...((page[member] ?? []) as string[]));
    nextToken = page["nextToken"];
  } while (nextToken);
  return all;
}

/** As the agent takes a command apart again. */
const quoteWord = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

async function enter(ecs: Ecs, answer: ExecAnswer, clock: Clock): Promise<SessionEnd> {
  const { session } = answer;
  return runSession({
    streamUrl: session.streamUrl,
    token: session.tokenValue,
    terminal: localTerminal(process),
    clock,
    ids: randomIds(),
    makeDataKey: async (kmsKeyId) => makeDataKey(ecs, kmsKeyId, answer),
  });
}

/** Bytes of a data key: half of it for each direction. */
const dataKeyLength = 64;

async function makeDataKey(ecs: Ecs, kmsKeyId: string, answer: ExecAnswer): Promise<DataKey> {
  const { engine, region } = ecs;
  const made = (await engine.aws("kms", region, "TrentService.GenerateDataKey", {
    KeyId: kmsKeyId,
    NumberOfBytes: dataKeyLength,
    EncryptionContext: {
      "aws:ssm:SessionId": answer.session.sessionId,
      "aws:ssm:TargetId": await targetId(ecs, answer),
    },
  })) as { Plaintext: string; CiphertextBlob: string };
  return {
    plaintext: Buffer.from(made.Plaintext, "base64"),
    ciphertext: made.CiphertextBlob,
  };
}

async function targetId(ecs: Ecs, answer: ExecAnswer): Promise<string> {
  const { clusterArn: cluster, taskArn, containerName } = answer;
  const described = (await ecs.call("DescribeTasks", { cluster, tasks: [taskArn] })) as {
    tasks: { containers: { name: string; runtimeId: string }[] }[];
  };
  const container = described.tasks[0]?.containers.find(({ name }) => name === containerName);
  const [clusterName, taskId] = [cluster.split("/").at(-1), taskArn.split("/").at(-1)];
  return `ecs:${clusterName}_${taskId}_${container?.runtimeId}`;
}

/** As ssh: nothing that a command ends with by itself. */
const lostCode = 255;
const notStartedCode = 127;

function exitCodeOf(end: SessionEnd, io: CommandIo): number {
  if (end.type === "lost") {
    io.err(`neargate: the session is over: ${end.reason}`);
    return lostCode;
  }
  if (end.says !== "") io.err(`neargate: ${end.says.replace(/^-+ERROR-+\n/, "").trim()}`);
  if (end.exitCode !== undefined) return end.exitCode;
  return end.says.includes("Unable to start command") ? notStartedCode : lostCode;
}
