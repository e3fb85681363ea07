/** Tasks of a shell image in a live engine: a network, a cluster and a repository of their own. */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CreateLogGroupCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeRouteTablesCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateRepositoryCommand, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import {
  type ContainerDefinition,
  CreateClusterCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Task,
} from "@aws-sdk/client-ecs";
import { AttachRolePolicyCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { pushImage } from "../../../src/cli/demo/image.ts";
import type { Clients } from "../../../src/cli/demo/resource.ts";
import { buildMachineImage, type MachineImageInput } from "../../../tools/images/machine-image.ts";
import { clientsOf } from "./hello.ts";
import { exec, type LiveEngine, region, until } from "./live-engine.ts";

export const cluster = "shell";
const logGroup = "/shell";
const executionPolicy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

export type ImageContent = Omit<MachineImageInput, "exec" | "reference">;

export type ShellTasks = {
  readonly clients: Clients;
  readonly network: RunTaskCommandInput["networkConfiguration"];
  /** A container that runs the script with `/bin/sh` and writes to the log. */
  container(name: string, script: string, more?: Partial<ContainerDefinition>): ContainerDefinition;
  register(
    family: string,
    containers: readonly ContainerDefinition[],
    more?: Partial<RegisterTaskDefinitionCommandInput>,
  ): Promise<void>;
  /** `<host>:<port>/<path>` of the repository with the shell image, `v1`. */
  readonly repository: string;
  /** Of the user `AWS`, at the engine's registry. */
  password(): Promise<string>;
  /** Pushes the same programs with so many MB more that cannot be compressed; the new image. */
  pushAnother(tag: string, megabytes: number): Promise<string>;
  /** Pushes an image of these programs of the machine; the new image. */
  pushPrograms(tag: string, content: ImageContent): Promise<string>;
  run(family: string, more?: Partial<RunTaskCommandInput>): Promise<string>;
  task(arn: string): Promise<Task>;
  untilTask(arn: string, what: string, is: (task: Task) => boolean): Promise<Task>;
  lines(arn: string, container: string): Promise<string[]>;
};

export async function openShellTasks(engine: LiveEngine): Promise<ShellTasks> {
  const clients = clientsOf(engine);
  const { ec2, ecs, ecr, iam, logs } = clients;
  const subnets = [await makePublicSubnet(ec2)];
  const network = { awsvpcConfiguration: { subnets, assignPublicIp: "ENABLED" as const } };
  const role = await iam.send(
    new CreateRoleCommand({ RoleName: "shell", AssumeRolePolicyDocument: trust }),
  );
  await iam.send(new AttachRolePolicyCommand({ RoleName: "shell", PolicyArn: executionPolicy }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: logGroup }));
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName: "shell" }));
  const image = `${repository?.repositoryUri}:v1`;
  await pushTo(engine, image, await passwordOf(clients), shellContent());

  const task = async (arn: string): Promise<Task> => {
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
    if (!tasks?.[0]) throw new Error(`no task ${arn}`);
    return tasks[0];
  };
  return {
    clients,
    network,
    repository: image.replace(/:v1$/, ""),
    password: () => passwordOf(clients),
    container: (name, script, more = {}) => ({
      name,
      image,
      command: [script],
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": logGroup,
          "awslogs-region": region,
          "awslogs-stream-prefix": "t",
        },
      },
      ...more,
    }),
    async pushAnother(tag, megabytes) {
      const another = image.replace(/:v1$/, `:${tag}`);
      const ballast = randomBytes(megabytes * 1024 * 1024).toString("latin1");
      const content = shellContent({ "/ballast": ballast });
      await pushTo(engine, another, await passwordOf(clients), content);
      return another;
    },
    async pushPrograms(tag, content) {
      const another = image.replace(/:v1$/, `:${tag}`);
      await pushTo(engine, another, await passwordOf(clients), content);
      return another;
    },
    async register(family, containers, more = {}) {
      await ecs.send(
        new RegisterTaskDefinitionCommand({
          family,
          requiresCompatibilities: ["FARGATE"],
          networkMode: "awsvpc",
          cpu: "256",
          memory: "512",
          executionRoleArn: role.Role?.Arn,
          containerDefinitions: [...containers],
          ...more,
        }),
      );
    },
    async run(family, more = {}) {
      const { tasks } = await ecs.send(
        new RunTaskCommand({
          cluster,
          taskDefinition: family,
          launchType: "FARGATE",
          networkConfiguration: network,
          ...more,
        }),
      );
      return tasks?.[0]?.taskArn ?? "";
    },
    task,
    untilTask: (arn, what, is) =>
      until(`the task is ${what}`, 30_000, async () => {
        const found = await task(arn);
        return is(found) && found;
      }),
    async lines(arn, container) {
      const logStreamName = `t/${container}/${arn.split("/").at(-1)}`;
      const { events } = await logs.send(
        new GetLogEventsCommand({ logGroupName: logGroup, logStreamName, startFromHead: true }),
      );
      return (events ?? []).map(({ message }) => message ?? "");
    },
  };
}

/** A task reaches its registry and its log group from there, by a public address. */
async function makePublicSubnet(ec2: EC2Client): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }));
  const VpcId = Vpc?.VpcId;
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: "10.77.1.0/24" }));
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway?.InternetGatewayId;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
  const { RouteTables } = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId ?? ""] }] }),
  );
  const { RouteTableId } = RouteTables?.[0] ?? {};
  await ec2.send(
    new CreateRouteCommand({ RouteTableId, GatewayId, DestinationCidrBlock: "0.0.0.0/0" }),
  );
  return Subnet?.SubnetId ?? "";
}

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ],
});

async function passwordOf({ ecr }: Clients): Promise<string> {
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  return token.replace(/^AWS:/, "");
}

const shellContent = (files: Record<string, string> = {}): ImageContent => ({
  programs: {
    "/bin/sh": "/bin/sh",
    "/bin/bash": "/bin/bash",
    "/bin/cat": "/bin/cat",
    "/bin/sleep": "/bin/sleep",
    "/bin/id": "/usr/bin/id",
    "/bin/getent": "/usr/bin/getent",
    "/bin/stty": "/usr/bin/stty",
  },
  files: { "/etc/passwd": readFileSync("/etc/passwd", "utf8"), ...files },
  entrypoint: ["/bin/sh", "-c"],
});

async function pushTo(
  engine: LiveEngine,
  tag: string,
  password: string,
  content: ImageContent,
): Promise<void> {
  const { tar } = await buildMachineImage({ exec, reference: tag, ...content });
  const archive = path.join(engine.home, "shell.tar");
  writeFileSync(archive, tar);
  const loaded = await engine.docker(["load", "--input", archive]);
  if (loaded.code !== 0) throw new Error(loaded.stderr);
  await pushImage(tag, password, await engine.environment());
  await engine.docker(["rmi", tag]);
}
