/** The input members that an operation declares to act on, nested ones too. */
import type { AnyAccepts } from "../../src/gateway/service.ts";
import type { Shape, StructureShape } from "../../src/gateway/wire/shapes.ts";
import type { DeclaredOperation } from "./generic-calls.ts";

/** Dotted paths; without what is only kept, and of a structure within itself only the outer one. */
export function declaredMembers({ operation, input }: DeclaredOperation): string[] {
  if (!input) return [];
  return membersOf(input, operation.accepts, operation.stored ?? [], "", new Set());
}

function membersOf(
  shape: StructureShape,
  accepts: AnyAccepts | true,
  stored: readonly string[],
  above: string,
  seen: ReadonlySet<StructureShape>,
): string[] {
  if (seen.has(shape)) return [];
  return shape.members.flatMap((member) => {
    const accepted = accepts === true ? true : accepts[member.name];
    const here = above === "" ? member.name : `${above}.${member.name}`;
    if (accepted === undefined || stored.includes(here)) return [];
    const inner = structureIn(member.shape);
    const below = inner ? membersOf(inner, accepted, stored, here, new Set([...seen, shape])) : [];
    return [here, ...below];
  });
}

function structureIn(shape: Shape): StructureShape | undefined {
  if (shape.kind === "list") return structureIn(shape.member.shape);
  if (shape.kind === "map") return structureIn(shape.value.shape);
  return shape.kind === "structure" || shape.kind === "union" ? shape : undefined;
}
