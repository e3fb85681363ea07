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
import { s3Errors } from "../protocols/s3-errors.ts";
import { type Envelope, headerOf, isForm } from "../request.ts";
import type { AnyOperation } from "../service.ts";
import type { CataloguedService } from "./catalog.ts";

export type Route = {
  readonly service: CataloguedService;
  readonly name: string;
  readonly operation: AnyOperation;
};

/** The protocol to refuse in, as far as can be told; JSON when nothing can. */
export function guessCodec(
  { request, parameters, target }: Envelope,
  credential: Credential | undefined,
  service: CataloguedService | undefined,
): ErrorCodec {
  if (service) return service.codec;
  if (credential?.service === "s3") return s3Errors;
  if (target !== undefined) return jsonCodec;
  return parameters.has("Action") || isForm(request) ? queryCodec : jsonCodec;
}

/** The service that a request is for, undefined when none of these. */
export function findService(
  envelope: Envelope,
  credential: Credential | undefined,
  services: readonly CataloguedService[],
): CataloguedService | undefined {
  const { target, parameters, request } = envelope;
  if (target !== undefined) {
    const prefix = target.slice(0, Math.max(0, target.lastIndexOf(".")));
    return services.find(({ linked }) => linked.model.metadata.serviceTarget === prefix);
  }
  if (credential) return services.find(isNamed(credential.service));
  const queried = services.filter(({ codec }) => codec !== jsonCodec);
  const version = parameters.get("Version");
  const byVersion = queried.filter(({ linked }) => linked.model.metadata.apiVersion === version);
  if (byVersion.length === 1) return byVersion[0];
  const label = headerOf(request.headers, "host")?.split(".")[0] ?? "";
  return (byVersion.length > 0 ? byVersion : queried).find(isNamed(label));
}

const isNamed =
  (signingName: string) =>
  ({ linked }: CataloguedService): boolean =>
    linked.model.metadata.signingName === signingName;

/** The operation of `service` that is asked for. Throws an `ApiError` when it has none such. */
export function findOperation(
  envelope: Envelope,
  credential: Credential | undefined,
  service: CataloguedService | undefined,
): Route {
  const name = operationName(envelope);
  const codec = guessCodec(envelope, credential, service);
  if (name === undefined) throw explainNoOperation(codec, credential, service);
  if (!service) throw notBuilt(codec, `${serviceLabel(envelope, credential)}:${name}`);
  checkVersion(envelope, service, name);
  const { module, linked } = service;
  const operation = Object.hasOwn(module.operations, name) ? module.operations[name] : undefined;
  if (operation) return { service, name, operation };
  const { signingName, apiVersion } = linked.model.metadata;
  if (linked.model.operationNames.includes(name)) throw notBuilt(codec, `${signingName}:${name}`);
  throw new ApiError(codec.codeOf("unknown-operation"), unknownWords(codec, name, apiVersion));
}

/** HTTP 501 for `what`, which AWS has. */
export function notBuilt(codec: ErrorCodec, what: string): ApiError {
  const code = codec.codeOf("unknown-operation");
  return new ApiError(code, `Neargate does not have ${what} yet`, { status: 501 });
}

/** As the request has it, whether there is such an operation or not. */
export function operationName({ target, parameters }: Envelope): string | undefined {
  if (target === undefined) return parameters.get("Action");
  return target.slice(target.lastIndexOf(".") + 1);
}

function serviceLabel({ target }: Envelope, credential: Credential | undefined): string {
  return credential?.service ?? target?.slice(0, target.lastIndexOf(".")) ?? "an unknown service";
}

function explainNoOperation(
  codec: ErrorCodec,
  credential: Credential | undefined,
  service: CataloguedService | undefined,
): ApiError {
  if (credential && !service) return notBuilt(codec, `the service ${credential.service}`);
  if (service && codec !== jsonCodec) {
    return new ApiError("MissingAction", "The request must contain the parameter Action");
  }
  return new ApiError(
    codec.codeOf("unknown-operation"),
    "The request names no operation: neither X-Amz-Target nor the parameter Action is there",
    { status: 404 },
  );
}

// Two of AWS's services may share a signing name and differ in version, as Elastic Load Balancing's do.
function checkVersion(
  { parameters }: Envelope,
  { linked, codec }: CataloguedService,
  name: string,
) {
  const { apiVersion, signingName } = linked.model.metadata;
  const asked = parameters.get("Version");
  if (codec === jsonCodec || asked === undefined || asked === apiVersion) return;
  throw notBuilt(codec, `${signingName}:${name} of the API version ${asked}`);
}

function unknownWords(codec: ErrorCodec, name: string, apiVersion: string): string {
  if (codec === ec2Codec) return `The action ${name} is not valid for this web service.`;
  if (codec === queryCodec) return `Could not find operation ${name} for version ${apiVersion}`;
  return `The operation ${name} is unknown`;
}
