/**
 * The constraints of a service's model: lengths, ranges, patterns and sets of values of input members, and
 * which of them a decoded input breaks. Missing members are another matter: see `required.ts`.
 *
 * They lie in `constraints/<service>.json`, cut by `tools/generate-constraints.ts` out of botocore's models.
 */
import { readFileSync } from "node:fs";
import { type Broken, type Constraint, describeConstraint, explainValue } from "../constraints.ts";
import type { PathStep, Structure } from "../protocols/protocol.ts";
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

/** What `input` breaks, in the order of the model's members. */
export function findBroken(
  shape: StructureShape,
  input: Structure,
  { kinds, structures }: Constraints,
): Broken[] {
  const broken: Broken[] = [];
  const path: PathStep[] = [];

  const judge = (value: unknown, kind: string | undefined): void => {
    const constraint = kind === undefined ? undefined : kinds.get(kind);
    if (!constraint || value === null) return;
    for (const sentence of explainValue(value, constraint)) {
      broken.push({ path: [...path], value, constraint, sentence });
    }
  };

  // Of elements the framework tells at the list, once, whatever is wrong with which.
  const judgeAll = (
    whole: unknown,
    elements: readonly unknown[],
    tree: ConstraintTree | undefined,
    what: string,
  ): void => {
    const kind = typeof tree === "string" ? tree : tree?.own;
    const constraint = kind === undefined ? undefined : kinds.get(kind);
    if (!constraint || !elements.some((one) => explainValue(one, constraint).length > 0)) return;
    const sentence = `${what}: ${describeConstraint(constraint)}`;
    broken.push({ path: [...path], value: whole, constraint, sentence });
  };

  const within = (step: PathStep, work: () => void): void => {
    path.push(step);
    work();
    path.pop();
  };

  const visitStructure = (of: StructureShape, value: Structure): void => {
    const trees = Object.hasOwn(structures, of.name) ? structures[of.name] : undefined;
    for (const member of of.members) {
      const held = value[member.name];
      if (held === undefined) continue;
      within(member, () => visit(member.shape, held, trees?.[member.name]));
    }
  };

  const visit = (of: Shape, value: unknown, tree: ConstraintTree | undefined): void => {
    const { own, each, key } = typeof tree === "string" ? { own: tree } : (tree ?? {});
    judge(value, own);
    if (typeof value !== "object" || value === null) return;
    switch (of.kind) {
      case "structure":
      case "union":
        visitStructure(of, value as Structure);
        return;
      case "list": {
        const elements = value as unknown[];
        judgeAll(value, elements, each, "Member must satisfy constraint");
        for (const [at, element] of elements.entries()) {
          within(at + 1, () => visit(of.member.shape, element, below(each)));
        }
        return;
      }
      case "map":
        judgeAll(value, Object.keys(value), key, "Map keys must satisfy constraint");
        judgeAll(value, Object.values(value), each, "Map value must satisfy constraint");
        for (const [name, element] of Object.entries(value)) {
          within(name, () => visit(of.value.shape, element, below(each)));
        }
        return;
      default:
        return;
    }
  };

  visitStructure(shape, input);
  return broken;
}
