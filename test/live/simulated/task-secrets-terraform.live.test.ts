/** A service with secrets by Terraform: refused with AWS's reason, and steady once its role may. */
import path from "node:path";
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { beforeAll, expect, it } from "vitest";
import { clientsOf } from "../support/hello.ts";
import { until } from "../support/live-engine.ts";
import { describeTerraform, openStack } from "../support/terraform-stack.ts";

const fixture = path.join(import.meta.dirname, "../../fixtures/task-secrets-terraform");
const name = "vault";

await describeTerraform("a task's secrets with Terraform", (mirror) => {
  const stack = openStack(mirror, fixture);
  let ecs: ECSClient;
  beforeAll(() => {
    ({ ecs } = clientsOf(stack.engine));
  });

  const service = async () => {
    const command = new DescribeServicesCommand({ cluster: name, services: [name] });
    return (await ecs.send(command)).services?.[0];
  };

  it("the role may not read them: the stopped task and the service's event say why", async () => {
    await stack.terraform.apply("default");
    const event = await until("an event with the reason", 30_000, async () =>
      (await service())?.events?.find(({ message }) => message?.includes("Reason: ")),
    );
    expect(event.message).toMatch(
      /^\(service vault\) was unable to place a task\. Reason: ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: /,
    );
    const { taskArns } = await ecs.send(
      new ListTasksCommand({ cluster: name, desiredStatus: "STOPPED" }),
    );
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: name, tasks: taskArns }));
    expect(tasks?.[0]).toMatchObject({
      stopCode: "TaskFailedToStart",
      stoppedReason: expect.stringMatching(
        /AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role\/vault-execution\/[0-9a-f]{32} is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:ap-northeast-1:000000000000:parameter\/vault\/url because no identity-based policy allows the ssm:GetParameters action status code: 400, request id: /,
      ),
    });
  });

  it("the role's policy applied, and nothing else: the service becomes steady, the plan is clean", async () => {
    const granted = ["-var", "granted=true"];
    await stack.terraform.apply("default", ...granted);
    await until("the service runs its task", 30_000, async () => {
      const now = await service();
      return now?.runningCount === 1 && now.deployments?.length === 1;
    });
    await stack.terraform.expectNoChanges("default", ...granted);
    await stack.terraform.destroy("default", ...granted);
  });
});
