/** Batches that are long enough to be stored as they came: nothing about them differs from short ones. */
import { describe, expect, it } from "vitest";
import { day, group, startWithStream, stream } from "./testing.ts";

type Event = { timestamp: unknown; message: unknown };

async function begin() {
  const at = await startWithStream();
  const now = at.cloud.clock.now();
  const lines = (more: Record<number, Partial<Event> & { odd?: unknown }> = {}): Event[] =>
    Array.from({ length: 300 }, (_, n) => ({
      timestamp: now + n,
      message: `line ${n}`,
      ...more[n],
    }));
  const put = async (body: object) => {
    const response = await fetch(at.cloud.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "Logs_20140328.PutLogEvents",
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20260101/ap-northeast-1/logs/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const stored = async () => (await at.filter({})).events?.map(({ message }) => message) ?? [];
  return { ...at, now, lines, put, stored };
}

describe("a long batch", () => {
  it("its members in any order: all stored, each with its time", async () => {
    await using at = await begin();
    const first = await at.put({ ...stream, logEvents: at.lines() });
    expect(first).toMatchObject({ status: 200, nextSequenceToken: expect.any(String) });
    expect(first).not.toHaveProperty("rejectedLogEventsInfo");
    const { logGroupName, logStreamName } = stream;
    await at.put({ logEvents: at.lines(), logGroupName, logStreamName });
    await at.put({ logStreamName, sequenceToken: "old", logEvents: at.lines(), logGroupName });
    const { events } = await at.filter({ limit: 10_000 });
    expect(events).toHaveLength(900);
    expect(events?.at(-1)).toMatchObject({ timestamp: at.now + 299, message: "line 299" });
  });

  it("with events that are too old or too new: those are left out, and told", async () => {
    await using at = await begin();
    const old = { timestamp: at.now - 15 * day };
    const wide = await at.put({ ...stream, logEvents: at.lines({ 0: old }) });
    expect(wide).toMatchObject({ status: 400, __type: "InvalidParameterException" });
    const late = { timestamp: at.now + 3 * 3_600_000 };
    expect(await at.put({ ...stream, logEvents: at.lines({ 299: late }) })).toMatchObject({
      status: 200,
      rejectedLogEventsInfo: { tooNewLogEventStartIndex: 299 },
    });
    expect(await at.stored()).toHaveLength(299);
  });

  it.each([
    ["out of order", { 200: { timestamp: 1 } }, 400, "InvalidParameterException"],
    ["a time in words", { 7: { timestamp: "now" } }, 400, "SerializationException"],
    ["an empty line", { 7: { message: "" } }, 400, "InvalidParameterException"],
    ["an event without a line", { 7: { message: undefined } }, 400, "InvalidParameterException"],
    ["a member that no event has", { 7: { odd: 1 } }, 501, expect.any(String)],
  ])("%s: refused whole", async (_, more, status, __type) => {
    await using at = await begin();
    expect(await at.put({ ...stream, logEvents: at.lines(more) })).toMatchObject({
      status,
      __type,
    });
    expect(await at.stored()).toEqual([]);
  });

  it("a stream that is not there, a member that no batch has: refused", async () => {
    await using at = await begin();
    const logEvents = at.lines();
    expect(await at.put({ ...group, logStreamName: "none", logEvents })).toMatchObject({
      __type: "ResourceNotFoundException",
    });
    expect(await at.put({ ...stream, odd: "x", logEvents })).toMatchObject({ status: 501 });
    expect(await at.put({ ...group, logEvents })).toMatchObject({ status: 400 });
    expect(await at.stored()).toEqual([]);
  });

  it("tailed meanwhile: every line is told", async () => {
    await using at = await begin();
    const told: string[] = [];
    at.store.watch(
      (_, events) => told.push(...events.map(({ message }) => message)),
      () => true,
    );
    await at.put({ ...stream, logEvents: at.lines() });
    expect(told).toHaveLength(300);
  });
});
