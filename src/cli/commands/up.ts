/** `neargate up`: runs the engine here, or with `--detach` as a process of its own. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import type { Command, CommandInput } from "../command.ts";
import { stateDirOf } from "../engine-client.ts";
import { startEngineProcess } from "../engine-process.ts";

const passedOn = [
  "port",
  "host",
  "state-dir",
  "runtime",
  "clock",
  "region",
  "account",
  "log-level",
  "sandbox-pool",
  "log-store-limit",
  "as-role",
];

const flagsPassedOn = ["strict-auth"];

export const up: Command = {
  name: "up",
  summary: "Start the engine.",
  usage: "up [options]",
  options: {
    port: {
      type: "string",
      value: "<n>",
      help: "port of the endpoint; 0 for any (default: 4566, or the one used before)",
    },
    host: { type: "string", value: "<address>", help: "address to listen on (default: 127.0.0.1)" },
    "state-dir": { type: "string", value: "<dir>", help: "where its state lives" },
    runtime: {
      type: "string",
      value: "docker|simulated",
      help: "real containers, or tasks that only move through their life",
    },
    clock: { type: "string", value: "real|<n>x|manual", help: "how fast engine time runs" },
    region: { type: "string", value: "<region>", help: "region of callers that name none" },
    account: { type: "string", value: "<12 digits>", help: "account of callers with unknown keys" },
    "log-level": {
      type: "string",
      value: "debug|info|warn|error",
      help: "what is said on standard error (default: warn)",
    },
    "sandbox-pool": {
      type: "string",
      value: "<n>",
      help: "task sandboxes held ready (default: 2)",
    },
    "log-store-limit": {
      type: "string",
      value: "<MB>",
      help: "disk for log events; the oldest go first (default: 2048)",
    },
    "strict-auth": {
      type: "boolean",
      help: "refuse access keys that were not issued here (default: they are the account's root)",
    },
    "as-role": {
      type: "string",
      value: "<arn>",
      help: "take callers with such keys for this role, so that its own denials show",
    },
    detach: { type: "boolean", help: "run in the background; end when it serves" },
  },
  async run(input, io) {
    if (!input.options["detach"]) {
      const { runEngine } = await import("../../daemon/main.ts");
      return runEngine(argumentsOf(input));
    }
    const stateDir = stateDirOf(input, io);
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const engine = startEngineProcess(argumentsOf(input), path.join(stateDir, "engine.log"));
    const endpoint = await engine.ready;
    engine.letGo();
    io.out(`ready endpoint=${endpoint}`);
    return 0;
  },
};

function argumentsOf(input: CommandInput): string[] {
  const flags = flagsPassedOn.filter((name) => input.options[name]).map((name) => `--${name}`);
  const values = passedOn.flatMap((name) => {
    const value = input.options[name];
    return typeof value === "string" ? [`--${name}`, value] : [];
  });
  return [...values, ...flags];
}
