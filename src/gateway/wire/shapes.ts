/**
 * A service's wire model as objects that refer to each other, so that a codec walks it without
 * looking anything up by name. Operations are linked when they are first called.
 */
import type {
  HttpBinding,
  MemberModel,
  Protocol,
  ShapeModel,
  ShapeReference,
  WireModel,
} from "./model.ts";

export type Shape = SimpleShape | StructureShape | ListShape | MapShape;

export type SimpleShape =
  | { readonly kind: "string" | "number" | "boolean" | "blob" | "stream" | "document" }
  /** `own` is false where the format is the protocol's: bindings then have one of their own. */
  | { readonly kind: "timestamp"; readonly format: TimestampFormat; readonly own: boolean };

export type TimestampFormat = "date-time" | "http-date" | "epoch-seconds";

export type StructureShape = {
  readonly kind: "structure" | "union";
  readonly name: string;
  /** The root element where it is a whole XML document. */
  readonly xmlName: string;
  readonly unwrapped: boolean;
  readonly events: boolean;
  readonly members: readonly Member[];
  /** By name as the wire has it in a request. */
  readonly byInputName: ReadonlyMap<string, Member>;
};

export type ListShape = {
  readonly kind: "list";
  readonly sparse: boolean;
  readonly member: Member;
};

export type MapShape = {
  readonly kind: "map";
  readonly sparse: boolean;
  readonly key: Member;
  readonly value: Member;
};

export type Member = {
  /** As services and SDKs call it. */
  readonly name: string;
  /** On the wire of a request: the JSON key, or the step of a query parameter's name. */
  readonly inputName: string;
  /** On the wire of an answer: the JSON key, or the XML element. */
  readonly outputName: string;
  readonly shape: Shape;
  readonly required: boolean;
  readonly flattened: boolean;
  readonly xmlNamespace: readonly [prefix: string, uri: string] | undefined;
  readonly xmlAttribute: boolean;
  /** The root element where it is the payload. */
  readonly rootName: string;
  /** Undefined when it is in the document of the body. */
  readonly http: HttpBinding | undefined;
};

/** A structure without members, for sides that have none. */
export const nothing: StructureShape = {
  kind: "structure",
  name: "Nothing",
  xmlName: "Nothing",
  unwrapped: false,
  events: false,
  members: [],
  byInputName: new Map(),
};

export type LinkedOperation = {
  /** Of REST services. */
  readonly route: { readonly status: number } | undefined;
  readonly input: StructureShape | undefined;
  readonly output: StructureShape | undefined;
  /** Its input has bytes that are the whole body, as many as they are. */
  readonly isStreamed: boolean;
  /** Its checksum headers are about the body. */
  readonly hasChecksum: boolean;
};

export type LinkedModel = {
  readonly model: WireModel;
  /** The protocol that its names and timestamps are in. */
  readonly protocol: Protocol;
  /** Undefined when the model was generated without it. */
  operation(name: string): LinkedOperation | undefined;
  /** The structure of an error that has more to it than a message. */
  error(shape: string): StructureShape | undefined;
};

const simple: Readonly<Record<string, SimpleShape>> = {
  $string: { kind: "string" },
  $number: { kind: "number" },
  $boolean: { kind: "boolean" },
  $blob: { kind: "blob" },
  $stream: { kind: "stream" },
  $document: { kind: "document" },
  "$date-time": { kind: "timestamp", format: "date-time", own: true },
  "$http-date": { kind: "timestamp", format: "http-date", own: true },
  "$epoch-seconds": { kind: "timestamp", format: "epoch-seconds", own: true },
};

const xmlProtocols: ReadonlySet<Protocol> = new Set(["awsQuery", "ec2Query", "restXml"]);

/** `protocol` is the one that a request is in, where a service speaks several. */
export function linkModel(
  model: WireModel,
  protocol: Protocol = model.metadata.protocol,
): LinkedModel {
  const isXml = xmlProtocols.has(protocol);
  const format = isXml ? "date-time" : "epoch-seconds";
  const timestamp: Shape = { kind: "timestamp", format, own: false };
  const linked = new Map<string, Shape>();
  const operations = new Map<string, LinkedOperation>();

  const link = (reference: ShapeReference): Shape => {
    if (reference === "$timestamp") return timestamp;
    const known = simple[reference] ?? linked.get(reference);
    if (known) return known;
    const shape = model.shapes[reference];
    if (!shape) throw new Error(`${model.metadata.serviceId}: no shape ${reference}`);
    return linkShape(reference, shape);
  };

  const linkShape = (name: string, shape: ShapeModel): Shape => {
    switch (shape.kind) {
      case "list": {
        const list = { kind: "list" as const, sparse: shape.sparse ?? false, member: unlinked };
        linked.set(name, list);
        list.member = linkMember("member", shape.member, false, false);
        return list;
      }
      case "map": {
        const map = {
          kind: "map" as const,
          sparse: shape.sparse ?? false,
          key: unlinked,
          value: unlinked,
        };
        linked.set(name, map);
        map.key = linkMember("key", shape.key, false, false);
        map.value = linkMember("value", shape.value, false, false);
        return map;
      }
      case "structure":
      case "union": {
        const members: Member[] = [];
        const byInputName = new Map<string, Member>();
        const structure: StructureShape = {
          kind: shape.kind,
          name,
          xmlName: shape.xmlName ?? name,
          unwrapped: shape.unwrapped ?? false,
          events: shape.events ?? false,
          members,
          byInputName,
        };
        linked.set(name, structure);
        const required = shape.required ?? 0;
        for (const [key, member] of Object.entries(shape.members)) {
          members.push(linkMember(key, member, members.length < required, true));
        }
        for (const member of members) byInputName.set(member.inputName, member);
        return structure;
      }
    }
  };

  const linkMember = (
    name: string,
    member: MemberModel,
    required: boolean,
    ofStructure: boolean,
  ): Member => {
    const traits = typeof member === "string" ? { shape: member } : member;
    const xmlName = traits.xmlName ?? name;
    const shape = link(traits.shape);
    return {
      name,
      inputName: isXml ? queryName(protocol, xmlName, traits.ec2QueryName, ofStructure) : name,
      outputName: isXml ? xmlName : name,
      shape,
      required,
      flattened: traits.flattened ?? false,
      xmlNamespace: traits.xmlNamespace,
      xmlAttribute: traits.xmlAttribute ?? false,
      rootName: traits.xmlName ?? ("xmlName" in shape ? shape.xmlName : name),
      http: traits.http,
    };
  };

  const side = (reference: string | undefined): StructureShape | undefined =>
    reference === undefined ? undefined : toStructure(link(reference));

  return {
    model,
    protocol,
    operation(name) {
      const known = operations.get(name);
      if (known) return known;
      const found = Object.hasOwn(model.operations, name) ? model.operations[name] : undefined;
      if (!found) return undefined;
      const route = model.routes?.[name];
      const input = side(found.input);
      const operation = {
        route: route && { status: route[2] },
        ...describeInput(input),
        input,
        output: side(found.output),
      };
      operations.set(name, operation);
      return operation;
    },
    error: (shape) => side(shape),
  };
}

function describeInput(
  input: StructureShape | undefined,
): Pick<LinkedOperation, "isStreamed" | "hasChecksum"> {
  const members = input?.members ?? [];
  return {
    isStreamed: members.some(({ shape }) => shape.kind === "stream"),
    hasChecksum: members.some(({ http }) => isHeader(http, "x-amz-sdk-checksum-algorithm")),
  };
}

const isHeader = (http: HttpBinding | undefined, name: string): boolean =>
  typeof http === "object" && "header" in http && http.header === name;

/** Stands in a list or map while its own members, which may hold it, are linked. */
const unlinked: Member = {
  name: "",
  inputName: "",
  outputName: "",
  shape: { kind: "string" },
  required: false,
  flattened: false,
  xmlNamespace: undefined,
  xmlAttribute: false,
  rootName: "",
  http: undefined,
};

function queryName(
  protocol: Protocol,
  xmlName: string,
  ec2QueryName: string | undefined,
  ofStructure: boolean,
): string {
  if (protocol !== "ec2Query") return xmlName;
  if (ec2QueryName !== undefined) return ec2QueryName;
  return ofStructure ? xmlName.charAt(0).toUpperCase() + xmlName.slice(1) : xmlName;
}

function toStructure(shape: Shape): StructureShape {
  if (shape.kind !== "structure" && shape.kind !== "union") {
    throw new Error("an operation's input and output are structures");
  }
  return shape;
}
