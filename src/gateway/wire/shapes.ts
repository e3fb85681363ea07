/**
 * A service's wire model as objects that refer to each other, so that a codec walks it without
 * looking anything up by name. Operations are linked when they are first called.
 */
import type { MemberModel, Protocol, ShapeModel, ShapeReference, WireModel } from "./model.ts";

export type Shape = SimpleShape | StructureShape | ListShape | MapShape;

export type SimpleShape =
  | { readonly kind: "string" | "number" | "boolean" | "blob" | "document" }
  | { readonly kind: "timestamp"; readonly format: TimestampFormat };

export type TimestampFormat = "date-time" | "http-date" | "epoch-seconds";

export type StructureShape = {
  readonly kind: "structure" | "union";
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
};

export type LinkedOperation = {
  readonly input: StructureShape | undefined;
  readonly output: StructureShape | undefined;
};

export type LinkedModel = {
  readonly model: WireModel;
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
  $document: { kind: "document" },
  "$date-time": { kind: "timestamp", format: "date-time" },
  "$http-date": { kind: "timestamp", format: "http-date" },
  "$epoch-seconds": { kind: "timestamp", format: "epoch-seconds" },
};

export function linkModel(model: WireModel): LinkedModel {
  const { protocol } = model.metadata;
  const isJson = protocol === "awsJson1_1";
  const timestamp = isJson ? simple["$epoch-seconds"] : simple["$date-time"];
  const linked = new Map<string, Shape>();
  const operations = new Map<string, LinkedOperation>();

  const link = (reference: ShapeReference): Shape => {
    if (reference === "$timestamp" && timestamp) return timestamp;
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
        const structure = { kind: shape.kind, members, byInputName };
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
    return {
      name,
      inputName: isJson ? name : queryName(protocol, xmlName, traits.ec2QueryName, ofStructure),
      outputName: isJson ? name : xmlName,
      shape: link(traits.shape),
      required,
      flattened: traits.flattened ?? false,
    };
  };

  const side = (reference: string | undefined): StructureShape | undefined =>
    reference === undefined ? undefined : toStructure(link(reference));

  return {
    model,
    operation(name) {
      const known = operations.get(name);
      if (known) return known;
      const found = Object.hasOwn(model.operations, name) ? model.operations[name] : undefined;
      if (!found) return undefined;
      const operation = { input: side(found.input), output: side(found.output) };
      operations.set(name, operation);
      return operation;
    },
    error: (shape) => side(shape),
  };
}

/** Stands in a list or map while its own members, which may hold it, are linked. */
const unlinked: Member = {
  name: "",
  inputName: "",
  outputName: "",
  shape: { kind: "string" },
  required: false,
  flattened: false,
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
