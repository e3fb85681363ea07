/** Bare calls of the Docker Engine API, one function each; failures become `DriverError`s here. */
import type { Duplex } from "node:stream";
import type { ContainerCreateOptions, ContainerInspectInfo, ImageInspectInfo } from "dockerode";
import type { ContainerStats } from "../port.ts";
import type { ApiCall, DockerClient } from "./client.ts";
import { statusOf, toDriverError, tolerate, toPullError } from "./errors.ts";
import type { ListedContainer } from "./inventory.ts";
import { engineLabel, taskLabel } from "./names.ts";
import type { StorageInfo } from "./storage-limit.ts";
import type { DaemonInfo } from "./task-groups.ts";

export type DockerEvent = {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
};

/** What is used of it. `Architecture` is the daemon's machine as `uname -m` names it. */
export type SystemInfo = DaemonInfo &
  StorageInfo & { readonly Architecture: string; readonly SystemTime: string };

/** Bytes: what the container wrote, and that with its image. */
export type ContainerSize = {
  readonly Image: string;
  readonly SizeRw: number;
  readonly SizeRootFs: number;
};

export type VolumeSize = {
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly UsageData?: { readonly Size: number } | null;
};

export type DockerCalls = {
  ping(): Promise<void>;
  info(): Promise<SystemInfo>;
  inspectImage(name: string): Promise<ImageInspectInfo | undefined>;
  loadImage(tar: Buffer): Promise<void>;
  removeImage(name: string): Promise<void>;
  tagImage(id: string, name: { repository: string; tag: string }): Promise<void>;
  /** The digest that the registry named, of an index where the tag is one. */
  pullImage(image: PullRequest, signal: AbortSignal): Promise<string | undefined>;
  create(body: ContainerCreateOptions): Promise<string>;
  start(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  kill(id: string, signal: string): Promise<void>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  inspect(idOrName: string): Promise<ContainerInspectInfo | undefined>;
  /** With `oneShot` at once, else with the sample before. */
  stats(id: string, oneShot: boolean): Promise<ContainerStats | undefined>;
  /** Walks through the container's files. */
  inspectSize(id: string): Promise<ContainerSize | undefined>;
  /** Walks through all volumes, in older daemons also through all containers. */
  volumeSizes(): Promise<readonly VolumeSize[]>;
  remove(id: string): Promise<void>;
  /** Names of the engine's volumes, or of one task's of them. */
  listVolumes(engineId: string, taskId?: string): Promise<readonly string[]>;
  removeVolume(name: string): Promise<void>;
  list(engineId: string): Promise<readonly ListedContainer[]>;
  events(engineId: string, signal: AbortSignal): Promise<AsyncIterable<DockerEvent>>;
  createExec(containerId: string, body: ExecBody): Promise<string>;
  /** The connection to the command's terminal. */
  startExec(execId: string, consoleSize: readonly [number, number] | undefined): Promise<Duplex>;
  /** False while it cannot be resized: it has not started quite yet, or it has ended. */
  resizeExec(execId: string, rows: number, columns: number): Promise<boolean>;
  inspectExec(execId: string): Promise<ExecInspection | undefined>;
  /** Multiplexed frames with stamps: what there is, and with `follow` what comes. */
  logs(id: string, options: LogsRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
};

export type LogsRequest = { readonly since: string | undefined; readonly follow: boolean };

export type ExecBody = {
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly Tty: boolean;
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly User: string;
  readonly DetachKeys: string;
};

export type ExecInspection = {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  /** As the daemon's machine counts; 0 when it was never started. */
  readonly Pid: number;
  readonly ContainerID: string;
};

export type PullRequest = {
  readonly repository: string;
  readonly tag: string;
  readonly auth: { readonly username: string; readonly password: string } | undefined;
  /** The daemon's own when undefined. */
  readonly architecture: string | undefined;
};

export function dockerCalls(client: DockerClient): DockerCalls {
  const container = (id: string): string => `/containers/${encodeURIComponent(id)}`;
  const image = (name: string): string => `/images/${encodeURI(name)}`;
  const call = <T>(method: ApiCall["method"], path: string, more: Partial<ApiCall> = {}) =>
    client.call<T>({ method, path, ...more });
  let sizing: Promise<readonly VolumeSize[]> | undefined;
  return {
    ping: () => throwing(call("GET", "/_ping")),
    info: () => throwing(call<SystemInfo>("GET", "/info")),
    inspectImage: (name) =>
      tolerate([404], undefined, call<ImageInspectInfo>("GET", `${image(name)}/json`)),
    async loadImage(tar) {
      const answer = client.stream({ method: "POST", path: "/images/load", body: tar });
      for await (const part of jsonLines<PullProgress>(await throwing(answer))) {
        if (part.error !== undefined) throw toDriverError(new Error(part.error));
      }
    },
    removeImage: (name) => tolerate([404, 409], undefined, call("DELETE", image(name))),
    tagImage: (id, { repository, tag }) =>
      throwing(call("POST", `${image(id)}/tag`, { query: { repo: repository, tag } })),
    pullImage: (request, signal) => pullImage(client, request, signal),
    async create({ name, ...body }) {
      const answer = call<{ Id: string }>("POST", "/containers/create", { query: { name }, body });
      return (await throwing(answer)).Id;
    },
    start: (id) => throwing(call("POST", `${container(id)}/start`)),
    rename: (id, name) => throwing(call("POST", `${container(id)}/rename`, { query: { name } })),
    kill: (id, signal) =>
      tolerate([404, 409], undefined, call("POST", `${container(id)}/kill`, { query: { signal } })),
    // 409: it does not run, or is paused already.
    pause: (id) => tolerate([404, 409], undefined, call("POST", `${container(id)}/pause`)),
    // 500: it is not paused.
    unpause: (id) => tolerate([404, 409, 500], undefined, call("POST", `${container(id)}/unpause`)),
    inspect: (id) =>
      tolerate([404], undefined, call<ContainerInspectInfo>("GET", `${container(id)}/json`)),
    stats(id, oneShot) {
      const query = { stream: false, "one-shot": oneShot };
      return tolerate([404, 409], undefined, call("GET", `${container(id)}/stats`, { query }));
    },
    inspectSize: (id) =>
      tolerate([404], undefined, call("GET", `${container(id)}/json`, { query: { size: true } })),
    // The daemon refuses to count while it counts.
    volumeSizes() {
      sizing ??= readVolumeSizes(client).finally(() => {
        sizing = undefined;
      });
      return sizing;
    },
    // 409: its removal is under way already.
    remove: (id) =>
      tolerate(
        [404, 409],
        undefined,
        call("DELETE", container(id), { query: { force: true, v: true } }),
      ),
    async listVolumes(engineId, taskId) {
      const owned = ownedBy(engineId).label;
      const label = taskId === undefined ? owned : [...owned, `${taskLabel}=${taskId}`];
      const answer = call<VolumeList>("GET", "/volumes", { query: { filters: { label } } });
      return ((await throwing(answer)).Volumes ?? []).map(({ Name }) => Name);
    },
    removeVolume: (name) =>
      tolerate([404], undefined, call("DELETE", `/volumes/${encodeURIComponent(name)}`)),
    list: (engineId) =>
      throwing(
        call("GET", "/containers/json", { query: { all: true, filters: ownedBy(engineId) } }),
      ),
    async events(engineId, signal) {
      const filters = {
        ...ownedBy(engineId),
        type: ["container"],
        event: ["die", "health_status"],
      };
      const query = { filters };
      return jsonLines(
        await throwing(client.stream({ method: "GET", path: "/events", query, signal })),
      );
    },
    async createExec(id, body) {
      return (await throwing(call<{ Id: string }>("POST", `${container(id)}/exec`, { body }))).Id;
    },
    startExec: (id, consoleSize) =>
      throwing(
        client.takeOver({
          method: "POST",
          path: `/exec/${id}/start`,
          body: { Detach: false, Tty: true, ...(consoleSize && { ConsoleSize: consoleSize }) },
        }),
      ),
    resizeExec: (id, rows, columns) =>
      tolerate(
        [400, 404, 409, 500],
        false,
        call("POST", `/exec/${id}/resize`, {
          query: { h: String(rows), w: String(columns) },
        }).then(() => true),
      ),
    inspectExec: (id) =>
      tolerate([404, 409], undefined, call<ExecInspection>("GET", `/exec/${id}/json`)),
    logs(id, { since, follow }, signal) {
      const query = { stdout: true, stderr: true, timestamps: true, follow, since };
      const path = `${container(id)}/logs`;
      return throwing(client.stream({ method: "GET", path, query, signal }));
    },
  };
}

async function readVolumeSizes(client: DockerClient): Promise<readonly VolumeSize[]> {
  const query = { type: "volume" };
  const answer = client.call<{ readonly Volumes: readonly VolumeSize[] | null }>({
    ...{ method: "GET", path: "/system/df", query },
  });
  return (await throwing(answer)).Volumes ?? [];
}

type VolumeList = { readonly Volumes: readonly { readonly Name: string }[] | null };

const ownedBy = (engineId: string): { label: string[] } => ({
  label: [`${engineLabel}=${engineId}`],
});

async function throwing<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toDriverError(error);
  }
}

type PullProgress = {
  readonly status?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number };
};

async function pullImage(
  client: DockerClient,
  { repository, tag, auth, architecture }: PullRequest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const platform = architecture && { platform: `linux/${architecture}` };
  const query = { fromImage: repository, tag, ...platform };
  const headers = { "X-Registry-Auth": toRegistryAuth(auth) };
  const call: ApiCall = { method: "POST", path: "/images/create", query, headers, signal };
  let progress: AsyncIterable<Buffer>;
  try {
    progress = await client.stream(call);
  } catch (error) {
    const failure = toDriverError(error);
    if (signal.aborted || failure.kind === "unavailable") throw failure;
    throw toPullError(failure.message, statusOf(error));
  }
  let digest: string | undefined;
  for await (const part of jsonLines<PullProgress>(progress)) {
    if (part.error !== undefined) throw toPullError(part.error, part.errorDetail?.code);
    digest ??= /^Digest: (sha256:[0-9a-f]{64})$/.exec(part.status ?? "")?.[1];
  }
  return digest;
}

/** URL-safe base64 with its padding: without it the daemon takes it for no credentials at all. */
const toRegistryAuth = (auth: PullRequest["auth"]): string =>
  Buffer.from(JSON.stringify(auth ?? {}))
    .toString("base64")
    .replaceAll("+", "-")
    .replaceAll("/", "_");

/** JSON values, one a line, as the API streams events and progress. */
async function* jsonLines<T>(stream: AsyncIterable<Buffer>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
  }
  if (rest.trim() !== "") yield JSON.parse(rest) as T;
}
