import { describe, expect, it } from "vitest";
import {
  aContainerDefinition,
  aTask,
  aTaskContainer,
  aTaskDefinition,
} from "../../../test/builders/ecs.ts";
import fc from "../../../test/builders/properties.ts";
import { type Task, taskStatuses } from "../../model/ecs.ts";
import { nextTaskStep, type TaskObservation } from "./next-step.ts";
import { essentialContainerExited, sandboxLost } from "./reasons.ts";

const now = 1_000_000;
const attached = {
  ...aTask().attachment,
  networkInterfaceId: "eni-1",
  status: "ATTACHED",
} as const;
const sandbox = { id: "sandbox-1", netns: undefined };
const userStop = { code: "UserInitiated", reason: "Task stopped by user", at: now } as const;
const stopped = { desiredStatus: "STOPPED", stop: userStop } as const;
const running = (): Partial<Task> => ({
  lastStatus: "RUNNING",
  attachment: attached,
  sandbox,
  containers: [aTaskContainer({ handle: "c1", lastStatus: "RUNNING" })],
});

const seeing = (given: Partial<TaskObservation> = {}): TaskObservation => ({
  sandboxLost: false,
  containers: new Map([["app", { status: "running" }]]),
  hasTargets: false,
  signalled: new Set(),
  wall: now,
  ...given,
});
const nothing = new Map();
const exited = (exitCode: number, oomKilled = false) =>
  new Map([["app", { status: "exited", exitCode, oomKilled } as const]]);

const stepOf = (task: Partial<Task>, observed: Partial<TaskObservation> = {}) =>
  nextTaskStep(aTask(task), aTaskDefinition(), seeing(observed), now);

describe("the way up", () => {
  it.each([
    ["a new task: its interface", {}, { type: "attach-interface" }],
    ["one with an interface: its sandbox", { attachment: attached }, { type: "create-sandbox" }],
    ["one with a sandbox: the network", { attachment: attached, sandbox }, { type: "connect" }],
    [
      "PENDING without containers: images and containers",
      { lastStatus: "PENDING", attachment: attached, sandbox },
      { type: "prepare-containers" },
    ],
    [
      "PENDING with containers: their processes",
      { ...running(), lastStatus: "PENDING", containers: [aTaskContainer({ handle: "c1" })] },
      { type: "start-containers", names: ["app"], started: [] },
    ],
  ] as const)("%s", (_, task, step) => {
    expect(stepOf(task as Partial<Task>, { containers: nothing })).toEqual(step);
  });

  it("RUNNING with its processes: waits", () => {
    expect(stepOf(running())).toEqual({ type: "wait" });
  });

  it("a process that was started before a crash, and has ended since: is not started again", () => {
    const task = {
      ...running(),
      lastStatus: "PENDING",
      containers: [aTaskContainer({ handle: "c1" })],
    } as const;
    expect(stepOf(task, { containers: exited(3) })).toEqual({
      type: "start-containers",
      names: [],
      started: ["app"],
    });
  });
});

describe("exits", () => {
  it("an essential container ends: its code is recorded and the task asked to stop", () => {
    expect(stepOf(running(), { containers: exited(137) })).toEqual({
      type: "record-exits",
      exits: [{ name: "app", exitCode: 137, reason: undefined }],
      stop: { code: "EssentialContainerExited", reason: essentialContainerExited, at: now },
    });
  });

  it("a container killed for its memory: the reason says so", () => {
    expect(stepOf(running(), { containers: exited(137, true) })).toMatchObject({
      exits: [{ reason: "OutOfMemoryError: Container killed due to memory usage" }],
    });
  });

  it("memory was short in its task, and it ended by its signal or its time: no word of memory", () => {
    const told = { signalled: new Set(["app"]) };
    for (const observed of [
      { containers: exited(0, true) },
      { containers: exited(137, true), ...told },
    ]) {
      expect(stepOf(running(), observed)).toMatchObject({ exits: [{ reason: undefined }] });
    }
  });

  it("a container that is not essential ends: the task goes on", () => {
    const containers = [
      aTaskContainer({ handle: "c1", lastStatus: "RUNNING" }),
      aTaskContainer({ name: "side", handle: "c2", lastStatus: "RUNNING", essential: false }),
    ];
    const observed = new Map([
      ["app", { status: "running" } as const],
      ["side", { status: "exited", exitCode: 1, oomKilled: false } as const],
    ]);
    expect(stepOf({ ...running(), containers }, { containers: observed })).toMatchObject({
      type: "record-exits",
      exits: [{ name: "side", exitCode: 1 }],
      stop: undefined,
    });
  });

  it("a user's stop came first: the exit does not change the stop code", () => {
    expect(stepOf({ ...running(), ...stopped }, { containers: exited(1) })).toMatchObject({
      type: "record-exits",
      stop: undefined,
    });
  });

  it("everything was removed behind the engine's back: the task stops and says why", () => {
    expect(stepOf(running(), { sandboxLost: true, containers: nothing })).toMatchObject({
      type: "record-exits",
      exits: [{ exitCode: undefined }],
      stop: { code: "UserInitiated", reason: sandboxLost },
    });
  });

  it("the sandbox was removed under a task that starts: the task stops and says why", () => {
    const task = { attachment: attached, sandbox };
    expect(stepOf(task, { sandboxLost: true, containers: nothing })).toMatchObject({
      type: "stop",
      stop: { reason: sandboxLost },
    });
  });
});

describe("the way down", () => {
  it("RUNNING behind a balancer: the targets drain first", () => {
    expect(stepOf({ ...running(), ...stopped }, { hasTargets: true })).toEqual({
      type: "await-targets",
    });
  });

  it("DEACTIVATING with targets left: waits", () => {
    const task = { ...running(), ...stopped, lastStatus: "DEACTIVATING" } as const;
    expect(stepOf(task, { hasTargets: true })).toEqual({ type: "wait" });
  });

  it("DEACTIVATING with the targets gone: signals", () => {
    const task = { ...running(), ...stopped, lastStatus: "DEACTIVATING" } as const;
    expect(stepOf(task)).toMatchObject({ type: "signal-containers" });
  });

  it("a Spot interruption: signals at once, whatever the targets do", () => {
    const stop = { ...userStop, code: "SpotInterruption" } as const;
    const task = { ...running(), desiredStatus: "STOPPED", stop } as const;
    expect(stepOf(task, { hasTargets: true })).toMatchObject({ type: "signal-containers" });
  });

  it("an essential exit: does not wait for the targets of a dead process", () => {
    const stop = { ...userStop, code: "EssentialContainerExited" } as const;
    const task = {
      ...running(),
      desiredStatus: "STOPPED",
      stop,
      containers: [aTaskContainer({ handle: "c1", lastStatus: "STOPPED", exitCode: 1 })],
    } as const;
    expect(stepOf(task, { containers: exited(1), hasTargets: true })).toEqual({
      type: "signal-containers",
      containers: [],
    });
  });

  it("several containers: the last defined is told first, each with its own time", () => {
    const definition = aTaskDefinition({
      containers: [
        aContainerDefinition({ stopTimeout: 5 }),
        aContainerDefinition({ name: "side" }),
      ],
    });
    const containers = [
      aTaskContainer({ lastStatus: "RUNNING" }),
      aTaskContainer({ name: "side", lastStatus: "RUNNING" }),
    ];
    const observed = new Map([
      ["app", { status: "running" } as const],
      ["side", { status: "running" } as const],
    ]);
    const task = aTask({ ...running(), ...stopped, containers });
    expect(nextTaskStep(task, definition, seeing({ containers: observed }), now)).toEqual({
      type: "signal-containers",
      containers: [
        { name: "side", timeoutSeconds: 30 },
        { name: "app", timeoutSeconds: 5 },
      ],
    });
  });

  it.each([
    ["STOPPING, signalled, still alive: waits", { signalled: new Set(["app"]) }, "wait"],
    [
      "STOPPING, of an engine that died: signals again",
      { signalled: new Set<string>() },
      "signal-containers",
    ],
  ] as const)("%s", (_, observed, type) => {
    const task = { ...running(), ...stopped, lastStatus: "STOPPING" } as const;
    expect(stepOf(task, observed).type).toBe(type);
  });

  it("PENDING with nothing started: straight to the end", () => {
    const task = { ...stopped, lastStatus: "PENDING", attachment: attached, sandbox } as const;
    expect(stepOf(task, { containers: nothing })).toEqual({ type: "deprovision" });
  });

  it("PENDING with one process up and the next refused: the first is stopped", () => {
    const task = {
      ...running(),
      ...stopped,
      lastStatus: "PENDING",
      containers: [aTaskContainer({ handle: "c1" })],
    } as const;
    expect(stepOf(task)).toMatchObject({
      type: "signal-containers",
      containers: [{ name: "app" }],
    });
  });
});

describe("any state", () => {
  it("a record of any status, wish and sighting: leads to a step", () => {
    const sighting = fc.constantFrom(
      undefined,
      { status: "created" } as const,
      { status: "running" } as const,
      { status: "exited", exitCode: 1, oomKilled: false } as const,
    );
    const inputs = fc.record({
      lastStatus: fc.constantFrom(...taskStatuses),
      isStopped: fc.boolean(),
      containerStatus: fc.constantFrom("PENDING", "RUNNING", "STOPPED"),
      sighting,
      lost: fc.boolean(),
      hasTargets: fc.boolean(),
      signalled: fc.boolean(),
    });
    fc.assert(
      fc.property(inputs, (given) => {
        const mustBeStopped =
          taskStatuses.indexOf(given.lastStatus) > taskStatuses.indexOf("RUNNING");
        const task = aTask({
          lastStatus: given.lastStatus,
          attachment: attached,
          sandbox,
          containers: [
            aTaskContainer({
              handle: "c1",
              lastStatus: given.containerStatus as "PENDING" | "RUNNING" | "STOPPED",
            }),
          ],
          ...((given.isStopped || mustBeStopped) && stopped),
        });
        const observed = {
          sandboxLost: given.lost,
          containers: given.sighting ? new Map([["app", given.sighting]]) : nothing,
          hasTargets: given.hasTargets,
          signalled: new Set(given.signalled ? ["app"] : []),
          wall: now,
        };
        expect(nextTaskStep(task, aTaskDefinition(), observed, now).type).toBeTypeOf("string");
      }),
    );
  });
});
