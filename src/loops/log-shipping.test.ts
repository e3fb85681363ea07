import { describe, expect, it } from "vitest";
import {
  aContainerDefinition,
  aTask,
  aTaskContainer,
  aTaskDefinition,
  scope,
} from "../../test/builders/ecs.ts";
import { simulatedRuntime } from "../dataplane/containers/simulated/runtime.ts";
import { memoryLogStore } from "../dataplane/logs/memory-store.ts";
import type { LogStore } from "../dataplane/logs/port.ts";
import { logEvaluators } from "../engine/log-evaluation.ts";
import type { TaskContainer } from "../model/ecs.ts";
import { globalRegion } from "../model/scope.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { ensureLogGroup } from "../state/log-groups.ts";
import { openStore } from "../state/store.ts";
import { taskDefinitions, tasks } from "../state/tables/ecs.ts";
import { roles } from "../state/tables/iam.ts";
import { logShipments } from "../state/tables/log-shipments.ts";
import { logGroups, logStreams } from "../state/tables/logs.ts";
import { createLogShipping } from "./log-shipping.ts";

const taskId = "0123456789abcdef0123456789abcdef";
const taskArn = aTask({ id: taskId }).arn;
const keyIn = (group: string): string =>
  `${scope.account}/${scope.region}/${group}:web/app/${taskId}`;

/** The script makes the container; the log group exists unless told otherwise. */
async function setUp(script: string, options: Record<string, string> = {}) {
  const clock = manualClock();
  const ids = sequentialIds();
  const store = openStore(undefined);
  const runtime = simulatedRuntime({ clock, ids });
  const logs = memoryLogStore(logEvaluators);
  const logger = recordingLogger();
  const logConfiguration = {
    logDriver: "awslogs",
    options: {
      "awslogs-group": "app-logs",
      "awslogs-region": scope.region,
      "awslogs-stream-prefix": "web",
      ...options,
    },
  };
  const definition = aTaskDefinition({ containers: [aContainerDefinition({ logConfiguration })] });
  const sandbox = await runtime.createSandbox({
    taskId,
    hostname: "h",
    dnsServers: [],
    dnsSearch: [],
  });
  const handle = await runtime.createContainer({
    taskId,
    name: "app",
    sandboxId: sandbox.id,
    imageId: "i",
    entryPoint: undefined,
    command: undefined,
    environment: [{ name: "NEARGATE_SIM", value: script }],
    workingDirectory: undefined,
    user: undefined,
    cpuUnits: 0,
    cpuLimitUnits: undefined,
    memoryLimitBytes: undefined,
    labels: {},
  });
  store.write((tx) => {
    tx.table(taskDefinitions).put(definition);
    if (!options["awslogs-group"]) ensureLogGroup(tx, { scope, group: "app-logs", now: 0 });
  });
  const put = (lastStatus: TaskContainer["lastStatus"]): void => {
    const containers = [aTaskContainer({ handle, lastStatus })];
    store.write((tx) => tx.table(tasks).put(aTask({ id: taskId, containers })));
  };
  const net = { isOpen: true };
  const makeLoop = (over: Partial<LogStore> = {}) => {
    const loop = createLogShipping({
      store,
      clock,
      ids,
      logger,
      runtime,
      logs: { ...logs, ...over },
      pathTo: () => (net.isOpen ? undefined : { address: "52.0.0.1" }),
    });
    loop.start();
    return loop;
  };
  const messages = async (key = keyIn("app-logs")): Promise<string[]> => {
    const found = await logs.query({
      streamKeys: [key],
      startTime: undefined,
      endTimeExclusive: undefined,
      from: undefined,
      direction: "forward",
      limit: 10_000,
      maxBytes: Number.MAX_SAFE_INTEGER,
      filter: undefined,
    });
    return found.events.map(({ message }) => message);
  };
  return { clock, store, runtime, logs, logger, handle, definition, put, makeLoop, messages, net };
}

describe("log shipping", () => {
  it("a running container: its lines are in the stream at once", async () => {
    const { clock, runtime, handle, put, makeLoop, messages } = await setUp("log:one;err:two@1s");
    const loop = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(50);
    expect(await messages()).toEqual(["one"]);
    await clock.advance(1000);
    expect(await messages()).toEqual(["one", "two"]);
    await loop.stop();
  });

  it("a container that ended before it was seen running: every line, and drained", async () => {
    const { clock, runtime, handle, put, makeLoop, messages } = await setUp("log:a;log:b;exit:1");
    const loop = makeLoop();
    await runtime.startContainer(handle);
    await clock.advance(0);
    put("STOPPED");
    await loop.drained(taskArn);
    expect(await messages()).toEqual(["a", "b"]);
    await runtime.removeContainer(handle);
    await loop.stop();
  });

  it("the stream: there as soon as the container runs, without a line", async () => {
    const { clock, store, runtime, handle, put, makeLoop } = await setUp("");
    const loop = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(0);
    const names = store.read((tx) =>
      tx
        .table(logStreams)
        .list(scope)
        .map(({ name }) => name),
    );
    expect(names).toEqual([`web/app/${taskId}`]);
    await loop.stop();
  });

  it("drained asked while the container runs: not waited for", async () => {
    const { runtime, handle, put, makeLoop } = await setUp("");
    const loop = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await loop.drained(taskArn);
    await loop.stop();
  });

  it("the next engine: goes on behind what was shipped", async () => {
    const { clock, runtime, handle, put, makeLoop, messages } = await setUp(
      "log:one;log:two@2s;log:three@3s;exit:0@4s",
    );
    const first = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(2500);
    await first.stop();
    await clock.advance(2000);
    const second = makeLoop();
    await second.drained(taskArn);
    expect(await messages()).toEqual(["one", "two", "three"]);
    await second.stop();
  });

  it("killed after a batch was stored and before it knew: not stored again", async () => {
    const { clock, logs, runtime, handle, put, makeLoop, messages } = await setUp(
      "log:one;log:two@10ms;log:two@10ms;exit:0@1s",
    );
    const first = makeLoop({
      async append(...args) {
        await logs.append(...args);
        throw new Error("killed");
      },
    });
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(500);
    await first.stop();
    await clock.advance(1500);
    const second = makeLoop();
    await second.drained(taskArn);
    expect(await messages()).toEqual(["one", "two", "two"]);
    await second.stop();
  });

  it("a multiline pattern, and a new engine in the middle of an event: the event whole, once", async () => {
    const { clock, runtime, handle, put, makeLoop, messages } = await setUp(
      "log:[1@1s;log:  at a@1s;log:[2@1s;log:  at b@3s;log:[3@3s;exit:0@4s",
      { "awslogs-multiline-pattern": "^\\[" },
    );
    const first = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(2000);
    expect(await messages()).toEqual(["[1\n  at a\n"]);
    await first.stop();
    await clock.advance(2500);
    const second = makeLoop();
    await second.drained(taskArn);
    expect(await messages()).toEqual(["[1\n  at a\n", "[2\n  at b\n", "[3\n"]);
    await second.stop();
  });

  it("an execution role that may not put events: lines are dropped and it is told, until it may", async () => {
    const world = await setUp("log:lost;log:lost too@1s;log:kept@3s");
    const { clock, store, runtime, logger, handle, put, makeLoop, messages } = world;
    const name = "execution";
    const arn = `arn:aws:iam::${scope.account}:role/${name}`;
    store.write((tx) =>
      tx.table(taskDefinitions).put({ ...world.definition, executionRoleArn: arn }),
    );
    const loop = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(2000);
    expect(await messages()).toEqual([]);
    const told = logger.lines.filter(({ level }) => level === "warn");
    expect(told).toHaveLength(1);
    const Statement = [{ Effect: "Allow", Action: "logs:PutLogEvents", Resource: "*" }];
    store.write((tx) =>
      tx.table(roles).put({
        account: scope.account,
        region: globalRegion,
        arn,
        id: "AROA1",
        name,
        path: "/",
        createdAt: 0,
        trustPolicy: "{}",
        description: undefined,
        maxSessionSeconds: 3600,
        permissionsBoundary: undefined,
        inlinePolicies: [
          { name: "logs", document: JSON.stringify({ Version: "2012-10-17", Statement }) },
        ],
        attachedPolicyArns: [],
        tags: [],
      }),
    );
    await clock.advance(2000);
    expect(await messages()).toEqual(["kept"]);
    await loop.stop();
  });

  it("lines of an event that no further line ends: stored after five seconds", async () => {
    const { clock, runtime, handle, put, makeLoop, messages } = await setUp(
      "log:2026-01-02 x;log:y@3s",
      { "awslogs-datetime-format": "%Y-%m-%d" },
    );
    const loop = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(4900);
    expect(await messages()).toEqual([]);
    await clock.advance(200);
    expect(await messages()).toEqual(["2026-01-02 x\ny\n"]);
    await loop.stop();
  });

  it("blocking, and a store that takes nothing: the container stalls, and no line is lost", async () => {
    const world = await setUp("log:one;log:two@2s;log:three@4s", { mode: "blocking" });
    const { clock, logs, runtime, handle, put, makeLoop, messages } = world;
    let isFull = true;
    const loop = makeLoop({
      async append(...args) {
        if (isFull) throw new Error("no space left");
        await logs.append(...args);
      },
    });
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(10_000);
    const written: string[] = [];
    const stop = new AbortController();
    const reading = (async () => {
      for await (const { text } of runtime.followLogs(handle, undefined, stop.signal)) {
        written.push(text);
      }
    })().catch(() => {});
    await clock.advance(1);
    expect(written).toEqual(["one"]);
    isFull = false;
    await clock.advance(1000);
    stop.abort();
    await reading;
    expect(written).toEqual(["one", "two", "three"]);
    expect(await messages()).toEqual(["one", "two", "three"]);
    await loop.stop();
  });

  it("stalled, and the runtime away when it may go on: let go when it answers again", async () => {
    const world = await setUp("log:one;log:two@3s;exit:0@4s", { mode: "blocking" });
    const { clock, logs, runtime, handle, put, makeLoop, messages } = world;
    let failures = 2;
    const { thaw } = runtime;
    Object.assign(runtime, {
      async thaw(id: string) {
        if (failures-- > 0) throw new Error("the daemon is away");
        await thaw(id);
      },
    });
    let isFull = true;
    const loop = makeLoop({
      async append(...args) {
        if (isFull) throw new Error("no space left");
        await logs.append(...args);
      },
    });
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(2000);
    isFull = false;
    await clock.advance(8000);
    expect(await messages()).toEqual(["one", "two"]);
    expect(await runtime.inspect(handle)).toMatchObject({ status: "exited" });
    await loop.stop();
  });

  it("non-blocking, and a store that takes nothing: the container goes on", async () => {
    const world = await setUp("log:one;log:two@2s;exit:0@4s", { mode: "non-blocking" });
    const { clock, runtime, handle, put, makeLoop } = world;
    const loop = makeLoop({
      async append() {
        throw new Error("no space left");
      },
    });
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(5000);
    expect(await runtime.inspect(handle)).toMatchObject({ status: "exited", exitCode: 0 });
    await loop.stop();
  });

  it("blocking, and no way from the task to CloudWatch Logs: the container stalls until there is one again", async () => {
    const world = await setUp("log:one;log:two@5s;log:three@20s;exit:0@21s", { mode: "blocking" });
    const { clock, runtime, handle, put, makeLoop, messages, net } = world;
    const loop = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(3000);
    net.isOpen = false;
    await clock.advance(57_000);
    expect(await messages()).toEqual(["one"]);
    expect(await runtime.inspect(handle)).toEqual({ status: "running" });
    net.isOpen = true;
    await clock.advance(3000);
    expect(await messages()).toEqual(["one", "two", "three"]);
    expect(await runtime.inspect(handle)).toMatchObject({ status: "exited", exitCode: 0 });
    await loop.stop();
  });

  it("non-blocking, and no way: the container goes on, the buffer keeps the first lines and loses the later", async () => {
    const script = "log:one;log:aaaa@5s;log:bbbb@6s;log:cccc@7s;log:dddd@30s;exit:0@60s";
    const world = await setUp(script, { "max-buffer-size": "8" });
    const { clock, runtime, handle, put, makeLoop, messages, net, logger } = world;
    const loop = makeLoop();
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(3000);
    net.isOpen = false;
    await clock.advance(20_000);
    expect(await messages()).toEqual(["one"]);
    net.isOpen = true;
    await clock.advance(5000);
    expect(await messages()).toEqual(["one", "aaaa", "bbbb"]);
    expect(logger.lines.map(({ message }) => message)).toContain(
      "log-shipping: the buffer was full",
    );
    await clock.advance(5000);
    expect(await messages()).toEqual(["one", "aaaa", "bbbb", "dddd"]);
    await loop.stop();
  });

  it("ended with no way open: what it wrote last is lost, and nobody waits for it", async () => {
    for (const mode of ["blocking", "non-blocking"]) {
      const world = await setUp("log:one;log:two@5s;exit:0@5500ms", { mode });
      const { clock, runtime, handle, put, makeLoop, messages, net } = world;
      const loop = makeLoop();
      await runtime.startContainer(handle);
      put("RUNNING");
      await clock.advance(3000);
      net.isOpen = false;
      await clock.advance(10_000);
      await runtime.signal(handle, "SIGTERM");
      put("STOPPED");
      const drained = loop.drained(taskArn);
      await clock.advance(5000);
      await drained;
      net.isOpen = true;
      await clock.advance(5000);
      expect(await messages()).toEqual(["one"]);
      await loop.stop();
    }
  });

  it("a log store that fails once: the lines come later, none lost", async () => {
    const { clock, logs, runtime, handle, put, makeLoop, messages } =
      await setUp("log:one;exit:0@5s");
    let failures = 1;
    const loop = makeLoop({
      async append(...args) {
        if (failures-- > 0) throw new Error("no space left");
        await logs.append(...args);
      },
    });
    await runtime.startContainer(handle);
    put("RUNNING");
    await clock.advance(10_000);
    expect(await messages()).toEqual(["one"]);
    await loop.stop();
  });

  it("no log group: the lines are dropped with a warning, and nothing waits", async () => {
    const { clock, logger, runtime, handle, put, makeLoop, messages } = await setUp(
      "log:one;exit:0",
      { "awslogs-group": "gone" },
    );
    const loop = makeLoop();
    await runtime.startContainer(handle);
    await clock.advance(0);
    put("STOPPED");
    await loop.drained(taskArn);
    expect(await messages(keyIn("gone"))).toEqual([]);
    expect(logger.lines.some(({ level }) => level === "warn")).toBe(true);
    await loop.stop();
  });

  it("awslogs-create-group: the group is made", async () => {
    const { clock, store, runtime, handle, put, makeLoop, messages } = await setUp(
      "log:one;exit:0",
      {
        "awslogs-group": "made",
        "awslogs-create-group": "true",
      },
    );
    const loop = makeLoop();
    await runtime.startContainer(handle);
    await clock.advance(0);
    put("STOPPED");
    await loop.drained(taskArn);
    expect(await messages(keyIn("made"))).toEqual(["one"]);
    expect(store.read((tx) => tx.table(logGroups).get(scope, "made"))).toBeDefined();
    await loop.stop();
  });

  it("a task that is forgotten: so is its record", async () => {
    const { clock, store, runtime, handle, put, makeLoop } = await setUp("log:one;exit:0");
    const loop = makeLoop();
    await runtime.startContainer(handle);
    await clock.advance(0);
    put("STOPPED");
    await loop.drained(taskArn);
    expect(store.read((tx) => tx.table(logShipments).all())).toHaveLength(1);
    store.write((tx) => tx.table(tasks).delete(scope, taskArn));
    await clock.advance(0);
    expect(store.read((tx) => tx.table(logShipments).all())).toEqual([]);
    await loop.stop();
  });
});
