/** What a command of the CLI is, and what it may touch. */

export type CommandIo = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
};

export type OptionSpec = {
  readonly type: "string" | "boolean";
  /** Shown in --help as `--name <value>`. */
  readonly value?: string;
  readonly help: string;
};

export type CommandInput = {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
};

export type Command = {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly usage: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly run: (input: CommandInput, io: CommandIo) => Promise<number>;
};

/** Something the user can mend: printed as one sentence, exit code 1. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CommandError";
  }
}

export const stringOption = (input: CommandInput, name: string): string | undefined => {
  const value = input.options[name];
  return typeof value === "string" ? value : undefined;
};

/** Options of every command that talks to an engine. */
export const engineOptions: Readonly<Record<string, OptionSpec>> = {
  endpoint: {
    type: "string",
    value: "<url>",
    help: "the engine's address (default: the one of the state directory)",
  },
  "state-dir": { type: "string", value: "<dir>", help: "the engine's state directory" },
};

export const jsonOption: Readonly<Record<string, OptionSpec>> = {
  json: { type: "boolean", help: "print JSON" },
};
