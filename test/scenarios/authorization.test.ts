/** Who may do what, through the AWS SDK: policies of users, roles and sessions act on every service. */
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  ECSClient,
  ListClustersCommand,
  ListTagsForResourceCommand,
  PutAccountSettingDefaultCommand,
} from "@aws-sdk/client-ecs";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListUsersCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { account, allowing, openAccount, policyOf, refusal, trusting } from "./support/account.ts";

const alice = `arn:aws:iam::${account}:user/alice`;
const clusterArn = (name: string): string =>
  `arn:aws:ecs:ap-northeast-1:${account}:cluster/${name}`;

describe("a user's policies", () => {
  it("no policy: every service denies in its own code", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice");
    const because = (action: string) =>
      `because no identity-based policy allows the ${action} action`;
    const who = `User: ${alice} is not authorized to perform:`;
    expect(
      await refusal(cloud.client(EC2Client, {}, keys).send(new DescribeVpcsCommand({}))),
    ).toEqual({
      code: "UnauthorizedOperation",
      status: 403,
      message:
        `You are not authorized to perform this operation. ${who} ec2:DescribeVpcs on resource: * ` +
        because("ec2:DescribeVpcs"),
    });
    expect(
      await refusal(
        cloud.client(ECSClient, {}, keys).send(new CreateClusterCommand({ clusterName: "web" })),
      ),
    ).toEqual({
      code: "AccessDeniedException",
      status: 400,
      message: `${who} ecs:CreateCluster on resource: ${clusterArn("web")} ${because("ecs:CreateCluster")}`,
    });
    expect(
      await refusal(
        cloud.client(IAMClient, {}, keys).send(new GetRoleCommand({ RoleName: "deploy" })),
      ),
    ).toEqual({
      code: "AccessDenied",
      status: 403,
      message: `${who} iam:GetRole on resource: role deploy ${because("iam:GetRole")}`,
    });
    const elb = cloud.client(ElasticLoadBalancingV2Client, {}, keys);
    expect(await refusal(elb.send(new DescribeLoadBalancersCommand({})))).toMatchObject({
      code: "AccessDenied",
      status: 403,
    });
  });

  it("an operation that names no user: it is about the caller, to policies too", async () => {
    await using cloud = await openAccount();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how policies write variables.
    const Resource = "arn:aws:iam::*:user/${aws:username}";
    const Action = ["iam:GetUser", "iam:ListAccessKeys"];
    const iam = cloud.client(
      IAMClient,
      {},
      await cloud.user("alice", allowing({ Action, Resource })),
    );
    expect((await iam.send(new GetUserCommand({}))).User?.Arn).toBe(alice);
    expect((await iam.send(new ListAccessKeysCommand({}))).AccessKeyMetadata).toHaveLength(1);
    await cloud.user("bob");
    const other = iam.send(new GetUserCommand({ UserName: "bob" }));
    expect(await refusal(other)).toMatchObject({ code: "AccessDenied" });
    expect((await refusal(iam.send(new CreateAccessKeyCommand({})))).message).toContain(
      "iam:CreateAccessKey on resource: user alice because",
    );
  });

  it("a condition on EC2's region: another is denied", async () => {
    await using cloud = await openAccount();
    const Condition = { StringEquals: { "ec2:Region": "eu-west-1" } };
    const keys = await cloud.user("alice", allowing({ Action: "ec2:DescribeVpcs", Condition }));
    const describe = (region: string) =>
      cloud.client(EC2Client, { region }, keys).send(new DescribeVpcsCommand({}));
    expect((await describe("eu-west-1")).Vpcs).toHaveLength(1);
    expect(await refusal(describe("us-west-2"))).toMatchObject({ code: "UnauthorizedOperation" });
  });

  it("permissions handed out within a boundary, by policy and for a service: these and no others", async () => {
    await using cloud = await openAccount();
    const aws = (name: string) => `arn:aws:iam::aws:policy/${name}`;
    const boundary = aws("ReadOnlyAccess");
    const within = { StringEquals: { "iam:PermissionsBoundary": boundary } };
    const keys = await cloud.user(
      "alice",
      allowing(
        {
          Action: [
            "iam:CreateRole",
            "iam:PutRolePolicy",
            "iam:DeleteRolePolicy",
            "iam:*RolePermissionsBoundary",
          ],
          Condition: within,
        },
        {
          Action: ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
          Condition: { ...within, ArnLike: { "iam:PolicyARN": aws("AmazonECS*") } },
        },
        {
          Action: "iam:CreateServiceLinkedRole",
          Condition: { StringLike: { "iam:AWSServiceName": "ecs.*" } },
        },
      ),
    );
    const iam = cloud.client(IAMClient, {}, keys);
    await cloud.role("free", trusting({ AWS: account }));
    const AssumeRolePolicyDocument = trusting({ AWS: account });
    const role = (RoleName: string, PermissionsBoundary?: string) =>
      iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, PermissionsBoundary }));
    const attach = (RoleName: string, name: string) =>
      iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: aws(name) }));
    const inline = (RoleName: string) =>
      iam.send(
        new PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument: allowing({}) }),
      );
    const bound = (RoleName: string, PermissionsBoundary: string) =>
      iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    const linked = (AWSServiceName: string) =>
      iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName }));
    await role("bound", boundary);
    await attach("bound", "AmazonECS_FullAccess");
    await inline("bound");
    await linked("ecs.amazonaws.com");
    for (const denied of [
      role("other"),
      role("other", aws("PowerUserAccess")),
      attach("bound", "AdministratorAccess"),
      attach("free", "AmazonECS_FullAccess"),
      inline("free"),
      bound("free", aws("AdministratorAccess")),
      linked("autoscaling.amazonaws.com"),
      iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "free" })),
    ]) {
      expect(await refusal(denied)).toMatchObject({ code: "AccessDenied" });
    }
    await bound("free", boundary);
    await inline("free");
    await iam.send(new DeleteRolePolicyCommand({ RoleName: "free", PolicyName: "p" }));
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "free" }));
    expect(await refusal(inline("free"))).toMatchObject({ code: "AccessDenied" });
  });

  it("a policy for some actions on some resources: these and no others", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user(
      "alice",
      policyOf(
        { Action: "ecs:*Cluster", Resource: clusterArn("web-*") },
        { Action: "ec2:Describe*", Resource: "*" },
      ),
    );
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new CreateClusterCommand({ clusterName: "web-1" }));
    await cloud.client(EC2Client, {}, keys).send(new DescribeVpcsCommand({}));
    const other = ecs.send(new CreateClusterCommand({ clusterName: "jobs" }));
    expect(await refusal(other)).toMatchObject({ code: "AccessDeniedException" });
    const creation = cloud
      .client(EC2Client, {}, keys)
      .send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    expect(await refusal(creation)).toMatchObject({ code: "UnauthorizedOperation" });
    const seen = await cloud.client(ECSClient).send(new ListClustersCommand({}));
    expect(seen.clusterArns).toEqual([clusterArn("web-1")]);
  });

  it("allowed by one policy and denied by another: denied, and it says so", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({}));
    const denial = policyOf({ Effect: "Deny", Action: "ecs:DeleteCluster", Resource: "*" });
    await cloud.attach("alice", await cloud.policy("no-deletion", denial));
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new CreateClusterCommand({ clusterName: "web" }));
    const { message } = await refusal(ecs.send(new DeleteClusterCommand({ cluster: "web" })));
    expect(message).toBe(
      `User: ${alice} is not authorized to perform: ecs:DeleteCluster on resource: ` +
        `${clusterArn("web")} with an explicit deny in an identity-based policy`,
    );
  });

  it("a boundary: what is outside of it is denied in its name", async () => {
    await using cloud = await openAccount();
    const boundary = await cloud.policy("bounds", allowing({ Action: "ecs:List*" }));
    const keys = await cloud.user("alice", allowing({ Action: "ecs:*" }), boundary);
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new ListClustersCommand({}));
    const { message } = await refusal(ecs.send(new CreateClusterCommand({ clusterName: "web" })));
    expect(message).toContain(
      "because no permissions boundary allows the ecs:CreateCluster action",
    );
  });

  it("a policy comes and goes: the next request sees it", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({ Action: "ecs:ListClusters" }));
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new ListClustersCommand({}));
    await cloud.iam.send(new DeleteUserPolicyCommand({ UserName: "alice", PolicyName: "inline" }));
    expect(await refusal(ecs.send(new ListClustersCommand({})))).toMatchObject({
      code: "AccessDeniedException",
    });
    const PolicyArn = "arn:aws:iam::aws:policy/AmazonECS_FullAccess";
    await cloud.iam.send(new AttachUserPolicyCommand({ UserName: "alice", PolicyArn }));
    await ecs.send(new ListClustersCommand({}));
  });

  it("conditions on tags of the request, the region and the name: they hold or do not", async () => {
    await using cloud = await openAccount();
    const tagged = (clusterName: string, ...tags: [string, string][]) =>
      new CreateClusterCommand({ clusterName, tags: tags.map(([key, value]) => ({ key, value })) });
    const keys = await cloud.user(
      "alice",
      allowing({
        Action: "ecs:*",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how policies write variables.
        Resource: "arn:aws:ecs:*:*:cluster/${aws:username}-*",
        Condition: {
          StringEquals: { "aws:RequestTag/team": "a", "aws:RequestedRegion": "ap-northeast-1" },
          "ForAllValues:StringEquals": { "aws:TagKeys": ["team", "cost"] },
        },
      }),
    );
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(tagged("alice-1", ["team", "a"]));
    const refused = [
      tagged("alice-2", ["team", "b"]),
      tagged("alice-2", ["team", "a"], ["other", "x"]),
      tagged("alice-2"),
      tagged("bob-1", ["team", "a"]),
    ];
    for (const command of refused) {
      expect(await refusal(ecs.send(command))).toMatchObject({ code: "AccessDeniedException" });
    }
    const elsewhere = cloud.client(ECSClient, { region: "eu-west-1" }, keys);
    expect(await refusal(elsewhere.send(tagged("alice-1", ["team", "a"])))).toMatchObject({
      code: "AccessDeniedException",
    });
  });

  it("an account that asks again who may tag: what is made with tags needs ecs:TagResource, too", async () => {
    await using cloud = await openAccount();
    const name = "tagResourceAuthorization";
    const tagged = (clusterName: string) =>
      new CreateClusterCommand({ clusterName, tags: [{ key: "team", value: "a" }] });
    const make = { Action: "ecs:CreateCluster" };
    const tag = {
      Action: "ecs:TagResource",
      Condition: { StringEquals: { "ecs:CreateAction": "CreateCluster" } },
    };
    const mayMake = cloud.client(ECSClient, {}, await cloud.user("alice", allowing(make)));
    const mayBoth = cloud.client(ECSClient, {}, await cloud.user("bob", allowing(make, tag)));
    const root = cloud.client(ECSClient);
    await root.send(new PutAccountSettingDefaultCommand({ name, value: "off" }));
    await mayMake.send(tagged("before"));
    await root.send(new PutAccountSettingDefaultCommand({ name, value: "on" }));
    expect(await refusal(mayMake.send(tagged("refused")))).toMatchObject({
      code: "AccessDeniedException",
      message: expect.stringContaining("is not authorized to perform: ecs:TagResource"),
    });
    await mayMake.send(new CreateClusterCommand({ clusterName: "plain" }));
    await mayBoth.send(tagged("tagged"));
  });

  it("a condition on the tags of the resource: it reads them as they are", async () => {
    await using cloud = await openAccount();
    const root = cloud.client(ECSClient);
    const tags = [{ key: "team", value: "a" }];
    await root.send(new CreateClusterCommand({ clusterName: "web", tags }));
    await root.send(new CreateClusterCommand({ clusterName: "jobs" }));
    const keys = await cloud.user(
      "alice",
      allowing({ Condition: { StringEquals: { "aws:ResourceTag/team": "a" } } }),
    );
    const ecs = cloud.client(ECSClient, {}, keys);
    await ecs.send(new DescribeClustersCommand({ clusters: ["web"] }));
    const other = ecs.send(new DescribeClustersCommand({ clusters: ["jobs"] }));
    expect(await refusal(other)).toMatchObject({ code: "AccessDeniedException" });
  });

  it("a role in a path, named without it: policies see its ARN as it is, and its tags", async () => {
    await using cloud = await openAccount();
    const more = { Path: "/team/", Tags: [{ Key: "team", Value: "a" }] };
    await cloud.role("deploy", trusting({ AWS: account }), undefined, more);
    await cloud.role("other", trusting({ AWS: account }));
    const keys = await cloud.user(
      "alice",
      policyOf({
        Action: "iam:GetRole",
        Resource: `arn:aws:iam::${account}:role/team/*`,
        Condition: { StringEquals: { "iam:ResourceTag/team": "a" } },
      }),
    );
    const iam = cloud.client(IAMClient, {}, keys);
    await iam.send(new GetRoleCommand({ RoleName: "deploy" }));
    const other = iam.send(new GetRoleCommand({ RoleName: "other" }));
    expect(await refusal(other)).toMatchObject({ code: "AccessDenied" });
  });

  // Tried one way after the other it would take for ever; a slow machine may take its time.
  it("a resource name without end: answered", async () => {
    await using cloud = await openAccount();
    const keys = await cloud.user("alice", allowing({ Resource: `${"*a".repeat(500)}b` }));
    const ecs = cloud.client(ECSClient, {}, keys);
    const started = performance.now();
    const resourceArn = `arn:aws:ecs:${"a".repeat(1_000_000)}`;
    const call = ecs.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(await refusal(call)).toMatchObject({ code: "AccessDeniedException" });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it("the account's root: everything, with no policy", async () => {
    await using cloud = await openAccount();
    await cloud.client(IAMClient).send(new ListUsersCommand({}));
    await cloud.client(EC2Client).send(new DescribeVpcsCommand({}));
  });
});
