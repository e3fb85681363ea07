/** Services' own condition keys, and permissions that are asked for twice, through the AWS SDK. */
import {
  CreateNetworkInterfaceCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  type CreateServiceCommandInput,
  ECSClient,
  GetTaskProtectionCommand,
  PutAccountSettingCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type SettingName,
} from "@aws-sdk/client-ecs";
import {
  CreateGroupCommand,
  IAMClient,
  UpdateGroupCommand,
  UpdateServerCertificateCommand,
  UpdateUserCommand,
  UploadServerCertificateCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { certificate, privateKey } from "../../src/services/iam/testing-keys.ts";
import { account, allowing, openAccount, policyOf, refusal } from "./support/account.ts";

const region = "ap-northeast-1";

describe("a user whose policies have conditions of services", () => {
  it("conditions on where EC2's resources are: those of another VPC are denied", async () => {
    await using cloud = await openAccount();
    const root = cloud.client(EC2Client, { region });
    const make = async (CidrBlock: string): Promise<string> =>
      (await root.send(new CreateVpcCommand({ CidrBlock }))).Vpc?.VpcId ?? "";
    const [first, second] = [await make("10.1.0.0/16"), await make("10.2.0.0/16")];
    const arn = (id: string) => `arn:aws:ec2:${region}:${account}:vpc/${id}`;
    const keys = await cloud.user(
      "alice",
      allowing(
        {
          Action: ["ec2:CreateSubnet", "ec2:DeleteSubnet", "ec2:CreateNetworkInterface"],
          Condition: { ArnEquals: { "ec2:Vpc": arn(first) } },
        },
        {
          Action: "ec2:DeleteVpc",
          Condition: { StringEquals: { "ec2:VpcID": first, "ec2:Tenancy": "default" } },
        },
      ),
    );
    const ec2 = cloud.client(EC2Client, { region }, keys);
    const denied = { code: "UnauthorizedOperation" };
    const subnet = (client: EC2Client, VpcId: string, CidrBlock: string) =>
      client.send(new CreateSubnetCommand({ VpcId, CidrBlock }));
    const own = await subnet(ec2, first, "10.1.1.0/24");
    expect(await refusal(subnet(ec2, second, "10.2.1.0/24"))).toMatchObject(denied);
    const other = await subnet(root, second, "10.2.1.0/24");
    const ids = [own, other].map(({ Subnet }) => Subnet?.SubnetId);
    for (const call of [
      new CreateNetworkInterfaceCommand({ SubnetId: ids[1] }),
      new DeleteSubnetCommand({ SubnetId: ids[1] }),
      new DeleteVpcCommand({ VpcId: second }),
    ]) {
      expect(await refusal(ec2.send(call as DeleteVpcCommand))).toMatchObject(denied);
    }
    const { NetworkInterface } = await ec2.send(
      new CreateNetworkInterfaceCommand({ SubnetId: ids[0] }),
    );
    expect(NetworkInterface?.VpcId).toBe(first);
    expect(await refusal(ec2.send(new DeleteVpcCommand({ VpcId: first })))).toMatchObject({
      code: "DependencyViolation",
    });
  });

  it("conditions on what of ECS is registered and set: only so", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user(
      "alice",
      allowing(
        {
          Action: "ecs:RegisterTaskDefinition",
          Condition: {
            "ForAllValues:StringEquals": { "ecs:compute-compatibility": "FARGATE" },
            Null: { "ecs:compute-compatibility": "false" },
            Bool: { "ecs:privileged": "false" },
            NumericLessThanEquals: { "ecs:task-cpu": "512", "ecs:task-memory": "1024" },
          },
        },
        {
          Action: "ecs:*AccountSetting*",
          Condition: { StringEquals: { "ecs:account-setting": "containerInsights" } },
        },
        {
          Action: ["ecs:CreateCluster", "ecs:PutClusterCapacityProviders"],
          Condition: {
            "ForAllValues:ArnLike": {
              "ecs:capacity-provider": "*:*:*:*:*:capacity-provider/FARGATE",
            },
          },
        },
        {
          Action: "ecs:GetTaskProtection",
          Condition: { ArnLike: { "ecs:cluster": "*:*:*:*:*:cluster/web" } },
        },
        {
          Action: "ecs:CreateService",
          Condition: {
            Bool: { "ecs:enable-ecs-managed-tags": "true" },
            StringEquals: { "ecs:propagate-tags": "SERVICE" },
            NumericEquals: { "ecs:task-cpu": "256" },
          },
        },
      ),
    );
    const ecs = cloud.client(ECSClient, {}, keys);
    const register = (more: Partial<RegisterTaskDefinitionCommandInput> = {}, privileged = false) =>
      ecs.send(
        new RegisterTaskDefinitionCommand({
          family: "web",
          requiresCompatibilities: ["FARGATE"],
          networkMode: "awsvpc",
          cpu: ".25 vCPU",
          memory: "512",
          containerDefinitions: [{ name: "web", image: "web", privileged }],
          ...more,
        }),
      );
    await register();
    const set = (name: SettingName) =>
      ecs.send(new PutAccountSettingCommand({ name, value: "enabled" }));
    await set("containerInsights");
    const make = (...capacityProviders: string[]) =>
      ecs.send(new CreateClusterCommand({ clusterName: "web", capacityProviders }));
    await make("FARGATE");
    const protection = (cluster: string) =>
      ecs.send(new GetTaskProtectionCommand({ cluster, tasks: ["a".repeat(32)] }));
    await protection("web");
    const serve = (more: Partial<CreateServiceCommandInput>) =>
      ecs.send(
        new CreateServiceCommand({
          cluster: "web",
          serviceName: "s",
          taskDefinition: "web",
          ...more,
        }),
      );
    const tagged = {
      launchType: "FARGATE",
      enableECSManagedTags: true,
      propagateTags: "SERVICE",
    } as const;
    for (const denied of [
      () => register({ cpu: "1 vCPU", memory: "2 GB" }),
      () => register({ requiresCompatibilities: ["EC2", "FARGATE"] }),
      () => register({ requiresCompatibilities: undefined }),
      () => register({}, true),
      () => set("taskLongArnFormat"),
      () => make("FARGATE", "FARGATE_SPOT"),
      () => protection("jobs"),
      () => serve({ ...tagged, propagateTags: "TASK_DEFINITION" }),
      () => serve({ ...tagged, enableECSManagedTags: undefined }),
    ]) {
      expect(await refusal(denied())).toMatchObject({ code: "AccessDeniedException" });
    }
    expect(await refusal(serve(tagged))).toMatchObject({ code: "InvalidParameterException" });
  });

  it("a user, a group and a certificate renamed: the new name needs the permission, too", async () => {
    await using cloud = await openAccount();
    const old = ["user/bob", "group/ops", "server-certificate/web"].map(
      (one) => `arn:aws:iam::${account}:${one}`,
    );
    const keys = await cloud.user(
      "alice",
      policyOf({
        Action: ["iam:UpdateUser", "iam:UpdateGroup", "iam:UpdateServerCertificate"],
        Resource: [...old, `arn:aws:iam::${account}:*/free/*`],
      }),
    );
    await cloud.user("bob");
    await cloud.iam.send(new CreateGroupCommand({ GroupName: "ops" }));
    await cloud.iam.send(
      new UploadServerCertificateCommand({
        ServerCertificateName: "web",
        CertificateBody: certificate,
        PrivateKey: privateKey,
      }),
    );
    const iam = cloud.client(IAMClient, {}, keys);
    const renamed = { NewPath: "/free/" };
    for (const [call, name] of [
      [new UpdateUserCommand({ UserName: "bob", NewUserName: "rob" }), "user rob"],
      [new UpdateGroupCommand({ GroupName: "ops", NewPath: "/x/" }), "group ops"],
      [
        new UpdateServerCertificateCommand({
          ServerCertificateName: "web",
          NewServerCertificateName: "www",
        }),
        `arn:aws:iam::${account}:server-certificate/www`,
      ],
    ] as const) {
      expect(await refusal(iam.send(call as UpdateUserCommand))).toMatchObject({
        code: "AccessDenied",
        message: expect.stringContaining(`on resource: ${name} because`),
      });
    }
    await iam.send(new UpdateUserCommand({ UserName: "bob", NewUserName: "rob", ...renamed }));
    await iam.send(new UpdateGroupCommand({ GroupName: "ops", ...renamed }));
    await iam.send(
      new UpdateServerCertificateCommand({ ServerCertificateName: "web", ...renamed }),
    );
  });
});
