/** One container killed under load: what the client sees, what ECS says, and that service is restored. */
import type { Task } from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { get, type Hello, idOf, makeHello, taskOf } from "./support/hello.ts";
import { clock, type LiveEngine, startLiveEngine, until } from "./support/live-engine.ts";

let engine: LiveEngine;
let hello: Hello;

beforeAll(async () => {
  engine = await startLiveEngine();
  hello = await makeHello(engine, "hello-kill");
});
afterAll(async () => engine?.[Symbol.asyncDispose]());

type Request = { at: number; ok: boolean };

/** 50 requests a second until told to stop, whatever the answers. */
function startLoad(): { stop(): Promise<Request[]> } {
  const sent: Promise<Request>[] = [];
  let going = true;
  const loop = (async () => {
    const begun = clock.monotonic();
    for (let turn = 0; going; turn++) {
      const at = clock.monotonic();
      const outcome = get(hello.url, 30_000).then(
        (answer) => answer.status === 200,
        () => false,
      );
      sent.push(outcome.then((ok) => ({ at, ok })));
      await clock.wallSleep(Math.max(0, begun + turn * 20 - clock.monotonic()));
    }
  })();
  return {
    async stop() {
      going = false;
      await loop;
      return Promise.all(sent);
    },
  };
}

describe("docker kill of one of two containers under 50 requests a second", () => {
  it("errors until it is noticed and none once the replacement runs; the service is steady again", async () => {
    const before = await hello.tasks();
    const [victim] = before;
    if (!victim) throw new Error("no task");
    const seenEvents = new Set((await hello.service()).events?.map((event) => event.id));
    const container = await containerOf(victim);
    const load = startLoad();
    await clock.wallSleep(1_000);
    const states = watchVictim(victim);
    expect((await engine.docker(["kill", container])).code).toBe(0);
    const isFresh = (task: Task) => !before.some((old) => old.taskArn === task.taskArn);
    await until("a replacement runs", 60_000, async () =>
      (await hello.tasks()).some((task) => isFresh(task) && task.lastStatus === "RUNNING"),
    );
    const replacedAt = clock.monotonic();
    await until("a replacement is healthy", 60_000, async () => {
      const now = await hello.tasks();
      const healthy = (await hello.targets()).filter(
        (target) => target.TargetHealth?.State === "healthy",
      );
      return now.length === 2 && healthy.length === 2;
    });
    await until("the replacement receives requests", 10_000, async () => {
      const fresh = (await hello.tasks()).filter(isFresh).map(idOf);
      return fresh.includes(taskOf(await get(hello.url)) ?? "");
    });
    await clock.wallSleep(500);
    const requests = await load.stop();
    const late = requests.filter((request) => !request.ok && request.at > replacedAt);
    expect(late).toEqual([]);
    expect(requests.length).toBeGreaterThan(100);

    expect(await states.stop()).toContain("draining");
    const stopped = (await hello.tasks("STOPPED")).find((task) => task.taskArn === victim.taskArn);
    expect(stopped).toMatchObject({
      lastStatus: "STOPPED",
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
    });
    expect(stopped?.containers?.[0]?.exitCode).toBe(137);

    await hello.untilSteady(30_000);
    const events = ((await hello.service()).events ?? [])
      .filter((event) => !seenEvents.has(event.id))
      .map((event) => event.message ?? "")
      .toReversed();
    const inOrder = [
      /^\(service hello-kill\) has started 1 tasks: \(task \w+\)\.$/,
      /^\(service hello-kill\) registered 1 targets in \(target-group arn:aws:elasticloadbalancing:\S+\)$/,
      /^\(service hello-kill\) has reached a steady state\.$/,
    ];
    let at = -1;
    for (const pattern of inOrder) {
      const next = events.findIndex((message, index) => index > at && pattern.test(message));
      expect(next, `${pattern} in\n${events.join("\n")}`).toBeGreaterThan(at);
      at = next;
    }
    expect(events.join("\n")).toMatch(/deregistered 1 targets in \(target-group /);
  });
});

async function containerOf(task: Task): Promise<string> {
  const filters = [
    "--filter",
    `label=neargate.task=${idOf(task)}`,
    "--filter",
    "label=neargate.container=web",
  ];
  return (await engine.docker(["ps", "-q", ...filters])).stdout.trim();
}

/** Every state its target is seen in, until it is gone or told to stop. */
function watchVictim(task: Task): { stop(): Promise<string[]> } {
  const address = task.attachments?.[0]?.details?.find(
    (one) => one.name === "privateIPv4Address",
  )?.value;
  const seen = new Set<string>();
  let going = true;
  const loop = (async () => {
    while (going) {
      const target = (await hello.targets()).find((one) => one.Target?.Id === address);
      seen.add(target?.TargetHealth?.State ?? "gone");
      await clock.wallSleep(50);
    }
  })();
  return {
    async stop() {
      going = false;
      await loop;
      return [...seen];
    },
  };
}
