import { describe, expect, it } from "vitest";
import { manualClock } from "../../../seams/clock.ts";
import { sequentialIds } from "../../../seams/ids.ts";
import { containerRuntimeConformance, type ProgramParts } from "../conformance.ts";
import type { ContainerRuntime, ContainerSpec, ImageSource } from "../port.ts";
import { type SimulatedRuntimeOptions, simulatedRuntime } from "./runtime.ts";
import { parseScript, scriptOfReference } from "./script.ts";

const program = (script: string): ProgramParts => ({
  imageId: "sha256:0",
  entryPoint: undefined,
  command: undefined,
  environment: script === "" ? [] : [{ name: "NEARGATE_SIM", value: script }],
});

const suiteClock = manualClock();
containerRuntimeConformance("simulated", {
  make: async () => simulatedRuntime({ clock: suiteClock, ids: sequentialIds() }),
  programs: {
    waits: program("log:ready"),
    exitsSoon: program("exit:7@2s"),
    writesAndExits: program("log:one;log:two;err:three;exit:7"),
    ignoresTerm: program("log:ready;ignore:term"),
    unwell: program("health:fail"),
  },
  pass: (ms) => suiteClock.advance(ms),
});

const source = (reference: string): ImageSource => ({
  reference,
  digest: undefined,
  auth: undefined,
});
const never = new AbortController().signal;

function setUp(options: Partial<SimulatedRuntimeOptions> = {}) {
  const clock = manualClock();
  return { clock, runtime: simulatedRuntime({ clock, ids: sequentialIds(), ...options }) };
}

async function create(runtime: ContainerRuntime, parts: Partial<ContainerSpec>): Promise<string> {
  const sandbox = { taskId: "t1", hostname: "h", dnsServers: [], dnsSearch: [] };
  const { id: sandboxId } = await runtime.createSandbox(sandbox);
  return runtime.createContainer({
    taskId: "t1",
    name: "app",
    sandboxId,
    ...program(""),
    workingDirectory: undefined,
    user: undefined,
    cpuUnits: 0,
    cpuLimitUnits: undefined,
    memoryLimitBytes: undefined,
    labels: {},
    ...parts,
  });
}

describe("simulated runtime", () => {
  it("health:fail within the start period: counts only from its end on", async () => {
    const { clock, runtime } = setUp();
    const healthCheck = { command: ["CMD"], interval: 5, timeout: 2, retries: 2, startPeriod: 12 };
    const id = await create(runtime, { ...program("health:fail"), healthCheck });
    await runtime.startContainer(id);
    await clock.advance(19_999);
    expect(await runtime.inspect(id)).toMatchObject({ health: { status: "starting" } });
    await clock.advance(1);
    expect(await runtime.inspect(id)).toMatchObject({ health: { status: "unhealthy" } });
  });

  it("one success within the start period: failures count from then on", async () => {
    const { clock, runtime } = setUp();
    const healthCheck = { command: ["CMD"], interval: 5, timeout: 2, retries: 1, startPeriod: 60 };
    const id = await create(runtime, { ...program("health:fail@7s"), healthCheck });
    await runtime.startContainer(id);
    await clock.advance(5_000);
    expect(await runtime.inspect(id)).toMatchObject({ health: { status: "healthy" } });
    await clock.advance(5_000);
    expect(await runtime.inspect(id)).toMatchObject({ health: { status: "unhealthy" } });
  });

  it("exit:7@10s: runs for ten seconds, not less", async () => {
    const { clock, runtime } = setUp();
    const id = await create(runtime, program("exit:7@10s"));
    await runtime.startContainer(id);
    await clock.advance(9_999);
    expect(await runtime.inspect(id)).toEqual({ status: "running" });
    await clock.advance(1);
    expect(await runtime.inspect(id)).toMatchObject({ status: "exited", exitCode: 7 });
  });

  it("a script in the image's tag: decides for the container", async () => {
    const { clock, runtime } = setUp();
    const image = await runtime.pull(source("repo/app:sim.oom-5s"), never);
    const id = await create(runtime, { imageId: image.id });
    await runtime.startContainer(id);
    await clock.advance(5_000);
    expect(await runtime.inspect(id)).toEqual({
      status: "exited",
      exitCode: 137,
      oomKilled: true,
    });
  });

  it("start:fail-1: fails once, then works", async () => {
    const { runtime } = setUp();
    const id = await create(runtime, program("start:fail-1"));
    await expect(runtime.startContainer(id)).rejects.toMatchObject({ kind: "fatal" });
    await runtime.startContainer(id);
    expect(await runtime.inspect(id)).toEqual({ status: "running" });
  });

  it("an image the registry has not: not-found, until it has it", async () => {
    const present = new Set<string>();
    const images = ({ reference }: ImageSource) => (present.has(reference) ? {} : undefined);
    const { runtime } = setUp({ images });
    const pulling = runtime.pull(source("repo/app:v1"), never);
    await expect(pulling).rejects.toMatchObject({ kind: "not-found" });
    present.add("repo/app:v1");
    expect((await runtime.pull(source("repo/app:v1"), never)).digest).toMatch(/^sha256:/);
  });

  it("pull:hang: ends only by being called off", async () => {
    const { clock, runtime } = setUp();
    const stop = new AbortController();
    const pulling = runtime.pull(source("app:sim.pull-hang"), stop.signal);
    pulling.catch(() => {});
    await clock.advance(3_600_000);
    stop.abort(new Error("called off"));
    await expect(pulling).rejects.toThrow("called off");
  });
});

describe("scripts of simulated containers", () => {
  it.each([
    ["app:sim.exit-7-10s.ignore-term", "exit:7@10s;ignore:term"],
    ["localhost:4566/0/r/app:sim.pull-not-found", "pull:not-found"],
    ["app:sim.start-fail-2.log-hi-1s@sha256:00", "start:fail-2;log:hi@1s"],
  ])("%s: the same as %s", (reference, script) => {
    expect(scriptOfReference(reference)).toEqual(parseScript(script));
  });

  it("an ordinary tag: no script", () => {
    expect(scriptOfReference("localhost:4566/app")).toBeUndefined();
    expect(scriptOfReference("app:simple")).toBeUndefined();
  });

  it.each(["exit", "exit:x", "ignore:kill", "start:later", "sleep:5s"])(
    "%s: refused by name",
    (directive) => {
      expect(() => parseScript(directive)).toThrow(directive);
    },
  );
});
