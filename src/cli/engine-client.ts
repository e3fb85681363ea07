/** How the CLI finds an engine and talks to it: HTTP to the gateway, nothing else. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { CommandError, type CommandInput, type CommandIo, stringOption } from "./command.ts";

export type EngineClient = {
  readonly endpoint: string;
  get(route: string): Promise<unknown>;
  post(route: string, body?: unknown): Promise<unknown>;
  /** Calls an AWS JSON operation, such as `("logs", "Logs_20140328.FilterLogEvents", …)`. */
  aws(service: string, region: string, target: string, input: unknown): Promise<unknown>;
};

export function stateDirOf(input: CommandInput, io: CommandIo): string {
  const given = stringOption(input, "state-dir");
  if (given) return path.resolve(given);
  const base = io.env["XDG_STATE_HOME"] || path.join(homedir(), ".local", "state");
  return path.join(base, "neargate");
}

/** The engine of `--endpoint`, of the environment or of the state directory. Throws `CommandError`. */
export function findEngine(input: CommandInput, io: CommandIo): EngineClient {
  const endpoint =
    stringOption(input, "endpoint") ??
    announcedEndpoint(stateDirOf(input, io)) ??
    io.env["AWS_ENDPOINT_URL"];
  if (!endpoint) throw new CommandError("no engine is running; start one with 'neargate up'");
  return engineClient(endpoint);
}

export function announcedEndpoint(stateDir: string): string | undefined {
  const { endpoint } = announcement(stateDir);
  return typeof endpoint === "string" ? endpoint : undefined;
}

/** The process id of the engine that announced itself there. */
export function announcedProcess(stateDir: string): number | undefined {
  const { pid } = announcement(stateDir);
  return typeof pid === "number" ? pid : undefined;
}

function announcement(stateDir: string): { endpoint?: unknown; pid?: unknown } {
  try {
    return JSON.parse(readFileSync(path.join(stateDir, "endpoint.json"), "utf8"));
  } catch {
    return {};
  }
}

export function engineClient(endpoint: string): EngineClient {
  const call = async (url: string, init?: RequestInit): Promise<unknown> => {
    let response: Response;
    try {
      response = await fetch(url, init);
    } catch {
      throw new CommandError(`no engine answers at ${endpoint}; start one with 'neargate up'`);
    }
    const text = await response.text();
    if (!response.ok) throw new CommandError(messageOf(text) ?? `${response.status} from ${url}`);
    return text === "" ? {} : JSON.parse(text);
  };
  return {
    endpoint,
    get: (route) => call(`${endpoint}/_neargate/${route}`),
    post: (route, body) =>
      call(`${endpoint}/_neargate/${route}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body ?? {}),
      }),
    aws: (service, region, target, input) =>
      call(`${endpoint}/`, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": target,
          // Unknown keys are the account's root; the scope says service and region.
          authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
        },
        body: JSON.stringify(input),
      }),
  };
}

function messageOf(text: string): string | undefined {
  try {
    const content = JSON.parse(text);
    return content.message ?? content.Message;
  } catch {
    return undefined;
  }
}
