/** Running tasks that ask each other on real packets: who is answered, who hears nothing. */
import { runOk, until } from "./live-engine.ts";
import { isAnswered, type Question } from "./probes.ts";

export type Party = { readonly pid: string; readonly address: string };

export const netnsOf = ({ pid }: Party): string => `/proc/${pid}/ns/net`;

/** One change, then who is answered and who is not. Silence shows something only after an answer. */
export type Step<Ask> = {
  readonly change: () => Promise<unknown>;
  readonly answered?: readonly Ask[];
  readonly silent?: readonly Ask[];
};

/** Makes the changes one after the other, and waits for what each is to lead to. */
export async function walk<Ask>(
  steps: readonly Step<Ask>[],
  questionOf: (ask: Ask) => readonly [Party, Question],
): Promise<void> {
  const become = async (ask: Ask, expected: boolean, step: number): Promise<unknown> => {
    const [party, question] = questionOf(ask);
    const place = { netns: netnsOf(party) };
    return until(
      `step ${step + 1}: ${ask} ${expected ? "answered" : "silent"}`,
      10_000,
      async () => {
        const seconds = expected ? 5 : 1;
        return (await isAnswered(place, question, seconds)) === expected;
      },
    );
  };
  for (const [index, { change, answered = [], silent = [] }] of steps.entries()) {
    await change();
    // Answers first: with them the change is in force, so that the silence is its doing.
    await Promise.all(answered.map((ask) => become(ask, true, index)));
    await Promise.all(silent.map((ask) => become(ask, false, index)));
  }
}

/** What the name or address leads to for the task's own resolver; empty when it leads nowhere. */
export async function lookUp(
  { pid }: Party,
  database: "ahostsv4" | "hosts",
  name: string,
): Promise<string> {
  const inside = ["--target", pid, "--net", "--mount", "/bin/sh", "-c"];
  const script = `RES_OPTIONS="timeout:2 attempts:2" getent ${database} ${name} || true`;
  return (await runOk("nsenter", [...inside, script])).replace(/\s+/g, " ");
}
