/**
 * Reads the parameters of the two query protocols. They differ in how lists are named
 * (`Names.member.1` and `Name.1`), in the names themselves (settled when shapes are linked), and in
 * the errors.
 */
import type { ApiError } from "../api-error.ts";
import { setEntry } from "../wire/entries.ts";
import {
  type ListShape,
  type MapShape,
  type Member,
  nothing,
  type Shape,
  type StructureShape,
} from "../wire/shapes.ts";
import type { Decoded, Payload, Structure, WrittenNumber } from "./protocol.ts";
import { type ParameterTree, toTree } from "./query-string.ts";
import { parseBase64, parseBoolean, parseNumber, parseTimestamp } from "./scalars.ts";

export type QueryDialect = {
  /** EC2 writes every list and map without the step in between. */
  readonly alwaysFlat: boolean;
  /** `parameter` is the whole name as sent; `wanted` names the type, such as `integer`. */
  readonly explainValue: (parameter: string, value: string, wanted: string) => ApiError;
  /** A list or structure where a value is wanted, or the other way round. */
  readonly explainForm: (parameter: string) => ApiError;
};

export function decodeQuery(
  payload: Payload,
  shape: StructureShape | undefined,
  dialect: QueryDialect,
): Decoded {
  const plain = readPlain(payload.parameters, shape ?? nothing);
  if (plain) return { input: plain, unknown: [] };
  const tree = toTree(payload.parameters, isCommon);
  const reader = new Reader(dialect);
  const input = reader.structure(shape ?? nothing, tree, "");
  return { input, unknown: reader.unknown, unwhole: reader.unwhole };
}

/** An input of nothing but texts, as most are: undefined for any other, which the reader reads. */
function readPlain(
  parameters: ReadonlyMap<string, string>,
  shape: StructureShape,
): Structure | undefined {
  const result: Record<string, unknown> = {};
  for (const [name, value] of parameters) {
    if (isCommon(name)) continue;
    const member = shape.byInputName.get(name);
    if (member?.shape.kind !== "string") return undefined;
    result[member.name] = value;
  }
  return result;
}

const leaf: ParameterTree = { value: undefined, below: new Map() };

const commonParameters = new Set([
  "Action",
  "Version",
  "AWSAccessKeyId",
  "Expires",
  "SecurityToken",
  "Signature",
  "SignatureMethod",
  "SignatureVersion",
  "Timestamp",
]);

const isCommon = (name: string): boolean => commonParameters.has(name) || name.startsWith("X-Amz-");

const wholeNumber = /^[+-]?\d+$/;

class Reader {
  readonly unknown: string[] = [];
  readonly unwhole: WrittenNumber[] = [];
  readonly #dialect: QueryDialect;

  constructor(dialect: QueryDialect) {
    this.#dialect = dialect;
  }

  structure(shape: StructureShape, tree: ParameterTree, path: string): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [step, below] of tree.below) {
      const member = shape.byInputName.get(step);
      const whole = join(path, step);
      if (!member) this.#noteUnknown(below, whole);
      else result[member.name] = this.#member(member, below, whole);
      if (member?.shape.kind === "number") this.#noteUnwhole(shape, member, below, whole);
    }
    return result;
  }

  #noteUnwhole(
    { name: structure }: StructureShape,
    { name: member }: Member,
    { value = "" }: ParameterTree,
    path: string,
  ): void {
    if (wholeNumber.test(value)) return;
    const explain = (): ApiError => this.#dialect.explainValue(path, value, "integer");
    this.unwhole.push({ structure, member, explain });
  }

  #noteUnknown(tree: ParameterTree, path: string): void {
    const says = (node: ParameterTree): boolean =>
      (node.value !== undefined && node.value !== "") || [...node.below.values()].some(says);
    if (says(tree)) this.unknown.push(path);
  }

  #member(member: Member, tree: ParameterTree, path: string): unknown {
    const flat = this.#dialect.alwaysFlat || member.flattened;
    return this.#value(member.shape, tree, path, flat);
  }

  #value(shape: Shape, tree: ParameterTree, path: string, flat: boolean): unknown {
    switch (shape.kind) {
      case "structure":
      case "union":
        this.#refuseValue(tree, path);
        return this.structure(shape, tree, path);
      case "list":
        this.#refuseValue(tree, path);
        return this.#list(shape, tree, path, flat);
      case "map":
        this.#refuseValue(tree, path);
        return this.#map(shape, tree, path, flat);
      default:
        if (tree.below.size > 0 || tree.value === undefined) throw this.#dialect.explainForm(path);
        return this.#scalar(shape, tree.value, path);
    }
  }

  // An empty value is how SDKs write an empty list.
  #refuseValue(tree: ParameterTree, path: string): void {
    if (tree.value !== undefined && tree.value !== "") throw this.#dialect.explainForm(path);
  }

  #list(shape: ListShape, tree: ParameterTree, path: string, flat: boolean): unknown[] {
    const { inputName } = shape.member;
    return this.#elements(tree, path, flat, inputName).map(([below, name]) =>
      this.#member(shape.member, below, name),
    );
  }

  #map(shape: MapShape, tree: ParameterTree, path: string, flat: boolean): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [entry, name] of this.#elements(tree, path, flat, "entry")) {
      const key = entry.below.get(shape.key.inputName);
      // A structure or list with nothing in it leaves no parameter behind, but its key does.
      const isNested = ["structure", "union", "list", "map"].includes(shape.value.shape.kind);
      const value = entry.below.get(shape.value.inputName) ?? (isNested ? leaf : undefined);
      if (!key || !value) throw this.#dialect.explainForm(name);
      const keyText = this.#member(shape.key, key, join(name, shape.key.inputName));
      const held = this.#member(shape.value, value, join(name, shape.value.inputName));
      setEntry(result, String(keyText), held);
    }
    return result;
  }

  /** What is numbered below `tree`, in order of the numbers, each with its whole name. */
  #elements(
    tree: ParameterTree,
    path: string,
    flat: boolean,
    step: string,
  ): readonly (readonly [ParameterTree, string])[] {
    const holder = flat ? tree : this.#only(tree, step, path);
    const numbered = [...(holder?.below ?? [])].map(([number, below]) => {
      if (!/^[1-9]\d{0,9}$/.test(number)) throw this.#dialect.explainForm(join(path, number));
      return [Number(number), below] as const;
    });
    const prefix = flat ? path : join(path, step);
    return numbered
      .toSorted(([one], [other]) => one - other)
      .map(([number, below]) => [below, join(prefix, String(number))]);
  }

  #only(tree: ParameterTree, step: string, path: string): ParameterTree | undefined {
    for (const name of tree.below.keys()) {
      if (name !== step) throw this.#dialect.explainForm(join(path, name));
    }
    const holder = tree.below.get(step);
    if (holder?.value) throw this.#dialect.explainForm(join(path, step));
    return holder;
  }

  #scalar(shape: Shape, text: string, path: string): unknown {
    switch (shape.kind) {
      case "string":
        return text;
      case "number":
        return parseNumber(text) ?? this.#refuse(path, text, "number");
      case "boolean":
        return parseBoolean(text) ?? this.#refuse(path, text, "boolean");
      case "timestamp":
        return parseTimestamp(text) ?? this.#refuse(path, text, "timestamp");
      case "blob":
        return parseBase64(text) ?? this.#refuse(path, text, "base64");
      default:
        throw this.#dialect.explainForm(path);
    }
  }

  #refuse(path: string, text: string, wanted: string): never {
    throw this.#dialect.explainValue(path, text, wanted);
  }
}

const join = (path: string, step: string): string => (path === "" ? step : `${path}.${step}`);
