/** Accounts and regions through the SDK: each has a state of its own. */
import { CreateClusterCommand, ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { CreateUserCommand, IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, it } from "vitest";
import { startAllServices } from "../../test/builders/all-services.ts";

const accounts = ["111111111111", "222222222222"];
const regions = ["us-east-1", "eu-west-1"];
const scopes = accounts.flatMap((account) => regions.map((region) => ({ account, region })));

it("two accounts in two regions: each sees its own clusters and no others", async () => {
  await using cloud = await startAllServices();
  for (const scope of scopes) {
    const clusterName = `of-${scope.account}-${scope.region}`;
    await cloud.client(ECSClient, scope).send(new CreateClusterCommand({ clusterName }));
  }
  for (const scope of scopes) {
    const { account, region } = scope;
    const { clusterArns } = await cloud.client(ECSClient, scope).send(new ListClustersCommand());
    expect(clusterArns).toEqual([
      `arn:aws:ecs:${region}:${account}:cluster/of-${account}-${region}`,
    ]);
  }
});

it("users: of an account, whatever the region", async () => {
  await using cloud = await startAllServices();
  for (const account of accounts) {
    const iam = cloud.client(IAMClient, { account, region: "us-east-1" });
    await iam.send(new CreateUserCommand({ UserName: `of-${account}` }));
  }
  for (const scope of scopes) {
    const { Users } = await cloud.client(IAMClient, scope).send(new ListUsersCommand());
    expect(Users?.map(({ UserName }) => UserName)).toEqual([`of-${scope.account}`]);
    const who = await cloud.client(STSClient, scope).send(new GetCallerIdentityCommand());
    expect(who.Account).toBe(scope.account);
  }
});
