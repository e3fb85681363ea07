/**
 * The hello-fargate example with Terraform, unmodified: two workspaces with one CIDR side by side,
 * one by sequence A (push first), one by sequence B (no image yet).
 */
import path from "node:path";
import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildAndLoad } from "../../src/cli/demo/image.ts";
import { helloFargate } from "../../src/cli/demo/stack.ts";
import { clientsOf, get, taskOf } from "./support/hello.ts";
import {
  clock,
  type LiveEngine,
  region,
  runOk,
  startLiveEngine,
  until,
} from "./support/live-engine.ts";
import { openTerraform, type Terraform } from "./support/terraform.ts";
import { describeTerraform } from "./support/terraform-stack.ts";

const example = path.join(import.meta.dirname, "../../examples/hello-fargate/terraform");
await describeTerraform("hello-fargate with Terraform", (mirror) => {
  let engine: LiveEngine;
  let terraform: Terraform;

  beforeAll(async () => {
    engine = await startLiveEngine({ args: ["--log-level", "debug"] });
    terraform = await openTerraform(engine, mirror, example);
    await terraform.addWorkspace("blue");
    await terraform.addWorkspace("green");
  });
  afterAll(async () => {
    terraform?.dispose();
    await engine?.[Symbol.asyncDispose]();
  });

  /** As a user would: aws ecr get-login-password | docker login; docker push. */
  async function push(repository: string): Promise<void> {
    const env = await engine.environment();
    const password = await runOk("aws", ["ecr", "get-login-password"], { env });
    const login = await engine.docker(
      ["login", "-u", "AWS", "--password-stdin", repository.split("/")[0] ?? ""],
      password,
    );
    expect(login.stdout).toContain("Login Succeeded");
    await buildAndLoad(`${repository}:v1`, env, engine.home);
    const pushed = await engine.docker(["push", `${repository}:v1`]);
    expect(pushed.code, pushed.stderr).toBe(0);
  }

  const steady = async (name: string): Promise<boolean> => {
    const { services } = await clientsOf(engine).ecs.send(
      new DescribeServicesCommand({ cluster: name, services: [name] }),
    );
    const [service] = services ?? [];
    return (
      service?.deployments?.length === 1 &&
      service.runningCount === 2 &&
      service.deployments[0]?.rolloutState === "COMPLETED"
    );
  };

  async function sequenceA(): Promise<void> {
    await terraform.apply("blue", "-target=aws_ecr_repository.app");
    await push(`localhost:${new URL(engine.endpoint).port}/000000000000/${region}/hello-blue`);
    await terraform.apply("blue");
    await runOk(
      "aws",
      ["ecs", "wait", "services-stable", "--cluster", "hello-blue", "--services", "hello-blue"],
      { env: await engine.environment() },
    );
  }

  async function sequenceB(): Promise<void> {
    await terraform.apply("green");
    const { ecs } = clientsOf(engine);
    const reason = await until("a task has stopped for want of the image", 30_000, async () => {
      const { taskArns } = await ecs.send(
        new ListTasksCommand({ cluster: "hello-green", desiredStatus: "STOPPED" }),
      );
      if (!taskArns?.length) return undefined;
      const { tasks } = await ecs.send(
        new DescribeTasksCommand({ cluster: "hello-green", tasks: taskArns }),
      );
      return tasks?.find((task) => task.stopCode === "TaskFailedToStart")?.stoppedReason;
    });
    expect(reason).toMatch(/^CannotPullContainerError: /);
    const { services } = await ecs.send(
      new DescribeServicesCommand({ cluster: "hello-green", services: ["hello-green"] }),
    );
    const messages = services?.[0]?.events?.map((event) => event.message) ?? [];
    expect(messages.join("\n")).toContain(
      "(service hello-green) was unable to place a task. Reason: CannotPullContainerError",
    );
    await push(await terraform.output("green", "repository_url"));
    await until("the service is steady after the push alone", 30_000, () => steady("hello-green"));
  }

  let elapsed = 0;
  it("both sequences, side by side: both services become steady", async () => {
    const begun = clock.monotonic();
    const outcomes = await Promise.allSettled([sequenceA(), sequenceB()]);
    elapsed = clock.monotonic() - begun;
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason] : [],
    );
    expect(failures).toEqual([]);
  }, 900_000);

  it("both workspaces on port 80: answered by their own two tasks each", async () => {
    for (const workspace of ["blue", "green"]) {
      const url = await terraform.output(workspace, "url");
      const seen = new Set<string | undefined>();
      for (let turn = 0; turn < 4; turn++) seen.add(taskOf(await get(url)));
      expect(seen.size, url).toBe(2);
    }
  });

  it("Neargate's own share of both applies: small, the rest is the provider's", () => {
    const times = engine
      .log()
      .split("\n")
      .flatMap((line) => (line.includes('"message":"request"') ? [JSON.parse(line)] : []))
      .map((entry: { milliseconds: number }) => entry.milliseconds);
    const total = times.reduce((sum, time) => sum + time, 0);
    process.stderr.write(`own share: ${total.toFixed(0)} ms in ${times.length} requests\n`);
    expect(times.length).toBeGreaterThan(200);
    expect(total).toBeLessThan(elapsed / 4);
  });

  it("a second plan: finds no difference", async () => {
    for (const workspace of ["blue", "green"]) {
      await terraform.expectNoChanges(workspace);
    }
  });

  it("the demo's list: the same types, counts and key attributes as the Terraform state", async () => {
    const state = JSON.parse(await terraform.ok("blue", "show", "-json"));
    const inTerraform: { type: string; values: Record<string, unknown> }[] =
      state.values.root_module.resources.filter(
        (resource: { mode: string }) => resource.mode === "managed",
      );
    const inDemo = helloFargate({ name: "hello-blue", region, port: 80, imageTag: "v1" });
    const types = (list: readonly { type: string }[]): string[] =>
      list.map((one) => one.type).toSorted();
    expect(types(inDemo)).toEqual(types(inTerraform));
    for (const resource of inDemo) {
      const twin = inTerraform.find(
        (candidate) =>
          candidate.type === resource.type && matches(resource.attributes, candidate.values),
      );
      expect(
        twin,
        `${resource.type}.${resource.name} ${JSON.stringify(resource.attributes)}`,
      ).toBeDefined();
      if (twin) inTerraform.splice(inTerraform.indexOf(twin), 1);
    }
  });

  it("destroy: completes and leaves nothing of the stacks", async () => {
    await Promise.all(["blue", "green"].map((workspace) => terraform.destroy(workspace)));
    const { Vpcs } = await clientsOf(engine).ec2.send(
      new DescribeVpcsCommand({ Filters: [{ Name: "cidr", Values: ["10.0.0.0/16"] }] }),
    );
    expect(Vpcs).toEqual([]);
    const containers = await engine.docker(["ps", "-aq", "--filter", "label=neargate.container"]);
    expect(containers.stdout).toBe("");
  });
});

const matches = (
  expected: Readonly<Record<string, unknown>>,
  actual: Record<string, unknown>,
): boolean =>
  Object.entries(expected).every(([name, value]) => String(actual[name]) === String(value));
