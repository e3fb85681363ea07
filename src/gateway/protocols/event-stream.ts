/**
 * Answers that go on: `application/vnd.amazon.eventstream`. A message is its length, that of its
 * headers, a checksum of the two, headers, payload, and a checksum of it all.
 */
import { crc32 } from "node:zlib";
import { ApiError } from "../api-error.ts";
import type { StructureShape } from "../wire/shapes.ts";
import { writeJson } from "./json-body.ts";
import type { Structure } from "./protocol.ts";

export const eventStreamType = "application/vnd.amazon.eventstream";

const preludeBytes = 12;
const checksumBytes = 4;
const textHeader = 7;

export function frameMessage(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const encoded = Buffer.concat(Object.entries(headers).map(frameHeader));
  const body = Buffer.from(payload);
  const total = preludeBytes + encoded.length + body.length + checksumBytes;
  const message = Buffer.alloc(total);
  message.writeUInt32BE(total, 0);
  message.writeUInt32BE(encoded.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  encoded.copy(message, preludeBytes);
  body.copy(message, preludeBytes + encoded.length);
  const end = total - checksumBytes;
  message.writeUInt32BE(crc32(message.subarray(0, end)), end);
  return message;
}

function frameHeader([name, value]: [string, string]): Buffer {
  const [key, text] = [Buffer.from(name), Buffer.from(value)];
  const head = Buffer.from([key.length]);
  const type = Buffer.alloc(3);
  type.writeUInt8(textHeader, 0);
  type.writeUInt16BE(text.length, 1);
  return Buffer.concat([head, key, type, text]);
}

/**
 * The messages of an output one of whose members is a union of events, which the operation gives as
 * an async iterable; undefined for every other output. An `ApiError` thrown on the way is the last one.
 */
export function toEventMessages(
  shape: StructureShape,
  output: unknown,
): AsyncIterable<Uint8Array> | undefined {
  const member = shape.members.find((one) => one.shape.kind === "union" && one.shape.events);
  const events = member && (output as Structure)[member.name];
  if (!member || !isEvents(events)) return undefined;
  return frameEvents(member.shape as StructureShape, events);
}

type Events = AsyncIterable<Structure>;

const isEvents = (value: unknown): value is Events =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** Not a generator: the end of one that waits would wait, too. */
function frameEvents(union: StructureShape, events: Events): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const source = events[Symbol.asyncIterator]();
      let state: "new" | "open" | "ended" = "new";
      return {
        async next() {
          if (state === "ended") return { done: true, value: undefined };
          if (state === "new") {
            state = "open";
            return { done: false, value: frameEvent("initial-response", {}) };
          }
          try {
            const { done, value } = await source.next();
            if (done) return { done: true, value: undefined };
            return { done: false, value: encodeEvent(union, value) };
          } catch (error) {
            state = "ended";
            return { done: false, value: frameException(error) };
          }
        },
        async return() {
          state = "ended";
          await source.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

function encodeEvent(union: StructureShape, event: Structure): Buffer {
  const [name = "", content] = Object.entries(event)[0] ?? [];
  const member = union.members.find((one) => one.name === name);
  if (member?.shape.kind !== "structure") throw new Error(`there is no event ${name}`);
  return frameEvent(name, writeJson(member.shape, content));
}

const frameEvent = (name: string, content: object): Buffer =>
  frameMessage(
    { ":event-type": name, ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify(content),
  );

function frameException(error: unknown): Buffer {
  if (!(error instanceof ApiError)) throw error;
  return frameMessage(
    {
      ":exception-type": error.code,
      ":content-type": "application/json",
      ":message-type": "exception",
    },
    JSON.stringify({ message: error.message, ...error.members }),
  );
}
