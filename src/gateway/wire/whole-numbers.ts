/**
 * Fractions where the model has whole numbers. The shapes tell no kinds of numbers apart; the constraints do.
 */
import type { Structure } from "../protocols/protocol.ts";
import type { Constraints, ConstraintTree } from "./constraints.ts";
import type { Shape, StructureShape } from "./shapes.ts";

type Tree = ConstraintTree | undefined;

/** Whether a member of a structure is a whole number. */
export const isWhole = (constraints: Constraints, structure: string, member: string): boolean =>
  isWholeKind(constraints, constraints.structures[structure]?.[member]);

function isWholeKind({ kinds }: Constraints, tree: Tree): boolean {
  const own = typeof tree === "string" ? tree : tree?.own;
  return own !== undefined && kinds.get(own)?.whole === true;
}

/** Whether a number of `input` has a fraction that its member cannot have. */
export function hasFraction(
  shape: StructureShape,
  input: Structure,
  constraints: Constraints,
): boolean {
  const { structures } = constraints;

  const inStructure = (of: StructureShape, value: Structure): boolean => {
    const trees = Object.hasOwn(structures, of.name) ? structures[of.name] : undefined;
    return of.members.some(({ name, shape: held }) => inValue(held, value[name], trees?.[name]));
  };

  const inValue = (of: Shape, value: unknown, tree: Tree): boolean => {
    if (value === undefined || value === null) return false;
    const each = typeof tree === "object" ? tree.each : undefined;
    switch (of.kind) {
      case "number":
        return (
          typeof value === "number" && !Number.isInteger(value) && isWholeKind(constraints, tree)
        );
      case "structure":
      case "union":
        return inStructure(of, value as Structure);
      case "list":
        return (value as unknown[]).some((one) => inValue(of.member.shape, one, each));
      case "map":
        return Object.values(value).some((one) => inValue(of.value.shape, one, each));
      default:
        return false;
    }
  };

  return inStructure(shape, input);
}
