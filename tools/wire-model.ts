/**
 * From the schemas that an AWS SDK client package exports (plain arrays, `CreateCluster$` and so on)
 * to the wire model of the operations we declare. See `src/gateway/wire/model.ts` for the result.
 */
import type {
  ErrorModel,
  HttpBinding,
  MemberModel,
  OperationModel,
  Protocol,
  RouteModel,
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
  kms: "@aws-sdk/client-kms",
  logs: "@aws-sdk/client-cloudwatch-logs",
  secretsmanager: "@aws-sdk/client-secrets-manager",
  ssm: "@aws-sdk/client-ssm",
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
  42: "$stream",
};

// The traits that the SDK packs into a bit mask, lowest bit first.
const packedTraits = [
  "httpLabel",
  "idempotent",
  "idempotencyToken",
  "sensitive",
  "httpPayload",
  "httpResponseCode",
  "httpQueryParams",
];

// Every trait is either acted on or known to be nothing to the wire: a new one stops the generator.
const knownTraits = new Set([
  ...packedTraits,
  ...["xmlName", "ec2QueryName", "xmlFlattened", "xmlNamespace", "xmlAttribute"],
  ...["httpHeader", "httpPrefixHeaders", "httpQuery"],
  ...["eventPayload", "hostLabel"],
]);

// What the SDK does in code of its own, where the models of others have a trait.
const unwrappedOutputs = new Set(["com.amazonaws.s3#GetBucketLocationOutput"]);
const bareErrors = new Set(["S3"]);

const listOf = 64;
const mapOf = 128;

/** Builds the model of a service with the named operations. Throws at one that AWS does not have. */
export async function buildModel(
  service: ServiceName,
  declared: readonly string[],
): Promise<WireModel> {
  return buildModelOf(service, await import(clientPackages[service]), declared);
}

/** The same from what a client package exports; all of its operations when none are named. */
export function buildModelOf(
  service: string,
  exports: Readonly<Record<string, unknown>>,
  only?: readonly string[],
): WireModel {
  const schemas = Object.values(exports).filter(isSchemaArray);
  const operations = new Map(
    schemas.filter((schema) => schema[0] === kindOf.operation).map((s) => [String(s[2]), s]),
  );
  const shapes = new ShapeCollector();
  const declared = only ?? [...operations.keys()];
  const metadata = readMetadata(exports);
  const wanted = declared.toSorted().map((name): [string, OperationModel] => {
    const schema = operations.get(name);
    if (!schema) throw new Error(`${service} declares ${name}, which AWS does not have`);
    const input = shapes.side(schema[4] as Schema);
    const output = shapes.side(schema[5] as Schema);
    return [name, { ...(input && { input }), ...(output && { output }) }];
  });
  const errors = schemas
    .filter((schema) => schema[0] === kindOf.error && !isSynthetic(schema))
    .map((schema): [string, ErrorModel] => [
      String(schema[2]),
      shapes.error(schema, metadata.protocol),
    ])
    .toSorted(byName);
  const isRest = metadata.protocol.startsWith("rest");
  return {
    metadata,
    operationNames: [...operations.keys()].toSorted(),
    ...(isRest && { routes: readRoutes(operations) }),
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

function readRoutes(
  operations: ReadonlyMap<string, readonly unknown[]>,
): Record<string, RouteModel> {
  const routes = [...operations].map(([name, schema]): [string, RouteModel] => {
    const [method, uri, status] = toTraits(schema[3])["http"] as [string, string, number];
    const input = resolve(schema[4] as Schema);
    const unnamed = Array.isArray(input) ? labelsBeside(uri, input) : [];
    const path = unnamed.map((label) => `/{${label}}`).join("") + uri;
    const needs = Array.isArray(input) ? requiredBindings(input) : [];
    return [name, needs.length > 0 ? [method, path, status, needs] : [method, path, status]];
  });
  return Object.fromEntries(routes.toSorted(byName));
}

/** The SDK writes S3's bucket into the host; the path is the other place for it, and the common one. */
function labelsBeside(uri: string, input: readonly unknown[]): string[] {
  const members = input[5] as readonly Schema[];
  return (input[4] as readonly string[]).filter((name, at) => {
    const traits = memberTraits(members[at] ?? 0);
    return traits["httpLabel"] && !new RegExp(`\\{${name}\\+?\\}`).test(uri);
  });
}

function requiredBindings(input: readonly unknown[]): NonNullable<RouteModel[3]> {
  const members = (input[5] as readonly Schema[]).slice(0, Number(input[6] ?? 0));
  return members.flatMap((member) => {
    const http = toBinding(memberTraits(member));
    return typeof http === "object" && !("prefix" in http) ? [http] : [];
  });
}

const memberTraits = (schema: Schema): Traits =>
  Array.isArray(schema) && schema.length === 2 ? toTraits(schema[1]) : {};

function readMetadata(exports: Readonly<Record<string, unknown>>): WireModel["metadata"] {
  const name = Object.keys(exports).find((key) => /^[A-Z].*Client$/.test(key));
  const Client = exports[name ?? ""] as new (options: {
    region: string;
  }) => {
    config: {
      serviceId: string;
      defaultSigningName: string;
      protocol: { getShapeId(): string };
      protocolSettings: {
        version: string;
        serviceTarget: string;
        xmlNamespace?: string;
        awsQueryCompatible?: boolean;
      };
    };
  };
  const { config } = new Client({ region: "us-east-1" });
  const { version, serviceTarget, xmlNamespace = "", awsQueryCompatible } = config.protocolSettings;
  return {
    protocol: config.protocol.getShapeId().replace(/^.*#/, "") as Protocol,
    serviceId: config.serviceId,
    signingName: config.defaultSigningName,
    apiVersion: version,
    serviceTarget,
    // The SDK has EC2's without the slash that AWS writes.
    xmlNamespace:
      xmlNamespace === "" || xmlNamespace.endsWith("/") ? xmlNamespace : `${xmlNamespace}/`,
    ...(awsQueryCompatible && { awsQueryCompatible: true as const }),
    ...(bareErrors.has(config.serviceId) && { bareErrors: true as const }),
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

  error(schema: readonly unknown[], protocol: Protocol): ErrorModel {
    const traits = toTraits(schema[3]);
    const [code, codeStatus] = (traits["awsQueryError"] ?? []) as [string?, number?];
    const status = codeStatus ?? (traits["httpError"] as number | undefined);
    const names = schema[4] as string[];
    // In a query's errors it is always called `Message`.
    const isQuery = protocol === "awsQuery" || protocol === "ec2Query";
    const members = names.filter((name) => name.toLowerCase() !== "message");
    return {
      ...(code !== undefined && code !== schema[2] && { code }),
      ...(status !== undefined && { status }),
      ...(members.length > 0 && { shape: this.reference(schema) }),
      ...(names.includes("Message") && !isQuery && { message: "Message" as const }),
    };
  }

  private reference(schema: Schema): ShapeReference {
    const target = resolve(schema);
    if (typeof target === "number") return this.numbered(target);
    if (!Array.isArray(target)) throw new Error(`unknown schema ${String(target)}`);
    if (target[0] === kindOf.simple) {
      const inner = this.reference(target[4] as Schema);
      return inner === "$blob" && toTraits(target[3])["streaming"] ? "$stream" : inner;
    }
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
    const { xmlName, streaming } = toTraits(schema[3]);
    return {
      kind: schema[0] === kindOf.union ? "union" : "structure",
      ...(required > 0 && { required }),
      ...(xmlName !== undefined && { xmlName: String(xmlName) }),
      ...(unwrappedOutputs.has(`${schema[1]}#${schema[2]}`) && { unwrapped: true as const }),
      ...(streaming !== undefined && { events: true as const }),
      members: Object.fromEntries(names.map((name, at) => [name, this.member(members[at] ?? 0)])),
    };
  }

  private member(schema: Schema): MemberModel {
    if (!Array.isArray(schema) || schema.length !== 2) return this.reference(schema);
    const shape = this.reference(schema[0] as Schema);
    const traits = toTraits(schema[1]);
    const unknown = Object.keys(traits).find((trait) => !knownTraits.has(trait));
    if (unknown) throw new Error(`${shape} has the trait ${unknown}, which no codec knows`);
    const { xmlName, ec2QueryName, xmlFlattened, xmlNamespace, xmlAttribute } = traits;
    const http = toBinding(traits);
    const result = {
      ...(xmlName !== undefined && { xmlName: String(xmlName) }),
      ...(ec2QueryName !== undefined && { ec2QueryName: String(ec2QueryName) }),
      ...(xmlFlattened !== undefined && { flattened: true as const }),
      ...(xmlNamespace !== undefined && { xmlNamespace: xmlNamespace as [string, string] }),
      ...(xmlAttribute !== undefined && { xmlAttribute: true as const }),
      ...(http !== undefined && { http }),
    };
    return Object.keys(result).length === 0 ? shape : { shape, ...result };
  }
}

function toBinding(traits: Traits): HttpBinding | undefined {
  const { httpHeader, httpPrefixHeaders, httpQuery } = traits;
  if (traits["httpLabel"]) return "label";
  if (traits["httpPayload"]) return "payload";
  if (traits["httpResponseCode"]) return "status";
  if (traits["httpQueryParams"]) return "query-params";
  if (httpQuery !== undefined) return { query: String(httpQuery) };
  if (httpHeader !== undefined) return { header: String(httpHeader).toLowerCase() };
  if (httpPrefixHeaders !== undefined) return { prefix: String(httpPrefixHeaders).toLowerCase() };
  return undefined;
}

const resolve = (schema: Schema): Exclude<Schema, Lazy> =>
  typeof schema === "function" ? resolve(schema()) : schema;

function toTraits(traits: unknown): Traits {
  if (typeof traits === "object" && traits !== null) return traits as Traits;
  const bits = Number(traits ?? 0);
  const names = packedTraits.filter((_name, at) => (bits >> at) & 1);
  return Object.fromEntries(names.map((name) => [name, 1]));
}
