/**
 * HTTP to the Docker Engine API, with nothing but Node: the usual client library brings SSH, gRPC and
 * protocol buffers with it, which cost a third of the memory the engine may have and a fifth of its
 * start.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import type { DaemonEndpoint } from "./docker-host.ts";

export type ApiCall = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** Values that are undefined are left out; objects go as JSON, as filters are sent. */
  readonly query?: Readonly<Record<string, string | boolean | object | undefined>>;
  /** Bytes are sent as a tar, anything else as JSON. */
  readonly body?: Buffer | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** The daemon's refusal, in its own words. */
export class DockerApiError extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.name = "DockerApiError";
    this.statusCode = statusCode;
  }
}

export type DockerClient = {
  /** The answer's JSON, undefined for an empty one. Throws `DockerApiError`, or the socket's error. */
  call<T>(call: ApiCall): Promise<T>;
  /** The answer as it comes, once its status is known to be good. */
  stream(call: ApiCall): Promise<AsyncIterable<Buffer>>;
  /** The connection itself, once the daemon has given it over. It is the caller's to destroy. */
  takeOver(call: ApiCall): Promise<Duplex>;
  /** Closes idle connections. */
  close(): void;
};

export function dockerClient(endpoint: DaemonEndpoint): DockerClient {
  const secure = "tls" in endpoint && endpoint.tls !== undefined;
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const target =
    "socketPath" in endpoint
      ? { socketPath: endpoint.socketPath }
      : { host: endpoint.host, port: endpoint.port, ...endpoint.tls };

  const open = (call: ApiCall, isAgain = false): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { method, signal } = call;
      const { payload, headers } = payloadOf(call);
      const options = { ...target, agent, method, headers, path: pathOf(call) };
      const send = secure ? httpsRequest : httpRequest;
      const question = send(signal ? { ...options, signal } : options);
      question.on("response", resolve);
      question.on("error", (error: NodeJS.ErrnoException) => {
        // A kept connection may have been closed by a daemon that was restarted meanwhile.
        const isStale = question.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(error.code ?? "");
        if (isStale && !isAgain) open(call, true).then(resolve, reject);
        else reject(error);
      });
      question.end(payload);
    });

  const openGood = async (call: ApiCall): Promise<IncomingMessage> => {
    const answer = await open(call);
    const status = answer.statusCode ?? 500;
    if (status < 400) return answer;
    throw new DockerApiError(status, messageIn(await textOf(answer)));
  };

  const takeOver = (call: ApiCall): Promise<Duplex> =>
    new Promise((resolve, reject) => {
      const { payload, headers } = payloadOf(call);
      const upgrade = { ...headers, Connection: "Upgrade", Upgrade: "tcp" };
      const send = secure ? httpsRequest : httpRequest;
      const options = { ...target, method: call.method, headers: upgrade, path: pathOf(call) };
      const question = send({ ...options, agent: false });
      question.on("upgrade", (_, socket, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      question.on("response", (answer) => {
        const refuse = (text: string): void =>
          reject(new DockerApiError(answer.statusCode ?? 500, messageIn(text)));
        textOf(answer).then(refuse, reject);
      });
      question.on("error", reject);
      question.end(payload);
    });

  return {
    async call<T>(call: ApiCall) {
      const text = await textOf(await openGood(call));
      const isJson = /^[[{]/.test(text);
      return (isJson ? JSON.parse(text) : undefined) as T;
    },
    stream: openGood,
    takeOver,
    close: () => agent.destroy(),
  };
}

function pathOf({ path, query = {} }: ApiCall): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return path;
  const pairs = given.map(([name, value]): [string, string] => [
    name,
    typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  return `${path}?${new URLSearchParams(pairs)}`;
}

function payloadOf({ method, body, headers }: ApiCall): {
  payload: Buffer | string | undefined;
  headers: Record<string, string | number>;
} {
  if (body === undefined) {
    return { payload: undefined, headers: { ...headers, ...(method === "POST" && noContent) } };
  }
  const isTar = Buffer.isBuffer(body);
  const payload = isTar ? body : JSON.stringify(body);
  return {
    payload,
    headers: {
      ...headers,
      "Content-Type": isTar ? "application/x-tar" : "application/json",
      "Content-Length": Buffer.byteLength(payload),
    },
  };
}

const noContent = { "Content-Length": 0 };

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.trim();
  }
}
