/** What an engine is started with, and how the words of a command line become it. */
import { homedir } from "node:os";
import path from "node:path";
import type { UnknownCallers } from "../gateway/callers.ts";

export type ClockSetting =
  | { type: "real" }
  | { type: "scaled"; factor: number }
  | { type: "manual" };

export type EngineConfig = {
  /** undefined: the port the state directory remembers, else 4566. 0: any free one. */
  readonly port: number | undefined;
  readonly host: string;
  /** undefined: nothing is kept (library use). */
  readonly stateDir: string | undefined;
  readonly runtime: "docker" | "simulated";
  readonly clock: ClockSetting;
  /** Region and account of callers that do not say. */
  readonly region: string;
  readonly account: string;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** Sandboxes held ready for tasks. */
  readonly sandboxPool: number;
  /** What log events may take on disk. */
  readonly logStoreLimitBytes: number;
  /** What callers are taken for whose keys were not issued here. */
  readonly unknownCallers: UnknownCallers;
};

export const defaultPort = 4566;

/** A setting that cannot be; the message says which and what may be. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

function defaultStateDir(): string {
  const base = process.env["XDG_STATE_HOME"] || path.join(homedir(), ".local", "state");
  return path.join(base, "neargate");
}

export type RawOptions = {
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly "state-dir"?: string | undefined;
  readonly runtime?: string | undefined;
  readonly clock?: string | undefined;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  readonly "log-level"?: string | undefined;
  readonly "sandbox-pool"?: string | undefined;
  readonly "log-store-limit"?: string | undefined;
  readonly "strict-auth"?: boolean | undefined;
  readonly "as-role"?: string | undefined;
};

/** Throws `ConfigError`. */
export function readConfig(options: RawOptions): EngineConfig {
  const runtime = readRuntime(options.runtime);
  const clock = readClock(options.clock);
  if (clock.type === "manual" && runtime !== "simulated") {
    throw new ConfigError("--clock manual needs --runtime simulated: containers run on real time");
  }
  return {
    port: options.port === undefined ? undefined : readPort(options.port),
    host: options.host ?? "127.0.0.1",
    stateDir: path.resolve(options["state-dir"] ?? defaultStateDir()),
    runtime,
    clock,
    region: readRegion(options.region),
    account: readAccount(options.account),
    logLevel: readLogLevel(options["log-level"]),
    sandboxPool: readPool(options["sandbox-pool"]),
    logStoreLimitBytes: readLogStoreLimit(options["log-store-limit"]),
    unknownCallers: readUnknownCallers(options),
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new ConfigError(`--port must be a number from 0 to 65535, not '${text}'`);
  }
  return port;
}

function readRuntime(text = "docker"): EngineConfig["runtime"] {
  if (text !== "docker" && text !== "simulated") {
    throw new ConfigError(`--runtime must be docker or simulated, not '${text}'`);
  }
  return text;
}

function readClock(text = "real"): ClockSetting {
  if (text === "real") return { type: "real" };
  if (text === "manual") return { type: "manual" };
  const factor = Number(/^(\d+(?:\.\d+)?)x$/.exec(text)?.[1]);
  if (!(factor > 0)) {
    throw new ConfigError(`--clock must be real, manual or a factor such as 20x, not '${text}'`);
  }
  return { type: "scaled", factor };
}

function readRegion(text = process.env["AWS_REGION"] || "us-east-1"): string {
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(text)) {
    throw new ConfigError(`--region must look like ap-northeast-1, not '${text}'`);
  }
  return text;
}

function readAccount(text = "000000000000"): string {
  if (!/^\d{12}$/.test(text)) throw new ConfigError(`--account must be 12 digits, not '${text}'`);
  return text;
}

function readLogLevel(text = "warn"): EngineConfig["logLevel"] {
  if (text !== "debug" && text !== "info" && text !== "warn" && text !== "error") {
    throw new ConfigError(`--log-level must be debug, info, warn or error, not '${text}'`);
  }
  return text;
}

function readUnknownCallers(options: RawOptions): UnknownCallers {
  const roleArn = options["as-role"];
  if (roleArn === undefined) return { type: options["strict-auth"] ? "refused" : "root" };
  if (options["strict-auth"]) {
    throw new ConfigError("--as-role is for callers with unknown keys, whom --strict-auth refuses");
  }
  if (/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn)) return { type: "role", roleArn };
  throw new ConfigError(
    `--as-role must be the ARN of a role, such as arn:aws:iam::000000000000:role/deploy, not '${roleArn}'`,
  );
}

function readPool(text = "2"): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 0 || size > 100) {
    throw new ConfigError(`--sandbox-pool must be a number from 0 to 100, not '${text}'`);
  }
  return size;
}

const bytesOfMegabyte = 1024 * 1024;

function readLogStoreLimit(text = "2048"): number {
  const megabytes = Number(text);
  if (!Number.isInteger(megabytes) || megabytes < 64) {
    throw new ConfigError(
      `--log-store-limit must be a number of megabytes from 64 up, not '${text}'`,
    );
  }
  return megabytes * bytesOfMegabyte;
}
