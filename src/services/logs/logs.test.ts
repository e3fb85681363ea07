import {
  AssociateKmsKeyCommand,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DisassociateKmsKeyCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  PutLogEventsCommand,
  PutLogGroupDeletionProtectionCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagLogGroupCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, it } from "vitest";
import { day, group, start, startWithStream, stream } from "./testing.ts";

describe("log groups", () => {
  it("created, with retention and tags: described with both ARNs, tags by ARN without `:*`", async () => {
    await using at = await start();
    await at.logs.send(
      new CreateLogGroupCommand({ ...group, logGroupClass: "STANDARD", tags: { a: "1" } }),
    );
    await at.logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 7 }));
    const { logGroups } = await at.logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: "/ecs" }),
    );
    const arn = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/app";
    expect(logGroups).toEqual([
      {
        logGroupName: "/ecs/app",
        creationTime: at.cloud.clock.now(),
        retentionInDays: 7,
        metricFilterCount: 0,
        arn: `${arn}:*`,
        logGroupArn: arn,
        storedBytes: 0,
        logGroupClass: "STANDARD",
        deletionProtectionEnabled: false,
      },
    ]);
    await at.logs.send(new TagResourceCommand({ resourceArn: arn, tags: { b: "2" } }));
    await at.logs.send(new UntagLogGroupCommand({ ...group, tags: ["a"] }));
    const byArn = await at.logs.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    const byName = await at.logs.send(new ListTagsLogGroupCommand(group));
    expect([byArn.tags, byName.tags]).toEqual([{ b: "2" }, { b: "2" }]);
  });

  it("created twice: ResourceAlreadyExistsException; unknown: ResourceNotFoundException", async () => {
    await using at = await start();
    await at.logs.send(new CreateLogGroupCommand(group));
    await expect(at.logs.send(new CreateLogGroupCommand(group))).rejects.toMatchObject({
      name: "ResourceAlreadyExistsException",
      message: "The specified log group already exists",
    });
    const unknown = new DeleteLogGroupCommand({ logGroupName: "nope" });
    await expect(at.logs.send(unknown)).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "The specified log group does not exist.",
    });
  });

  it.each(["", "a b", "a:b", "x".repeat(513)])("the name %j: refused", async (logGroupName) => {
    await using at = await start();
    await expect(at.logs.send(new CreateLogGroupCommand({ logGroupName }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  it("a retention that AWS does not offer: refused; a deleted one: for ever", async () => {
    await using at = await start();
    await at.logs.send(new CreateLogGroupCommand(group));
    const bad = new PutRetentionPolicyCommand({ ...group, retentionInDays: 2 });
    await expect(at.logs.send(bad)).rejects.toMatchObject({ name: "InvalidParameterException" });
    await at.logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 1 }));
    await at.logs.send(new DeleteRetentionPolicyCommand(group));
    const { logGroups } = await at.logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups?.[0]?.retentionInDays).toBeUndefined();
  });

  it("protected from deletion: refused until the protection is off", async () => {
    await using at = await start();
    await at.logs.send(new CreateLogGroupCommand({ ...group, deletionProtectionEnabled: true }));
    const remove = () => at.logs.send(new DeleteLogGroupCommand(group));
    await expect(remove()).rejects.toMatchObject({ name: "ValidationException" });
    await at.logs.send(
      new PutLogGroupDeletionProtectionCommand({
        logGroupIdentifier: group.logGroupName,
        deletionProtectionEnabled: false,
      }),
    );
    await remove();
  });

  it("a KMS key: set and taken away, named by its ARN only", async () => {
    await using at = await start();
    await at.logs.send(new CreateLogGroupCommand(group));
    const kmsKeyId = "arn:aws:kms:ap-northeast-1:000000000000:key/a";
    const key = async () =>
      (await at.logs.send(new DescribeLogGroupsCommand({}))).logGroups?.[0]?.kmsKeyId;
    await at.logs.send(new AssociateKmsKeyCommand({ ...group, kmsKeyId }));
    expect(await key()).toBe(kmsKeyId);
    const resourceIdentifier = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/app:*";
    await at.logs.send(new DisassociateKmsKeyCommand({ resourceIdentifier }));
    expect(await key()).toBeUndefined();
    const alias = new AssociateKmsKeyCommand({ ...group, kmsKeyId: "alias/x" });
    await expect(at.logs.send(alias)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("prefix, pattern and pages: the groups they mean, by name", async () => {
    await using at = await start();
    for (const logGroupName of ["b/app", "a/app", "a/db"]) {
      await at.logs.send(new CreateLogGroupCommand({ logGroupName }));
    }
    const names = async (input: object) =>
      (await at.logs.send(new DescribeLogGroupsCommand(input))).logGroups?.map(
        (one) => one.logGroupName,
      );
    expect(await names({ logGroupNamePrefix: "a/" })).toEqual(["a/app", "a/db"]);
    expect(await names({ logGroupNamePattern: "app" })).toEqual(["a/app", "b/app"]);
    const { nextToken } = await at.logs.send(new DescribeLogGroupsCommand({ limit: 2 }));
    expect(await names({ nextToken })).toEqual(["b/app"]);
  });
});

describe("writing", () => {
  it("a missing group, a missing stream: each its own words", async () => {
    await using at = await start();
    const create = new CreateLogStreamCommand(stream);
    await expect(at.logs.send(create)).rejects.toThrow("The specified log group does not exist.");
    await at.logs.send(new CreateLogGroupCommand(group));
    await expect(at.put("x")).rejects.toThrow("The specified log stream does not exist.");
  });

  it("out of order, too wide, too large, nothing: refused whole", async () => {
    await using at = await startWithStream();
    const now = at.cloud.clock.now();
    const send = (logEvents: { timestamp: number; message: string }[]) =>
      at.logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    const event = (timestamp: number, message = "x") => ({ timestamp, message });
    await expect(send([event(now), event(now - 1)])).rejects.toThrow("chronological order");
    await expect(send([event(now - 25 * 3_600_000), event(now)])).rejects.toThrow("24 hours");
    await expect(send([event(now, "x".repeat(1_048_576 - 25))])).rejects.toThrow(
      "Upload too large: 1048577 bytes exceeds limit of 1048576",
    );
    await expect(send([])).rejects.toMatchObject({ name: "InvalidParameterException" });
    expect((await at.filter({})).events).toEqual([]);
  });

  it("events too old and too new: dropped and reported, the others kept", async () => {
    await using at = await startWithStream();
    await at.logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 1 }));
    const now = at.cloud.clock.now();
    const send = (...timestamps: number[]) =>
      at.logs.send(
        new PutLogEventsCommand({
          ...stream,
          logEvents: timestamps.map((timestamp) => ({ timestamp, message: `${timestamp - now}` })),
        }),
      );
    const past = await send(now - day - 1, now - 1);
    expect(past.rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 });
    expect(past.nextSequenceToken).toMatch(/^\d{56}$/);
    const future = await send(now + 1, now + 3 * 3_600_000);
    expect(future.rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    const ancient = await send(now - 15 * day);
    expect(ancient.rejectedLogEventsInfo).toMatchObject({ tooOldLogEventEndIndex: 1 });
    const { events } = await at.filter({});
    expect(events?.map((event) => event.message)).toEqual(["-1", "1"]);
  });
});

describe("reading a stream", () => {
  it("without a token: the latest; the tokens lead back, and forth to new events", async () => {
    await using at = await startWithStream();
    await at.put("1", "2", "3", "4");
    const get = (input: object) => at.logs.send(new GetLogEventsCommand({ ...stream, ...input }));
    const said = (answer: Awaited<ReturnType<typeof get>>) =>
      answer.events?.map((event) => event.message);
    const latest = await get({ limit: 2 });
    expect(said(latest)).toEqual(["3", "4"]);
    const before = await get({ limit: 2, nextToken: latest.nextBackwardToken });
    expect(said(before)).toEqual(["1", "2"]);
    const end = await get({ nextToken: latest.nextForwardToken });
    expect(said(end)).toEqual([]);
    expect(end.nextForwardToken).toBe(latest.nextForwardToken);
    await at.cloud.clock.advance(10);
    await at.put("5");
    expect(said(await get({ nextToken: end.nextForwardToken }))).toEqual(["5"]);
    expect(said(await get({ startFromHead: true, limit: 1 }))).toEqual(["1"]);
  });

  it("an empty stream: tokens with which later events are found", async () => {
    await using at = await startWithStream();
    const empty = await at.logs.send(new GetLogEventsCommand(stream));
    expect(empty.events).toEqual([]);
    await at.put("later");
    const next = await at.logs.send(
      new GetLogEventsCommand({ ...stream, nextToken: empty.nextForwardToken }),
    );
    expect(next.events?.map((event) => event.message)).toEqual(["later"]);
  });

  it("more than a megabyte: page by page from either end, none twice, none left out", async () => {
    await using at = await startWithStream();
    for (let batch = 0; batch < 3; batch++) {
      await at.put(...Array.from({ length: 9 }, (_, n) => `${batch}${n}${"x".repeat(100_000)}`));
      await at.cloud.clock.advance(100);
    }
    const all = Array.from({ length: 27 }, (_, n) => `${Math.floor(n / 9)}${n % 9}`);
    const read = async (startFromHead: boolean) => {
      const pages: string[][] = [];
      let nextToken: string | undefined;
      for (;;) {
        const page = await at.logs.send(
          new GetLogEventsCommand({ ...stream, startFromHead, nextToken }),
        );
        if (page.events?.length === 0) return pages;
        pages.push(page.events?.map((event) => event.message?.slice(0, 2) ?? "") ?? []);
        nextToken = startFromHead ? page.nextForwardToken : page.nextBackwardToken;
      }
    };
    const forth = await read(true);
    expect(forth.map((page) => page.length)).toEqual([10, 10, 7]);
    expect(forth.flat()).toEqual(all);
    const back = await read(false);
    expect(back.map((page) => page.length)).toEqual([10, 10, 7]);
    expect(back.toReversed().flat()).toEqual(all);
  });

  it("a group by its ARN and by its name: the same events; an ARN with `:*`: refused", async () => {
    await using at = await startWithStream();
    await at.put("x");
    const arn = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/app";
    for (const logGroupIdentifier of [arn, "/ecs/app"]) {
      const { logStreamName } = stream;
      const { events } = await at.logs.send(
        new GetLogEventsCommand({ logGroupIdentifier, logStreamName }),
      );
      expect(events?.map((event) => event.message)).toEqual(["x"]);
    }
    const all = new GetLogEventsCommand({
      ...stream,
      logGroupName: undefined,
      logGroupIdentifier: `${arn}:*`,
    });
    await expect(at.logs.send(all)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("past the retention: not given any more", async () => {
    await using at = await startWithStream();
    await at.logs.send(new PutRetentionPolicyCommand({ ...group, retentionInDays: 1 }));
    await at.put("old");
    await at.cloud.clock.advance(day + 1);
    const { events } = await at.logs.send(new GetLogEventsCommand(stream));
    expect(events).toEqual([]);
  });

  it("a token that is none: refused", async () => {
    await using at = await startWithStream();
    const ask = new GetLogEventsCommand({ ...stream, nextToken: "x" });
    await expect(at.logs.send(ask)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });
});

describe("filtering a group", () => {
  it("terms, phrases, either and without: what matches, with its stream", async () => {
    await using at = await startWithStream();
    await at.put("GET /a 200", "GET /b 500", "POST /a 500 timed out");
    const found = async (filterPattern: string) =>
      (await at.filter({ filterPattern })).events?.map((event) => event.message);
    expect(await found("GET 500")).toEqual(["GET /b 500"]);
    expect(await found('"timed out"')).toEqual(["POST /a 500 timed out"]);
    expect(await found("500 -timed")).toEqual(["GET /b 500"]);
    expect(await found("?200 ?timed")).toEqual(["GET /a 200", "POST /a 500 timed out"]);
    const { events } = await at.filter({ logStreamNamePrefix: "web/" });
    expect(events?.[0]).toMatchObject({ logStreamName: "web/app/1", message: "GET /a 200" });
    expect((await at.filter({ logStreamNamePrefix: "db/" })).events).toEqual([]);
  });

  it("page by page: every event once, then no token", async () => {
    await using at = await startWithStream();
    await at.put("a1", "b", "a2", "a3");
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await at.filter({ filterPattern: "?a", limit: 1, nextToken });
      seen.push(...(page.events ?? []).map((event) => event.message));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(seen).toEqual(["a1", "a2", "a3"]);
  });

  it("JSON, fields and regular expressions: what matches", async () => {
    await using at = await startWithStream();
    await at.put('{"level":"error","ms":70}', '{"level":"info","ms":5}', "GET /a 500 12");
    const found = async (filterPattern: string) =>
      (await at.filter({ filterPattern })).events?.map((event) => event.message);
    expect(await found("{ $.ms > 50 }")).toEqual(['{"level":"error","ms":70}']);
    expect(await found("[verb, path, status = 5*, bytes]")).toEqual(["GET /a 500 12"]);
    expect(await found("%level.{3}(info)?%".replace("(info)?", "info"))).toEqual([
      '{"level":"info","ms":5}',
    ]);
  });

  it.each([
    ["{ $.level = ", "Invalid filter pattern"],
    ["well-known", "Invalid character(s) in term 'well-known'"],
    ["x".repeat(1025), "length less than or equal to 1024"],
  ])("the pattern %j: refused", async (filterPattern, words) => {
    await using at = await startWithStream();
    await expect(at.filter({ filterPattern })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(words),
    });
  });
});

describe("streams", () => {
  it("described: with the times of their events, by name or by the last event", async () => {
    await using at = await startWithStream();
    await at.logs.send(new CreateLogStreamCommand({ ...group, logStreamName: "zz" }));
    await at.put("x");
    const now = at.cloud.clock.now();
    const names = async (input: object) =>
      (await at.logs.send(new DescribeLogStreamsCommand({ ...group, ...input }))).logStreams?.map(
        (one) => one.logStreamName,
      );
    const { logStreams } = await at.logs.send(
      new DescribeLogStreamsCommand({ ...group, logStreamNamePrefix: "web" }),
    );
    expect(logStreams).toMatchObject([
      {
        logStreamName: "web/app/1",
        firstEventTimestamp: now,
        lastEventTimestamp: now,
        arn: "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/app:log-stream:web/app/1",
      },
    ]);
    expect(await names({})).toEqual(["web/app/1", "zz"]);
    expect(await names({ orderBy: "LastEventTime" })).toEqual(["zz", "web/app/1"]);
    expect(await names({ orderBy: "LastEventTime", descending: true })).toEqual([
      "web/app/1",
      "zz",
    ]);
  });

  it("deleted and made again, alone or with its group: empty", async () => {
    await using at = await startWithStream();
    const count = async () => (await at.filter({})).events?.length;
    await at.put("x");
    await at.logs.send(new DeleteLogStreamCommand(stream));
    await at.logs.send(new CreateLogStreamCommand(stream));
    expect(await count()).toBe(0);
    await at.put("y");
    await at.logs.send(new DeleteLogGroupCommand(group));
    expect(await at.store.streams()).toEqual([]);
    await at.logs.send(new CreateLogGroupCommand(group));
    await at.logs.send(new CreateLogStreamCommand(stream));
    expect(await count()).toBe(0);
  });

  it("named by an ARN that ends in :*, refused: what was sent is not repeated, as elsewhere it is", async () => {
    await using at = await startWithStream();
    const arn = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/app:*";
    const describe = (input: object) => at.logs.send(new DescribeLogStreamsCommand(input));
    await expect(describe({ logGroupIdentifier: arn })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message:
        "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy constraint: " +
        "Member must satisfy regular expression pattern: [\\w#+=/:,.@-]*",
    });
    await expect(describe({ ...group, limit: 51 })).rejects.toThrow("Value '51' at 'limit'");
  });
});
