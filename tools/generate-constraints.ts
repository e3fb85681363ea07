/**
 * Writes `src/gateway/constraints/<service>.json`: lengths, ranges, patterns, sets of values and whole numbers of the
 * input members of declared operations. The schemas of the AWS SDK for JavaScript have none of them, botocore's
 * service models do:
 *
 *     node tools/generate-constraints.ts
 *
 * Needs Python with botocore. Run it whenever an operation is added; a test fails when a declared input is
 * not in the file.
 */
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type {
  ConstraintModel,
  ConstraintTree,
  KindModel,
} from "../src/gateway/wire/constraints.ts";
import { loadModel } from "../src/gateway/wire/model.ts";
import { linkModel, type Shape, type StructureShape } from "../src/gateway/wire/shapes.ts";
import { processExec } from "../src/seams/exec.ts";
import { clientPackages, type ServiceName } from "./wire-model.ts";

export const constraintFile = (service: ServiceName): URL =>
  new URL(`../src/gateway/constraints/${service}.json`, import.meta.url);

type BotocoreShape = {
  readonly type: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
};

type BotocoreModel = {
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, BotocoreShape>>;
};

export type Botocore = { readonly version: string; readonly folder: string };

/** Undefined where Python has none. */
export async function findBotocore(): Promise<Botocore | undefined> {
  const script =
    "import botocore, os; print(botocore.__version__, os.path.dirname(botocore.__file__))";
  const { code, stdout } = await processExec().run("python3", ["-c", script]);
  const [version, folder] = stdout.trim().split(" ");
  return code === 0 && version && folder ? { version, folder } : undefined;
}

function readBotocore(folder: string, service: ServiceName): BotocoreModel {
  const { apiVersion } = loadModel(service).metadata;
  const file = `${folder}/data/${service}/${apiVersion}/service-2.json`;
  const text = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`));
  return JSON.parse(text.toString()) as BotocoreModel;
}

/** Walks our shapes and botocore's side by side, by the names of members. */
export function buildConstraints(
  { version, folder }: Botocore,
  service: ServiceName,
): ConstraintModel {
  const botocore = readBotocore(folder, service);
  const linked = linkModel(loadModel(service));
  const kinds: Record<string, KindModel> = {};
  const structures: Record<string, Record<string, ConstraintTree>> = {};

  const visitStructure = (shape: StructureShape, other: BotocoreShape): void => {
    if (Object.hasOwn(structures, shape.name)) return;
    const members: Record<string, ConstraintTree> = {};
    structures[shape.name] = members;
    for (const member of shape.members) {
      const target = other.members?.[member.name];
      const tree = target && visit(member.shape, target.shape);
      if (tree) members[member.name] = tree;
    }
  };

  const visit = (shape: Shape, name: string): ConstraintTree | undefined => {
    const other = botocore.shapes[name];
    if (!other) return undefined;
    const kind = toKind(other);
    if (kind) kinds[name] = kind;
    const own = kind && name;
    switch (shape.kind) {
      case "structure":
      case "union":
        visitStructure(shape, other);
        return undefined;
      case "list": {
        const each = other.member && visit(shape.member.shape, other.member.shape);
        return each ? { ...(own && { own }), each } : own;
      }
      case "map": {
        const key = other.key && visit(shape.key.shape, other.key.shape);
        const each = other.value && visit(shape.value.shape, other.value.shape);
        return key || each
          ? { ...(own && { own }), ...(key && { key }), ...(each && { each }) }
          : own;
      }
      default:
        return own;
    }
  };

  for (const operation of Object.keys(linked.model.operations).toSorted()) {
    const input = linked.operation(operation)?.input;
    const name = botocore.operations[operation]?.input?.shape;
    const other = name === undefined ? undefined : botocore.shapes[name];
    if (input && other) visitStructure(input, other);
  }
  const operations = Object.keys(linked.model.operations).toSorted();
  const told = Object.entries(structures).filter(([, members]) => Object.keys(members).length > 0);
  return {
    botocore: version,
    operations,
    kinds: sorted(kinds),
    structures: sorted(Object.fromEntries(told)),
  };
}

function toKind(shape: BotocoreShape): KindModel | undefined {
  const { type, min, max, pattern, sensitive } = shape;
  const bounds =
    min === undefined && max === undefined ? undefined : ([min ?? null, max ?? null] as const);
  const isNumber = ["integer", "long", "float", "double"].includes(type);
  const isWhole = type === "integer" || type === "long";
  const kind: KindModel = {
    ...(bounds && (isNumber ? { range: bounds } : { length: bounds })),
    ...(pattern !== undefined && { pattern }),
    ...(shape.enum && { oneOf: shape.enum }),
    ...(isWhole && { whole: true }),
  };
  if (Object.keys(kind).length === 0) return undefined;
  return sensitive ? { ...kind, hidden: true } : kind;
}

const sorted = <T>(table: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(table).toSorted(([one], [other]) => (one < other ? -1 : 1)));

/** One kind or structure a line, so that a change shows as such. */
export function printConstraints(model: ConstraintModel): string {
  const { botocore, operations, kinds, structures } = model;
  const lines = (table: Readonly<Record<string, unknown>>): string =>
    Object.entries(table)
      .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(",\n");
  const head = `"botocore": ${JSON.stringify(botocore)},\n"operations": ${JSON.stringify(operations)}`;
  return `{\n${head},\n"kinds": {\n${lines(kinds)}\n},\n"structures": {\n${lines(structures)}\n}\n}\n`;
}

if (import.meta.main) {
  const found = await findBotocore();
  if (!found) throw new Error("python3 has no botocore");
  for (const service of Object.keys(clientPackages) as ServiceName[]) {
    await writeFile(constraintFile(service), printConstraints(buildConstraints(found, service)));
  }
}
