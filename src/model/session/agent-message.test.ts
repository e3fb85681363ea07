import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import fc from "../../../test/builders/properties.ts";
import { type AgentMessage, decodeAgentMessage, encodeAgentMessage } from "./agent-message.ts";

const digest = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

const message: AgentMessage = {
  messageType: "output_stream_data",
  schemaVersion: 1,
  createdDate: 1_767_225_600_000,
  sequenceNumber: 258,
  flags: 1,
  messageId: "00010203-0405-0607-0809-0a0b0c0d0e0f",
  payloadType: 1,
  payload: Buffer.from("hi"),
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const encoded = (given: Partial<AgentMessage> = {}): Uint8Array =>
  encodeAgentMessage({ ...message, ...given }, digest);

describe("an agent message as bytes", () => {
  const fields: readonly [string, number, number, string][] = [
    ["the header's length, which is 116", 0, 4, "00000074"],
    ["the type, padded with spaces", 4, 36, hex(Buffer.from("output_stream_data".padEnd(32)))],
    ["the schema's version", 36, 40, "00000001"],
    ["the sequence number", 48, 56, "0000000000000102"],
    ["the flags", 56, 64, "0000000000000001"],
    ["the id, its halves swapped", 64, 80, "08090a0b0c0d0e0f0001020304050607"],
    [
      "the payload's SHA-256",
      80,
      112,
      "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
    ],
    ["the payload's type", 112, 116, "00000001"],
    ["the payload's length", 116, 120, "00000002"],
    ["the payload", 120, 122, "6869"],
  ];
  it.each(fields)("%s: at its place", (_, from, to, is) => {
    expect(hex(encoded().subarray(from, to))).toBe(is);
  });

  it("the date of its creation: milliseconds since the epoch", () => {
    const view = new DataView(encoded().buffer);
    expect(view.getBigUint64(40)).toBe(1_767_225_600_000n);
  });

  it("any message: read as it was written", () => {
    const uuid = fc.uuid();
    const any = fc.record({
      messageType: fc.constantFrom("input_stream_data", "acknowledge", "something_new"),
      schemaVersion: fc.nat(),
      createdDate: fc.maxSafeNat(),
      sequenceNumber: fc.maxSafeNat(),
      flags: fc.nat(3),
      messageId: uuid,
      payloadType: fc.nat(12),
      payload: fc.uint8Array({ maxLength: 2000 }),
    });
    fc.assert(
      fc.property(any, (given) => {
        const decoded = decodeAgentMessage(encodeAgentMessage(given, digest), digest);
        expect(decoded).toEqual({ type: "message", message: given });
      }),
    );
  });

  it("a type padded with zeros, as some write it: the same type", () => {
    const bytes = encoded();
    bytes.subarray(4, 36).forEach((byte, at, all) => {
      if (byte === 0x20) all[at] = 0;
    });
    expect(decodeAgentMessage(bytes, digest)).toMatchObject({
      message: { messageType: "output_stream_data" },
    });
  });

  it("a payload that is changed anywhere: malformed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.nat(), (payload, at) => {
        const bytes = encoded({ payload });
        const place = 120 + (at % payload.length);
        bytes[place] = (bytes[place] ?? 0) ^ 1;
        expect(decodeAgentMessage(bytes, digest)).toEqual({
          type: "malformed",
          reason: "its payload is not the one that was digested",
        });
      }),
    );
  });

  it.each([
    ["nothing", () => new Uint8Array()],
    ["half a header", () => encoded().subarray(0, 60)],
    ["a payload cut off", () => encoded().subarray(0, 121)],
    ["a header that is longer than all of it", () => withNumber(0, 5000)],
    ["a header that is too short", () => withNumber(0, 10)],
    ["a payload that says it is longer", () => withNumber(116, 3)],
    ["a sequence number beyond all numbers", () => withNumber(48, 0x7fffffff)],
  ])("%s: malformed, and no error is thrown", (_, make) => {
    expect(decodeAgentMessage(make(), digest)).toMatchObject({ type: "malformed" });
  });

  it("any bytes: never an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeAgentMessage(bytes, digest).type).toBe("malformed");
      }),
    );
  });
});

function withNumber(at: number, value: number): Uint8Array {
  const bytes = encoded();
  new DataView(bytes.buffer).setUint32(at, value);
  return bytes;
}
