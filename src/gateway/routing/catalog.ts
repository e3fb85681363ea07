/** The services that the gateway has, each with its wire model and the protocols it speaks. */
import { ec2Codec } from "../protocols/ec2.ts";
import { json10Codec, jsonCodec } from "../protocols/json.ts";
import type { ProtocolCodec } from "../protocols/protocol.ts";
import { queryCodec } from "../protocols/query.ts";
import { restJsonCodec } from "../protocols/rest-json.ts";
import { restXmlCodec } from "../protocols/rest-xml.ts";
import { rpcV2CborCodec, rpcV2JsonCodec } from "../protocols/rpc-v2.ts";
import type { ServiceModule } from "../service.ts";
import { loadModel, type Protocol, type WireModel } from "../wire/model.ts";
import { type LinkedModel, linkModel } from "../wire/shapes.ts";
import { type RestRouter, restRouter } from "./rest-router.ts";

/** A service in one of its protocols. */
export type Speech = { readonly codec: ProtocolCodec; readonly linked: LinkedModel };

export type CataloguedService = Speech & {
  readonly module: ServiceModule;
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

/** Reads the generated model of each module. Throws for a declared operation that has no model. */
export function catalogueServices(
  modules: readonly ServiceModule[],
  models: ModelSource = loadModel,
): CataloguedService[] {
  return modules.map((module) => {
    const model = models(module.name);
    for (const operation of Object.keys(module.operations)) {
      if (!Object.hasOwn(model.operations, operation)) {
        throw new Error(
          `${module.name}:${operation} has no wire model; run node tools/generate-models.ts`,
        );
      }
    }
    return { module, ...toSpeeches(model), router: model.routes && restRouter(model) };
  });
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
