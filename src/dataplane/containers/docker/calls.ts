/** Bare calls of the Docker Engine API, one function each; failures become `DriverError`s here. */
import { Readable } from "node:stream";
import type Docker from "dockerode";
import type {
  ContainerCreateOptions,
  ContainerInspectInfo,
  GetEventsOptions,
  ImageInspectInfo,
} from "dockerode";
import { toDriverError, tolerate, toPullError } from "./errors.ts";
import { engineLabel, type ListedContainer } from "./translate.ts";

export type DockerEvent = {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
};

export type DockerCalls = {
  ping(): Promise<void>;
  /** The daemon's machine as `uname -m` names it. */
  machine(): Promise<string>;
  inspectImage(name: string): Promise<ImageInspectInfo | undefined>;
  loadImage(tar: Buffer): Promise<void>;
  removeImage(name: string): Promise<void>;
  pullImage(image: PullRequest, signal: AbortSignal): Promise<void>;
  create(body: ContainerCreateOptions): Promise<string>;
  start(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  kill(id: string, signal: string): Promise<void>;
  inspect(idOrName: string): Promise<ContainerInspectInfo | undefined>;
  remove(id: string): Promise<void>;
  list(engineId: string): Promise<readonly ListedContainer[]>;
  events(engineId: string, signal: AbortSignal): Promise<AsyncIterable<DockerEvent>>;
  /** Multiplexed frames with stamps: what there is, and with `follow` what comes. */
  logs(id: string, options: LogsRequest, signal: AbortSignal): Promise<AsyncIterable<Buffer>>;
};

export type LogsRequest = { readonly since: string | undefined; readonly follow: boolean };

export type PullRequest = {
  readonly repository: string;
  readonly tag: string;
  readonly auth: { readonly username: string; readonly password: string } | undefined;
};

export function dockerCalls(docker: Docker): DockerCalls {
  const container = (id: string): Docker.Container => docker.getContainer(id);
  return {
    ping: () => throwing(docker.ping()).then(() => {}),
    machine: () => throwing(docker.info()).then((info) => String(info.Architecture)),
    inspectImage: (name) => tolerate([404], undefined, docker.getImage(name).inspect()),
    async loadImage(tar) {
      const answer = await throwing(docker.loadImage(Readable.from([tar])));
      for await (const part of jsonLines<PullProgress>(answer)) {
        if (part.error !== undefined) throw toDriverError(new Error(part.error));
      }
    },
    removeImage: (name) =>
      tolerate([404, 409], undefined, docker.getImage(name).remove().then(nothing)),
    pullImage: (image, signal) => pullImage(docker, image, signal),
    create: (body) => throwing(docker.createContainer(body)).then(({ id }) => id),
    start: (id) => tolerate([304], undefined, container(id).start().then(nothing)),
    rename: (id, name) => throwing(container(id).rename({ name })).then(nothing),
    kill: (id, signal) =>
      tolerate([404, 409], undefined, container(id).kill({ signal }).then(nothing)),
    inspect: (id) => tolerate([404], undefined, container(id).inspect()),
    // 409: its removal is under way already.
    remove: (id) =>
      tolerate([404, 409], undefined, container(id).remove({ force: true, v: true }).then(nothing)),
    list: (engineId) => throwing(docker.listContainers({ all: true, filters: ownedBy(engineId) })),
    async events(engineId, abortSignal) {
      const filters: EventFilters = { ...ownedBy(engineId), type: ["container"], event: ["die"] };
      return jsonLines(await throwing(docker.getEvents({ filters, abortSignal })));
    },
    async logs(id, { since, follow }, abortSignal) {
      const from = since === undefined ? {} : { since };
      const options = { stdout: true, stderr: true, timestamps: true, ...from, abortSignal };
      if (!follow) return Readable.from([await throwing(container(id).logs(options))]);
      const stream = await throwing(container(id).logs({ ...options, follow: true }));
      return stream as unknown as AsyncIterable<Buffer>;
    },
  };
}

type EventFilters = GetEventsOptions["filters"];

const nothing = (): undefined => undefined;

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

type PullProgress = { readonly error?: string; readonly errorDetail?: { readonly code?: number } };

async function pullImage(docker: Docker, image: PullRequest, signal: AbortSignal): Promise<void> {
  const options = { fromImage: image.repository, tag: image.tag, abortSignal: signal };
  let progress: NodeJS.ReadableStream;
  try {
    progress = await docker.createImage(image.auth ?? {}, options);
  } catch (error) {
    const failure = toDriverError(error);
    if (signal.aborted || failure.kind === "unavailable") throw failure;
    throw toPullError(failure.message, (error as { statusCode?: number }).statusCode);
  }
  for await (const part of jsonLines<PullProgress>(progress)) {
    if (part.error !== undefined) throw toPullError(part.error, part.errorDetail?.code);
  }
}

/** JSON values, one a line, as the API streams events and progress. */
async function* jsonLines<T>(stream: NodeJS.ReadableStream): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk as unknown as Uint8Array, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line) as T;
  }
  if (rest.trim() !== "") yield JSON.parse(rest) as T;
}
