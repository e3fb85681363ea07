/** The parts of an engine that take a moment to come up, and how far each is. */
import type { Logger } from "../seams/logger.ts";

export type Components = {
  /** Runs `start` and notes how it went; the failure goes on to the caller. */
  bringUp(name: string, start: () => Promise<void>): Promise<void>;
  /** `starting`, `ready`, or `failed: <why>` by name. */
  states(): Readonly<Record<string, string>>;
};

export function createComponents(names: readonly string[], logger: Logger): Components {
  const states: Record<string, string> = Object.fromEntries(
    names.map((name) => [name, "starting"]),
  );
  return {
    async bringUp(name, start) {
      states[name] = "starting";
      try {
        await start();
        states[name] = "ready";
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        states[name] = `failed: ${reason}`;
        logger.error(`${name} did not start`, { error });
        throw error;
      }
    },
    states: () => ({ ...states }),
  };
}
