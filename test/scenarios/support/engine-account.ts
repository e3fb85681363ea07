/**
 * A whole engine on the simulated runtime and a manual clock, with a cluster and the default VPC, for
 * tests of what a task gets from elsewhere: roles, secrets, keys, images, log streams.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import {
  type ContainerDefinition,
  ECS,
  type RegisterTaskDefinitionRequest,
  type RunTaskRequest,
  type Task,
} from "@aws-sdk/client-ecs";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import { readConfig } from "../../../src/daemon/config.ts";
import { startEngine } from "../../../src/daemon/engine.ts";
import { allowing, type Statement, trusting } from "./account.ts";

export const region = "ap-northeast-1";
export const cluster = "main";
const managedPolicy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

export type EngineAccount = Awaited<ReturnType<typeof openEngineAccount>>;

export async function openEngineAccount() {
  const home = mkdtempSync(path.join(tmpdir(), "ng-scenario-"));
  const engine = await startEngine(
    readConfig({ port: "0", "state-dir": home, runtime: "simulated", clock: "manual", region }),
  );
  await engine.ready;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const settings = { endpoint: engine.endpoint, region, credentials };
  const clients = {
    ec2: new EC2(settings),
    ecr: new ECR(settings),
    ecs: new ECS(settings),
    iam: new IAM(settings),
    kms: new KMS(settings),
    logs: new CloudWatchLogs(settings),
    secrets: new SecretsManager(settings),
    ssm: new SSM(settings),
  };
  const { ecs, ec2, iam } = clients;
  await ecs.createCluster({ clusterName: cluster });
  const { Subnets } = await ec2.describeSubnets({});
  const subnets = [Subnets?.[0]?.SubnetId ?? ""];
  const network = { awsvpcConfiguration: { subnets, assignPublicIp: "ENABLED" as const } };

  const describe = async (arn: string): Promise<Task> => {
    const { tasks } = await ecs.describeTasks({ cluster, tasks: [arn] });
    if (!tasks?.[0]) throw new Error(`no task ${arn}`);
    return tasks[0];
  };
  return {
    engine,
    ...clients,
    network,
    describe,
    /** A role for tasks with the policy that AWS recommends for starting them, and more. */
    async executionRole(name: string, ...statements: Statement[]): Promise<string> {
      const trust = trusting({ Service: "ecs-tasks.amazonaws.com" });
      const { Role } = await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trust });
      await iam.attachRolePolicy({ RoleName: name, PolicyArn: managedPolicy });
      if (statements.length > 0) await this.allow(name, ...statements);
      return Role?.Arn ?? "";
    },
    async allow(name: string, ...statements: Statement[]): Promise<void> {
      const PolicyDocument = allowing(...statements);
      await iam.putRolePolicy({ RoleName: name, PolicyName: "inline", PolicyDocument });
    },
    async register(
      container: Partial<ContainerDefinition>,
      more: Partial<RegisterTaskDefinitionRequest> = {},
    ): Promise<void> {
      await ecs.registerTaskDefinition({
        family: "app",
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        containerDefinitions: [{ name: "app", image: "nginx", ...container }],
        ...more,
      });
    },
    /** Runs a task of the family `app` and lets it come as far as it comes in a minute. */
    async run(more: Partial<RunTaskRequest> = {}): Promise<Task> {
      const { tasks } = await ecs.runTask({
        cluster,
        taskDefinition: "app",
        launchType: "FARGATE",
        networkConfiguration: network,
        ...more,
      });
      await engine.advance(60_000);
      return describe(tasks?.[0]?.taskArn ?? "");
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const client of Object.values(clients)) client.destroy();
      await engine.stop({ removeAll: true });
      rmSync(home, { recursive: true, force: true });
    },
  };
}
