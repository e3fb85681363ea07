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
import { expect, it } from "vitest";
import { clientsOf } from "../support/hello.ts";
import { until } from "../support/live-engine.ts";
import { describeTerraform, openStack } from "../support/terraform-stack.ts";

const fixture = path.join(import.meta.dirname, "../../fixtures/tasks-terraform");
await describeTerraform("tasks with Terraform", (mirror) => {
  const stack = openStack(mirror, fixture);
  const apply = (...more: string[]) => stack.terraform.apply("default", ...more);
  const ecs = () => clientsOf(stack.engine).ecs;
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
    const outputs = await stack.terraform.ok("default", "output", "-json", "found");
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
    await stack.terraform.expectNoChanges("default");
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
    await stack.terraform.expectNoChanges("default", "-var", "greeting=good day");
  });

  it("destroyed: everything is gone", async () => {
    await stack.terraform.destroy("default");
    expect((await stack.terraform.ok("default", "state", "list")).trim()).toBe("");
  });
});
