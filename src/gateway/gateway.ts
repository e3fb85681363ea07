/**
 * One API request from its bytes to the bytes of its answer.
 *
 * Order matters: who asks and for what, then the form of the input, then members that nothing here
 * acts on, then members that are missing, then whether the caller may do it, and only then the operation,
 * in one transaction. So nothing is half-done when a request is refused.
 */
import type { Readable } from "node:stream";
import { DriverError } from "../dataplane/errors.ts";
import type { Scope } from "../model/scope.ts";
import type { Clock } from "../seams/clock.ts";
import type { Ids } from "../seams/ids.ts";
import type { Logger } from "../seams/logger.ts";
import { memorySealing, type Sealing } from "../seams/sealing.ts";
import { sealAuthorizationMessage } from "../state/authorization-messages.ts";
import { type Store, UnwritableStateError } from "../state/store.ts";
import { ApiError } from "./api-error.ts";
import { authorizeOperation, createAuthorize, withOwnConditions } from "./authorization.ts";
import { openContent } from "./bodies/content.ts";
import { withoutChunks } from "./bodies/content-codings.ts";
import { decodeEncoded, peekRest, type UndecodedInput } from "./bulk.ts";
import { type Arrival, type Callers, createCallers, type UnknownCallers } from "./callers.ts";
import { type Broken, explainBroken } from "./constraints.ts";
import { type Credential, readCredential } from "./identity.ts";
import { explainNulls } from "./protocols/coral.ts";
import { jsonCodec } from "./protocols/json.ts";
import {
  type Decoded,
  type Encoded,
  type ErrorCodec,
  type Payload,
  printPath,
  type Structure,
} from "./protocols/protocol.ts";
import { queryCodec } from "./protocols/query.ts";
import {
  type ApiRequest,
  type ApiResponse,
  type Envelope,
  isForm,
  openEnvelope,
  type RequestHead,
} from "./request.ts";
import { findUnacted } from "./routing/accepts.ts";
import { type CataloguedService, catalogueServices, type ModelSource } from "./routing/catalog.ts";
import { type Asked, findOperation, guessCodec, type Route, readAsked } from "./routing/route.ts";
import { streamFinder } from "./routing/streams.ts";
import { queryOf, regionOf } from "./routing/url.ts";
import type { EndpointAddress, RequestContext, ServiceSource } from "./service.ts";
import type { ErrorStyle } from "./sigv4/refusals.ts";
import { findBroken } from "./wire/constraints.ts";
import { findMissing } from "./wire/required.ts";
import type { StructureShape } from "./wire/shapes.ts";
import { hasFraction } from "./wire/whole-numbers.ts";

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
  /** Whether the operation of a request reads the body as it comes: then it is given as `incoming`. */
  readonly streams: (head: RequestHead) => boolean;
};

export function createApi(options: ApiOptions): Api {
  const catalogued = catalogueServices(options.services, options.models);
  const { store, sealing = memorySealing(), defaults } = options;
  const unknown = options.unknownCallers ?? { type: "root" };
  const callers = createCallers({ store, sealing, unknown, defaults });
  const handle: ApiHandler = async (request) => {
    const requestId = options.ids.uuid();
    const started = options.clock.monotonic();
    const exchange: Exchange = {
      requestId,
      envelope: undefined,
      credential: undefined,
      asked: undefined,
    };
    const encoded = await answer(request, exchange, catalogued, { ...options, callers, sealing });
    options.logger.debug("request", {
      service: exchange.asked?.service?.name,
      operation: exchange.asked?.name,
      status: encoded.status,
      milliseconds: options.clock.monotonic() - started,
    });
    return toResponse(encoded, requestId);
  };
  return { handle, streams: streamFinder(catalogued) };
}

type Parts = ApiOptions & { readonly callers: Callers; readonly sealing: Sealing };

/** What is known of a request so far: enough to answer it when the rest cannot be read. */
type Exchange = {
  readonly requestId: string;
  envelope: Envelope | undefined;
  credential: Credential | undefined;
  asked: Asked | undefined;
};

async function answer(
  request: ApiRequest,
  exchange: Exchange,
  services: readonly CataloguedService[],
  options: Parts,
): Promise<Encoded> {
  let stream: Readable | undefined;
  try {
    const envelope = openEnvelope(request);
    exchange.envelope = envelope;
    const credential = readCredential(envelope);
    exchange.credential = credential;
    const asked = readAsked(envelope, credential, services);
    exchange.asked = asked;
    const route = await findOperation(envelope, credential, asked);
    const arrival = toArrival(request, credential, route, options);
    const context = toContext(arrival, route, exchange.requestId, options);
    stream = openContent(arrival, route, options.callers);
    const payload = toPayload(envelope, asked, stream);
    const { input, undecoded } = readInput(route, payload);
    const { store } = options;
    authorizeOperation(route, input, context, store, styleOf(route.service));
    const asking = withOwnConditions(route.operation, input, context, store);
    const output = await run(route, input, undecoded, asking, store);
    const { codec, name, linked } = route;
    const shown = codec.takesEncoded ? output : decodeEncoded(output);
    return codec.encode(name, shown, linked, exchange.requestId);
  } catch (error) {
    return encodeFailure(error, request, exchange, options.logger);
  } finally {
    stream?.destroy();
  }
}

const empty: ReadonlyMap<string, never> = new Map<string, never>();

function toPayload(
  { request, parameters }: Envelope,
  { rest }: Asked,
  stream: Readable | undefined,
): Payload {
  const { body, headers } = request;
  if (!rest) return { body, parameters, headers, labels: empty, query: empty };
  const query = new Map([...queryOf(request.url)].filter(([name]) => !rest.literals.has(name)));
  const told = withoutChunks(headers);
  return { body, parameters, headers: told, labels: rest.labels, query, stream };
}

type ReadInput = {
  readonly input: Structure;
  readonly undecoded: UndecodedInput | undefined;
};

/** Throws what is wrong with the form of the input; of a list that is left as it came, nothing. */
function readInput(route: Route, payload: Payload): ReadInput {
  const { codec, operation } = route;
  const decode = (body: Buffer, left?: string): Structure => {
    const decoded = codec.decode({ ...payload, body }, route.linked.operation(route.name));
    checkInput(route, decoded, left);
    return decoded.input;
  };
  const { body } = payload;
  const bulk = operation.mode === "live" && codec.takesEncoded ? operation.bulk : undefined;
  const rest = bulk === undefined ? undefined : peekRest(body, bulk);
  if (bulk === undefined || !rest) return { input: decode(body), undecoded: undefined };
  const input = decode(Buffer.from(JSON.stringify({ ...rest, [bulk]: [] })), bulk);
  return { input, undecoded: { body, rest, decode: () => decode(body) } };
}

/** `left`: a member of whose value nothing is known yet. */
function checkInput(route: Route, { input, unknown }: Decoded, left?: string): void {
  const { module, name, operation, codec, linked } = route;
  if (unknown[0] !== undefined && codec.explainUnknown) throw codec.explainUnknown(unknown[0]);
  checkFractions(route, input);
  const refused = [...unknown, ...findUnacted(input, operation.accepts)];
  if (refused.length > 0) {
    operation.checkUnbuilt?.(input as never);
    throw explainUnacted(codec, operation.action, refused);
  }
  const shape = linked.operation(name)?.input;
  if (!shape) return;
  const missing = findMissing(shape, input);
  if (missing[0] !== undefined) {
    const { validationCode: code } = module;
    const byDefault = (): ApiError =>
      code === undefined ? codec.explainMissing(missing) : explainNulls(code, missing);
    const explain = module.missingMember ?? byDefault;
    const error = explain(printPath(missing[0]), name, byDefault);
    if (error) throw error;
  }
  const known = Object.entries(input).filter(([member]) => member !== left);
  checkConstraints(route, shape, left === undefined ? input : Object.fromEntries(known));
}

function checkFractions({ service, name, codec, linked }: Route, input: Structure): void {
  const shape = linked.operation(name)?.input;
  const constraints = codec.explainFraction && service.constraints();
  if (!shape || !constraints || !codec.explainFraction) return;
  if (hasFraction(shape, input, constraints)) throw codec.explainFraction();
}

function checkConstraints(
  { service, module, codec }: Route,
  shape: StructureShape,
  input: Structure,
): void {
  const constraints = service.constraints();
  const broken = constraints ? findBroken(shape, input, constraints) : [];
  if (broken.length === 0) return;
  const { validationCode: code } = module;
  const byDefault = (some: readonly Broken[] = broken): ApiError =>
    code === undefined ? codec.explainBroken(some) : explainBroken(code, some);
  const error = module.brokenConstraint ? module.brokenConstraint(broken, byDefault) : byDefault();
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

function toArrival(
  request: ApiRequest,
  credential: Credential | undefined,
  { service }: Route,
  { clock }: Parts,
): Arrival {
  const { signingName } = service.linked.model.metadata;
  const [now, wall] = [clock.now(), clock.wall()];
  return { request, credential, service: signingName, style: styleOf(service), now, wall };
}

/** Throws when it is not believed who asks. */
function toContext(
  arrival: Arrival,
  { operation }: Route,
  requestId: string,
  { ids, logger, endpoint, callers, defaults, sealing }: Parts,
): RequestContext {
  const { request, credential, style, now, wall } = arrival;
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
    authorize: createAuthorize(who, { request, region, now, style, encode }),
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

function encodeFailure(
  error: unknown,
  request: ApiRequest,
  exchange: Exchange,
  logger: Logger,
): Encoded {
  const { asked, requestId } = exchange;
  const codec = codecOf(request, exchange);
  const linked = asked?.speech?.linked;
  if (error instanceof ApiError) return codec.encodeError(error, linked, requestId);
  if (isOutage(error)) {
    logger.error("a request was refused", { requestId, error: error.message });
    const refusal = new ApiError(codec.codeOf("too-busy"), `Neargate: ${error.message}.`, {
      status: 503,
    });
    return codec.encodeError(refusal, linked, requestId);
  }
  logger.error("an operation failed in a way it does not know", {
    service: asked?.service?.name,
    operation: asked?.name,
    requestId,
    error,
  });
  return codec.encodeError(internalFailure(codec), linked, requestId);
}

/** Nothing the caller did, and nothing unknown: a full disk, a store that does not answer. */
const isOutage = (error: unknown): error is Error =>
  error instanceof UnwritableStateError ||
  (error instanceof DriverError && error.kind === "unavailable");

function codecOf(request: ApiRequest, { envelope, credential, asked }: Exchange): ErrorCodec {
  if (envelope) return guessCodec(envelope, credential, asked);
  return isForm(request) ? queryCodec : jsonCodec;
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
  const { status, contentType, headers, body, messages } = encoded;
  return {
    status,
    headers: {
      ...(contentType !== undefined && { "content-type": contentType }),
      ...headers,
      "x-amzn-requestid": requestId,
    },
    body,
    ...(messages && { messages }),
  };
}
