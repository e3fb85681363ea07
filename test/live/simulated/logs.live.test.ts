/**
 * CloudWatch Logs by other clients than the SDK: Terraform's provider and the AWS CLI, and an engine
 * killed under load. Tasks are simulated, so neither root nor Docker is needed.
 */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeAwsCli } from "../support/aws-cli.ts";
import {
  clock,
  type LiveEngine,
  region,
  runOk,
  startLiveEngine,
  until,
} from "../support/live-engine.ts";
import { describeTerraform, openStack } from "../support/terraform-stack.ts";

const example = path.join(import.meta.dirname, "../../../examples/logs/terraform");
const args = ["--runtime", "simulated"];

const clientOf = (engine: LiveEngine): CloudWatchLogsClient =>
  new CloudWatchLogsClient({
    endpoint: engine.endpoint,
    region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });

await describeTerraform("logs with Terraform", (mirror) => {
  const stack = openStack(mirror, example);

  it("applied: data sources see the groups, a second plan finds no difference", async () => {
    await stack.terraform.apply("default");
    expect(await stack.terraform.output("default", "app_arn")).toBe(
      `arn:aws:logs:${region}:000000000000:log-group:/example/app`,
    );
    expect(await stack.terraform.output("default", "group_count")).toBe("2");
    await stack.terraform.expectNoChanges("default");
  });

  it("another retention: changed in place, clean again", async () => {
    const change = "-var=retention_in_days=30";
    const applied = await stack.terraform.apply("default", change);
    expect(applied).toContain("0 added, 2 changed, 0 destroyed");
    expect(await stack.terraform.output("default", "retention_in_days")).toBe("30");
    await stack.terraform.expectNoChanges("default", change);
  });

  it("destroyed: no group is left", async () => {
    await stack.terraform.destroy("default");
    const { logGroups } = await clientOf(stack.engine).send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toEqual([]);
  });
});

await describeAwsCli("logs with the AWS CLI", () => {
  let engine: LiveEngine;
  let env: Record<string, string>;
  beforeAll(async () => {
    engine = await startLiveEngine({ args });
    env = await engine.environment();
  });
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
  });

  const aws = async (operation: string, ...options: string[]) => {
    const output = await runOk("aws", ["logs", operation, "--output", "json", ...options], { env });
    return output.trim() === "" ? {} : JSON.parse(output);
  };
  const group = ["--log-group-name", "cli"];

  it("groups and streams: made, set, tagged, described", async () => {
    await aws("create-log-group", ...group, "--tags", "a=1");
    await aws("put-retention-policy", ...group, "--retention-in-days", "3");
    await aws("create-log-stream", ...group, "--log-stream-name", "s");
    const { logGroups } = await aws("describe-log-groups", "--log-group-name-prefix", "c");
    expect(logGroups).toMatchObject([{ logGroupName: "cli", retentionInDays: 3 }]);
    const [{ arn, logGroupArn }] = logGroups;
    expect(arn).toBe(`${logGroupArn}:*`);
    await aws("tag-resource", "--resource-arn", logGroupArn, "--tags", "b=2");
    expect(await aws("list-tags-for-resource", "--resource-arn", logGroupArn)).toEqual({
      tags: { a: "1", b: "2" },
    });
    const streams = ["--order-by", "LastEventTime", "--descending"];
    const { logStreams } = await aws("describe-log-streams", ...group, ...streams);
    expect(logStreams).toMatchObject([{ logStreamName: "s" }]);
  });

  it("events: put, got from either end, filtered by every language, paged by the CLI", async () => {
    const now = clock.now();
    const messages = ['{"level":"error","ms":7}', "GET /a 500 12", "plain"];
    const events = messages.map((message, at) => ({ timestamp: now + at, message }));
    const written = ["--log-stream-name", "s", "--log-events", JSON.stringify(events)];
    expect(await aws("put-log-events", ...group, ...written)).toHaveProperty("nextSequenceToken");
    const ask = ["--log-stream-name", "s", "--limit", "1"];
    const last = await aws("get-log-events", ...group, ...ask);
    expect(last.events[0].message).toBe("plain");
    const before = ["--next-token", last.nextBackwardToken];
    const second = await aws("get-log-events", ...group, ...ask, ...before);
    expect(second.events[0].message).toBe("GET /a 500 12");
    const filtered = async (pattern: string) => {
      const answer = await aws("filter-log-events", ...group, "--filter-pattern", pattern);
      return answer.events.map((event: { message: string }) => event.message);
    };
    expect(await filtered('{ $.level = "error" && $.ms > 5 }')).toEqual([messages[0]]);
    expect(await filtered("[verb, path, status = 5*, bytes]")).toEqual([messages[1]]);
    expect(await filtered("%pl[a-z]+n%")).toEqual([messages[2]]);
    const paged = ["--page-size", "1"];
    const { events: all } = await aws("filter-log-events", ...group, ...paged);
    expect(all).toHaveLength(3);
  });

  it("filters: put, tried, described, deleted", async () => {
    const name = ["--filter-name", "f"];
    const metric = "metricName=M,metricNamespace=N,metricValue=1";
    const pattern = ["--filter-pattern", "ERROR"];
    await aws(
      "put-metric-filter",
      ...group,
      ...name,
      ...pattern,
      "--metric-transformations",
      metric,
    );
    expect((await aws("describe-metric-filters", ...group)).metricFilters).toHaveLength(1);
    const tried = ["--log-event-messages", "an ERROR", "fine"];
    expect((await aws("test-metric-filter", ...pattern, ...tried)).matches).toMatchObject([
      { eventNumber: 1 },
    ]);
    await aws("delete-metric-filter", ...group, ...name);
    const destination = `arn:aws:lambda:${region}:000000000000:function:f`;
    const to = ["--destination-arn", destination];
    await aws("put-subscription-filter", ...group, ...name, ...pattern, ...to);
    const { subscriptionFilters } = await aws("describe-subscription-filters", ...group);
    expect(subscriptionFilters).toMatchObject([{ destinationArn: destination }]);
    await aws("delete-subscription-filter", ...group, ...name);
  });

  it("Insights: started, asked for, described", async () => {
    const seconds = Math.floor(clock.now() / 1_000);
    const range = ["--start-time", `${seconds - 600}`, "--end-time", `${seconds + 600}`];
    const query = ["--query-string", "stats count(*) as n by bin(1h) | display n"];
    const { queryId } = await aws("start-query", ...group, ...range, ...query);
    let answer = await aws("get-query-results", "--query-id", queryId);
    while (answer.status === "Running") {
      answer = await aws("get-query-results", "--query-id", queryId);
    }
    const total = answer.results.flat().reduce((sum: number, cell: { value: string }) => {
      return sum + Number(cell.value);
    }, 0);
    expect(total).toBe(3);
    expect((await aws("describe-queries")).queries).toHaveLength(1);
  });

  it("deleted: stream, then group", async () => {
    await aws("delete-log-stream", ...group, "--log-stream-name", "s");
    await aws("delete-log-group", ...group);
    expect((await aws("describe-log-groups")).logGroups).toEqual([]);
  });
});

describe("an engine killed while lines come in", () => {
  it("kill -9 and up again: every line that was acknowledged is there, in order", async () => {
    await using engine = await startLiveEngine({ args });
    const logs = clientOf(engine);
    const group = { logGroupName: "killed" };
    const names = ["a", "b", "c"];
    await logs.send(new CreateLogGroupCommand(group));
    for (const logStreamName of names) {
      await logs.send(new CreateLogStreamCommand({ ...group, logStreamName }));
    }
    const acknowledged = new Map(names.map((name) => [name, 0]));
    let killed = false;
    const write = async (logStreamName: string): Promise<void> => {
      for (let batch = 0; ; batch++) {
        const logEvents = Array.from({ length: 100 }, (_, at) => ({
          timestamp: clock.now(),
          message: `${batch * 100 + at}`,
        }));
        const put = new PutLogEventsCommand({ ...group, logStreamName, logEvents });
        const isIn = await logs.send(put).then(
          () => true,
          () => false,
        );
        if (!isIn) return;
        // What is answered after the kill was acknowledged before it.
        acknowledged.set(logStreamName, (batch + 1) * 100);
        if (killed) return;
      }
    };
    const writers = names.map(write);
    await until("lines of every stream have come in", 20_000, async () =>
      [...acknowledged.values()].every((count) => count > 0),
    );
    await clock.wallSleep(1_000);
    killed = true;
    await engine.kill();
    await Promise.all(writers);
    await engine.restart();
    const again = clientOf(engine);
    for (const name of names) {
      const seen: string[] = [];
      let nextToken: string | undefined;
      do {
        const page = await again.send(
          new FilterLogEventsCommand({ ...group, logStreamNames: [name], nextToken }),
        );
        seen.push(...(page.events ?? []).map((event) => event.message ?? ""));
        nextToken = page.nextToken;
      } while (nextToken);
      expect(seen.length).toBeGreaterThanOrEqual(acknowledged.get(name) ?? Number.NaN);
      expect(seen).toEqual(seen.map((_, at) => `${at}`));
    }
  });
});

describe("a log store with a limit", () => {
  it("twice as much written: the directory stays within, the newest events are there", async () => {
    const limit = 64;
    await using engine = await startLiveEngine({
      args: [...args, "--log-store-limit", `${limit}`],
    });
    const logs = clientOf(engine);
    const stream = { logGroupName: "full", logStreamName: "s" };
    await logs.send(new CreateLogGroupCommand({ logGroupName: "full" }));
    await logs.send(new CreateLogStreamCommand(stream));
    const line = "x".repeat(5_000);
    for (let batch = 0; batch < 2 * limit; batch++) {
      const timestamp = clock.now();
      const logEvents = Array.from({ length: 200 }, () => ({ timestamp, message: line }));
      logEvents.push({ timestamp, message: `end of ${batch}` });
      await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    }
    const folder = path.join(engine.home, "logs");
    const sizes = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan((limit / 2) * 1024 * 1024);
    expect(total).toBeLessThanOrEqual(limit * 1024 * 1024);
    const { events } = await logs.send(new GetLogEventsCommand({ ...stream, limit: 1 }));
    expect(events?.[0]?.message).toBe(`end of ${2 * limit - 1}`);
    expect(engine.log()).toContain("the oldest events are gone");
  });
});
