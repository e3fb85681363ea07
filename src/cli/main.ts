/** The command line: picks a command, parses its options, prints its errors. */
import { parseArgs } from "node:util";
import { type Command, CommandError, type CommandIo } from "./command.ts";

/** Loaded when asked for, so that `--help` and `env` start at once. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import("./commands/up.ts")).up,
  down: async () => (await import("./commands/down.ts")).down,
  status: async () => (await import("./commands/status.ts")).status,
  explain: async () => (await import("./commands/explain.ts")).explain,
  env: async () => (await import("./commands/env.ts")).env,
  logs: async () => (await import("./commands/logs.ts")).logs,
  exec: async () => (await import("./commands/exec.ts")).exec,
  reset: async () => (await import("./commands/reset.ts")).reset,
  demo: async () => (await import("./demo/demo.ts")).demo,
};

const io: CommandIo = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  env: process.env,
  isTerminal: process.stdout.isTTY ?? false,
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    io.out(await overview());
    return name === undefined ? 2 : 0;
  }
  const load = commands[name];
  if (!load) {
    io.err(`neargate: no command '${name}'; there are ${Object.keys(commands).join(", ")}`);
    return 2;
  }
  const command = await load();
  if (rest.includes("--help") || rest.includes("-h")) {
    io.out(helpOf(command));
    return 0;
  }
  return runCommand(command, rest);
}

async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(command, args);
  } catch (error) {
    io.err(`neargate ${command.name}: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
  try {
    return await command.run(parsed, io);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    io.err(`neargate: ${error.message}`);
    return 1;
  }
}

function parse(command: Command, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, spec]) => [name, { type: spec.type }]),
  );
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  return { options: values as Record<string, string | boolean | undefined>, positionals };
}

function helpOf(command: Command): string {
  const rows = Object.entries(command.options).map(([name, spec]) => [
    `  --${name}${spec.value ? ` ${spec.value}` : ""}`,
    spec.help,
  ]);
  const width = Math.max(0, ...rows.map(([left = ""]) => left.length));
  const options = rows.map(([left = "", right = ""]) => `${left.padEnd(width + 2)}${right}`);
  return [
    `${command.summary}\n`,
    `Usage: neargate ${command.usage}`,
    ...(options.length ? ["", "Options:", ...options] : []),
  ].join("\n");
}

async function overview(): Promise<string> {
  const lines: string[] = [];
  for (const [name, load] of Object.entries(commands)) {
    lines.push(`  ${name.padEnd(8)}${(await load()).summary}`);
  }
  return [
    "Neargate: Amazon ECS and Fargate on your own machine.\n",
    "Usage: neargate <command> [options]\n",
    "Commands:",
    ...lines,
    "\n'neargate <command> --help' says more.",
  ].join("\n");
}

process.exitCode = await main(process.argv.slice(2));
