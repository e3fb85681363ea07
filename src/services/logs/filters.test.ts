import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteMetricFilterCommand,
  DeleteSubscriptionFilterCommand,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  DescribeSubscriptionFiltersCommand,
  PutMetricFilterCommand,
  type PutMetricFilterCommandInput,
  PutSubscriptionFilterCommand,
  TestMetricFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, it } from "vitest";
import { group, start } from "./testing.ts";

const transformation = { metricName: "Errors", metricNamespace: "App", metricValue: "1" };
const metricFilter = {
  ...group,
  filterName: "errors",
  filterPattern: '{ $.level = "error" }',
  metricTransformations: [transformation],
};

async function startWithGroup() {
  const at = await start();
  await at.logs.send(new CreateLogGroupCommand(group));
  return at;
}

describe("metric filters", () => {
  it("put, described by group and by metric, counted, replaced, deleted", async () => {
    await using at = await startWithGroup();
    await at.logs.send(new PutMetricFilterCommand(metricFilter));
    const { metricFilters } = await at.logs.send(new DescribeMetricFiltersCommand(group));
    expect(metricFilters).toEqual([
      { ...metricFilter, creationTime: at.cloud.clock.now(), applyOnTransformedLogs: false },
    ]);
    await at.logs.send(new PutMetricFilterCommand({ ...metricFilter, filterPattern: "ERROR" }));
    const byMetric = await at.logs.send(
      new DescribeMetricFiltersCommand({ metricName: "Errors", metricNamespace: "App" }),
    );
    expect(byMetric.metricFilters?.map((one) => one.filterPattern)).toEqual(["ERROR"]);
    const { logGroups } = await at.logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups?.[0]?.metricFilterCount).toBe(1);
    const remove = new DeleteMetricFilterCommand({ ...group, filterName: "errors" });
    await at.logs.send(remove);
    await expect(at.logs.send(remove)).rejects.toThrow(
      "The specified metric filter does not exist.",
    );
  });

  it.each<[string, Partial<PutMetricFilterCommandInput>, string]>([
    ["a broken pattern", { filterPattern: "{ $.a = " }, "Invalid metric filter pattern"],
    ["no transformation", { metricTransformations: [] }, "greater than or equal to 1"],
    [
      "a value that is none",
      { metricTransformations: [{ ...transformation, metricValue: "many" }] },
      "Invalid metric transformation",
    ],
    [
      "dimensions with a default",
      {
        metricTransformations: [{ ...transformation, defaultValue: 0, dimensions: { a: "$.a" } }],
      },
      "mutually exclusive",
    ],
    ["a name with a colon", { filterName: "a:b" }, "[^:*]*"],
    ["an unknown group", { logGroupName: "nope" }, "log group does not exist"],
  ])("%s: refused", async (_, change, words) => {
    await using at = await startWithGroup();
    const put = new PutMetricFilterCommand({ ...metricFilter, ...change });
    await expect(at.logs.send(put)).rejects.toThrow(words);
  });

  it("a hundred of a group: the next is one too many", async () => {
    await using at = await startWithGroup();
    for (let count = 0; count < 100; count++) {
      await at.logs.send(new PutMetricFilterCommand({ ...metricFilter, filterName: `f${count}` }));
    }
    await expect(at.logs.send(new PutMetricFilterCommand(metricFilter))).rejects.toMatchObject({
      name: "LimitExceededException",
    });
  });

  it("tried on messages: those that match, by number, with the values it names", async () => {
    await using at = await start();
    const test = (filterPattern: string, ...logEventMessages: string[]) =>
      at.logs.send(new TestMetricFilterCommand({ filterPattern, logEventMessages }));
    const found = await test("{ $.ms > 5 }", '{"ms":1}', '{"ms":9}');
    expect(found.matches).toEqual([
      { eventNumber: 2, eventMessage: '{"ms":9}', extractedValues: { "$.ms": "9" } },
    ]);
    expect((await test("[verb, path]", "GET /a")).matches?.[0]?.extractedValues).toEqual({
      $verb: "GET",
      $path: "/a",
    });
    await expect(test('"open', "x")).rejects.toThrow("Invalid metric filter pattern");
  });
});

describe("subscription filters", () => {
  const subscription = {
    ...group,
    filterName: "all",
    filterPattern: "",
    destinationArn: "arn:aws:lambda:ap-northeast-1:000000000000:function:f",
  };

  it("put, described, replaced, deleted; two of a group at most", async () => {
    await using at = await startWithGroup();
    await at.logs.send(new PutSubscriptionFilterCommand(subscription));
    await at.logs.send(new PutSubscriptionFilterCommand({ ...subscription, filterName: "b" }));
    const third = new PutSubscriptionFilterCommand({ ...subscription, filterName: "c" });
    await expect(at.logs.send(third)).rejects.toMatchObject({ name: "LimitExceededException" });
    await at.logs.send(new PutSubscriptionFilterCommand({ ...subscription, filterPattern: "x" }));
    const { subscriptionFilters } = await at.logs.send(
      new DescribeSubscriptionFiltersCommand({ ...group, filterNamePrefix: "a" }),
    );
    expect(subscriptionFilters).toMatchObject([
      { ...subscription, filterPattern: "x", distribution: "ByLogStream" },
    ]);
    const remove = new DeleteSubscriptionFilterCommand({ ...group, filterName: "all" });
    await at.logs.send(remove);
    await expect(at.logs.send(remove)).rejects.toThrow("subscription filter does not exist");
  });

  it("a stream without a role, a destination that is none: refused", async () => {
    await using at = await startWithGroup();
    const put = (destinationArn: string) =>
      at.logs.send(new PutSubscriptionFilterCommand({ ...subscription, destinationArn }));
    const stream = "arn:aws:kinesis:ap-northeast-1:000000000000:stream/s";
    await expect(put(stream)).rejects.toThrow("must be used with roleArn");
    await expect(put("arn:aws:s3:::b")).rejects.toThrow("Invalid destinationArn");
  });

  it("the group deleted and made again: without filters", async () => {
    await using at = await startWithGroup();
    await at.logs.send(new PutSubscriptionFilterCommand(subscription));
    await at.logs.send(new PutMetricFilterCommand(metricFilter));
    await at.logs.send(new DeleteLogGroupCommand(group));
    await at.logs.send(new CreateLogGroupCommand(group));
    const subscriptions = await at.logs.send(new DescribeSubscriptionFiltersCommand(group));
    const metrics = await at.logs.send(new DescribeMetricFiltersCommand(group));
    expect([subscriptions.subscriptionFilters, metrics.metricFilters]).toEqual([[], []]);
  });
});

describe("a group of infrequent access", () => {
  const only = {
    name: "ValidationException",
    message: "This operation is only supported on the Standard log class.",
  };

  it("takes no filters, and shows none", async () => {
    await using at = await start();
    await at.logs.send(new CreateLogGroupCommand({ ...group, logGroupClass: "INFREQUENT_ACCESS" }));
    const subscription = {
      ...group,
      filterName: "all",
      filterPattern: "",
      destinationArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    };
    for (const refused of [
      at.logs.send(new PutMetricFilterCommand(metricFilter)),
      at.logs.send(new PutSubscriptionFilterCommand(subscription)),
      at.logs.send(new DescribeSubscriptionFiltersCommand(group)),
    ]) {
      await expect(refused).rejects.toMatchObject(only);
    }
  });
});
