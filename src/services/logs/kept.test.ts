import {
  CreateLogGroupCommand,
  DeleteQueryDefinitionCommand,
  DeleteResourcePolicyCommand,
  DescribeQueryDefinitionsCommand,
  DescribeResourcePoliciesCommand,
  PutQueryDefinitionCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, it } from "vitest";
import { start } from "./testing.ts";

const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "route53.amazonaws.com" },
      Action: "logs:PutLogEvents",
      Resource: "*",
    },
  ],
});

describe("resource policies", () => {
  const put = (policyName: string, policyDocument = document) =>
    new PutResourcePolicyCommand({ policyName, policyDocument });

  it("put, put again, described in pages, deleted", async () => {
    await using at = await start();
    const { resourcePolicy } = await at.logs.send(put("a"));
    const shown = {
      policyName: "a",
      policyDocument: document,
      lastUpdatedTime: at.cloud.clock.now(),
    };
    expect(resourcePolicy).toEqual(shown);
    await at.logs.send(put("a"));
    await at.logs.send(put("b"));
    const first = await at.logs.send(new DescribeResourcePoliciesCommand({ limit: 1 }));
    expect(first.resourcePolicies).toEqual([shown]);
    const { nextToken } = first;
    const second = await at.logs.send(new DescribeResourcePoliciesCommand({ nextToken }));
    expect(second.resourcePolicies?.map(({ policyName }) => policyName)).toEqual(["b"]);
    await at.logs.send(new DeleteResourcePolicyCommand({ policyName: "a" }));
    await expect(
      at.logs.send(new DeleteResourcePolicyCommand({ policyName: "a" })),
    ).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Policy with name [a] does not exist",
    });
  });

  it("no policy, no name, one more than ten: refused", async () => {
    await using at = await start();
    for (const bad of [put("a", "{}"), put("a", "not JSON"), put("")]) {
      await expect(at.logs.send(bad)).rejects.toMatchObject({ name: "InvalidParameterException" });
    }
    for (let n = 0; n < 10; n++) await at.logs.send(put(`p${n}`));
    await expect(at.logs.send(put("p10"))).rejects.toMatchObject({
      name: "LimitExceededException",
    });
  });
});

describe("query definitions", () => {
  it("put, changed by its id, found by the beginning of its name, deleted", async () => {
    await using at = await start();
    const queryString = "fields @message";
    const name = "app/errors";
    const { queryDefinitionId } = await at.logs.send(
      new PutQueryDefinitionCommand({ name, queryString, logGroupNames: ["/ecs/app"] }),
    );
    await at.logs.send(new PutQueryDefinitionCommand({ name: "other", queryString }));
    const changed = "fields @timestamp";
    await at.logs.send(
      new PutQueryDefinitionCommand({ queryDefinitionId, name, queryString: changed }),
    );
    const find = async () =>
      (
        await at.logs.send(
          new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: "app/" }),
        )
      ).queryDefinitions;
    expect(await find()).toEqual([
      {
        queryLanguage: "CWLI",
        queryDefinitionId,
        name,
        queryString: changed,
        lastModified: at.cloud.clock.now(),
        logGroupNames: [],
      },
    ]);
    const remove = new DeleteQueryDefinitionCommand({ queryDefinitionId });
    expect((await at.logs.send(remove)).success).toBe(true);
    expect(await find()).toEqual([]);
    await expect(at.logs.send(remove)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

it("a group in AWS's own name: refused", async () => {
  await using at = await start();
  await expect(
    at.logs.send(new CreateLogGroupCommand({ logGroupName: "aws/app" })),
  ).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: "Log groups starting with AWS/ are reserved for AWS.",
  });
  await at.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/app" }));
});
