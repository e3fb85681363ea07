/** The services that the gateway has, each with its wire model and protocol. */
import { ec2Codec } from "../protocols/ec2.ts";
import { jsonCodec } from "../protocols/json.ts";
import type { ProtocolCodec } from "../protocols/protocol.ts";
import { queryCodec } from "../protocols/query.ts";
import type { ServiceModule } from "../service.ts";
import { loadModel, type Protocol } from "../wire/model.ts";
import { type LinkedModel, linkModel } from "../wire/shapes.ts";

export type CataloguedService = {
  readonly module: ServiceModule;
  readonly linked: LinkedModel;
  readonly codec: ProtocolCodec;
};

const codecs: Readonly<Record<Protocol, ProtocolCodec>> = {
  awsJson1_1: jsonCodec,
  awsQuery: queryCodec,
  ec2Query: ec2Codec,
};

/** Reads the generated model of each module. Throws for a declared operation that has no model. */
export function catalogueServices(modules: readonly ServiceModule[]): CataloguedService[] {
  return modules.map((module) => {
    const linked = linkModel(loadModel(module.name));
    for (const operation of Object.keys(module.operations)) {
      if (!Object.hasOwn(linked.model.operations, operation)) {
        throw new Error(
          `${module.name}:${operation} has no wire model; run node tools/generate-models.ts`,
        );
      }
    }
    return { module, linked, codec: codecs[linked.model.metadata.protocol] };
  });
}
