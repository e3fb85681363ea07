import { describe, expect, it } from "vitest";
import { scope } from "../../../test/builders/ecs.ts";
import type { RunningExec } from "../../dataplane/containers/port.ts";
import { DriverError } from "../../dataplane/errors.ts";
import { memoryLogStore } from "../../dataplane/logs/memory-store.ts";
import { logEvaluators } from "../../engine/log-evaluation.ts";
import type { AgentMessage } from "../../model/session/agent-message.ts";
import { type Channel, createChannel } from "../../model/session/channel.ts";
import { jsonBytes, payloadTypes, readJson } from "../../model/session/payloads.ts";
import { manualClock } from "../../seams/clock.ts";
import { sha256 } from "../../seams/crypto.ts";
import { sequentialIds } from "../../seams/ids.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { openStore } from "../../state/store.ts";
import { execProcesses } from "../../state/tables/exec-processes.ts";
import { type SessionFacts, type SessionNeeds, startSession } from "./session.ts";

/** A command that a test plays: what it shows, what it takes, and when it ends. */
function playedExec() {
  const ended = Promise.withResolvers<number>();
  const shown: Uint8Array[] = [];
  const taken: string[] = [];
  let wake = (): void => {};
  let isOver = false;
  let takes: Promise<void> | undefined;
  const running: RunningExec = {
    output: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const next = shown.shift();
          if (next) yield next;
          else if (isOver) return;
          else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      },
    },
    async write(bytes) {
      await takes;
      taken.push(Buffer.from(bytes).toString());
    },
    resize: async () => {},
    exitCode: () => ended.promise,
  };
  return {
    running,
    taken,
    show(text: string) {
      shown.push(Buffer.from(text));
      wake();
    },
    end(code: number) {
      isOver = true;
      ended.resolve(code);
      wake();
    },
    /** From now on it takes nothing, until the function is called. */
    stall() {
      const gate = Promise.withResolvers<void>();
      takes = gate.promise;
      return () => {
        takes = undefined;
        gate.resolve();
      };
    },
  };
}

function setUp(given: Partial<SessionFacts> = {}, runtime: Partial<SessionNeeds["runtime"]> = {}) {
  const clock = manualClock();
  const store = openStore(undefined);
  const ids = sequentialIds();
  const exec = playedExec();
  const killed: string[] = [];
  const recordsAtStart: number[] = [];
  const session = startSession(
    {
      store,
      clock,
      ids,
      logger: recordingLogger(),
      logs: memoryLogStore(logEvaluators),
      runtime: {
        prepareExec: async () => "exec-1",
        async startExec() {
          recordsAtStart.push(store.read((tx) => tx.table(execProcesses).all().length));
          return exec.running;
        },
        async endExec(id) {
          killed.push(id);
          exec.end(137);
        },
        ...runtime,
      },
    },
    {
      sessionId: "ecs-execute-command-1",
      scope,
      taskArn: "task",
      containerId: "container",
      command: ["sh"],
      kmsKeyId: undefined,
      log: undefined,
      refusal: undefined,
      openDataKey: () => ({ type: "refused", message: "" }),
      ...given,
    },
  );
  return { clock, store, session, exec, killed, recordsAtStart };
}

/** A client whose wire a test cuts. */
function clientOf({ session, clock }: ReturnType<typeof setUp>) {
  const got: AgentMessage[] = [];
  const controls: string[] = [];
  let closed: { code: number; reason: string } | undefined;
  let says: unknown;
  let isDeaf = false;
  const channel: Channel = createChannel({
    stream: "input_stream_data",
    transmit: (bytes) => session.receive(bytes),
    deliver: (message) => got.push(message),
    control({ messageType, payload }) {
      controls.push(messageType);
      if (messageType === "channel_closed") says = readJson(payload)?.["Output"];
    },
    drained: () => {},
    digest: sha256,
    newId: () => "00010203-0405-0607-0809-0a0b0c0d0e0f",
    now: () => clock.wall(),
  });
  const connection = {
    sent: 0,
    send(bytes: Uint8Array) {
      connection.sent += 1;
      if (!isDeaf) channel.receive(bytes);
    },
    close(code: number, reason: string) {
      closed = { code, reason };
    },
  };
  const respond = (version = "test"): void => {
    const action = { ActionType: "SessionType", ActionStatus: 1, ActionResult: null, Error: "" };
    const response = { ClientVersion: version, ProcessedClientActions: [action], Errors: [] };
    channel.send(payloadTypes.handshakeResponse, jsonBytes(response));
  };
  return {
    channel,
    connection,
    controls,
    got,
    respond,
    join: () => session.join(connection),
    leave: () => session.leave(connection),
    setDeaf: (deaf: boolean) => {
      isDeaf = deaf;
    },
    type: (text: string) => channel.send(payloadTypes.output, Buffer.from(text)),
    shown: () =>
      got
        .filter(({ payloadType }) => payloadType === payloadTypes.output)
        .map(({ payload }) => Buffer.from(payload).toString())
        .join(""),
    exitCode: () =>
      got
        .filter(({ payloadType }) => payloadType === payloadTypes.exitCode)
        .map(({ payload }) => Buffer.from(payload).toString())[0],
    closed: () => closed,
    says: () => says,
  };
}

/** Lets promises settle; the clock stands still. */
const settle = (clock: ReturnType<typeof setUp>["clock"]) => clock.advance(0);

async function running(given: Partial<SessionFacts> = {}) {
  const world = setUp(given);
  const client = clientOf(world);
  client.join();
  await settle(world.clock);
  client.respond();
  await settle(world.clock);
  return { ...world, client };
}

describe("a session", () => {
  it("from the first connection to the exit code: in the protocol's order", async () => {
    const { clock, client, exec, recordsAtStart, store } = await running();
    expect(client.controls).toEqual(["start_publication"]);
    expect(client.got.map(({ payloadType }) => payloadType)).toEqual([
      payloadTypes.handshakeRequest,
      payloadTypes.handshakeComplete,
    ]);
    expect(readJson(client.got[0]?.payload ?? "")).toMatchObject({
      RequestedClientActions: [
        { ActionType: "SessionType", ActionParameters: { SessionType: "InteractiveCommands" } },
      ],
    });
    expect(recordsAtStart).toEqual([1]);
    exec.show("hello");
    await settle(clock);
    exec.end(5);
    await settle(clock);
    expect(client.shown()).toBe("hello");
    expect(client.exitCode()).toBe("5");
    expect(client.controls.at(-1)).toBe("channel_closed");
    expect(client.says()).toBe("");
    expect(client.closed()).toMatchObject({ code: 1000 });
    expect(store.read((tx) => tx.table(execProcesses).all())).toEqual([]);
  });

  it("AWS's plugin, by its version: no exit code, which it would print", async () => {
    const world = setUp();
    const client = clientOf(world);
    client.join();
    await settle(world.clock);
    client.respond("1.2.814.0");
    await settle(world.clock);
    world.exec.end(5);
    await settle(world.clock);
    expect(client.exitCode()).toBeUndefined();
    expect(client.controls.at(-1)).toBe("channel_closed");
  });

  it("output that is not acknowledged: sent again after a while, and the session waits with more", async () => {
    const { clock, client, exec } = await running();
    client.setDeaf(true);
    const before = client.connection.sent;
    exec.show("x".repeat(1024 * 1000));
    await settle(clock);
    const burst = client.connection.sent - before;
    expect(burst).toBeGreaterThan(200);
    expect(burst).toBeLessThan(300);
    client.setDeaf(false);
    await clock.advance(120_000);
    expect(client.shown()).toHaveLength(1024 * 1000);
  });

  it("the connection breaks and another comes: nothing is lost or doubled, in either direction", async () => {
    const { clock, client, exec, session } = await running();
    exec.show("one ");
    await settle(clock);
    client.leave();
    client.setDeaf(true);
    exec.show("two ");
    await settle(clock);
    client.setDeaf(false);
    const again = { ...client.connection };
    session.join(again);
    exec.show("three");
    await settle(clock);
    expect(client.shown()).toBe("one two three");
    client.type("typed");
    await settle(clock);
    expect(exec.taken).toEqual(["typed"]);
    expect(client.controls.filter((type) => type === "start_publication")).toHaveLength(2);
  });

  it("a second client with a right token: takes over, and the first is closed", async () => {
    const { clock, client, session } = await running();
    session.join({ ...client.connection });
    await settle(clock);
    expect(client.closed()).toMatchObject({ code: 1008 });
  });

  it("a command that takes nothing: the client is asked to pause, and to go on when it does", async () => {
    const { clock, client, exec } = await running();
    const release = exec.stall();
    for (let piece = 0; piece < 257; piece++) client.type("k".repeat(1024));
    await settle(clock);
    expect(client.controls).toEqual(["start_publication", "pause_publication"]);
    release();
    await clock.advance(1000);
    expect(client.controls.at(-1)).toBe("start_publication");
    expect(exec.taken).toHaveLength(257);
  });

  it("no answer to the handshake: closed after fifteen seconds with the agent's words", async () => {
    const world = setUp();
    const client = clientOf(world);
    client.join();
    await world.clock.advance(14_999);
    expect(client.says()).toBeUndefined();
    await world.clock.advance(1);
    expect(client.says()).toContain("Handshake timed out.");
  });

  it("nobody ever comes: over after twenty minutes, and nothing was started", async () => {
    const world = setUp();
    await world.clock.advance(20 * 60_000);
    await world.session.over;
    expect(world.recordsAtStart).toEqual([]);
  });

  it("ended from outside: the command is killed, and the client told why", async () => {
    const { clock, client, killed, session } = await running();
    session.end("The engine stops.");
    await settle(clock);
    await session.over;
    expect(killed).toEqual(["exec-1"]);
    expect(client.says()).toBe("The engine stops.");
  });

  it("a client that is gone when the command ends: the session does not wait for it", async () => {
    const { clock, client, exec, session } = await running();
    client.leave();
    exec.show("for nobody");
    exec.end(0);
    await settle(clock);
    await session.over;
    expect(client.controls).not.toContain("channel_closed");
  });

  it("a container that does not run any more: told as the agent tells it", async () => {
    const refuse = () => Promise.reject(new DriverError("conflict", "Container c is not running"));
    const world = setUp({}, { prepareExec: refuse });
    const client = clientOf(world);
    client.join();
    await settle(world.clock);
    client.respond();
    await settle(world.clock);
    expect(client.says()).toContain("Failed to start pty: Container c is not running");
  });

  it("a message that is none: passed over, and the session goes on", async () => {
    const { clock, client, exec, session } = await running();
    session.receive(Buffer.from("rubbish"));
    client.type("still here");
    await settle(clock);
    expect(exec.taken).toEqual(["still here"]);
  });
});
