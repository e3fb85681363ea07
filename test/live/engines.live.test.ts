/** Engines beside each other, their ends, and what is refused. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DescribeClustersCommand } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { clientsOf, idOf, makeHello } from "./support/hello.ts";
import { exec, startLiveEngine, until } from "./support/live-engine.ts";

const cli = path.join(import.meta.dirname, "../../bin/neargate");

describe("two engines on one host", () => {
  it("one killed, restarted and brought down: the other's tasks go on untouched", async () => {
    await using first = await startLiveEngine();
    await using second = await startLiveEngine();
    const mine = await makeHello(first, "hello-first");
    const theirs = await makeHello(second, "hello-second");
    const before = (await theirs.tasks())
      .map((task) => [idOf(task), task.startedAt?.getTime()])
      .toSorted();
    await first.kill();
    await first.restart();
    await mine.untilSteady(60_000);
    expect((await first.docker(["ps", "-q"])).code).toBe(0);
    await first[Symbol.asyncDispose]();
    const after = (await theirs.tasks())
      .map((task) => [idOf(task), task.startedAt?.getTime()])
      .toSorted();
    expect(after).toEqual(before);
    expect((await theirs.targets()).map((target) => target.TargetHealth?.State)).toEqual([
      "healthy",
      "healthy",
    ]);
  });

  it("up with a port or a state directory that is taken: one clear sentence, exit code 1", async () => {
    await using engine = await startLiveEngine();
    const port = new URL(engine.endpoint).port;
    const home = mkdtempSync(path.join(tmpdir(), "ng-second-"));
    const samePort = await exec.run(cli, ["up", "--port", port, "--state-dir", home]);
    expect(samePort).toMatchObject({ code: 1, stdout: "" });
    expect(samePort.stderr.trim()).toMatch(/^neargate: port \d+ of 127\.0\.0\.1 is taken .*--port/);
    const sameHome = await exec.run(cli, ["up", "--port", "0", "--state-dir", engine.home]);
    expect(sameHome).toMatchObject({ code: 1, stdout: "" });
    expect(sameHome.stderr.trim()).toMatch(
      /^neargate: another engine is using the state directory .*neargate down/,
    );
    rmSync(home, { recursive: true });
  });

  it("down and up again: the old tasks are STOPPED with a reason, the service starts new ones", async () => {
    await using engine = await startLiveEngine();
    const hello = await makeHello(engine, "hello-again");
    const before = (await hello.tasks()).map(idOf);
    const down = await exec.run(cli, ["down", "--state-dir", engine.home]);
    expect(down).toMatchObject({ code: 0, stdout: "down\n" });
    await engine.restart();
    await until("two new tasks run", 60_000, async () => {
      const tasks = await hello.tasks();
      return (
        tasks.length === 2 &&
        tasks.every((task) => task.lastStatus === "RUNNING" && !before.includes(idOf(task)))
      );
    });
    const stopped = (await hello.tasks("STOPPED")).filter((task) => before.includes(idOf(task)));
    expect(stopped).toHaveLength(2);
    for (const task of stopped) expect(task.stoppedReason).toBeTruthy();
  });

  it("killed, then down: its containers, daemon, balancer and namespaces go", async () => {
    await using engine = await startLiveEngine();
    await makeHello(engine, "hello-killed");
    const { engineId } = await engine.health();
    const left = async (): Promise<string> => {
      const processes = await exec.run("pgrep", ["-fa", engine.home]);
      const namespaces = readdirSync("/run/netns").filter((name) => name.includes(engineId));
      return [...namespaces, processes.stdout].join("\n").trim();
    };
    await engine.kill();
    expect(await left()).toMatch(/dockerd/);
    const down = await exec.run(cli, ["down", "--state-dir", engine.home]);
    expect(down).toMatchObject({ code: 0, stdout: "down\n" });
    expect(await left()).toBe("");
  });

  it("reset: no resource, no container, and the engine goes on", async () => {
    await using engine = await startLiveEngine();
    await makeHello(engine, "hello-reset");
    await engine.post("reset");
    const { failures } = await clientsOf(engine).ecs.send(
      new DescribeClustersCommand({ clusters: ["hello-reset"] }),
    );
    expect(failures?.[0]?.reason).toBe("MISSING");
    await until(
      "its containers are gone",
      20_000,
      async () =>
        (await engine.docker(["ps", "-aq", "--filter", "label=neargate.container"])).stdout === "",
    );
    const again = await makeHello(engine, "hello-reset");
    expect(await again.tasks()).toHaveLength(2);
  });

  it("status of a service without its image: the reason of the last stopped task", async () => {
    await using engine = await startLiveEngine();
    await makeHello(engine, "hello-empty", false);
    await until("the page says why", 20_000, async () => {
      const page = await exec.run(cli, ["status", "--state-dir", engine.home]);
      return /hello-empty is not steady:\n.*CannotPullContainerError/.test(page.stdout);
    });
  });
});
