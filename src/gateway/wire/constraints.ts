/**
 * The constraints of a service's model: lengths, ranges, patterns and sets of values of input members, and
 * which of them a decoded input breaks. Missing members are another matter: see `required.ts`.
 *
 * They lie in `constraints/<service>.json`, cut by `tools/generate-constraints.ts` out of botocore's models.
 */
import { readFileSync } from "node:fs";
import { type Broken, type Constraint, describeConstraint, explainValue } from "../constraints.ts";
import type { PathStep } from "../protocols/member-path.ts";
import type { Structure } from "../protocols/protocol.ts";
import type { Shape, StructureShape } from "./shapes.ts";

export type ConstraintModel = {
  /** The version that it was cut from. */
  readonly botocore: string;
  /** Whose inputs are in it. */
  readonly operations: readonly string[];
  readonly kinds: Readonly<Record<string, KindModel>>;
  /** By structure and member. */
  readonly structures: Readonly<Record<string, Readonly<Record<string, ConstraintTree>>>>;
};

/** Bounds are `null` where there are none. */
export type KindModel = {
  readonly length?: readonly [least: number | null, most: number | null];
  readonly range?: readonly [least: number | null, most: number | null];
  readonly pattern?: string;
  readonly oneOf?: readonly string[];
  readonly whole?: true;
  readonly hidden?: true;
};

/** The kind of a member, and those of what it is made of. */
export type ConstraintTree =
  | string
  | { readonly own?: string; readonly each?: ConstraintTree; readonly key?: ConstraintTree };

export type Constraints = {
  readonly kinds: ReadonlyMap<string, Constraint>;
  readonly structures: ConstraintModel["structures"];
};

/** Reads a generated file; undefined where a service has none. */
export function loadConstraints(service: string): Constraints | undefined {
  const file = new URL(`../constraints/${service}.json`, import.meta.url);
  try {
    return linkConstraints(JSON.parse(readFileSync(file, "utf8")) as ConstraintModel);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function linkConstraints({
  kinds,
  structures,
}: Pick<ConstraintModel, "kinds" | "structures">): Constraints {
  const linked = Object.entries(kinds).map(([name, kind]) => [name, toConstraint(kind)] as const);
  return { kinds: new Map(linked), structures };
}

function toConstraint({ length, range, pattern, oneOf, whole, hidden }: KindModel): Constraint {
  return {
    ...(length && { length: toBounds(length) }),
    ...(range && { range: toBounds(range) }),
    ...(pattern !== undefined && { pattern: wholePattern(pattern), patternText: pattern }),
    ...(oneOf && { oneOf }),
    ...(whole && { whole }),
    ...(hidden && { hidden }),
  };
}

const toBounds = ([least, most]: readonly [number | null, number | null]) =>
  [least ?? Number.NEGATIVE_INFINITY, most ?? Number.POSITIVE_INFINITY] as const;

/** AWS's patterns must match the whole value, whether they say so or not. */
function wholePattern(pattern: string): RegExp {
  const whole = `^(?:${pattern})$`;
  try {
    return new RegExp(whole, "u");
  } catch {
    // Escapes that are needless are an error only in a Unicode pattern.
    return new RegExp(whole);
  }
}

/** The constraints of what elements are made of, without their own. */
const below = (tree: ConstraintTree | undefined): ConstraintTree | undefined =>
  typeof tree === "object" ? { ...tree, own: "" } : undefined;

/** What is looked through for what is broken, and where in it. */
type Search = {
  readonly constraints: Constraints;
  readonly broken: Broken[];
  readonly path: PathStep[];
};

const nothingBroken: readonly Broken[] = [];

/** What `input` breaks, in the order of the model's members. */
export function findBroken(
  shape: StructureShape,
  input: Structure,
  constraints: Constraints,
): readonly Broken[] {
  for (const _ in input) {
    const search: Search = { constraints, broken: [], path: [] };
    visitStructure(search, shape, input);
    return search.broken;
  }
  return nothingBroken;
}

function visitStructure(search: Search, of: StructureShape, value: Structure): void {
  const { structures } = search.constraints;
  const trees = Object.hasOwn(structures, of.name) ? structures[of.name] : undefined;
  for (const member of of.members) {
    const held = value[member.name];
    if (held === undefined) continue;
    search.path.push(member);
    visit(search, member.shape, held, trees?.[member.name]);
    search.path.pop();
  }
}

function visit(search: Search, of: Shape, value: unknown, tree: ConstraintTree | undefined): void {
  judge(search, value, ownKind(tree));
  if (typeof value !== "object" || value === null) return;
  const { each, key } = typeof tree === "object" ? tree : noTree;
  switch (of.kind) {
    case "structure":
    case "union":
      visitStructure(search, of, value as Structure);
      return;
    case "list":
      judgeAll(search, value, value as unknown[], each, "Member must satisfy constraint");
      visitAll(search, of.member.shape, (value as unknown[]).entries(), each);
      return;
    case "map":
      judgeAll(search, value, Object.keys(value), key, "Map keys must satisfy constraint");
      judgeAll(search, value, Object.values(value), each, "Map value must satisfy constraint");
      visitAll(search, of.value.shape, Object.entries(value), each);
      return;
    default:
      return;
  }
}

const noTree: { readonly each?: ConstraintTree; readonly key?: ConstraintTree } = {};

const ownKind = (tree: ConstraintTree | undefined): string | undefined =>
  typeof tree === "string" ? tree : tree?.own;

/** Elements by their places, from 0, or by their keys. */
function visitAll(
  search: Search,
  of: Shape,
  elements: Iterable<readonly [number | string, unknown]>,
  each: ConstraintTree | undefined,
): void {
  const tree = below(each);
  for (const [at, element] of elements) {
    search.path.push(typeof at === "number" ? at + 1 : at);
    visit(search, of, element, tree);
    search.path.pop();
  }
}

function judge(
  { constraints, broken, path }: Search,
  value: unknown,
  kind: string | undefined,
): void {
  const constraint = kind === undefined ? undefined : constraints.kinds.get(kind);
  if (!constraint || value === null) return;
  for (const sentence of explainValue(value, constraint)) {
    broken.push({ path: [...path], value, constraint, sentence });
  }
}

// Of elements the framework tells at the list, once, whatever is wrong with which.
function judgeAll(
  { constraints, broken, path }: Search,
  whole: unknown,
  elements: readonly unknown[],
  tree: ConstraintTree | undefined,
  what: string,
): void {
  const kind = ownKind(tree);
  const constraint = kind === undefined ? undefined : constraints.kinds.get(kind);
  if (!constraint || !elements.some((one) => explainValue(one, constraint).length > 0)) return;
  const sentence = `${what}: ${describeConstraint(constraint)}`;
  broken.push({ path: [...path], value: whole, constraint, sentence });
}
