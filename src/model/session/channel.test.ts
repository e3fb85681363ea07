import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import fc from "../../../test/builders/properties.ts";
import { decodeAgentMessage, encodeAgentMessage } from "./agent-message.ts";
import { type Channel, createChannel } from "./channel.ts";
import { readJson } from "./payloads.ts";

const digest = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const id = "00010203-0405-0607-0809-0a0b0c0d0e0f";
const outputType = 1;

/** Two ends with wires that a test looks at and carries from. */
function twoEnds() {
  let now = 0;
  const end = (stream: "input_stream_data" | "output_stream_data") => {
    const sent: Uint8Array[] = [];
    const got: string[] = [];
    const channel: Channel = createChannel({
      stream,
      transmit: (bytes) => sent.push(bytes),
      deliver: ({ payload }) => got.push(Buffer.from(payload).toString()),
      control: ({ messageType }) => got.push(`<${messageType}>`),
      drained: () => {},
      digest,
      newId: () => id,
      now: () => now,
    });
    return {
      channel,
      sent,
      got,
      say: (text: string) => channel.send(outputType, Buffer.from(text)),
    };
  };
  return {
    client: end("input_stream_data"),
    agent: end("output_stream_data"),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const read = (bytes: Uint8Array | undefined) => {
  const decoded = decodeAgentMessage(bytes ?? new Uint8Array(), digest);
  if (decoded.type === "malformed") throw new Error(decoded.reason);
  return decoded.message;
};

describe("a data channel", () => {
  it("a message: delivered, and acknowledged by its type, id and number", () => {
    const { client, agent } = twoEnds();
    agent.say("hello");
    expect(read(agent.sent[0])).toMatchObject({ sequenceNumber: 0, flags: 1 });
    client.channel.receive(agent.sent[0] ?? new Uint8Array());
    expect(client.got).toEqual(["hello"]);
    const acknowledgement = read(client.sent[0]);
    expect(acknowledgement).toMatchObject({ messageType: "acknowledge", flags: 3 });
    expect(readJson(acknowledgement.payload)).toEqual({
      AcknowledgedMessageType: "output_stream_data",
      AcknowledgedMessageId: id,
      AcknowledgedMessageSequenceNumber: 0,
      IsSequentialMessage: true,
    });
    expect(agent.channel.pending()).toBe(1);
    agent.channel.receive(client.sent[0] ?? new Uint8Array());
    expect(agent.channel.pending()).toBe(0);
  });

  it("not acknowledged in time: sent again, the first of them alone; acknowledged: no more", () => {
    const { client, agent, pass } = twoEnds();
    agent.say("one");
    agent.say("two");
    pass(200);
    agent.channel.tick();
    expect(agent.sent).toHaveLength(2);
    pass(1);
    agent.channel.tick();
    expect(agent.sent.map((bytes) => read(bytes).sequenceNumber)).toEqual([0, 1, 0]);
    for (const bytes of agent.sent) client.channel.receive(bytes);
    for (const bytes of client.sent) agent.channel.receive(bytes);
    pass(5000);
    expect(agent.channel.tick()).toBe(true);
    expect(agent.sent).toHaveLength(3);
    expect(client.got).toEqual(["one", "two"]);
  });

  it("never acknowledged: given up after 3000 times", () => {
    const { agent, pass } = twoEnds();
    agent.say("one");
    for (let turn = 0; turn < 3000; turn++) {
      pass(2000);
      expect(agent.channel.tick()).toBe(true);
    }
    pass(2000);
    expect(agent.channel.tick()).toBe(false);
  });

  it("a slow connection: it is given more time", () => {
    const { client, agent, pass } = twoEnds();
    for (let turn = 0; turn < 20; turn++) {
      agent.say("x");
      pass(150);
      client.channel.receive(agent.sent.at(-1) ?? new Uint8Array());
      agent.channel.receive(client.sent.at(-1) ?? new Uint8Array());
    }
    const before = agent.sent.length;
    agent.say("y");
    pass(140);
    agent.channel.tick();
    expect(agent.sent).toHaveLength(before + 1);
    pass(1000);
    agent.channel.tick();
    expect(agent.sent).toHaveLength(before + 2);
  });

  it("a new connection: what was not acknowledged goes out again, in order", () => {
    const { client, agent } = twoEnds();
    for (const text of ["one", "two", "three"]) agent.say(text);
    client.channel.receive(agent.sent[0] ?? new Uint8Array());
    agent.channel.receive(client.sent[0] ?? new Uint8Array());
    agent.sent.length = 0;
    agent.channel.resume();
    expect(agent.sent.map((bytes) => read(bytes).sequenceNumber)).toEqual([1, 2]);
  });

  it("a message of the other stream's, or of no known type: not delivered as one of this", () => {
    const { client } = twoEnds();
    const unknown = { ...read(encodedControl("agent_session_state")) };
    client.channel.receive(encodeAgentMessage(unknown, digest));
    client.channel.receive(encodedControl("channel_closed"));
    expect(client.got).toEqual(["<agent_session_state>", "<channel_closed>"]);
    expect(client.channel.receive(Buffer.from("rubbish"))).toBe("it is shorter than a header");
  });

  it("messages lost, doubled and out of order in both directions: each arrives once, in order", () => {
    const fate = fc.record({ lost: fc.nat(3), doubled: fc.boolean(), late: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(fate, { minLength: 20, maxLength: 60 }), (fates) => {
        const { client, agent, pass } = twoEnds();
        const texts = Array.from({ length: 12 }, (_, at) => `message ${at}`);
        for (const text of texts) agent.say(text);
        let turn = 0;
        const carry = (from: Uint8Array[], to: Channel): void => {
          const queue = from.splice(0).map((bytes, at) => {
            const { lost, doubled, late } = fates[turn++ % fates.length] ?? {
              lost: 1,
              doubled: false,
              late: 0,
            };
            // Beyond what the fates say the wire is good, so that it comes to an end.
            const isLost = lost === 0 && turn < 500;
            return { bytes, at: at + late, copies: isLost ? 0 : doubled ? 2 : 1 };
          });
          for (const { bytes, copies } of queue.toSorted((a, b) => a.at - b.at)) {
            for (let copy = 0; copy < copies; copy++) to.receive(bytes);
          }
        };
        for (let round = 0; round < 2000 && agent.channel.pending() > 0; round++) {
          carry(agent.sent, client.channel);
          carry(client.sent, agent.channel);
          pass(1100);
          agent.channel.tick();
        }
        expect(client.got).toEqual(texts);
        expect(agent.channel.pending()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

function encodedControl(messageType: string): Uint8Array {
  const parts = { schemaVersion: 1, createdDate: 0, sequenceNumber: 0, flags: 0, payloadType: 0 };
  return encodeAgentMessage(
    { ...parts, messageType, messageId: id, payload: Buffer.from("{}") },
    digest,
  );
}
