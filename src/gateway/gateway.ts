/**
 * One API request from its bytes to the bytes of its answer.
 *
 * Order matters: who asks and for what, then the form of the input, then members that nothing here
 * acts on, then members that are missing, and only then the operation, in one transaction. So nothing
 * is half-done when a request is refused.
 */
import type { Scope } from "../model/scope.ts";
import type { Clock } from "../seams/clock.ts";
import type { Ids } from "../seams/ids.ts";
import type { Logger } from "../seams/logger.ts";
import type { Store } from "../state/store.ts";
import { ApiError } from "./api-error.ts";
import { type Identity, identify, readCredential } from "./identity.ts";
import { jsonCodec } from "./protocols/json.ts";
import {
  type Decoded,
  type Encoded,
  type ErrorCodec,
  printPath,
  type Structure,
} from "./protocols/protocol.ts";
import { queryCodec } from "./protocols/query.ts";
import { type ApiRequest, type ApiResponse, isForm, openEnvelope } from "./request.ts";
import { findUnacted } from "./routing/accepts.ts";
import { type CataloguedService, catalogueServices } from "./routing/catalog.ts";
import {
  findOperation,
  findService,
  guessCodec,
  operationName,
  type Route,
} from "./routing/route.ts";
import type { EndpointAddress, RequestContext, ServiceModule } from "./service.ts";
import { findMissing } from "./wire/required.ts";

export type ApiOptions = {
  readonly services: readonly ServiceModule[];
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Asked for each request: the port may be known only after listening. */
  readonly endpoint: () => EndpointAddress;
  /** Account of access keys that name none, and region of requests that are not signed. */
  readonly defaults: Scope;
};

/** Never rejects: what goes wrong inside is logged and answered as the protocol's internal failure. */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>;

export function createApi(options: ApiOptions): ApiHandler {
  const catalogued = catalogueServices(options.services);
  return async (request) => {
    const requestId = options.ids.uuid();
    const started = options.clock.monotonic();
    const codec = isForm(request) ? queryCodec : jsonCodec;
    const exchange: Exchange = { requestId, codec, service: undefined, name: undefined };
    const encoded = await answer(request, exchange, catalogued, options);
    options.logger.debug("request", {
      service: exchange.service?.module.name,
      operation: exchange.name,
      status: encoded.status,
      milliseconds: options.clock.monotonic() - started,
    });
    return toResponse(encoded, requestId);
  };
}

/** What is known of a request so far: enough to answer it when the rest cannot be read. */
type Exchange = {
  readonly requestId: string;
  codec: ErrorCodec;
  service: CataloguedService | undefined;
  name: string | undefined;
};

async function answer(
  request: ApiRequest,
  exchange: Exchange,
  services: readonly CataloguedService[],
  options: ApiOptions,
): Promise<Encoded> {
  try {
    const envelope = openEnvelope(request);
    exchange.codec = guessCodec(envelope, undefined, undefined);
    const credential = readCredential(envelope);
    exchange.service = findService(envelope, credential, services);
    exchange.codec = guessCodec(envelope, credential, exchange.service);
    exchange.name = operationName(envelope);
    const route = findOperation(envelope, credential, exchange.service);
    const payload = { body: request.body, parameters: envelope.parameters };
    const linked = route.service.linked.operation(route.name);
    const decoded = route.service.codec.decode(payload, linked?.input);
    checkInput(route, decoded);
    const identity = identify(credential, options.defaults);
    const context = toContext(identity, exchange.requestId, options);
    const output = await run(route, decoded.input, context, options.store);
    return route.service.codec.encode(route.name, output, route.service.linked, exchange.requestId);
  } catch (error) {
    return encodeFailure(error, exchange, options.logger);
  }
}

function checkInput(route: Route, { input, unknown }: Decoded): void {
  const { service, name, operation } = route;
  const { codec, linked, module } = service;
  if (unknown[0] !== undefined && codec.explainUnknown) throw codec.explainUnknown(unknown[0]);
  const refused = [...unknown, ...findUnacted(input, operation.accepts)];
  if (refused.length > 0) throw explainUnacted(codec, operation.action, refused);
  const shape = linked.operation(name)?.input;
  const missing = shape ? findMissing(shape, input) : [];
  if (missing[0] === undefined) return;
  const explain = module.missingMember ?? (() => codec.explainMissing(missing));
  const error = explain(printPath(missing[0]), name);
  if (error) throw error;
}

function explainUnacted(codec: ErrorCodec, action: string, paths: readonly string[]): ApiError {
  const names = [...new Set(paths)];
  const members = names.length === 1 ? "the member" : "the members";
  return new ApiError(
    codec.codeOf("unknown-operation"),
    `Neargate does not act on ${members} ${names.join(", ")} of ${action} yet`,
    { status: 501 },
  );
}

function toContext(
  { caller, scope }: Identity,
  requestId: string,
  { clock, ids, logger, endpoint }: ApiOptions,
): RequestContext {
  return { scope, caller, requestId, now: clock.now(), ids, logger, endpoint: endpoint() };
}

function run(
  { operation }: Route,
  decoded: Structure,
  context: RequestContext,
  store: Store,
): unknown {
  // Decoding by the operation's own shapes is what makes the input of its type.
  const input = decoded as never;
  switch (operation.mode) {
    case "read":
      return store.read((tx) => operation.run({ ...context, tx }, input));
    case "write":
      return store.write((tx) => operation.run({ ...context, tx }, input));
    case "live": {
      const read = store.read.bind(store);
      const write = store.write.bind(store);
      return operation.run({ ...context, read, write }, input);
    }
  }
}

function encodeFailure(error: unknown, exchange: Exchange, logger: Logger): Encoded {
  const { codec, service, requestId } = exchange;
  if (error instanceof ApiError) return codec.encodeError(error, service?.linked, requestId);
  logger.error("an operation failed in a way it does not know", {
    service: service?.module.name,
    operation: exchange.name,
    requestId,
    error,
  });
  return codec.encodeError(internalFailure(codec), service?.linked, requestId);
}

/** Says nothing of what happened: that is in the log, under the request's id. */
function internalFailure(codec: ErrorCodec): ApiError {
  return new ApiError(
    codec.codeOf("internal"),
    "The request processing has failed because of an unknown error, exception or failure.",
    { status: 500 },
  );
}

export function toResponse(encoded: Encoded, requestId: string): ApiResponse {
  return {
    status: encoded.status,
    headers: { "content-type": encoded.contentType, "x-amzn-requestid": requestId },
    body: encoded.body,
  };
}
