/** ECS Exec into real containers: by `neargate exec` with and without a terminal, and by AWS's plugin. */
import path from "node:path";
import { paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  exec,
  type LiveEngine,
  region,
  runOk,
  startLiveEngine,
  until,
} from "./support/live-engine.ts";
import { cluster, openShellTasks, type ShellTasks } from "./support/shell-tasks.ts";

const has = async (program: string): Promise<boolean> =>
  (await exec.run("sh", ["-c", `command -v ${program}`])).code === 0;
const hasTmux = await has("tmux");
const hasPlugin = (await has("aws")) && (await has("session-manager-plugin"));
if (!hasTmux) process.stderr.write("\nTESTS OF A TERMINAL ARE SKIPPED: tmux is not installed\n\n");
if (!hasPlugin) {
  process.stderr.write(
    "\nTESTS OF AWS'S PLUGIN ARE SKIPPED: aws or session-manager-plugin is not installed\n\n",
  );
}

const neargate = path.resolve(import.meta.dirname, "../../bin/neargate");

let engine: LiveEngine;
let shell: ShellTasks;
let task: { readonly arn: string; readonly id: string };

beforeAll(async () => {
  engine = await startLiveEngine();
  shell = await openShellTasks(engine);
  await shell.clients.iam.send(
    new PutRolePolicyCommand({
      RoleName: "shell",
      PolicyName: "exec",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: ["ssmmessages:*", "logs:*"], Resource: "*" }],
      }),
    }),
  );
  const taskRoleArn = "arn:aws:iam::000000000000:role/shell";
  const script = "trap 'exit 0' TERM; while :; do sleep 0.1; done";
  await shell.register("app", [shell.container("app", script)], { taskRoleArn });
  const arn = await shell.run("app", { enableExecuteCommand: true });
  await shell.untilTask(arn, "to be entered", (one) => {
    return one.containers?.[0]?.managedAgents?.[0]?.lastStatus === "RUNNING";
  });
  task = { arn, id: arn.split("/").at(-1) ?? "" };
});
afterAll(() => engine?.[Symbol.asyncDispose]());

const execArgs = (...command: string[]): string[] => [
  "exec",
  task.id.slice(0, 12),
  "--state-dir",
  engine.home,
  "--",
  ...command,
];

/** Commands that run in the task's container, by the words they were started with. */
async function processesOf(words: string): Promise<string[]> {
  const filters = [
    "--filter",
    `label=neargate.task=${task.id}`,
    "--filter",
    "label=neargate.container=app",
  ];
  const container = (await engine.docker(["ps", "-q", ...filters])).stdout.trim();
  const { stdout } = await engine.docker(["top", container, "-eo", "pid,args"]);
  return stdout.split("\n").filter((line) => line.includes(words));
}

describe("neargate exec without a terminal", () => {
  it("what the command writes, and its exit code as the CLI's own", async () => {
    const ran = await exec.run(neargate, execArgs("/bin/sh", "-c", "echo 'it is'; id -u; exit 7"));
    expect(ran).toMatchObject({ stdout: "it is\r\n0\r\n", code: 7 });
    expect(await processesOf("exit 7")).toEqual([]);
  });

  it("its input: read by the command, whose end ends with it", async () => {
    const ran = await exec.run(neargate, execArgs("/bin/cat"), { input: "one\ntwo\n" });
    expect(ran.code).toBe(0);
    expect(ran.stdout.match(/two\r\n/g)).toHaveLength(2);
    const words = [neargate, ...execArgs("/bin/sh", "-c", "'exit 8'")].join(" ");
    expect(await exec.run("sh", ["-c", `${words} </dev/null`])).toMatchObject({ code: 8 });
  });

  it("a great deal of output: all of it", async () => {
    const count = "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done";
    const ran = await exec.run(neargate, execArgs("/bin/sh", "-c", count));
    const lines = ran.stdout.split("\r\n");
    expect(lines.slice(0, -1)).toEqual(Array.from({ length: 20_000 }, (_, at) => String(at)));
  });

  it("no such program, no such task: told, and an exit code of failure", async () => {
    const missing = await exec.run(neargate, execArgs("nothing-such"));
    expect(missing.code).toBe(127);
    expect(missing.stderr).toContain('exec: "nothing-such": executable file not found in $PATH');
    const args = ["exec", "ffff", "--state-dir", engine.home];
    const lost = await exec.run(neargate, args);
    expect(lost).toMatchObject({
      code: 1,
      stderr: "neargate: no running task's id begins with 'ffff'\n",
    });
  });

  it("the session is in the container's log stream", async () => {
    await exec.run(neargate, execArgs("/bin/sh", "-c", "echo for the record"));
    const search = {
      logGroupName: "/shell",
      logStreamNames: [`t/app/${task.id}`],
      filterPattern: '"for the record"',
    };
    const found = await until("the session is logged", 20_000, async () => {
      const messages: (string | undefined)[] = [];
      // A page may be empty that others follow: the stream is long.
      for await (const page of paginateFilterLogEvents({ client: shell.clients.logs }, search)) {
        messages.push(...(page.events ?? []).map(({ message }) => message));
      }
      return messages.length > 0 && messages;
    });
    expect(found).toEqual(["for the record"]);
  });
});

describe.skipIf(!hasTmux)("neargate exec in a terminal", () => {
  const session = `ng-exec-${process.pid}`;
  const tmux = (...args: string[]) => runOk("tmux", ["-L", session, ...args]);
  const screen = () => tmux("capture-pane", "-p", "-t", session);
  const untilScreen = (what: RegExp) =>
    until(`the screen shows ${what}`, 30_000, async () => {
      const text = await screen();
      return what.test(text) && text;
    });
  const keys = (...args: string[]) => tmux("send-keys", "-t", session, ...args);
  afterAll(() => exec.run("tmux", ["-L", session, "kill-server"]));

  it("a shell: the terminal's size, Ctrl-C for the command, a new size, and its exit code", async () => {
    await tmux("new-session", "-d", "-s", session, "-x", "101", "-y", "37", "/bin/sh");
    const words = execArgs("/bin/sh").join(" ");
    await keys("-l", `${neargate} ${words}; echo "code=$?"`);
    await keys("Enter");
    await untilScreen(/^#\s*$/m);
    await keys("-l", "stty size");
    await keys("Enter");
    await untilScreen(/^(?:36|37) 101$/m);
    await keys("-l", "sleep 1000");
    await keys("Enter");
    await until(
      "the command runs",
      10_000,
      async () => (await processesOf("sleep 1000")).length > 0,
    );
    await keys("C-c");
    await until(
      "it was interrupted",
      10_000,
      async () => (await processesOf("sleep 1000")).length === 0,
    );
    await tmux("resize-window", "-t", session, "-x", "90", "-y", "20");
    // What is typed may overtake the new size, so it is asked for again.
    await until("the new size is there", 30_000, async () => {
      await keys("-l", "stty size");
      await keys("Enter");
      return /^(?:19|20) 90$/m.test(await screen());
    });
    await keys("-l", "exit 9");
    await keys("Enter");
    await untilScreen(/^code=9$/m);
  });
});

describe.skipIf(!hasPlugin)("aws ecs execute-command with AWS's plugin", () => {
  it("a command: its output, between the plugin's own words", async () => {
    const env = { ...(await engine.environment()), AWS_ENDPOINT_URL: engine.endpoint };
    const command = "/bin/sh -c 'echo by-the-plugin; exit 3'";
    const args = [
      "ecs",
      "execute-command",
      "--cluster",
      cluster,
      "--task",
      task.id,
      "--interactive",
    ];
    const words = ["aws", ...args, "--region", region, "--command", `"${command}"`].join(" ");
    // It wants a terminal, and ends with its input.
    const script = ["-qec", words, "/dev/null"];
    const ran = await exec.run("script", script, { env, timeoutMs: 240_000 });
    expect(ran.stdout).toContain("Starting session with SessionId: ecs-execute-command-");
    expect(ran.stdout).toMatch(/by-the-plugin\r*\n[\s\S]*Exiting session with sessionId/);
    expect(ran.stdout).not.toMatch(/by-the-plugin\r*\n3/);
  });
});

describe("kill -9 of the engine in the middle of a session", () => {
  it("the client ends by itself, and the next engine leaves no command in the container", async () => {
    const client = exec.start(neargate, execArgs("/bin/sh", "-c", "echo up; sleep 4321"));
    let shown = "";
    let said = "";
    client.stdout?.on("data", (text) => {
      shown += text;
    });
    client.stderr?.on("data", (text) => {
      said += text;
    });
    const ended = new Promise<number | null>((resolve) => client.on("close", resolve));
    await until("the command runs", 20_000, async () => shown.includes("up"));
    const pids = (await exec.run("pgrep", ["-f", "sleep 4321"])).stdout.trim().split("\n");
    expect(pids.length).toBeGreaterThan(0);
    await engine.kill();
    expect(await ended).toBe(255);
    expect(said).toContain("neargate: the session is over:");
    await engine.restart();
    await until(
      "nothing of it is left",
      20_000,
      async () => (await processesOf("sleep 4321")).length === 0,
    );
    const after = await shell.task(task.arn);
    expect(after.lastStatus).toBe("RUNNING");
    const again = await exec.run(neargate, execArgs("/bin/sh", "-c", "exit 4"));
    expect(again.code).toBe(4);
  });
});
