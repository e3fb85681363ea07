import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ContainerInspectInfo } from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manualClock } from "../../../seams/clock.ts";
import { sequentialIds } from "../../../seams/ids.ts";
import { recordingLogger } from "../../../seams/logger.ts";
import { sandboxPool } from "./pool.ts";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), "ng-pool-"));
  writeFileSync(path.join(home, "names"), "");
});
afterAll(() => rm(home, { recursive: true }));

/** A daemon whose containers are running or not; `atInspect` happens as it is asked about one. */
function setUp(atInspect: (id: string) => void = () => {}) {
  const clock = manualClock();
  const logger = recordingLogger();
  const running = new Map<string, boolean>();
  const names = path.join(home, "names");
  const pool = sandboxPool({
    engineId: "e1",
    clock,
    logger,
    ids: sequentialIds(),
    size: 2,
    calls: {
      async create() {
        const id = `s${running.size + 1}`;
        running.set(id, false);
        return id;
      },
      async start(id) {
        running.set(id, true);
      },
      async inspect(id) {
        const Running = running.get(id) ?? false;
        atInspect(id);
        const files = { ResolvConfPath: names, HostsPath: names, HostnamePath: names };
        return { Id: id, State: { Running }, ...files } as ContainerInspectInfo;
      },
      async remove(id) {
        running.set(id, false);
      },
    },
  });
  const takeAll = () => [pool.take()?.id, pool.take()?.id];
  return { clock, logger, pool, running, takeAll };
}

describe("the warm pool", () => {
  it("started: filled, one after the other, and again after one was taken", async () => {
    const { clock, pool, takeAll } = setUp();
    pool.start([]);
    await clock.advance(10);
    expect(takeAll()).toEqual(["s1", "s2"]);
    expect(pool.take()).toBeUndefined();
    await clock.advance(1_000);
    expect(takeAll()).toEqual(["s3", "s4"]);
    await pool.stop();
  });

  it("one that ends as it is made: not given out, another is made", async () => {
    const { clock, logger, pool, takeAll } = setUp((id) => {
      // The daemon's answer is on its way as its event arrives.
      if (id === "s1") pool.drop(id);
    });
    pool.start([]);
    await clock.advance(10_000);
    expect(takeAll()).toEqual(["s2", "s3"]);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      "a sandbox for the warm pool could not be made",
    ]);
    await pool.stop();
  });

  it("one that ended while nobody listened: found when somebody does, another is made", async () => {
    const { clock, pool, running, takeAll } = setUp();
    pool.start([]);
    await clock.advance(10);
    running.set("s1", false);
    await pool.recheck();
    await clock.advance(1_000);
    expect(takeAll()).toEqual(["s2", "s3"]);
    await pool.stop();
  });
});
