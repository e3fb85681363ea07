/** The services that the gateway has, each with its wire model and the protocols it speaks. */
import { ec2Codec } from "../protocols/ec2.ts";
import { json10Codec, jsonCodec } from "../protocols/json.ts";
import type { ProtocolCodec } from "../protocols/protocol.ts";
import { queryCodec } from "../protocols/query.ts";
import { restJsonCodec } from "../protocols/rest-json.ts";
import { restXmlCodec } from "../protocols/rest-xml.ts";
import { rpcV2CborCodec, rpcV2JsonCodec } from "../protocols/rpc-v2.ts";
import type { ServiceModule, ServiceSource } from "../service.ts";
import { type Constraints, loadConstraints } from "../wire/constraints.ts";
import { loadModel, type Protocol, type WireModel } from "../wire/model.ts";
import { type LinkedModel, linkModel } from "../wire/shapes.ts";
import { type RestRouter, restRouter } from "./rest-router.ts";

/** A service in one of its protocols. */
export type Speech = { readonly codec: ProtocolCodec; readonly linked: LinkedModel };

export type CataloguedService = Speech & {
  readonly name: string;
  /** Its operations; loaded when first asked for, so that an engine carries only what it is used for. */
  readonly module: () => Promise<ServiceModule>;
  /** Undefined as long as they are not. */
  readonly loaded: () => ServiceModule | undefined;
  /** Of its input members, as AWS's model has them; undefined where it has none. */
  readonly constraints: () => Constraints | undefined;
  /** Undefined in a protocol that the service does not speak. */
  readonly speaks: (protocol: Protocol) => Speech | undefined;
  /** Of REST services. */
  readonly router: RestRouter | undefined;
};

const codecs: Readonly<Record<Protocol, ProtocolCodec>> = {
  awsJson1_0: json10Codec,
  awsJson1_1: jsonCodec,
  awsQuery: queryCodec,
  ec2Query: ec2Codec,
  restJson1: restJsonCodec,
  restXml: restXmlCodec,
  rpcv2Cbor: rpcV2CborCodec,
  rpcv2Json: rpcV2JsonCodec,
};

/** Where a model comes from, by the service's name. */
export type ModelSource = (service: string) => WireModel;

/** Reads the generated model of each service; its module is left until it is asked for. */
export function catalogueServices(
  sources: readonly ServiceSource[],
  models: ModelSource = loadModel,
): CataloguedService[] {
  return sources.map((source) => {
    const model = models(source.name);
    const router = model.routes && restRouter(model);
    const loading = loadOnce(source, model);
    const constraints = once(() =>
      models === loadModel ? loadConstraints(source.name) : undefined,
    );
    return { name: source.name, ...loading, constraints, ...toSpeeches(model), router };
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function loadOnce(
  source: ServiceSource,
  model: WireModel,
): Pick<CataloguedService, "module" | "loaded"> {
  let loading: Promise<ServiceModule> | undefined;
  let loaded: ServiceModule | undefined;
  const load = async (): Promise<ServiceModule> => {
    const module = "load" in source ? await source.load() : source;
    checkModels(module, model);
    loaded = module;
    return module;
  };
  return {
    module() {
      loading ??= load();
      return loading;
    },
    loaded: () => loaded,
  };
}

/** Throws for a declared operation that has no model. */
function checkModels(module: ServiceModule, model: WireModel): void {
  for (const operation of Object.keys(module.operations)) {
    if (Object.hasOwn(model.operations, operation)) continue;
    throw new Error(
      `${module.name}:${operation} has no wire model; run node tools/generate-models.ts`,
    );
  }
}

function toSpeeches(model: WireModel): Speech & Pick<CataloguedService, "speaks"> {
  const { protocol: main } = model.metadata;
  const known = new Map<Protocol, Speech>();
  const make = (protocol: Protocol): Speech => {
    const made = { codec: codecs[protocol], linked: linkModel(model, protocol) };
    known.set(protocol, made);
    return made;
  };
  const spoken = protocolsOf(model);
  const speaks = (protocol: Protocol): Speech | undefined =>
    spoken.has(protocol) ? (known.get(protocol) ?? make(protocol)) : undefined;
  return { ...make(main), speaks };
}

const documentProtocols: readonly Protocol[] = [
  "awsJson1_0",
  "awsJson1_1",
  "rpcv2Cbor",
  "rpcv2Json",
];

/** Clients of one service differ in which of its protocols they took up; the request tells which. */
function protocolsOf({ metadata }: WireModel): ReadonlySet<Protocol> {
  const { protocol, awsQueryCompatible } = metadata;
  if (!documentProtocols.includes(protocol)) return new Set([protocol]);
  return new Set([...documentProtocols, ...(awsQueryCompatible ? (["awsQuery"] as const) : [])]);
}
