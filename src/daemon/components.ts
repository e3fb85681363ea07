/** The parts of an engine that take a moment to come up, and how far each is. */
export type Components = {
  /** Runs `start` and notes how it went; the failure goes on to the caller, who tells it. */
  bringUp(name: string, start: () => Promise<void>): Promise<void>;
  /** `starting`, `ready`, or `failed: <why>` by name. */
  states(): Readonly<Record<string, string>>;
};

export function createComponents(names: readonly string[]): Components {
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
        throw error;
      }
    },
    states: () => ({ ...states }),
  };
}
