/** Which required members of a decoded input are missing. */

import type { MemberPath, PathStep } from "../protocols/member-path.ts";
import type { Structure } from "../protocols/protocol.ts";
import type { Shape, StructureShape } from "./shapes.ts";

export function findMissing(shape: StructureShape, input: Structure): MemberPath[] {
  const missing: MemberPath[] = [];
  visitStructure(shape, input, [], missing);
  return missing;
}

function visitStructure(
  shape: StructureShape,
  value: Structure,
  path: PathStep[],
  missing: MemberPath[],
): void {
  for (const member of shape.members) {
    const held = value[member.name];
    if (held === undefined) {
      if (member.required) missing.push([...path, member]);
    } else if (typeof held === "object") {
      path.push(member);
      visit(member.shape, held, path, missing);
      path.pop();
    }
  }
}

function visit(shape: Shape, value: unknown, path: PathStep[], missing: MemberPath[]): void {
  if (typeof value !== "object" || value === null) return;
  switch (shape.kind) {
    case "structure":
    case "union":
      visitStructure(shape, value as Structure, path, missing);
      return;
    case "list":
      for (const [at, element] of (value as unknown[]).entries()) {
        path.push(at + 1);
        visit(shape.member.shape, element, path, missing);
        path.pop();
      }
      return;
    case "map":
      for (const [key, held] of Object.entries(value)) {
        path.push(key);
        visit(shape.value.shape, held, path, missing);
        path.pop();
      }
      return;
    default:
      return;
  }
}
