/** A service with secrets by Terraform: refused with AWS's reason, and steady once its role may. */
import path from "node:path";
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Clients } from "../../../src/cli/demo/resource.ts";
import { clientsOf } from "../support/hello.ts";
import { type LiveEngine, startLiveEngine, until } from "../support/live-engine.ts";
import { findMirror, openTerraform, type Terraform } from "../support/terraform.ts";

const fixture = path.join(import.meta.dirname, "../../fixtures/task-secrets-terraform");
const found = await findMirror();
const missing = "missing" in found ? found.missing : undefined;
if (missing)
  process.stderr.write(`\nTERRAFORM TESTS OF TASKS' SECRETS ARE SKIPPED: ${missing}\n\n`);

const plain = ["-input=false", "-no-color", "-lock=false"];
const name = "vault";

describe.skipIf(missing !== undefined)(
  `a task's secrets with Terraform${missing ? ` (${missing})` : ""}`,
  () => {
    let engine: LiveEngine;
    let terraform: Terraform;
    let clients: Clients;

    beforeAll(async () => {
      engine = await startLiveEngine({ args: ["--runtime", "simulated"] });
      clients = clientsOf(engine);
      terraform = await openTerraform(engine, "mirror" in found ? found.mirror : "", fixture);
    });
    afterAll(async () => {
      terraform?.dispose();
      await engine?.[Symbol.asyncDispose]();
    });

    const service = async () => {
      const command = new DescribeServicesCommand({ cluster: name, services: [name] });
      return (await clients.ecs.send(command)).services?.[0];
    };

    it("the role may not read them: the stopped task and the service's event say why", async () => {
      await terraform.ok("default", "apply", "-auto-approve", ...plain);
      const event = await until("an event with the reason", 30_000, async () =>
        (await service())?.events?.find(({ message }) => message?.includes("Reason: ")),
      );
      expect(event.message).toMatch(
        /^\(service vault\) was unable to place a task\. Reason: ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: /,
      );
      const { taskArns } = await clients.ecs.send(
        new ListTasksCommand({ cluster: name, desiredStatus: "STOPPED" }),
      );
      const { tasks } = await clients.ecs.send(
        new DescribeTasksCommand({ cluster: name, tasks: taskArns }),
      );
      expect(tasks?.[0]).toMatchObject({
        stopCode: "TaskFailedToStart",
        stoppedReason: expect.stringMatching(
          /AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role\/vault-execution\/[0-9a-f]{32} is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:ap-northeast-1:000000000000:parameter\/vault\/url because no identity-based policy allows the ssm:GetParameters action status code: 400, request id: /,
        ),
      });
    });

    it("the role's policy applied, and nothing else: the service becomes steady, the plan is clean", async () => {
      const granted = ["-var", "granted=true"];
      await terraform.ok("default", "apply", "-auto-approve", ...plain, ...granted);
      await until("the service runs its task", 30_000, async () => {
        const now = await service();
        return now?.runningCount === 1 && now.deployments?.length === 1;
      });
      const plan = await terraform.run(
        "default",
        "plan",
        "-detailed-exitcode",
        ...plain,
        ...granted,
      );
      expect(plan.code, plan.stdout + plan.stderr).toBe(0);
      await terraform.ok("default", "destroy", "-auto-approve", ...plain, ...granted);
    });
  },
);
