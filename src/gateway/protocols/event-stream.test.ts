import { EventStreamCodec } from "@smithy/core/event-streams";
import { describe, expect, it } from "vitest";
import { ApiError } from "../api-error.ts";
import type { StructureShape } from "../wire/shapes.ts";
import { frameMessage, toEventMessages } from "./event-stream.ts";

const codec = new EventStreamCodec(
  (bytes) => new TextDecoder().decode(bytes as Uint8Array),
  (text) => new TextEncoder().encode(text),
);
const read = (message: Uint8Array) => {
  const { headers, body } = codec.decode(message);
  const plain = Object.entries(headers).map(([name, { value }]) => [name, value]);
  return { ...Object.fromEntries(plain), body: new TextDecoder().decode(body) };
};

const structure = (
  members: StructureShape["members"],
  over: Partial<StructureShape> = {},
): StructureShape => ({
  kind: "structure",
  name: "S",
  xmlName: "S",
  unwrapped: false,
  events: false,
  members,
  byInputName: new Map(),
  ...over,
});
const member = (name: string, shape: StructureShape["members"][number]["shape"]) =>
  ({
    name,
    inputName: name,
    outputName: name,
    shape,
    required: false,
    flattened: false,
  }) as StructureShape["members"][number];

const tick = structure([member("n", { kind: "number" } as never)]);
const union = structure([member("tick", tick)], { kind: "union", events: true });
const output = structure([member("stream", union)]);

async function* ticks(end: "ends" | "fails") {
  yield { tick: { n: 1 } };
  if (end === "fails") throw new ApiError("TooMuch", "no more");
}

async function readAll(messages: AsyncIterable<Uint8Array> | undefined) {
  const found: unknown[] = [];
  for await (const message of messages ?? []) found.push(read(message));
  return found;
}

const event = (type: string, body: string) => ({
  ":event-type": type,
  ":content-type": "application/json",
  ":message-type": "event",
  body,
});

describe("answers that go on", () => {
  it("a framed message: the SDK's own codec reads it, checksums and all", () => {
    expect(read(frameMessage({ a: "ä", b: "" }, '{"x":"é"}'))).toEqual({
      a: "ä",
      b: "",
      body: '{"x":"é"}',
    });
  });

  it("events of an output: an empty initial response first, then each by its name", async () => {
    expect(await readAll(toEventMessages(output, { stream: ticks("ends") }))).toEqual([
      event("initial-response", "{}"),
      event("tick", '{"n":1}'),
    ]);
  });

  it("an error on the way: the last message, as an exception", async () => {
    const messages = await readAll(toEventMessages(output, { stream: ticks("fails") }));
    expect(messages.at(-1)).toEqual({
      ":exception-type": "TooMuch",
      ":content-type": "application/json",
      ":message-type": "exception",
      body: '{"message":"no more"}',
    });
    expect(messages).toHaveLength(3);
  });

  it("an output without events: none of this", () => {
    expect(toEventMessages(tick, { n: 1 })).toBeUndefined();
  });
});
