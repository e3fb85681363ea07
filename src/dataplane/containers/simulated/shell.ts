/**
 * The programs that a simulated container has: a small shell and what people try first in one. Each
 * does what its namesake does; what is not simulated is said and fails, so that nobody takes it for an
 * answer.
 */
import type { Clock } from "../../../seams/clock.ts";
import { Interrupted, type ProgramTerminal } from "./terminal.ts";

export type SimulatedSystem = {
  readonly terminal: ProgramTerminal;
  readonly clock: Clock;
  readonly hostname: string;
  readonly workingDirectory: string;
  readonly environment: ReadonlyMap<string, string>;
  /** Aborted when the process is killed. */
  readonly killed: AbortSignal;
};

type Program = (system: SimulatedSystem, args: readonly string[]) => number | Promise<number>;

const interruptedCode = 130;
const notFoundCode = 127;

const programs: Readonly<Record<string, Program>> = {
  true: () => 0,
  false: () => 1,
  echo: ({ terminal }, args) => {
    terminal.write(`${args.join(" ")}\n`);
    return 0;
  },
  hostname: ({ terminal, hostname }) => {
    terminal.write(`${hostname}\n`);
    return 0;
  },
  pwd: ({ terminal, workingDirectory }) => {
    terminal.write(`${workingDirectory}\n`);
    return 0;
  },
  whoami: ({ terminal }) => {
    terminal.write("root\n");
    return 0;
  },
  env: ({ terminal, environment }) => {
    for (const [name, value] of environment) terminal.write(`${name}=${value}\n`);
    return 0;
  },
  printenv: ({ terminal, environment }, names) => {
    const values = names.map((name) => environment.get(name));
    for (const value of values) if (value !== undefined) terminal.write(`${value}\n`);
    return values.every((value) => value !== undefined) ? 0 : 1;
  },
  stty: ({ terminal }, args) => {
    if (args.join(" ") !== "size") return notSimulated(terminal, `stty ${args.join(" ")}`);
    const { rows, columns } = terminal.extent();
    terminal.write(`${rows} ${columns}\n`);
    return 0;
  },
  sleep: async ({ clock, terminal, killed }, [seconds = ""]) => {
    if (!/^\d+(?:\.\d+)?$/.test(seconds)) {
      terminal.write(`sleep: invalid time interval '${seconds}'\n`);
      return 1;
    }
    return interruptible(terminal, (signal) =>
      clock.wallSleep(Number(seconds) * 1000, AbortSignal.any([signal, killed])),
    );
  },
  cat: async ({ terminal }, files) => {
    const file = files.find((name) => name !== "-");
    if (file !== undefined) {
      terminal.write(`cat: ${file}: No such file or directory\n`);
      return 1;
    }
    for (let line = await terminal.readLine(); line !== undefined; line = await terminal.readLine())
      terminal.write(`${line}\n`);
    return 0;
  },
  sh: runShell,
  bash: runShell,
};

export const findProgram = (name: string): Program | undefined =>
  Object.hasOwn(programs, baseName(name)) ? programs[baseName(name)] : undefined;

/** `/bin/sh` and the like; a name with another folder is no program. */
const baseName = (name: string): string =>
  /^(?:\/(?:usr\/)?s?bin\/)?([^/]+)$/.exec(name)?.[1] ?? "/";

/** Runs a program to its end; Ctrl-C ends it where it waits. */
export async function runProgram(
  system: SimulatedSystem,
  program: Program,
  args: readonly string[],
): Promise<number> {
  try {
    return await program(system, args);
  } catch (error) {
    if (error instanceof Interrupted) return interruptedCode;
    throw error;
  }
}

async function interruptible(
  terminal: ProgramTerminal,
  wait: (signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const stop = new AbortController();
  const forget = terminal.onInterrupt(() => stop.abort());
  try {
    await wait(stop.signal);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return interruptedCode;
    throw error;
  } finally {
    forget();
  }
}

function notSimulated(terminal: ProgramTerminal, what: string): number {
  terminal.write(`${what}: not simulated\n`);
  return 2;
}

async function runShell(system: SimulatedSystem, args: readonly string[]): Promise<number> {
  const [option, script] = args;
  if (option === "-c" && script !== undefined) {
    return (await runScript(system, script, 0)).code;
  }
  if (option !== undefined && option !== "-i") return notSimulated(system.terminal, `sh ${option}`);
  return runPrompt(system);
}

async function runPrompt(system: SimulatedSystem): Promise<number> {
  const { terminal } = system;
  let last = 0;
  for (;;) {
    terminal.write("# ");
    try {
      const line = await terminal.readLine();
      if (line === undefined) return last;
      const { code, exits } = await runScript(system, line, last);
      if (exits) return code;
      last = code;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      last = interruptedCode;
    }
  }
}

/** What a shell knows by itself and this one does not. */
const notSimulatedWords = new Set(
  ": . [ { ! alias case cd eval exec export for if kill read set shift test trap ulimit umask unset until wait while".split(
    " ",
  ),
);

type Outcome = { readonly code: number; readonly exits: boolean };

async function runScript(
  system: SimulatedSystem,
  script: string,
  before: number,
): Promise<Outcome> {
  const { terminal, environment } = system;
  const commands = splitScript(script);
  if (typeof commands === "string") return { code: notSimulated(terminal, commands), exits: false };
  let code = before;
  for (const { joint, words } of commands) {
    if ((joint === "&&" && code !== 0) || (joint === "||" && code === 0)) continue;
    const [name = "", ...args] = words.map((word) => expand(word, environment, code));
    if (name === "exit")
      return { code: args[0] === undefined ? code : Number(args[0]) & 255, exits: true };
    if (notSimulatedWords.has(name))
      return { code: notSimulated(terminal, `sh: ${name}`), exits: false };
    const program = findProgram(name);
    if (program) code = await runProgram(system, program, args);
    else {
      terminal.write(`sh: 1: ${name}: not found\n`);
      code = notFoundCode;
    }
  }
  return { code, exits: false };
}

/** Parts of a word; those within single quotes are taken as they are. */
type Word = readonly { readonly text: string; readonly literal: boolean }[];
type SimpleCommand = { readonly joint: ";" | "&&" | "||"; readonly words: readonly Word[] };

/** The commands of a script, or the piece of it that is not simulated. */
function splitScript(script: string): SimpleCommand[] | string {
  const commands: SimpleCommand[] = [];
  let joint: SimpleCommand["joint"] = ";";
  let words: Word[] = [];
  let parts: { text: string; literal: boolean }[] = [];
  const endWord = (): void => {
    if (parts.length > 0) words.push(parts);
    parts = [];
  };
  const endCommand = (next: SimpleCommand["joint"]): void => {
    endWord();
    if (words.length > 0) commands.push({ joint, words });
    words = [];
    joint = next;
  };
  const pieces = /\s*(?:(&&|\|\||;|\n)|'([^']*)'|"([^"]*)"|([^\s;&|'"<>()`*\\]+)|(.))(\s*)/gs;
  for (const [, operator, single, double, bare, other, space] of script.matchAll(pieces)) {
    if (other !== undefined && other.trim() !== "") return `sh: ${other}`;
    if (operator === "&&" || operator === "||") endCommand(operator);
    else if (operator !== undefined) endCommand(";");
    if (single !== undefined) parts.push({ text: single, literal: true });
    if (double !== undefined) parts.push({ text: double, literal: false });
    if (bare !== undefined) parts.push({ text: bare, literal: false });
    if (space?.includes("\n")) endCommand(";");
    else if (space) endWord();
  }
  endCommand(";");
  return commands;
}

const expand = (word: Word, environment: ReadonlyMap<string, string>, last: number): string =>
  word
    .map(({ text, literal }) =>
      literal
        ? text
        : text.replace(/\$(?:\?|(\w+)|\{(\w+)\})/g, (found, plain, braced) =>
            found === "$?" ? String(last) : (environment.get(plain ?? braced) ?? ""),
          ),
    )
    .join("");
