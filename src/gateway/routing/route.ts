/**
 * Which operation of which service a request means, or why it means none.
 *
 * What AWS has and this does not is answered with 501: clients show that at once, where they would
 * repeat a 500 for minutes.
 */
import { ApiError } from "../api-error.ts";
import type { Credential } from "../identity.ts";
import { ec2Codec } from "../protocols/ec2.ts";
import { jsonCodec } from "../protocols/json.ts";
import type { ErrorCodec } from "../protocols/protocol.ts";
import { queryCodec } from "../protocols/query.ts";
import { restXmlCodec } from "../protocols/rest-xml.ts";
import { rpcV2CborCodec } from "../protocols/rpc-v2.ts";
import { type Envelope, headerOf, isForm } from "../request.ts";
import type { AnyOperation, ServiceModule } from "../service.ts";
import type { Protocol } from "../wire/model.ts";
import type { CataloguedService, Speech } from "./catalog.ts";
import type { RestMatch } from "./rest-router.ts";
import { bucketOf, pathOf, queryOf } from "./url.ts";

/** What a request asks for, as far as it is known: whether there is such an operation or not. */
export type Asked = {
  readonly service: CataloguedService | undefined;
  /** How the service was spoken to. */
  readonly speech: Speech | undefined;
  readonly name: string | undefined;
  readonly rest: RestMatch | undefined;
  /** Signed for a service that is here, which has no such target. */
  readonly isStray: boolean;
};

export type Route = Speech & {
  readonly service: CataloguedService;
  readonly module: ServiceModule;
  readonly name: string;
  readonly operation: AnyOperation;
};

/** The protocol to refuse in, as far as can be told; JSON when nothing can. */
export function guessCodec(
  { request, parameters, target }: Envelope,
  credential: Credential | undefined,
  asked: Asked | undefined,
): ErrorCodec {
  if (asked?.speech) return asked.speech.codec;
  if (credential?.service.startsWith("s3") || bucketOf(request.headers)) return restXmlCodec;
  if (headerOf(request.headers, "smithy-protocol") === "rpc-v2-cbor") return rpcV2CborCodec;
  if (target !== undefined) return jsonCodec;
  return parameters.has("Action") || isForm(request) ? queryCodec : jsonCodec;
}

/** Never throws: what is not known is undefined. */
export function readAsked(
  envelope: Envelope,
  credential: Credential | undefined,
  services: readonly CataloguedService[],
): Asked {
  const service = findService(envelope, credential, services);
  const protocol = service && protocolOf(envelope, service);
  const speech = protocol && service.speaks(protocol);
  const rest = speech && matchRest(envelope, service);
  const isStray = !service && services.some(isNamed(credential?.service ?? ""));
  return { service, speech, rest, name: rest?.name ?? operationName(envelope), isStray };
}

function matchRest({ request }: Envelope, service: CataloguedService): RestMatch | undefined {
  const { method, headers, url } = request;
  const bucket = service.linked.model.metadata.signingName === "s3" ? bucketOf(headers) : undefined;
  const path = bucket === undefined ? pathOf(url) : `/${bucket}${pathOf(url)}`;
  return service.router?.({ method, path, query: queryOf(url), headers });
}

/** The service that a request is for, undefined when none of these. */
function findService(
  envelope: Envelope,
  credential: Credential | undefined,
  services: readonly CataloguedService[],
): CataloguedService | undefined {
  const { target, parameters, request } = envelope;
  const prefix =
    target?.slice(0, Math.max(0, target.lastIndexOf("."))) ?? rpcPath(envelope)?.service;
  if (prefix !== undefined) {
    return services.find(({ linked }) => linked.model.metadata.serviceTarget === prefix);
  }
  const named = credential && services.find(isNamed(credential.service));
  if (credential && (!named || !isMisplaced(named, parameters))) return named;
  const label = hostService(headerOf(request.headers, "host") ?? "");
  const version = parameters.get("Version");
  const byVersion = services.filter(
    ({ linked, router }) => !router && linked.model.metadata.apiVersion === version,
  );
  if (byVersion.length === 1) return byVersion[0];
  if (named) return named;
  if (byVersion.length > 0) return byVersion.find(isNamed(label));
  return services.find(isNamed(bucketOf(request.headers) ? "s3" : label));
}

/** Whether a query is signed for a service that takes none: whose it is, its version tells. */
const isMisplaced = (
  { linked, router }: CataloguedService,
  parameters: Envelope["parameters"],
): boolean => {
  const { protocol, awsQueryCompatible } = linked.model.metadata;
  const takesQueries = protocol === "awsQuery" || protocol === "ec2Query" || awsQueryCompatible;
  return !takesQueries && !router && parameters.has("Action");
};

/** `sts` of `sts.us-east-1.amazonaws.com` and of its twin with FIPS, `sts-fips.us-east-1.amazonaws.com`. */
const hostService = (host: string): string =>
  (host.split(".")[0] ?? "").toLowerCase().replace(/-fips$/, "");

const isNamed =
  (signingName: string) =>
  ({ linked }: CataloguedService): boolean =>
    linked.model.metadata.signingName === signingName;

/** Which of a service's protocols a request is in. */
function protocolOf(envelope: Envelope, { linked }: CataloguedService): Protocol {
  const main = linked.model.metadata.protocol;
  const { headers } = envelope.request;
  if (rpcPath(envelope)) {
    return headerOf(headers, "smithy-protocol") === "rpc-v2-json" ? "rpcv2Json" : "rpcv2Cbor";
  }
  if (envelope.target !== undefined) {
    const type = headerOf(headers, "content-type") ?? "";
    if (type.startsWith("application/x-amz-json-1.0")) return "awsJson1_0";
    return type.startsWith("application/x-amz-json-1.1") || !main.startsWith("awsJson")
      ? "awsJson1_1"
      : main;
  }
  const isQuery = envelope.parameters.has("Action") && linked.model.metadata.awsQueryCompatible;
  return isQuery ? "awsQuery" : main;
}

/** `/service/<service>/operation/<operation>`, behind whatever path the endpoint has. */
function rpcPath({ request }: Envelope): { service: string; operation: string } | undefined {
  if (headerOf(request.headers, "smithy-protocol") === undefined) return undefined;
  const match = /\/service\/([^/]+)\/operation\/([^/]+)$/.exec(pathOf(request.url));
  return match?.[1] && match[2] ? { service: match[1], operation: match[2] } : undefined;
}

/**
 * The operation that is asked for; at once when its service is loaded. Throws an `ApiError`, or rejects
 * with it, when there is none such.
 */
export function findOperation(
  envelope: Envelope,
  credential: Credential | undefined,
  asked: Asked,
): Route | Promise<Route> {
  const { service, speech, name, isStray } = asked;
  const codec = guessCodec(envelope, credential, asked);
  if (name === undefined) throw explainNoOperation(envelope, codec, credential, asked);
  if (!service) {
    if (isStray) throw new ApiError(codec.codeOf("unknown-operation"), isUnknown(name));
    throw notBuilt(codec, `${serviceLabel(envelope, credential)}:${name}`);
  }
  if (!speech) throw notBuilt(codec, `${service.name}:${name} in this protocol`);
  checkVersion(envelope, speech, name);
  const loaded = service.loaded();
  if (loaded) return toRoute(service, loaded, speech, name);
  return service.module().then((module) => toRoute(service, module, speech, name));
}

function toRoute(
  service: CataloguedService,
  module: ServiceModule,
  { codec, linked }: Speech,
  name: string,
): Route {
  const operation = Object.hasOwn(module.operations, name) ? module.operations[name] : undefined;
  if (operation) return { service, module, name, operation, codec, linked };
  const { model } = service.linked;
  const { signingName, apiVersion } = model.metadata;
  if (model.operationNames.includes(name)) throw notBuilt(codec, `${signingName}:${name}`);
  throw new ApiError(codec.codeOf("unknown-operation"), unknownWords(codec, name, apiVersion));
}

/** HTTP 501 for `what`, which AWS has. */
export function notBuilt(codec: ErrorCodec, what: string): ApiError {
  const code = codec.codeOf("unknown-operation");
  return new ApiError(code, `Neargate does not have ${what} yet`, { status: 501 });
}

/** As the request has it, where it names one. */
function operationName(envelope: Envelope): string | undefined {
  const { target, parameters } = envelope;
  if (target !== undefined) return target.slice(target.lastIndexOf(".") + 1);
  // An empty action is none.
  return rpcPath(envelope)?.operation ?? (parameters.get("Action") || undefined);
}

function serviceLabel(envelope: Envelope, credential: Credential | undefined): string {
  const { target } = envelope;
  const named = target?.slice(0, target.lastIndexOf(".")) ?? rpcPath(envelope)?.service;
  return credential?.service ?? named ?? "an unknown service";
}

function explainNoOperation(
  { request }: Envelope,
  codec: ErrorCodec,
  credential: Credential | undefined,
  { service, speech }: Asked,
): ApiError {
  if (credential && !service) return notBuilt(codec, `the service ${credential.service}`);
  const code = codec.codeOf("unknown-operation");
  if (service?.router) {
    const what = `${request.method} ${pathOf(request.url)}`;
    return new ApiError(code, `No operation of ${service.name} is at ${what}`, {
      status: 404,
    });
  }
  if (speech && isQueryCodec(codec)) {
    return new ApiError("MissingAction", "The request must contain the parameter Action");
  }
  return new ApiError(
    code,
    "The request names no operation: neither X-Amz-Target nor the parameter Action is there",
    { status: 404 },
  );
}

const isQueryCodec = (codec: ErrorCodec): boolean => codec === queryCodec || codec === ec2Codec;

function checkVersion({ parameters }: Envelope, { linked, codec }: Speech, name: string): void {
  const { apiVersion, signingName } = linked.model.metadata;
  const asked = parameters.get("Version");
  // AWS wants one; here what is meant is clear without.
  if (!isQueryCodec(codec) || asked === undefined || asked === apiVersion) return;
  if (codec === ec2Codec) {
    if (!isOlder(asked, apiVersion)) throw noSuchVersion(asked);
  } else if (!otherVersions.has(`${signingName} ${asked}`)) {
    throw new ApiError(codec.codeOf("unknown-operation"), unknownWords(codec, name, asked));
  }
  throw notBuilt(codec, `${signingName}:${name} of the API version ${asked}`);
}

/** Of services that share a signing name with one of ours and are not built. */
const otherVersions: ReadonlySet<string> = new Set(["elasticloadbalancing 2012-06-01"]);

// EC2 still takes all versions that it had.
const isOlder = (asked: string, current: string): boolean =>
  /^20\d\d-\d\d-\d\d$/.test(asked) && asked < current;

const noSuchVersion = (asked: string): ApiError =>
  new ApiError(
    "NoSuchVersion",
    `The requested version (${asked}) of service AmazonEC2 does not exist`,
  );

const isUnknown = (name: string): string => `The operation ${name} is unknown`;

function unknownWords(codec: ErrorCodec, name: string, apiVersion: string): string {
  if (codec === ec2Codec) return `The action ${name} is not valid for this web service.`;
  if (codec === queryCodec) return `Could not find operation ${name} for version ${apiVersion}`;
  return isUnknown(name);
}
