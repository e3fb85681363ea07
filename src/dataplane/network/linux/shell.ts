/**
 * One long-lived shell that runs every command of the fabric: starting a program from Node costs more
 * than the program itself, a fork of a small shell costs next to nothing. It ends with the engine,
 * whatever way the engine ends, because its standard input does.
 */
import type { Clock } from "../../../seams/clock.ts";
import type { Exec } from "../../../seams/exec.ts";
import { DriverError } from "../../errors.ts";

/** What a section printed on both its outputs, and the exit code of its last command. */
export type SectionResult = { readonly code: number; readonly output: string };

export type Shell = {
  /**
   * Runs the sections one after another, later ones even when an earlier one failed. Calls do not
   * overlap. Rejects with a `DriverError` when the shell itself ends or does not answer.
   */
  run(sections: readonly string[]): Promise<readonly SectionResult[]>;
  /** Runs one section that must succeed; gives what it printed. */
  runOk(section: string): Promise<string>;
  close(): Promise<void>;
};

type Process = ReturnType<Exec["start"]>;

type Pending = {
  readonly wanted: number;
  readonly results: SectionResult[];
  readonly resolve: (results: readonly SectionResult[]) => void;
  readonly reject: (error: Error) => void;
};

const answerTimeoutMs = 30_000;
const mark = "@neargate-section";
const endOfSection = new RegExp(`\n${mark} (\\d+)\n`);

export function openShell({ exec, clock }: { exec: Exec; clock: Clock }): Shell {
  let child: Process | undefined;
  let pending: Pending | undefined;
  let text = "";
  let last: Promise<unknown> = Promise.resolve();

  const fail = (message: string): void => {
    child = undefined;
    pending?.reject(new DriverError("unavailable", message));
    pending = undefined;
  };

  const take = (chunk: string): void => {
    text += chunk;
    for (let end = endOfSection.exec(text); end && pending; end = endOfSection.exec(text)) {
      pending.results.push({ code: Number(end[1]), output: text.slice(0, end.index) });
      text = text.slice(end.index + end[0].length);
      if (pending.results.length < pending.wanted) continue;
      pending.resolve(pending.results);
      pending = undefined;
    }
  };

  const open = (): Process => {
    const started = exec.start("sh", [], { env: { PATH: searchPath(), LC_ALL: "C" } });
    text = "";
    started.stdout?.setEncoding("utf8").on("data", take);
    started.stderr?.resume();
    started.stdin?.on("error", () => {});
    started.on("error", (error) => fail(`the network's shell did not start: ${error.message}`));
    started.on("close", () => {
      if (child === started) fail("the network's shell ended");
    });
    return started;
  };

  const runNow = (sections: readonly string[]): Promise<readonly SectionResult[]> =>
    new Promise((resolve, reject) => {
      child ??= open();
      const running = child;
      const timer = clock.wallAfter(answerTimeoutMs, () => {
        running.kill("SIGKILL");
        fail("the network's shell did not answer in time");
      });
      pending = {
        wanted: sections.length,
        results: [],
        resolve: (results) => {
          timer.cancel();
          resolve(results);
        },
        reject: (error) => {
          timer.cancel();
          reject(error);
        },
      };
      running.stdin?.write(sections.map(framed).join(""));
    });

  const run: Shell["run"] = (sections) => {
    if (sections.length === 0) return Promise.resolve([]);
    const result = last.then(() => runNow(sections));
    last = result.catch(() => {});
    return result;
  };

  return {
    run,
    async runOk(section) {
      const [result] = await run([section]);
      if (result?.code === 0) return result.output;
      throw new DriverError("unavailable", `${result?.output.trim()} (in: ${section})`);
    },
    async close() {
      await last;
      const ending = child;
      child = undefined;
      if (!ending || ending.exitCode !== null) return;
      const ended = new Promise<void>((resolve) => ending.once("close", () => resolve()));
      ending.stdin?.end();
      await ended;
    },
  };
}

const framed = (section: string): string =>
  `{\n${section}\n} 2>&1 </dev/null\nprintf '\\n${mark} %d\\n' $?\n`;

/** Where Debian keeps ip and nft, which a plain user's path leaves out. */
const searchPath = (): string => `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;

/** `command` with `lines` on its standard input. */
export const withInput = (command: string, lines: readonly string[]): string =>
  `${command} <<'NEARGATE-END'\n${lines.join("\n")}\nNEARGATE-END`;
