/**
 * Blocking mode: a container whose lines the log store does not take is kept from running until it
 * takes them, as a process on AWS waits in its write. Other containers go on.
 */
import type { ContainerRuntime } from "../../dataplane/containers/port.ts";
import type { Clock, Timer } from "../../seams/clock.ts";
import type { Logger } from "../../seams/logger.ts";

export type Stall = {
  /** Lines wait for the store from now on. */
  waiting(): void;
  /** The store has taken what waited. */
  taken(): Promise<void>;
  /** Lets it go, whoever held it. */
  release(): Promise<void>;
};

export type StallNeeds = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly runtime: Pick<ContainerRuntime, "freeze" | "thaw">;
};

/** How long a store may take; the awslogs driver's queue, too, holds a moment's lines. */
const patienceMs = 1000;

/** What a non-blocking container does. */
export const noStall: Stall = { waiting() {}, async taken() {}, async release() {} };

export function createStall(
  { clock, logger, runtime }: StallNeeds,
  handle: string,
  signal: AbortSignal,
): Stall {
  let timer: Timer | undefined;
  let freezing: Promise<void> | undefined;
  const freeze = (): void => {
    logger.warn("log-shipping: a container waits until its lines are taken", { handle });
    freezing = runtime.freeze(handle).catch((error: unknown) => {
      logger.warn("log-shipping: a container could not be held", { handle, error });
    });
  };
  /** Who is held does nothing more by which it could be let go: the runtime is asked until it answers. */
  const release = async (): Promise<void> => {
    for (;;) {
      try {
        await runtime.thaw(handle);
        return;
      } catch (error) {
        logger.warn("log-shipping: a container could not be let go", { handle, error });
        if (signal.aborted) return;
        await clock.wallSleep(patienceMs, signal).catch(() => {});
      }
    }
  };
  return {
    waiting() {
      timer ??= clock.wallAfter(patienceMs, freeze);
    },
    async taken() {
      timer?.cancel();
      timer = undefined;
      if (!freezing) return;
      await freezing;
      freezing = undefined;
      await release();
    },
    release,
  };
}
