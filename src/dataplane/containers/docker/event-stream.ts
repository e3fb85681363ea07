/**
 * What happens to our containers, as the daemon tells it. The stream breaks when the daemon is
 * restarted; each time it is there (again) listeners hear `resync`, because events before that are lost.
 */
import type { Clock } from "../../../seams/clock.ts";
import type { Logger } from "../../../seams/logger.ts";
import type { RuntimeEvent } from "../port.ts";
import type { DockerCalls, DockerEvent } from "./calls.ts";
import { containerState } from "./inventory.ts";
import { isPoolName, roleLabel, taskLabel, taskOfSandbox } from "./names.ts";

export type EventStreamOptions = {
  readonly engineId: string;
  readonly calls: DockerCalls;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: (event: RuntimeEvent) => void;
  /** Called before each attempt to reach the daemon again. */
  readonly revive: () => Promise<void>;
  /** Called whenever the stream begins (again); what ended before was not told. */
  readonly onListening: () => Promise<void>;
  /** A sandbox that no task has yet came to its end. */
  readonly onFreeSandboxEnd: (id: string) => void;
};

const firstPauseMs = 100;
const longestPauseMs = 5000;

/** Follows until the signal is aborted. Never rejects. */
export async function followEvents(
  options: EventStreamOptions,
  signal: AbortSignal,
): Promise<void> {
  const { engineId, calls, clock, logger, emit } = options;
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    try {
      const events = await calls.events(engineId, signal);
      pauseMs = firstPauseMs;
      emit({ type: "resync" });
      await options.onListening();
      for await (const event of events) {
        if (event.Action === "die" && isOfFreeSandbox(engineId, event))
          options.onFreeSandboxEnd(event.Actor.ID);
        const translated = await translate(engineId, calls, event);
        if (translated) emit(translated);
      }
    } catch (error) {
      if (!signal.aborted) logger.warn("the daemon's events broke off", { error });
    }
    await clock.wallSleep(pauseMs, signal).catch(() => {});
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    if (!signal.aborted)
      await options.revive().catch((error) => logger.warn("no daemon", { error }));
  }
}

const isOfFreeSandbox = (engineId: string, { Actor }: DockerEvent): boolean =>
  isPoolName(engineId, Actor.Attributes["name"] ?? "");

async function translate(
  engineId: string,
  calls: DockerCalls,
  event: DockerEvent,
): Promise<RuntimeEvent | undefined> {
  const { ID: id, Attributes: attributes } = event.Actor;
  if (attributes[roleLabel] === "sandbox") {
    const taskId = taskOfSandbox(engineId, attributes["name"] ?? "");
    return taskId === undefined ? undefined : { type: "sandbox-exited", sandboxId: id, taskId };
  }
  const of = { containerId: id, taskId: attributes[taskLabel] ?? "" };
  const base = { type: "container-exited", ...of } as const;
  // The event does not say whether memory ran out, nor what a check said; the container does, unless
  // it is gone already.
  const info = await calls.inspect(id);
  const state = info && containerState(info.State);
  if (event.Action.startsWith("health_status")) {
    const health = state?.status === "running" ? state.health : undefined;
    return health && { type: "container-health", ...of, health };
  }
  // It has been started again since.
  if (state?.status === "running") return undefined;
  if (state?.status === "exited") {
    return { ...base, exitCode: state.exitCode, oomKilled: state.oomKilled };
  }
  return { ...base, exitCode: Number(attributes["exitCode"] ?? "255"), oomKilled: false };
}
