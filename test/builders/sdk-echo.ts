/**
 * A client of the AWS SDK whose requests go straight to a gateway without a connection, and a service
 * that keeps what it is given and answers what it is told.
 */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type ApiHandler, createApi } from "../../src/gateway/gateway.ts";
import { type AnyOperation, live, type ServiceModule } from "../../src/gateway/service.ts";
import type { WireModel } from "../../src/gateway/wire/model.ts";
import { type LinkedModel, linkModel } from "../../src/gateway/wire/shapes.ts";
import { manualClock } from "../../src/seams/clock.ts";
import { sequentialIds } from "../../src/seams/ids.ts";
import { type RecordedLog, recordingLogger } from "../../src/seams/logger.ts";
import { openStore } from "../../src/state/store.ts";
import type { Values } from "./wire-values.ts";

export type SdkExports = Readonly<Record<string, unknown>>;
type Client = { send(command: object): Promise<Values & { $metadata: unknown }>; destroy(): void };

export type SdkEcho = Disposable & {
  readonly linked: LinkedModel;
  readonly logger: RecordedLog;
  readonly handle: ApiHandler;
  /** What the operation was given last, and what it answers next: an error is thrown. */
  input: Values;
  output: Values | Error;
  /** Calls an operation with the SDK. */
  call(operation: string, input: Values): Promise<Values & { $metadata: unknown }>;
};

/** `config` goes to the client's constructor: another protocol, for one. */
export function sdkEcho(
  exports: SdkExports,
  model: WireModel,
  config: Readonly<Record<string, unknown>> = {},
): SdkEcho {
  const logger = recordingLogger();
  const store = openStore(undefined);
  const echo: SdkEcho = {
    linked: linkModel(model),
    logger,
    input: {},
    output: {},
    handle: createApi({
      services: [echoService(model, async (input) => take(echo, await withStreamsRead(input)))],
      models: () => model,
      store,
      clock: manualClock(),
      ids: sequentialIds(),
      logger,
      endpoint: () => ({ host: "127.0.0.1", port: 1 }),
      defaults: { account: "000000000000", region: "us-east-1" },
    }).handle,
    call: (operation, input) => client.send(toCommand(exports, operation, input)),
    [Symbol.dispose]() {
      client.destroy();
      store.close();
    },
  };
  const client = makeClient(exports, echo.handle, config);
  return echo;
}

function take(echo: SdkEcho, input: Values): Values {
  echo.input = input;
  if (echo.output instanceof Error) throw echo.output;
  return echo.output;
}

async function withStreamsRead(input: Values): Promise<Values> {
  const read = Object.entries(input).map(async ([name, value]) => {
    if (!(value instanceof Readable)) return [name, value] as const;
    const bytes = await buffer(value);
    return bytes.length > 0 ? ([name, new Uint8Array(bytes)] as const) : undefined;
  });
  return Object.fromEntries((await Promise.all(read)).filter((entry) => entry !== undefined));
}

/** Every operation of a model, given to `run`. */
export function echoService(
  model: WireModel,
  run: (input: Values) => Promise<Values>,
): ServiceModule {
  const linked = linkModel(model);
  const declare = (operation: string): AnyOperation => {
    const members = linked.operation(operation)?.input?.members ?? [];
    return live<Values, Values>({
      action: `echo:${operation}`,
      resources: () => ["*"],
      accepts: Object.fromEntries(members.map((member) => [member.name, true as const])),
      run: (_context, input) => run(input),
    }) as AnyOperation;
  };
  const names = Object.keys(model.operations);
  return {
    name: "echo",
    operations: Object.fromEntries(names.map((name) => [name, declare(name)])),
    missingMember: () => undefined,
  };
}

function toCommand(exports: SdkExports, operation: string, input: Values): object {
  const Command = exports[`${operation}Command`] as (new (input: Values) => object) | undefined;
  if (!Command) throw new Error(`no command for ${operation}`);
  return new Command(input);
}

type SdkRequest = {
  method: string;
  path: string;
  hostname: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
};

function makeClient(
  exports: SdkExports,
  handle: ApiHandler,
  config: Readonly<Record<string, unknown>>,
): Client {
  const name = Object.keys(exports).find((key) => /^[A-Z].*Client$/.test(key)) ?? "";
  const Client = exports[name] as new (config: object) => Client;
  const requestHandler = {
    async handle(request: SdkRequest) {
      const { status, headers, body } = await handle({
        method: request.method,
        url: toUrl(request),
        headers: lowerCased({ host: request.hostname, ...request.headers }),
        body: toBuffer(request.body),
      });
      const stream = Readable.from(body.length > 0 ? [Buffer.from(body)] : []);
      return { response: { statusCode: status, headers: { ...headers }, body: stream } };
    },
  };
  return new Client({
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler,
    ...config,
  });
}

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function toUrl({ path, query }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.map((each) =>
      each === null
        ? encodeURIComponent(name)
        : `${encodeURIComponent(name)}=${encodeURIComponent(each)}`,
    );
  });
  return pairs.length > 0 ? `${path}?${pairs.join("&")}` : path;
}

const toBuffer = (body: string | Uint8Array | undefined): Buffer =>
  body === undefined
    ? Buffer.alloc(0)
    : typeof body === "string"
      ? Buffer.from(body)
      : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
