/**
 * kill -9 of the engine at random moments of making a stack and of replacing a task: nothing that was
 * acknowledged is lost, no task is doubled, running tasks keep their ids, deaths are reported.
 *
 * NEARGATE_CHAOS_ROUNDS sets how many kills there are (30), NEARGATE_CHAOS_SEED repeats a run.
 */
import { DescribeSubnetsCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { DescribeLoadBalancersCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { helloFargate, makeResources } from "../../src/cli/demo/stack.ts";
import { sequentialIds } from "../../src/seams/ids.ts";
import { clientsOf, type Hello, idOf, makeHello } from "./support/hello.ts";
import { clock, type LiveEngine, region, startLiveEngine, until } from "./support/live-engine.ts";

const rounds = Number(process.env["NEARGATE_CHAOS_ROUNDS"] ?? 30);
const seed = Number(process.env["NEARGATE_CHAOS_SEED"] ?? 1 + (clock.wall() % 1_000_000));
const chance = sequentialIds(seed);

let engine: LiveEngine;
let hello: Hello;

beforeAll(async () => {
  process.stderr.write(`chaos: seed ${seed}, ${rounds} kills\n`);
  engine = await startLiveEngine();
  hello = await makeHello(engine, "chaos");
});
afterAll(async () => engine?.[Symbol.asyncDispose]());

const containersOf = async (): Promise<string[]> => {
  const format = ["--format", '{{.Label "neargate.task"}}/{{.Label "neargate.container"}}'];
  const list = await engine.docker(["ps", "--filter", "label=neargate.container=web", ...format]);
  return list.stdout.split("\n").filter(Boolean);
};

describe(`kill -9 at ${rounds} random moments (seed ${seed})`, () => {
  it("while a stack is made: what was acknowledged is there", async () => {
    for (let round = 0; round < rounds / 2; round++) {
      const acknowledged = new Map<string, string>();
      const resources = helloFargate({ name: `chaos-${round}`, region, port: 80, imageTag: "v1" });
      const making = makeResources(resources, clientsOf(engine), (resource, id) =>
        acknowledged.set(`${resource.type}.${resource.name}`, id),
      ).catch(() => {});
      await clock.wallSleep(chance.fraction() * 300);
      await engine.kill();
      await making;
      await engine.restart();
      await expectPresent(acknowledged);
    }
    // The service that was there before has been let alone.
    await hello.untilSteady(60_000);
  });

  it("while a task is replaced: two tasks in the end, the survivor the same, the death reported", async () => {
    for (let round = 0; round < rounds / 2; round++) {
      const before = await hello.tasks();
      const victim = before[round % 2];
      const survivor = before[(round + 1) % 2];
      if (!victim || !survivor) throw new Error("not two tasks");
      const container = (
        await engine.docker([
          "ps",
          "-q",
          "--filter",
          `label=neargate.task=${idOf(victim)}`,
          "--filter",
          "label=neargate.container=web",
        ])
      ).stdout.trim();
      // Half of the time the container dies while nobody looks.
      const blind = chance.fraction() < 0.5;
      if (!blind) await engine.docker(["kill", container]);
      await clock.wallSleep(chance.fraction() * 800);
      const environment = await engine.environment();
      await engine.kill();
      if (blind) await killWithoutEngine(environment, container);
      await engine.restart();
      await until("two tasks run, the dead one not among them", 60_000, async () => {
        const tasks = await hello.tasks();
        const alive = tasks.filter((task) => task.lastStatus === "RUNNING").map(idOf);
        return alive.length === 2 && tasks.length === 2 && !alive.includes(idOf(victim));
      });
      const after = (await hello.tasks()).map(idOf);
      expect(after).toContain(idOf(survivor));
      expect(after).not.toContain(idOf(victim));
      await until("only their containers run", 30_000, async () => {
        const running = await containersOf();
        const mine = running.filter((name) => after.some((id) => name.startsWith(id)));
        return mine.length === 2 && !running.some((name) => name.startsWith(idOf(victim)));
      });
      const stopped = await until("the death is reported", 30_000, async () =>
        (await hello.tasks("STOPPED")).find(
          (task) => task.taskArn === victim.taskArn && task.lastStatus === "STOPPED",
        ),
      );
      expect(stopped.containers?.[0]?.exitCode).toBe(137);
      expect(stopped.stoppedReason).toBe("Essential container in task exited");
    }
  });
});

async function killWithoutEngine(
  environment: Record<string, string>,
  container: string,
): Promise<void> {
  const { exec } = await import("./support/live-engine.ts");
  await exec.run("docker", ["kill", container], { env: environment });
}

async function expectPresent(acknowledged: ReadonlyMap<string, string>): Promise<void> {
  const { ec2, elb } = clientsOf(engine);
  const ids = (prefix: string): string[] =>
    [...acknowledged].filter(([name]) => name.startsWith(prefix)).map(([, id]) => id);
  const vpcs = ids("aws_vpc.");
  if (vpcs.length > 0)
    expect((await ec2.send(new DescribeVpcsCommand({ VpcIds: vpcs }))).Vpcs).toHaveLength(
      vpcs.length,
    );
  const subnets = ids("aws_subnet.");
  if (subnets.length > 0)
    expect(
      (await ec2.send(new DescribeSubnetsCommand({ SubnetIds: subnets }))).Subnets,
    ).toHaveLength(subnets.length);
  const balancers = ids("aws_lb.");
  if (balancers.length > 0) {
    const answer = await elb.send(
      new DescribeLoadBalancersCommand({ LoadBalancerArns: balancers }),
    );
    expect(answer.LoadBalancers).toHaveLength(balancers.length);
  }
}
