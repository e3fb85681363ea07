import {
  CloudWatchLogsClient,
  StartLiveTailCommand,
  type StartLiveTailCommandInput,
  type StartLiveTailResponseStream,
} from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, it } from "vitest";
import { startWithStream } from "./testing.ts";

const arn = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/ecs/app";

async function startTailing() {
  const at = await startWithStream();
  const client = new CloudWatchLogsClient({
    endpoint: at.cloud.url,
    region: at.cloud.scope.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    // The SDK would ask streaming-127.0.0.1.
    disableHostPrefix: true,
  });
  const halt = new AbortController();
  const tail = async (input: Partial<StartLiveTailCommandInput>) => {
    const command = new StartLiveTailCommand({ logGroupIdentifiers: [arn], ...input });
    const { responseStream } = await client.send(command, { abortSignal: halt.signal });
    if (!responseStream) throw new Error("the answer has no stream");
    return responseStream[Symbol.asyncIterator]();
  };
  const watchers = { count: 0 };
  const { watch } = at.store;
  at.store.watch = (...listener) => {
    const unwatch = watch(...listener);
    watchers.count += 1;
    return () => {
      watchers.count -= 1;
      unwatch();
    };
  };
  return {
    ...at,
    tail,
    watchers,
    /** What comes of `work` while time passes, again and again so much of it. */
    async passing<T>(ms: number, work: Promise<T>): Promise<T> {
      let isOver = false;
      const over = (): void => {
        isOver = true;
      };
      work.then(over, over);
      await expect
        .poll(() => at.cloud.clock.advance(ms).then(() => isOver), { timeout: 30_000 })
        .toBe(true);
      return work;
    },
    leave: () => halt.abort(),
    async [Symbol.asyncDispose]() {
      halt.abort();
      client.destroy();
      await at.cloud.close();
    },
  };
}

const nextOf = async (events: AsyncIterator<StartLiveTailResponseStream>) =>
  (await events.next()).value as StartLiveTailResponseStream;

describe("live tail", () => {
  it("from its start on: the session, then what is stored and matches", async () => {
    await using at = await startTailing();
    await at.put("ERROR before");
    const events = await at.tail({ logEventFilterPattern: "ERROR" });
    expect((await nextOf(events)).sessionStart).toMatchObject({
      logGroupIdentifiers: [arn],
      logEventFilterPattern: "ERROR",
    });
    await at.put("fine", "ERROR now");
    expect((await nextOf(events)).sessionUpdate).toEqual({
      sessionMetadata: { sampled: false },
      sessionResults: [
        {
          logGroupIdentifier: arn,
          logStreamName: "web/app/1",
          message: "ERROR now",
          timestamp: at.cloud.clock.now() + 1,
          ingestionTime: at.cloud.clock.now(),
        },
      ],
    });
  });

  it("more than five hundred at once: in several updates, none left out", async () => {
    await using at = await startTailing();
    const events = await at.tail({ logStreamNamePrefixes: ["web/"] });
    await nextOf(events);
    await at.put(...Array.from({ length: 1_200 }, (_, n) => `${n}`));
    const seen: (string | undefined)[] = [];
    while (seen.length < 1_200) {
      const { sessionUpdate } = await nextOf(events);
      const results = sessionUpdate?.sessionResults ?? [];
      expect(results.length).toBeLessThanOrEqual(500);
      seen.push(...results.map((event) => event.message));
    }
    expect(seen).toEqual(Array.from({ length: 1_200 }, (_, n) => `${n}`));
  });

  it("nothing comes: an empty update after each second, so that no client gives up", async () => {
    await using at = await startTailing();
    const events = await at.tail({});
    await nextOf(events);
    for (let seconds = 0; seconds < 3; seconds++) {
      const { sessionUpdate } = await at.passing(1_000, nextOf(events));
      expect(sessionUpdate).toEqual({ sessionMetadata: { sampled: false }, sessionResults: [] });
    }
    await at.put("now");
    const { sessionUpdate } = await nextOf(events);
    expect(sessionUpdate?.sessionResults?.map(({ message }) => message)).toEqual(["now"]);
  });

  it("three hours: the session ends, and says why", async () => {
    await using at = await startTailing();
    const events = await at.tail({});
    await nextOf(events);
    const untilTheEnd = async (): Promise<never> => {
      for (;;) await nextOf(events);
    };
    await expect(at.passing(3_600_000, untilTheEnd())).rejects.toMatchObject({
      name: "SessionTimeoutException",
    });
    await expect.poll(() => at.watchers.count).toBe(0);
  });

  it("the client leaves while nothing comes: the session ends", async () => {
    await using at = await startTailing();
    const events = await at.tail({});
    await nextOf(events);
    expect(at.watchers.count).toBe(1);
    at.leave();
    await expect.poll(() => at.watchers.count).toBe(0);
  });

  it.each<[string, Partial<StartLiveTailCommandInput>, string]>([
    ["a name for an ARN", { logGroupIdentifiers: ["/ecs/app"] }, "not the ARN of a log group"],
    ["an ARN with :*", { logGroupIdentifiers: [`${arn}:*`] }, "Member must satisfy constraint"],
    ["an unknown group", { logGroupIdentifiers: [`${arn}2`] }, "log group does not exist"],
    ["no group", { logGroupIdentifiers: [] }, "length greater than or equal to 1"],
    ["a broken pattern", { logEventFilterPattern: "{ $.a" }, "Invalid filter pattern"],
    [
      "names and prefixes",
      { logStreamNames: ["a"], logStreamNamePrefixes: ["b"] },
      "mutually exclusive",
    ],
  ])("%s: refused before the stream opens", async (_, input, words) => {
    await using at = await startTailing();
    await expect(at.tail(input)).rejects.toThrow(words);
    expect(at.watchers.count).toBe(0);
  });
});
