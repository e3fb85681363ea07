import {
  DescribeQueriesCommand,
  GetLogGroupFieldsCommand,
  GetLogRecordCommand,
  GetQueryResultsCommand,
  PutRetentionPolicyCommand,
  StartQueryCommand,
  type StartQueryCommandInput,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, it } from "vitest";
import { day, group, startWithStream } from "./testing.ts";

async function startWithEvents() {
  const at = await startWithStream();
  await at.put('{"level":"error","ms":70}', '{"level":"info","ms":5}', "plain");
  const now = at.cloud.clock.now();
  const start = (queryString: string, over: Partial<StartQueryCommandInput> = {}) =>
    at.logs.send(
      new StartQueryCommand({
        ...group,
        startTime: now / 1000 - 60,
        endTime: now / 1000 + 60,
        queryString,
        ...over,
      }),
    );
  const results = async (queryId: string | undefined) => {
    for (;;) {
      const answer = await at.logs.send(new GetQueryResultsCommand({ queryId }));
      if (answer.status !== "Running") return answer;
    }
  };
  const rows = async (...args: Parameters<typeof start>) =>
    (await results((await start(...args)).queryId)).results?.map((row) =>
      Object.fromEntries(row.map(({ field, value }) => [field, value])),
    );
  return { ...at, start, results, rows, [Symbol.asyncDispose]: () => at.cloud.close() };
}

describe("Logs Insights", () => {
  it("started and asked for: rows, statistics and Complete", async () => {
    await using at = await startWithEvents();
    const { queryId } = await at.start("filter ms > 1 | fields level, ms | sort ms");
    const answer = await at.results(queryId);
    expect(answer.status).toBe("Complete");
    const cells = answer.results?.map((row) => row.slice(0, 2).map(({ value }) => value));
    expect(cells).toEqual([
      ["info", "5"],
      ["error", "70"],
    ]);
    expect(answer.statistics).toMatchObject({ recordsMatched: 2, recordsScanned: 3 });
  });

  it("stats by bin over groups named by ARN: a row", async () => {
    await using at = await startWithEvents();
    const arn = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/app";
    const over = { logGroupName: undefined, logGroupIdentifiers: [arn] };
    expect(await at.rows("stats count(*) as n by bin(5m) as at", over)).toEqual([
      { at: "2026-01-01 00:00:00.000", n: "3" },
    ]);
  });

  it("an event behind @ptr: all its fields", async () => {
    await using at = await startWithEvents();
    const [row] = (await at.rows("filter level = 'error'")) ?? [];
    const logRecordPointer = row?.["@ptr"];
    const { logRecord } = await at.logs.send(new GetLogRecordCommand({ logRecordPointer }));
    expect(logRecord).toMatchObject({
      level: "error",
      ms: "70",
      "@logStream": "web/app/1",
      "@log": "000000000000:/ecs/app",
    });
    const { logGroupFields } = await at.logs.send(new GetLogGroupFieldsCommand(group));
    expect(logGroupFields).toContainEqual({ name: "level", percent: 67 });
    const bad = new GetLogRecordCommand({ logRecordPointer: "x" });
    await expect(at.logs.send(bad)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("a query that cannot be read: MalformedQueryException with the place", async () => {
    await using at = await startWithEvents();
    await expect(at.start("fields a | filter b =")).rejects.toMatchObject({
      name: "MalformedQueryException",
      message: expect.stringContaining("unexpected symbol found"),
      queryCompileError: { location: { startCharOffset: 21, endCharOffset: 21 } },
    });
    await expect(at.start("pattern @message")).rejects.toThrow(
      "Neargate does not evaluate the command pattern yet",
    );
    await expect(at.start("x", { queryLanguage: "SQL" })).rejects.toThrow("in SQL");
  });

  it("times out of reach, no group, an unknown one: refused", async () => {
    await using at = await startWithEvents();
    await expect(at.start("limit 1", { startTime: 5, endTime: 1 })).rejects.toThrow("end time");
    await expect(at.start("limit 1", { startTime: 1, endTime: 5 })).rejects.toThrow(
      "before the log groups creation time",
    );
    await expect(at.start("limit 1", { logGroupName: undefined })).rejects.toThrow("Exactly one");
    await expect(at.start("limit 1", { logGroupName: "nope" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("past the retention: not found any more", async () => {
    await using at = await startWithEvents();
    await at.logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 1 }));
    await at.cloud.clock.advance(day + 10);
    const endTime = Math.ceil(at.cloud.clock.now() / 1000);
    expect(await at.rows("fields @message", { endTime })).toEqual([]);
  });

  it("described: newest first; stopped when it has ended: refused", async () => {
    await using at = await startWithEvents();
    const first = await at.start("limit 1");
    const second = await at.start("limit 2");
    await at.results(second.queryId);
    const { queries } = await at.logs.send(new DescribeQueriesCommand(group));
    expect(queries?.map((query) => query.queryId)).toEqual([second.queryId, first.queryId]);
    expect(queries?.[0]).toMatchObject({ queryString: "limit 2", status: "Complete" });
    await expect(at.logs.send(new StopQueryCommand({ queryId: first.queryId }))).rejects.toThrow(
      "is not running",
    );
    const unknown = new GetQueryResultsCommand({ queryId: "nope" });
    await expect(at.logs.send(unknown)).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});
