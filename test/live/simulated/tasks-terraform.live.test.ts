/**
 * Task definitions and what belongs to them with Terraform's provider: applied, planned clean, changed
 * to a new revision under a service that runs, and destroyed. No container runs.
 */
import path from "node:path";
import {
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientsOf } from "../support/hello.ts";
import { type LiveEngine, startLiveEngine, until } from "../support/live-engine.ts";
import { findMirror, openTerraform, type Terraform } from "../support/terraform.ts";

const fixture = path.join(import.meta.dirname, "../../fixtures/tasks-terraform");
const found = await findMirror();
const missing = "missing" in found ? found.missing : undefined;
if (missing) process.stderr.write(`\nTERRAFORM TESTS OF TASKS ARE SKIPPED: ${missing}\n\n`);

describe.skipIf(missing !== undefined)(
  `tasks with Terraform${missing ? ` (${missing})` : ""}`,
  () => {
    let engine: LiveEngine;
    let terraform: Terraform;
    beforeAll(async () => {
      engine = await startLiveEngine({ args: ["--runtime", "simulated"] });
      terraform = await openTerraform(engine, "mirror" in found ? found.mirror : "", fixture);
    });
    afterAll(async () => {
      terraform?.dispose();
      await engine?.[Symbol.asyncDispose]();
    });

    const options = ["-input=false", "-no-color", "-lock=false"];
    const apply = (...more: string[]) =>
      terraform.ok("default", "apply", "-auto-approve", ...options, ...more);
    const ecs = () => clientsOf(engine).ecs;
    const serviceTasks = async () => {
      const { taskArns } = await ecs().send(
        new ListTasksCommand({ cluster: "tasks", serviceName: "tasks" }),
      );
      if (!taskArns?.length) return [];
      const described = new DescribeTasksCommand({ cluster: "tasks", tasks: taskArns });
      return (await ecs().send(described)).tasks ?? [];
    };
    const statusOf = async (taskDefinition: string): Promise<string | undefined> => {
      const answer = await ecs().send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      return answer.taskDefinition?.status;
    };

    it("applied: the data sources find what was made", async () => {
      await apply();
      const outputs = await terraform.ok("default", "output", "-json", "found");
      expect(JSON.parse(outputs)).toEqual({
        cluster: "ACTIVE",
        service: 1,
        revision: 1,
        greeting: "hello",
        ran: 1,
        insights: "enabled",
      });
    });

    it("planned again: no difference", async () => {
      const plan = await terraform.run("default", "plan", "-detailed-exitcode", ...options);
      expect(plan.code, plan.stdout + plan.stderr).toBe(0);
    });

    it("a changed definition: a new revision, the old one deregistered, its task running until the new one does", async () => {
      const [before] = await until("its task runs", 20_000, async () => {
        const tasks = await serviceTasks();
        return tasks.some(({ lastStatus }) => lastStatus === "RUNNING") && tasks;
      });
      await apply("-var", "greeting=good day", "-target=aws_ecs_task_definition.this");
      expect([await statusOf("everything:1"), await statusOf("everything:2")]).toEqual([
        "INACTIVE",
        "ACTIVE",
      ]);
      expect((await serviceTasks()).map(({ taskArn }) => taskArn)).toEqual([before?.taskArn]);
      await apply("-var", "greeting=good day");
      const plan = await terraform.run(
        "default",
        ...["plan", "-detailed-exitcode", "-var", "greeting=good day", ...options],
      );
      expect(plan.code, plan.stdout + plan.stderr).toBe(0);
    });

    it("destroyed: everything is gone", async () => {
      await terraform.ok("default", "destroy", "-auto-approve", ...options);
      expect((await terraform.ok("default", "state", "list")).trim()).toBe("");
    });
  },
);
