/** What every container runtime does, whatever runs below. Called from each driver's own test. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeCommands } from "./conformance-exec.ts";
import type { ContainerRuntime, ContainerSpec, LogLine, RuntimeEvent } from "./port.ts";

/** How a driver's test makes the containers the suite wants. */
export type RuntimeHarness = {
  /** A started runtime with nothing in it. */
  make(): Promise<ContainerRuntime>;
  /** Parts of a container that … */
  readonly programs: {
    /** writes `ready`, runs until SIGTERM and then exits with 143. */
    readonly waits: ProgramParts;
    /** writes `one` and `two` to stdout, `three` to stderr, and exits with 7. */
    readonly writesAndExits: ProgramParts;
    /** exits with 7 two seconds after its start. */
    readonly exitsSoon: ProgramParts;
    /** writes `ready` and ignores SIGTERM. */
    readonly ignoresTerm: ProgramParts;
    /** waits as well, its health checks failing whatever they are; where that needs saying. */
    readonly unwell?: ProgramParts;
  };
  /** Lets things happen that take `ms` in real life. */
  pass(ms: number): Promise<void>;
};

export type ProgramParts = Pick<
  ContainerSpec,
  "imageId" | "entryPoint" | "command" | "environment"
>;

const everySecond = { interval: 1, timeout: 1, retries: 2, startPeriod: 0 };

const never = new AbortController().signal;

export function containerRuntimeConformance(name: string, harness: RuntimeHarness): void {
  describe(`${name}: a container runtime`, () => {
    let runtime: ContainerRuntime;
    let tasks = 0;
    const events: RuntimeEvent[] = [];

    beforeAll(async () => {
      runtime = await harness.make();
      runtime.watch((event) => events.push(event));
    });
    afterAll(() => runtime.stop({ removeAll: true }));

    const sandboxSpec = (taskId: string) => ({
      taskId,
      hostname: "ip-10-0-0-9.ec2.internal",
      dnsServers: ["10.0.0.2"],
      dnsSearch: ["ec2.internal"],
      address: "10.0.0.9",
    });
    const newTask = async (): Promise<{ taskId: string; sandboxId: string }> => {
      tasks += 1;
      const taskId = tasks.toString(16).padStart(32, "0");
      return { taskId, sandboxId: (await runtime.createSandbox(sandboxSpec(taskId))).id };
    };
    const create = async (
      parts: ProgramParts,
      containerName = "app",
      more: Partial<ContainerSpec> = {},
    ) => {
      const task = await newTask();
      const spec: ContainerSpec = {
        ...task,
        name: containerName,
        ...parts,
        workingDirectory: undefined,
        user: undefined,
        cpuUnits: 128,
        cpuLimitUnits: 512,
        memoryLimitBytes: 64 * 1024 * 1024,
        labels: {},
        ...more,
      };
      return { ...task, spec, id: await runtime.createContainer(spec) };
    };
    const until = async <T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> => {
      for (let turn = 0; turn < 1200; turn++) {
        const found = await look();
        if (found !== undefined) return found;
        await harness.pass(50);
      }
      throw new Error("it did not happen");
    };
    const exitOf = (id: string) =>
      until(async () => {
        const state = await runtime.inspect(id);
        return state?.status === "exited" ? state : undefined;
      });
    const healthOf = (id: string) =>
      events.flatMap((event) =>
        event.type === "container-health" && event.containerId === id ? [event] : [],
      );
    const linesOf = async (id: string, after?: string): Promise<LogLine[]> => {
      const lines: LogLine[] = [];
      for await (const line of runtime.followLogs(id, after, never)) lines.push(line);
      return lines;
    };

    const untilReady = async (id: string): Promise<void> => {
      let isReady = false;
      const reading = (async () => {
        for await (const line of runtime.followLogs(id, undefined, never)) {
          isReady = line.text === "ready";
          if (isReady) return;
        }
      })();
      await until(() => (isReady ? true : undefined));
      await reading;
    };

    it("a sandbox asked for twice: one sandbox", async () => {
      const { taskId, sandboxId } = await newTask();
      expect((await runtime.createSandbox(sandboxSpec(taskId))).id).toBe(sandboxId);
      const { sandboxes } = await runtime.inventory();
      expect(sandboxes.filter((sandbox) => sandbox.taskId === taskId)).toEqual([
        { id: sandboxId, taskId, running: true },
      ]);
    });

    it("sandboxes of many tasks at once: each task has its own", async () => {
      const made = await Promise.all([newTask(), newTask(), newTask(), newTask()]);
      expect(new Set(made.map(({ sandboxId }) => sandboxId)).size).toBe(4);
      const { sandboxes } = await runtime.inventory();
      for (const { taskId, sandboxId } of made) {
        expect(sandboxes).toContainEqual({ id: sandboxId, taskId, running: true });
      }
    });

    it("a container: created, running, exited with 143 on SIGTERM, gone", async () => {
      const { id, taskId } = await create(harness.programs.waits);
      expect(await runtime.inspect(id)).toEqual({ status: "created" });
      await runtime.startContainer(id);
      expect(await runtime.inspect(id)).toEqual({ status: "running" });
      await untilReady(id);
      await runtime.signal(id, "SIGTERM");
      const exit = { exitCode: 143, oomKilled: false };
      expect(await exitOf(id)).toEqual({ status: "exited", ...exit });
      const event = await until(() =>
        events.find((e) => e.type === "container-exited" && e.containerId === id),
      );
      expect(event).toEqual({ type: "container-exited", containerId: id, taskId, ...exit });
      await runtime.removeContainer(id);
      expect(await runtime.inspect(id)).toBeUndefined();
    });

    it("created twice under one name: one container; started twice: no error", async () => {
      const { id, spec } = await create(harness.programs.waits);
      expect(await runtime.createContainer(spec)).toBe(id);
      await runtime.startContainer(id);
      await runtime.startContainer(id);
      await runtime.removeContainer(id);
    });

    it("what a container uses: told while it runs, its processor time never less than before", async () => {
      const { id, taskId } = await create(harness.programs.waits);
      expect(await runtime.stats(id, false)).toBeUndefined();
      await runtime.startContainer(id);
      const first = await runtime.stats(id, true);
      await harness.pass(200);
      const second = await runtime.stats(id, false);
      const used = (one: typeof first): number => one?.cpu_stats.cpu_usage.total_usage ?? -1;
      expect(used(first)).toBeGreaterThanOrEqual(0);
      expect(used(second)).toBeGreaterThanOrEqual(used(first));
      expect(Date.parse(second?.read ?? "")).toBeGreaterThan(Date.parse(first?.read ?? ""));
      const sandbox = await runtime.createSandbox(sandboxSpec(taskId));
      const counters = await runtime.networkCounters(sandbox);
      expect(counters?.["lo"]).toBeUndefined();
      expect(await runtime.storageBytes(taskId, [id])).toBeGreaterThanOrEqual(0);
      expect(await runtime.clockErrorMs()).toBeGreaterThanOrEqual(0);
      await runtime.removeContainer(id);
      expect(await runtime.stats(id, false)).toBeUndefined();
      expect(await runtime.storageBytes(taskId, [id])).toBe(0);
    });

    it("frozen: does nothing until it is thawed, or told to end", async () => {
      const { id } = await create(harness.programs.exitsSoon);
      await runtime.startContainer(id);
      await runtime.freeze(id);
      await runtime.freeze(id);
      await harness.pass(2200);
      expect(await runtime.inspect(id)).toEqual({ status: "running" });
      await runtime.thaw(id);
      await runtime.thaw(id);
      expect(await exitOf(id)).toMatchObject({ exitCode: 7 });
      await runtime.freeze(id);
      const waiting = await create(harness.programs.waits);
      await runtime.startContainer(waiting.id);
      await untilReady(waiting.id);
      await runtime.freeze(waiting.id);
      await runtime.signal(waiting.id, "SIGTERM");
      expect(await exitOf(waiting.id)).toMatchObject({ exitCode: 143 });
    });

    it("one that ignores SIGTERM: ends by SIGKILL with 137", async () => {
      const { id } = await create(harness.programs.ignoresTerm);
      await runtime.startContainer(id);
      await untilReady(id);
      await runtime.signal(id, "SIGTERM");
      await harness.pass(200);
      expect(await runtime.inspect(id)).toEqual({ status: "running" });
      await runtime.signal(id, "SIGKILL");
      expect(await exitOf(id)).toMatchObject({ exitCode: 137 });
    });

    it("signalled or removed after its end, or twice: no error", async () => {
      const { id, sandboxId } = await create(harness.programs.writesAndExits);
      await runtime.startContainer(id);
      await exitOf(id);
      await runtime.signal(id, "SIGTERM");
      await runtime.removeContainer(id);
      await runtime.removeContainer(id);
      await runtime.signal(id, "SIGKILL");
      await runtime.removeSandbox(sandboxId);
      await runtime.removeSandbox(sandboxId);
    });

    it("the inventory: shows what has exited and with which code", async () => {
      const { id, taskId } = await create(harness.programs.writesAndExits, "worker");
      await runtime.startContainer(id);
      await exitOf(id);
      const { containers } = await runtime.inventory();
      const state = { status: "exited", exitCode: 7, oomKilled: false };
      expect(containers).toContainEqual({ id, taskId, name: "worker", state });
    });

    it("logs followed from before the end: every line, then the end", async () => {
      const { id } = await create(harness.programs.writesAndExits);
      await runtime.startContainer(id);
      const following = linesOf(id);
      await exitOf(id);
      const lines = await following;
      expect(lines.map(({ stream, text }) => `${stream} ${text}`).sort()).toEqual([
        "stderr three",
        "stdout one",
        "stdout two",
      ]);
    });

    it("logs resumed after any line: the lines behind it, none twice", async () => {
      const { id } = await create(harness.programs.writesAndExits);
      await runtime.startContainer(id);
      await exitOf(id);
      const all = await linesOf(id);
      expect(all).toHaveLength(3);
      for (const [index, line] of all.entries()) {
        expect(await linesOf(id, line.stamp)).toEqual(all.slice(index + 1));
      }
    });

    it("logs of a container that was never started: none", async () => {
      const { id } = await create(harness.programs.waits);
      expect(await linesOf(id)).toEqual([]);
    });

    it("following called off: ends", async () => {
      const { id } = await create(harness.programs.waits);
      await runtime.startContainer(id);
      const stop = new AbortController();
      const following = (async () => {
        for await (const line of runtime.followLogs(id, undefined, stop.signal)) void line;
      })();
      await harness.pass(100);
      stop.abort();
      await expect(following).rejects.toThrow();
    });

    it("one that has ended, started again: runs, and its log goes on behind the last line", async () => {
      const { id } = await create(harness.programs.writesAndExits);
      await runtime.startContainer(id);
      await exitOf(id);
      const first = await linesOf(id);
      const last = first.at(-1)?.stamp;
      await runtime.startContainer(id);
      await exitOf(id);
      const second = await linesOf(id, last);
      expect(second.map(({ text }) => text).sort()).toEqual(["one", "three", "two"]);
    });

    it("without a health check: nothing is said of health", async () => {
      const { id } = await create(harness.programs.waits);
      await runtime.startContainer(id);
      expect(await runtime.inspect(id)).not.toHaveProperty("health");
      await runtime.removeContainer(id);
    });

    it("a health check that succeeds: starting, then healthy, told once and shown", async () => {
      const healthCheck = { ...everySecond, command: ["CMD-SHELL", "exit 0"] };
      const { id, taskId } = await create(harness.programs.waits, "app", { healthCheck });
      await runtime.startContainer(id);
      const before = await runtime.inspect(id);
      // The first check may be over by now on a busy machine.
      if (healthOf(id).length === 0)
        expect(before).toMatchObject({ health: { status: "starting" } });
      const told = await until(() => {
        const found = healthOf(id);
        return found.length > 0 ? found : undefined;
      });
      expect(told).toMatchObject([{ taskId, health: { status: "healthy", exitCode: 0 } }]);
      const state = { status: "running", health: { status: "healthy" } };
      expect(await runtime.inspect(id)).toMatchObject(state);
      const { containers } = await runtime.inventory();
      expect(containers.find((container) => container.id === id)).toMatchObject({ state });
      await harness.pass(1200);
      expect(healthOf(id)).toHaveLength(1);
      await runtime.removeContainer(id);
    });

    it("a health check that fails: unhealthy after its retries", async () => {
      const command = ["CMD-SHELL", "echo bad; exit 3"];
      const healthCheck = { ...everySecond, retries: 4, command };
      const parts = harness.programs.unwell ?? harness.programs.waits;
      const { id } = await create(parts, "app", { healthCheck });
      await runtime.startContainer(id);
      await harness.pass(1200);
      expect(healthOf(id)).toEqual([]);
      const told = await until(() => healthOf(id)[0]);
      expect(told).toMatchObject({ health: { status: "unhealthy" } });
      await runtime.removeContainer(id);
    });

    describeCommands({
      runtime: () => runtime,
      until,
      async running(variables = []) {
        const environment = [...harness.programs.waits.environment, ...variables];
        const { id } = await create(harness.programs.waits, "app", { environment });
        await runtime.startContainer(id);
        return id;
      },
      async ended() {
        const { id } = await create(harness.programs.writesAndExits);
        await runtime.startContainer(id);
        await exitOf(id);
        return id;
      },
    });

    it("volumes of a task: removed with it, and asked for twice no error", async () => {
      const mounts = [{ volume: "data", path: "/data", readOnly: false }];
      const { id, taskId } = await create(harness.programs.waits, "app", { mounts });
      await runtime.removeContainer(id);
      await runtime.removeShared(taskId);
      await runtime.removeShared(taskId);
    });

    it("a container in a sandbox that is not there: not-found", async () => {
      const { spec } = await create(harness.programs.waits);
      const lost = { ...spec, name: "lost", sandboxId: "f".repeat(64) };
      await expect(startedIn(runtime, lost)).rejects.toMatchObject({ kind: "not-found" });
    });
  });
}

async function startedIn(runtime: ContainerRuntime, spec: ContainerSpec): Promise<void> {
  await runtime.startContainer(await runtime.createContainer(spec));
}
