import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  containerRuntimeConformance,
  type ProgramParts,
} from "../../src/dataplane/containers/conformance.ts";
import { type DockerCalls, dockerCalls } from "../../src/dataplane/containers/docker/calls.ts";
import { dockerClient } from "../../src/dataplane/containers/docker/client.ts";
import { dockerRuntime } from "../../src/dataplane/containers/docker/driver.ts";
import { endFromInside } from "../../src/dataplane/containers/docker/exec.ts";
import type { ContainerRuntime, ContainerSpec } from "../../src/dataplane/containers/port.ts";
import { realClock } from "../../src/seams/clock.ts";
import { processExec } from "../../src/seams/exec.ts";
import { randomIds } from "../../src/seams/ids.ts";
import { recordingLogger } from "../../src/seams/logger.ts";
import { buildMachineImage } from "../../tools/images/machine-image.ts";
import { startSmallRegistry } from "./small-registry.ts";

const exec = processExec();
const clock = realClock();
const ids = randomIds();

type Place = { readonly stateDir: string; readonly engineId: string };

const newPlace = (): Place => ({
  stateDir: mkdtempSync(path.join(tmpdir(), "ng-containers-")),
  engineId: ids.hex(6),
});

/** A runtime on a private daemon of its own, whatever Docker the machine has besides. */
function runtimeIn(place: Place, poolSize = 2): ContainerRuntime {
  return dockerRuntime({
    ...place,
    exec,
    clock,
    ids,
    logger: recordingLogger(),
    poolSize,
    environment: { PATH: process.env["PATH"] },
    systemSocket: path.join(place.stateDir, "none.sock"),
  });
}

/** The same daemon, past the runtime. */
const callsOf = (runtime: ContainerRuntime): DockerCalls =>
  dockerCalls(dockerClient({ socketPath: (runtime.address() ?? "").replace("unix://", "") }));

async function loadShell(runtime: ContainerRuntime): Promise<string> {
  const { tar, imageId } = await buildMachineImage({
    exec,
    reference: "neargate-test/shell:1",
    programs: {
      "/bin/sh": "/bin/sh",
      "/bin/cat": "/bin/cat",
      "/bin/sleep": "/bin/sleep",
      "/bin/hostname": "/bin/hostname",
      "/bin/stty": "/usr/bin/stty",
    },
    entrypoint: ["/bin/sh", "-c"],
  });
  await callsOf(runtime).loadImage(tar);
  return imageId;
}

const shell = (imageId: string, script: string): ProgramParts => ({
  imageId,
  entryPoint: undefined,
  command: [script],
  environment: [],
});

const suite: Place = newPlace();
const suiteRuntime = runtimeIn(suite);
const programs = {
  waits: shell("", "trap 'exit 143' TERM; echo ready; while :; do sleep 0.05; done"),
  exitsSoon: shell("", "sleep 2; exit 7"),
  writesAndExits: shell("", "echo one; echo two; echo three >&2; exit 7"),
  ignoresTerm: shell("", "trap '' TERM; echo ready; while :; do sleep 0.05; done"),
};

containerRuntimeConformance("docker", {
  async make() {
    await suiteRuntime.start();
    const imageId = await loadShell(suiteRuntime);
    for (const parts of Object.values(programs)) Object.assign(parts, { imageId });
    return suiteRuntime;
  },
  programs,
  pass: (ms) => clock.wallSleep(ms),
});
afterAll(() => rmSync(suite.stateDir, { recursive: true, force: true }));

describe("docker runtime", () => {
  const place = newPlace();
  let runtime: ContainerRuntime;
  let imageId: string;

  beforeAll(async () => {
    runtime = runtimeIn(place);
    await runtime.start();
    imageId = await loadShell(runtime);
  });
  afterAll(async () => {
    await runtime.stop({ removeAll: true });
    rmSync(place.stateDir, { recursive: true, force: true });
  });

  const sandboxSpec = (taskId: string) => ({
    taskId,
    hostname: `ip-10-0-0-${taskId.length}.ec2.internal`,
    dnsServers: ["10.0.0.2"],
    dnsSearch: ["ec2.internal"],
    address: `10.0.0.${taskId.length}`,
  });
  const spec = (taskId: string, sandboxId: string, script: string): ContainerSpec => ({
    taskId,
    name: "app",
    sandboxId,
    ...shell(imageId, script),
    workingDirectory: undefined,
    user: undefined,
    cpuUnits: 256,
    cpuLimitUnits: 256,
    memoryLimitBytes: 32 * 1024 * 1024,
    labels: { "com.amazonaws.ecs.container-name": "app" },
  });
  const run = async (
    taskId: string,
    sandboxId: string,
    script: string,
    more: Partial<ContainerSpec> = {},
  ) => {
    const id = await runtime.createContainer({ ...spec(taskId, sandboxId, script), ...more });
    await runtime.startContainer(id);
    const lines: string[] = [];
    for await (const line of runtime.followLogs(id, undefined, new AbortController().signal)) {
      lines.push(line.text);
    }
    return { id, lines, state: await runtime.inspect(id) };
  };
  const poolOf = async (): Promise<string[]> => {
    const listed = await callsOf(runtime).list(place.engineId);
    return listed.flatMap(({ Id, Names }) => (/-pool-/.test(Names[0] ?? "") ? [Id] : []));
  };
  const poolFilled = async (): Promise<string[]> => {
    for (let turn = 0; turn < 600; turn++) {
      const pool = await poolOf();
      if (pool.length >= 2) return pool;
      await clock.wallSleep(100);
    }
    throw new Error("the pool was not filled");
  };

  it("a sandbox from the warm pool: containers see the task's hostname, hosts and name servers", async () => {
    const pool = await poolFilled();
    const sandbox = await runtime.createSandbox(sandboxSpec("warm"));
    expect(pool).toContain(sandbox.id);
    const { lines } = await run(
      "warm",
      sandbox.id,
      "cat /etc/hostname /etc/resolv.conf /etc/hosts",
    );
    expect(lines).toContain("ip-10-0-0-4.ec2.internal");
    expect(lines).toContain("search ec2.internal");
    expect(lines).toContain("nameserver 10.0.0.2");
    expect(lines.filter((line) => line.startsWith("nameserver"))).toHaveLength(1);
    expect(lines.join("\n")).toMatch(/^10\.0\.0\.4\tip-10-0-0-4\.ec2\.internal/m);
  });

  it("one of the pool is taken or ends: another takes its place", async () => {
    const [killed] = await poolFilled();
    await callsOf(runtime).kill(killed ?? "", "SIGKILL");
    await callsOf(runtime).remove(killed ?? "");
    expect(await poolFilled()).not.toContain(killed);
    await runtime.createSandbox(sandboxSpec("another"));
    expect(await poolFilled()).toHaveLength(2);
  });

  it("a sandbox made anew when the pool is empty: the same names", async () => {
    const cold = runtimeIn(place, 0);
    await cold.start();
    for (const id of await poolOf()) await callsOf(runtime).remove(id);
    const sandbox = await cold.createSandbox(sandboxSpec("coldest"));
    const { lines } = await run(
      "coldest",
      sandbox.id,
      "hostname; cat /etc/hostname /etc/resolv.conf /etc/hosts",
    );
    expect(lines.slice(0, 2)).toEqual(["ip-10-0-0-7.ec2.internal", "ip-10-0-0-7.ec2.internal"]);
    expect(lines).toContain("nameserver 10.0.0.2");
    expect(lines.join("\n")).toMatch(/^10\.0\.0\.7\s+ip-10-0-0-7\.ec2\.internal/m);
    await cold.stop({ removeAll: false });
  });

  it("a sandbox: its network namespace can be entered by its path and holds only lo", async () => {
    const { netns } = await runtime.createSandbox(sandboxSpec("netns"));
    const links = await exec.run("nsenter", [`--net=${netns}`, "ip", "-o", "link"]);
    expect(links.stdout.trim().split("\n")).toHaveLength(1);
    expect(links.stdout).toContain("lo:");
  });

  it("settings of the process: limits, capabilities, kernel parameters, init, a root that is read only", async () => {
    const sandbox = await runtime.createSandbox(sandboxSpec("settings"));
    const script =
      "ulimit -Sn; ulimit -Hn; cat /proc/sys/net/core/somaxconn /proc/1/comm; " +
      "while read k v; do [ $k = CapEff: ] && echo $v; done < /proc/self/status; " +
      "echo x 2>/dev/null > /x || echo read only";
    const { lines } = await run("settings", sandbox.id, script, {
      init: true,
      dropCapabilities: ["ALL"],
      addCapabilities: ["SYS_PTRACE"],
      readonlyRootFilesystem: true,
      ulimits: [{ name: "nofile", soft: 500, hard: 1000 }],
      kernelParameters: { "net.core.somaxconn": "321" },
    });
    expect(lines.slice(0, 4)).toEqual(["500", "1000", "321", "docker-init"]);
    expect(lines.slice(4)).toEqual(["0000000000080000", "read only"]);
  });

  it("a terminal: there is one, and lines come whole", async () => {
    const sandbox = await runtime.createSandbox(sandboxSpec("terminal"));
    const script = "[ -t 1 ] && echo terminal; echo two words; printf tail";
    const { lines } = await run("terminal", sandbox.id, script, { terminal: true });
    expect(lines).toEqual(["terminal", "two words", "tail"]);
  });

  it("a command ended from inside, as with a daemon elsewhere: it alone, with what it started", async () => {
    const taskId = "a".repeat(25);
    const sandbox = await runtime.createSandbox(sandboxSpec(taskId));
    const forEver = spec(taskId, sandbox.id, "while :; do sleep 0.1; done");
    const containerId = await runtime.createContainer(forEver);
    await runtime.startContainer(containerId);
    const start = async (script: string) => {
      const command = ["/bin/sh", "-c", script];
      const execId = await runtime.prepareExec({ containerId, command, environment: [] });
      const running = await runtime.startExec(execId, undefined);
      let shown = "";
      const reading = (async () => {
        for await (const bytes of running.output) shown += Buffer.from(bytes).toString();
      })();
      while (!shown.includes("up")) await clock.wallSleep(50);
      return { execId, end: reading.then(() => running.exitCode()) };
    };
    const [one, other] = [
      await start("echo up; sleep 700"),
      await start("echo up; sleep 3; exit 6"),
    ];
    await endFromInside(callsOf(runtime), containerId, one.execId.split(".")[1] ?? "");
    expect(await one.end).toBe(137);
    expect(await other.end).toBe(6);
    expect(await runtime.inspect(containerId)).toMatchObject({ status: "running" });
    await runtime.removeContainer(containerId);
    await runtime.removeSandbox(sandbox.id);
  });

  it("a volume of the task: shared by its containers, read only where that was said, gone with it", async () => {
    const sandbox = await runtime.createSandbox(sandboxSpec("volumes"));
    const mounts = [{ volume: "data", path: "/data", readOnly: false }];
    const writer = await run("volumes", sandbox.id, "echo kept > /data/file", { mounts });
    const reader = await run(
      "volumes",
      sandbox.id,
      "cat /data/file; echo x 2>/dev/null > /data/other || echo read only",
      { name: "reader", mountsFrom: [{ container: "app", readOnly: true }] },
    );
    expect(reader.lines).toEqual(["kept", "read only"]);
    for (const { id } of [writer, reader]) await runtime.removeContainer(id);
    expect(await callsOf(runtime).listVolumes(place.engineId)).toHaveLength(1);
    const kept = await run("volumes", sandbox.id, "echo", { name: "keeper", mounts });
    const restarted = runtimeIn(place, 0);
    await restarted.start();
    expect(await callsOf(runtime).listVolumes(place.engineId)).toHaveLength(1);
    await restarted.removeContainer(kept.id);
    await restarted.stop({ removeAll: false });
    await restarted.start();
    await restarted.stop({ removeAll: false });
    expect(await callsOf(runtime).listVolumes(place.engineId)).toEqual([]);
    await runtime.removeShared("volumes");
    expect(await callsOf(runtime).listVolumes(place.engineId)).toEqual([]);
  });

  it("an image that brings a health check: the check is not made", async () => {
    const made = await callsOf(runtime).create({
      name: "with-check",
      Image: imageId,
      Cmd: ["true"],
    });
    const host = ["-H", runtime.address() ?? ""];
    const change = ["--change", "HEALTHCHECK --interval=1s CMD false"];
    const { stdout } = await exec.run("docker", [...host, "commit", ...change, made]);
    await callsOf(runtime).remove(made);
    const sandbox = await runtime.createSandbox(sandboxSpec("baked"));
    const id = await runtime.createContainer({
      ...spec("baked", sandbox.id, "sleep 60"),
      imageId: stdout.trim(),
    });
    await runtime.startContainer(id);
    await clock.wallSleep(1500);
    expect(await runtime.inspect(id)).toEqual({ status: "running" });
    await runtime.removeContainer(id);
  });

  it("more memory than the limit: 137 and marked as out of memory", async () => {
    const sandbox = await runtime.createSandbox(sandboxSpec("oom"));
    const fill = "a=x; while :; do a=$a$a; done";
    const { state } = await run("oom", sandbox.id, fill);
    expect(state).toEqual({ status: "exited", exitCode: 137, oomKilled: true });
  });

  it("a program that is not in the image: the daemon's own words", async () => {
    const sandbox = await runtime.createSandbox(sandboxSpec("missing"));
    const id = await runtime.createContainer({
      ...spec("missing", sandbox.id, ""),
      entryPoint: ["/no/such/program"],
    });
    await expect(runtime.startContainer(id)).rejects.toMatchObject({
      kind: expect.stringMatching(/fatal|not-found/),
      message: expect.stringContaining("/no/such/program"),
    });
  });

  it("very long lines and many of them: all there, whole and in order", async () => {
    const sandbox = await runtime.createSandbox(sandboxSpec("long"));
    const script =
      "a=0123456789; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do a=$a$a; done; echo $a; " +
      "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done; printf tail";
    const { lines } = await run("long", sandbox.id, script);
    expect(lines[0]).toHaveLength(10 * 2 ** 12);
    expect(lines.slice(1, -1)).toEqual(Array.from({ length: 5000 }, (_, at) => `line ${at}`));
    expect(lines.at(-1)).toBe("tail");
  });

  it("an image of a registry that does not answer: unavailable", async () => {
    const source = { reference: "127.0.0.1:1/none:1", digest: undefined, auth: undefined };
    await expect(runtime.pull(source, new AbortController().signal)).rejects.toMatchObject({
      kind: "unavailable",
    });
  });

  it("an image by tag, then pinned: pulled once, and not asked for again", async () => {
    const registry = await startSmallRegistry();
    const tagged = { reference: `${registry.repository}:v1`, digest: undefined, auth: undefined };
    const pulled = await runtime.pull(tagged, new AbortController().signal);
    expect(pulled).toMatchObject({ digest: registry.digest, stopSignal: "SIGQUIT" });
    const before = registry.requests();
    const pinned = { ...tagged, digest: registry.digest };
    expect(await runtime.pull(pinned, new AbortController().signal)).toEqual(pulled);
    expect(registry.requests()).toBe(before);
    await registry.close();
    expect(await runtime.pull(tagged, new AbortController().signal)).toEqual(pulled);
  });

  it("an image pinned from the start: pulled by its digest", async () => {
    const registry = await startSmallRegistry();
    const { digest, repository } = registry;
    const source = { reference: `${repository}:any`, digest, auth: undefined };
    expect((await runtime.pull(source, new AbortController().signal)).digest).toBe(digest);
    await registry.close();
  });

  it("an image of two processors: the one asked for, by tag and pinned, whichever is here", async () => {
    const registry = await startSmallRegistry();
    const reference = `${registry.repository}:both`;
    const pull = async (digest: string | undefined, architecture?: string) =>
      runtime.pull(
        { reference, digest, auth: undefined, architecture },
        new AbortController().signal,
      );
    const arm = await pull(undefined, "arm64");
    const intel = await pull(undefined, "amd64");
    expect([arm.architecture, intel.architecture]).toEqual(["arm64", "amd64"]);
    expect(arm.digest).toBe(intel.digest);
    expect(await pull(arm.digest, "arm64")).toEqual(arm);
    const own = await pull(arm.digest);
    expect(own.isNative).toBe(true);
    await registry.close();
    expect(await pull(arm.digest)).toEqual(own);
  });

  it("an image the registry has not: not-found", async () => {
    const registry = await startSmallRegistry();
    const source = { reference: `${registry.repository}:v2`, digest: undefined, auth: undefined };
    await expect(runtime.pull(source, new AbortController().signal)).rejects.toMatchObject({
      kind: "not-found",
      message: expect.stringContaining("v2"),
    });
    await registry.close();
  });

  it("a registry that wants a password: refused without, pulled with", async () => {
    const registry = await startSmallRegistry("secret");
    const source = { reference: `${registry.repository}:v1`, digest: undefined, auth: undefined };
    const signal = new AbortController().signal;
    await expect(runtime.pull(source, signal)).rejects.toMatchObject({ kind: "fatal" });
    const auth = { username: "AWS", password: "secret" };
    expect((await runtime.pull({ ...source, auth }, signal)).digest).toBe(registry.digest);
    await registry.close();
  });

  it("the daemon restarted under it: containers go on, listeners hear resync, logs continue", async () => {
    const sandbox = await runtime.createSandbox(sandboxSpec("restart"));
    const script = "i=0; while [ $i -lt 60 ]; do echo $i; i=$((i+1)); sleep 0.1; done";
    const id = await runtime.createContainer(spec("restart", sandbox.id, script));
    let resyncs = 0;
    const unwatch = runtime.watch((event) => {
      if (event.type === "resync") resyncs += 1;
    });
    await runtime.startContainer(id);
    const lines: string[] = [];
    const following = (async () => {
      for await (const line of runtime.followLogs(id, undefined, new AbortController().signal)) {
        lines.push(line.text);
      }
    })();
    await clock.wallSleep(500);
    const pid = Number(await readFile(path.join(place.stateDir, "docker/docker.pid"), "utf8"));
    process.kill(pid, "SIGKILL");
    await clock.wallSleep(500);
    const second = runtimeIn(place);
    await second.start();
    await following;
    expect(lines).toEqual(Array.from({ length: 60 }, (_, at) => String(at)));
    while (resyncs === 0) await clock.wallSleep(50);
    unwatch();
    await second.stop({ removeAll: false });
  });
});

describe("docker runtime across engines", () => {
  it("stopped without removing and started again: the same containers, ids and free sandboxes", async () => {
    const place = newPlace();
    const first = runtimeIn(place);
    await first.start();
    const imageId = await loadShell(first);
    const task = { taskId: "adopted", hostname: "h", dnsServers: [], dnsSearch: [] };
    const sandbox = await first.createSandbox(task);
    const id = await first.createContainer({
      taskId: "adopted",
      name: "app",
      sandboxId: sandbox.id,
      ...shell(imageId, "sleep 600"),
      workingDirectory: undefined,
      user: undefined,
      cpuUnits: 2,
      cpuLimitUnits: undefined,
      memoryLimitBytes: undefined,
      labels: {},
    });
    await first.startContainer(id);
    await first.stop({ removeAll: false });

    const second = runtimeIn(place);
    await second.start();
    const inventory = await second.inventory();
    expect(inventory.sandboxes).toEqual([{ id: sandbox.id, taskId: "adopted", running: true }]);
    expect(inventory.containers).toEqual([
      { id, taskId: "adopted", name: "app", state: { status: "running" } },
    ]);
    expect(await second.createSandbox(task)).toEqual(sandbox);
    await second.stop({ removeAll: true });
    await expectNothingLeft(place);
    rmSync(place.stateDir, { recursive: true });
  });

  it("the daemon and all its helpers killed: the next engine ends what they left running", async () => {
    const place = newPlace();
    const first = runtimeIn(place, 1);
    await first.start();
    await first.createSandbox({ taskId: "lost", hostname: "h", dnsServers: [], dnsSearch: [] });
    await first.stop({ removeAll: false });
    const { stdout } = await exec.run("ps", ["-eo", "pid,args"]);
    const helpers = stdout.split("\n").filter((line) => line.includes(place.stateDir));
    // Some end by themselves when the first of them has.
    const pids = helpers.map((line) => line.trim().split(" ")[0] ?? "");
    await exec.run("kill", ["-KILL", ...pids]);
    expect(await processesIn(place)).not.toEqual([]);
    const second = runtimeIn(place, 0);
    await second.start();
    await second.stop({ removeAll: true });
    await expectNothingLeft(place);
    rmSync(place.stateDir, { recursive: true });
  });

  it("a state directory with a path too long for sockets: works, and leaves nothing elsewhere", async () => {
    const short = newPlace();
    const place = { ...short, stateDir: path.join(short.stateDir, "long".repeat(25)) };
    const runtime = runtimeIn(place, 0);
    await runtime.start();
    expect(runtime.address()).toBe(`unix:///run/neargate-${place.engineId}/docker.sock`);
    await runtime.stop({ removeAll: true });
    await expectNothingLeft(place);
    rmSync(short.stateDir, { recursive: true });
  });
});

/** Processes that live in a container image of this place. */
async function processesIn(place: Place): Promise<string[]> {
  const command = `grep -ls ' / / .*${place.stateDir}/' /proc/[0-9]*/mountinfo`;
  return (await exec.run("sh", ["-c", command])).stdout.split("\n").filter(Boolean);
}

async function expectNothingLeft(place: Place): Promise<void> {
  expect(await processesIn(place)).toEqual([]);
  const { stdout: processes } = await exec.run("ps", ["-eo", "args"]);
  const mounts = await readFile("/proc/self/mountinfo", "utf8");
  for (const text of [processes, mounts]) {
    expect(text).not.toContain(place.stateDir);
    expect(text).not.toContain(`/run/neargate-${place.engineId}`);
  }
  const { code } = await exec.run("test", ["-e", `/run/neargate-${place.engineId}`]);
  expect(code).toBe(1);
}
