/**
 * From the schemas that an AWS SDK client package exports (plain arrays, `CreateCluster$` and so on)
 * to the wire model of the operations we declare. See `src/gateway/wire/model.ts` for the result.
 */
import type {
  ErrorModel,
  MemberModel,
  OperationModel,
  Protocol,
  ShapeModel,
  ShapeReference,
  WireModel,
} from "../src/gateway/wire/model.ts";

/** The client package of each service, by the name of its folder in `src/services`. */
export const clientPackages = {
  ec2: "@aws-sdk/client-ec2",
  ecr: "@aws-sdk/client-ecr",
  ecs: "@aws-sdk/client-ecs",
  elbv2: "@aws-sdk/client-elastic-load-balancing-v2",
  iam: "@aws-sdk/client-iam",
  logs: "@aws-sdk/client-cloudwatch-logs",
  sts: "@aws-sdk/client-sts",
} as const;

export type ServiceName = keyof typeof clientPackages;

type Schema = number | string | Lazy | readonly unknown[];
type Lazy = () => Schema;
type Traits = Readonly<Record<string, unknown>>;

const kindOf = {
  simple: 0,
  list: 1,
  map: 2,
  structure: 3,
  error: -3,
  union: 4,
  operation: 9,
} as const;

const simpleShapes: Readonly<Record<number, ShapeReference>> = {
  0: "$string",
  1: "$number",
  2: "$boolean",
  4: "$timestamp",
  5: "$date-time",
  6: "$http-date",
  7: "$epoch-seconds",
  15: "$document",
  21: "$blob",
};

const listOf = 64;
const mapOf = 128;

/** Builds the model of a service with the named operations. Throws at one that AWS does not have. */
export async function buildModel(
  service: ServiceName,
  declared: readonly string[],
): Promise<WireModel> {
  const exports: Readonly<Record<string, unknown>> = await import(clientPackages[service]);
  const schemas = Object.values(exports).filter(isSchemaArray);
  const operations = new Map(
    schemas.filter((schema) => schema[0] === kindOf.operation).map((s) => [String(s[2]), s]),
  );
  const shapes = new ShapeCollector();
  const wanted = declared.toSorted().map((name): [string, OperationModel] => {
    const schema = operations.get(name);
    if (!schema) throw new Error(`${service} declares ${name}, which AWS does not have`);
    const input = shapes.side(schema[4] as Schema);
    const output = shapes.side(schema[5] as Schema);
    return [name, { ...(input && { input }), ...(output && { output }) }];
  });
  const errors = schemas
    .filter((schema) => schema[0] === kindOf.error && !isSynthetic(schema))
    .map((schema): [string, ErrorModel] => [String(schema[2]), shapes.error(schema)])
    .toSorted(byName);
  return {
    metadata: readMetadata(exports),
    operationNames: [...operations.keys()].toSorted(),
    operations: Object.fromEntries(wanted),
    errors: Object.fromEntries(errors),
    shapes: Object.fromEntries([...shapes.found].toSorted(byName)),
  };
}

const byName = (one: readonly [string, unknown], other: readonly [string, unknown]): number =>
  one[0] < other[0] ? -1 : 1;

// The SDK adds an error shape of its own to every service; it is not on the wire.
const isSynthetic = (schema: readonly unknown[]): boolean =>
  String(schema[1]).startsWith("smithy.ts.sdk.synthetic");

function isSchemaArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length >= 5;
}

function readMetadata(exports: Readonly<Record<string, unknown>>): WireModel["metadata"] {
  const name = Object.keys(exports).find((key) => /^[A-Z].*Client$/.test(key));
  const Client = exports[name ?? ""] as new (options: {
    region: string;
  }) => {
    config: {
      serviceId: string;
      defaultSigningName: string;
      protocol: { getShapeId(): string };
      protocolSettings: { version: string; serviceTarget: string; xmlNamespace: string };
    };
  };
  const { config } = new Client({ region: "us-east-1" });
  const { version, serviceTarget, xmlNamespace } = config.protocolSettings;
  return {
    protocol: config.protocol.getShapeId().replace("aws.protocols#", "") as Protocol,
    serviceId: config.serviceId,
    signingName: config.defaultSigningName,
    apiVersion: version,
    serviceTarget,
    // The SDK has EC2's without the slash that AWS writes.
    xmlNamespace: xmlNamespace.endsWith("/") ? xmlNamespace : `${xmlNamespace}/`,
  };
}

/** Walks schemas and keeps every shape it meets, once, by name. */
class ShapeCollector {
  readonly found = new Map<string, ShapeModel>();

  /** The shape of an operation's input or output, undefined when it has none. */
  side(schema: Schema): string | undefined {
    const target = resolve(schema);
    return target === "unit" ? undefined : this.reference(target);
  }

  error(schema: readonly unknown[]): ErrorModel {
    const traits = toTraits(schema[3]);
    const [code, codeStatus] = (traits["awsQueryError"] ?? []) as [string?, number?];
    const status = codeStatus ?? (traits["httpError"] as number | undefined);
    const members = (schema[4] as string[]).filter((name) => name.toLowerCase() !== "message");
    return {
      ...(code !== undefined && code !== schema[2] && { code }),
      ...(status !== undefined && { status }),
      ...(members.length > 0 && { shape: this.reference(schema) }),
    };
  }

  private reference(schema: Schema): ShapeReference {
    const target = resolve(schema);
    if (typeof target === "number") return this.numbered(target);
    if (!Array.isArray(target)) throw new Error(`unknown schema ${String(target)}`);
    if (target[0] === kindOf.simple) return this.reference(target[4] as Schema);
    const name = String(target[2]);
    if (!this.found.has(name)) {
      // Set before its members are walked: shapes may hold themselves.
      this.found.set(name, { kind: "structure", members: {} });
      this.found.set(name, this.shape(target));
    }
    return name;
  }

  /** A list or map of a simple type, which the SDK writes as one number. */
  private numbered(schema: number): ShapeReference {
    if (schema < listOf) {
      const simple = simpleShapes[schema];
      if (!simple) throw new Error(`no codec for simple type ${schema}`);
      return simple;
    }
    const element = this.numbered(schema % listOf);
    const list = schema < mapOf;
    const name = list ? `[${element}]` : `{${element}}`;
    this.found.set(
      name,
      list ? { kind: "list", member: element } : { kind: "map", key: "$string", value: element },
    );
    return name;
  }

  private shape(schema: readonly unknown[]): ShapeModel {
    const sparse = toTraits(schema[3])["sparse"] ? ({ sparse: true } as const) : {};
    switch (schema[0]) {
      case kindOf.list:
        return { kind: "list", ...sparse, member: this.member(schema[4] as Schema) };
      case kindOf.map: {
        const [key, value] = [schema[4], schema[5]] as [Schema, Schema];
        return { kind: "map", ...sparse, key: this.member(key), value: this.member(value) };
      }
      case kindOf.structure:
      case kindOf.error:
      case kindOf.union:
        return this.structure(schema);
      default:
        throw new Error(`unknown schema kind ${String(schema[0])} of ${String(schema[2])}`);
    }
  }

  private structure(schema: readonly unknown[]): ShapeModel {
    const names = schema[4] as readonly string[];
    const members = schema[5] as readonly Schema[];
    const required = (schema[6] as number | undefined) ?? 0;
    return {
      kind: schema[0] === kindOf.union ? "union" : "structure",
      ...(required > 0 && { required }),
      members: Object.fromEntries(names.map((name, at) => [name, this.member(members[at] ?? 0)])),
    };
  }

  private member(schema: Schema): MemberModel {
    if (!Array.isArray(schema) || schema.length !== 2) return this.reference(schema);
    const shape = this.reference(schema[0] as Schema);
    const { xmlName, ec2QueryName, xmlFlattened, streaming } = toTraits(schema[1]);
    if (streaming) throw new Error(`${shape} is streamed, which no codec does yet`);
    if (!xmlName && !ec2QueryName && !xmlFlattened) return shape;
    return {
      shape,
      ...(xmlName !== undefined && { xmlName: String(xmlName) }),
      ...(ec2QueryName !== undefined && { ec2QueryName: String(ec2QueryName) }),
      ...(xmlFlattened !== undefined && { flattened: true as const }),
    };
  }
}

const resolve = (schema: Schema): Exclude<Schema, Lazy> =>
  typeof schema === "function" ? resolve(schema()) : schema;

// The traits that the SDK packs into a bit mask (httpLabel, sensitive, …) are not on our wires.
const toTraits = (traits: unknown): Traits =>
  typeof traits === "object" && traits !== null ? (traits as Traits) : {};
