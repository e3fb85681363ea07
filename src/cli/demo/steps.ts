/** Progress on a terminal: what is being done, then how long it took. */
import type { CommandIo } from "../command.ts";

export type Steps = {
  /** Runs `work` under a title; `note` changes what is shown beside it while it lasts. */
  run<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
  /** Titles with their seconds, in order. */
  summary(): readonly { readonly title: string; readonly seconds: number }[];
};

const width = 44;

export function createSteps(io: CommandIo, monotonic: () => number): Steps {
  const done: { title: string; seconds: number }[] = [];
  const started = monotonic();
  const stamp = (): string => `${((monotonic() - started) / 1000).toFixed(1).padStart(6)} s`;
  return {
    async run(title, work) {
      const begun = monotonic();
      io.out(`${stamp()}  ${title} …`);
      const note = (text: string): void => io.out(`${stamp()}    ${text}`);
      const result = await work(note);
      const seconds = (monotonic() - begun) / 1000;
      done.push({ title, seconds });
      io.out(`${stamp()}  ${`${title}: done`.padEnd(width)} ${seconds.toFixed(1)} s`);
      return result;
    },
    summary: () => done,
  };
}
