/**
 * One API request from its bytes to the bytes of its answer.
 *
 * Order matters: who asks and for what, then the form of the input, then members that nothing here
 * acts on, then members that are missing, then whether the caller may do it, and only then the operation,
 * in one transaction. So nothing is half-done when a request is refused.
 */
import type { Readable } from "node:stream";
import type { Scope } from "../model/scope.ts";
import type { Clock } from "../seams/clock.ts";
import type { Ids } from "../seams/ids.ts";
import type { Logger } from "../seams/logger.ts";
import { memorySealing, type Sealing } from "../seams/sealing.ts";
import { sealAuthorizationMessage } from "../state/authorization-messages.ts";
import type { Store } from "../state/store.ts";
import { authorizeOperation, createAuthorize, withOwnConditions } from "./authorization.ts";
import { openContent } from "./bodies/content.ts";
import { withoutChunks } from "./bodies/content-codings.ts";
import { decodeEncoded, type UndecodedInput } from "./bulk.ts";
import { type Arrival, type Callers, createCallers, type UnknownCallers } from "./callers.ts";
import { type Exchange, encodeFailure } from "./exchange.ts";
import { type Credential, readCredential, UnreadableCredential } from "./identity.ts";
import { readInput } from "./input.ts";
import type { Encoded, Payload, Structure } from "./protocols/protocol.ts";
import {
  type ApiRequest,
  type ApiResponse,
  type Envelope,
  openEnvelope,
  type RequestHead,
} from "./request.ts";
import { type CataloguedService, catalogueServices, type ModelSource } from "./routing/catalog.ts";
import { type Asked, findOperation, type Route, readAsked } from "./routing/route.ts";
import { streamFinder } from "./routing/streams.ts";
import { queryOf, regionOf } from "./routing/url.ts";
import { toResponse } from "./sending.ts";
import type { EndpointAddress, RequestContext, ServiceSource } from "./service.ts";
import { type ErrorStyle, toSignatureError } from "./sigv4/refusals.ts";

export type ApiOptions = {
  readonly services: readonly ServiceSource[];
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Asked for each request: the port may be known only after listening. */
  readonly endpoint: () => EndpointAddress;
  /** Account of access keys that name none, and region of requests that are not signed. */
  readonly defaults: Scope;
  /** Opens the tokens of sessions; undefined: there are none but of this process. */
  readonly sealing?: Sealing;
  /** What callers with keys that were not issued here are taken for; the account's root by default. */
  readonly unknownCallers?: UnknownCallers;
  /** Where wire models come from; the generated files when not given. */
  readonly models?: ModelSource;
};

/** Never rejects: what goes wrong inside is logged and answered as the protocol's internal failure. */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>;

export type Api = {
  readonly handle: ApiHandler;
  /** The same, at once where the operation needs no more than the state: most do. */
  readonly respond: (request: ApiRequest) => ApiResponse | Promise<ApiResponse>;
  /** Whether the operation of a request reads the body as it comes: then it is given as `incoming`. */
  readonly streams: (head: RequestHead) => boolean;
};

export function createApi(options: ApiOptions): Api {
  const catalogued = catalogueServices(options.services, options.models);
  const { store, sealing = memorySealing(), defaults } = options;
  const unknown = options.unknownCallers ?? { type: "root" };
  const callers = createCallers({ store, sealing, unknown, defaults });
  const parts: Parts = { ...options, callers, sealing, catalogued };
  const respond: Api["respond"] = (request) => {
    const exchange: Exchange = {
      requestId: options.ids.uuid(),
      started: options.clock.monotonic(),
      envelope: undefined,
      credential: undefined,
      asked: undefined,
    };
    const encoded = answer(request, exchange, parts);
    return encoded instanceof Promise
      ? encoded.then((later) => conclude(later, exchange, parts))
      : conclude(encoded, exchange, parts);
  };
  const handle: ApiHandler = async (request) => respond(request);
  return { handle, respond, streams: streamFinder(catalogued) };
}

function conclude(
  encoded: Encoded,
  { requestId, started, asked }: Exchange,
  { logger, clock }: Parts,
): ApiResponse {
  logger.debug("request", () => ({
    service: asked?.service?.name,
    operation: asked?.name,
    status: encoded.status,
    milliseconds: clock.monotonic() - started,
  }));
  return toResponse(encoded, requestId);
}

type Parts = ApiOptions & {
  readonly callers: Callers;
  readonly sealing: Sealing;
  readonly catalogued: readonly CataloguedService[];
};

// Not an async function: what can be answered at once is, without a promise for each step.
function answer(request: ApiRequest, exchange: Exchange, parts: Parts): Encoded | Promise<Encoded> {
  try {
    const envelope = openEnvelope(request);
    exchange.envelope = envelope;
    const credential = claimOf(envelope, exchange, parts);
    exchange.credential = credential;
    const asked = readAsked(envelope, credential, parts.catalogued);
    exchange.asked = asked;
    const route = findOperation(envelope, credential, asked);
    const encoded =
      route instanceof Promise
        ? route.then((found) => perform(found, envelope, exchange, parts))
        : perform(route, envelope, exchange, parts);
    if (!(encoded instanceof Promise)) return encoded;
    return encoded.catch((error: unknown) => encodeFailure(error, request, exchange, parts.logger));
  } catch (error) {
    return encodeFailure(error, request, exchange, parts.logger);
  }
}

/** Throws in the words of the service that is asked, as far as that is clear without a credential. */
function claimOf(
  envelope: Envelope,
  exchange: Exchange,
  { catalogued }: Parts,
): Credential | undefined {
  try {
    return readCredential(envelope);
  } catch (error) {
    if (!(error instanceof UnreadableCredential)) throw error;
    const asked = readAsked(envelope, undefined, catalogued);
    exchange.asked = asked;
    const isQuery = envelope.parameters.has("Action");
    const style = asked.service ? styleOf(asked.service) : isQuery ? "query" : "json";
    throw toSignatureError(error.refusal, style);
  }
}

function perform(
  route: Route,
  envelope: Envelope,
  { credential, asked, requestId }: Exchange,
  parts: Parts,
): Encoded | Promise<Encoded> {
  const arrival = toArrival(envelope.request, credential, route, parts);
  const context = toContext(arrival, route, requestId, parts);
  const stream = openContent(arrival, route, parts.callers);
  const act = (): Encoded | Promise<Encoded> =>
    operate(route, toPayload(envelope, asked?.rest, stream), context, parts.store);
  return stream ? closingAfter(stream, act) : act();
}

async function closingAfter<T>(stream: Readable, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    stream.destroy();
  }
}

function operate(
  route: Route,
  payload: Payload,
  context: RequestContext,
  store: Store,
): Encoded | Promise<Encoded> {
  const { input, undecoded } = readInput(route, payload);
  authorizeOperation(route, input, context, store, styleOf(route.service));
  const asking = withOwnConditions(route.operation, input, context, store);
  const output = run(route, input, undecoded, asking, store);
  return output instanceof Promise
    ? output.then((later: unknown) => encodeOutput(route, later, context.requestId))
    : encodeOutput(route, output, context.requestId);
}

function encodeOutput({ codec, name, linked }: Route, output: unknown, requestId: string): Encoded {
  const shown = codec.takesEncoded ? output : decodeEncoded(output);
  return codec.encode(name, shown, linked, requestId);
}

const empty: ReadonlyMap<string, never> = new Map<string, never>();

function toPayload(
  { request, parameters }: Envelope,
  rest: Asked["rest"],
  stream: Readable | undefined,
): Payload {
  const { body, headers } = request;
  if (!rest) return { body, parameters, headers, labels: empty, query: empty };
  const query = new Map([...queryOf(request.url)].filter(([name]) => !rest.literals.has(name)));
  const told = withoutChunks(headers);
  return { body, parameters, headers: told, labels: rest.labels, query, stream };
}

function toArrival(
  request: ApiRequest,
  credential: Credential | undefined,
  { service }: Route,
  { clock }: Parts,
): Arrival {
  const { signingName } = service.linked.model.metadata;
  const style = styleOf(service);
  return { request, credential, service: signingName, style, now: clock.now(), wall: clock.wall() };
}

/** Throws when it is not believed who asks. */
function toContext(
  arrival: Arrival,
  { operation }: Route,
  requestId: string,
  { ids, logger, endpoint, callers, defaults, sealing }: Parts,
): RequestContext {
  const { request, credential, style, now, wall } = arrival;
  const { action } = operation;
  const isAnonymous = operation.authorization === "anonymous";
  const who = isAnonymous ? callers.anonymous() : callers.authenticate(arrival);
  const region = credential?.region ?? regionOf(request.headers) ?? defaults.region;
  const encode = (text: string) => sealAuthorizationMessage(sealing, who.caller.account, text);
  return {
    scope: { account: who.caller.account, region },
    caller: who.caller,
    requestId,
    now,
    wall,
    ids,
    logger,
    endpoint: endpoint(),
    origin: request.origin,
    authorize: createAuthorize(who, { request, action, region, now, wall, style, encode }),
  };
}

/** In whose codes a service refuses callers. */
function styleOf({ linked }: CataloguedService): ErrorStyle {
  const { protocol } = linked.model.metadata;
  switch (protocol) {
    case "ec2Query":
      return "ec2";
    case "restJson1":
      return "rest-json";
    case "restXml":
      return linked.model.metadata.bareErrors ? "s3" : "query";
    case "awsQuery":
      return "query";
    default:
      return "json";
  }
}

function run(
  { operation }: Route,
  decoded: Structure,
  undecoded: UndecodedInput | undefined,
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
      return operation.run({ ...context, read, write, undecoded }, input);
    }
  }
}
