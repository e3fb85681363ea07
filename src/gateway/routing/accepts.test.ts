/** Every member of every declared operation's input is acted on, or refused by its name. */
import { describe, expect, it } from "vitest";
import { loadDeclaredService } from "../../../tools/declared-services.ts";
import { clientPackages, type ServiceName } from "../../../tools/wire-model.ts";
import type { AnyAccepts } from "../service.ts";
import { loadModel } from "../wire/model.ts";
import { linkModel, type Member, type Shape, type StructureShape } from "../wire/shapes.ts";
import { findUnacted } from "./accepts.ts";

const names = Object.keys(clientPackages) as ServiceName[];
const deepest = 6;

describe.each(names)("%s", (name) => {
  it("what an operation accepts: members that AWS's model has", async () => {
    const strangers: string[] = [];
    await eachOperation(name, (operation, accepts, input) => {
      strangers.push(...strangersOf(accepts, input).map((path) => `${operation}: ${path}`));
    });
    // EC2 declares this one for all: where AWS has none, the codec refuses it before.
    expect(strangers.filter((path) => name !== "ec2" || !path.endsWith(": DryRun"))).toEqual([]);
  });

  it("a member that an operation does not accept, nested ones too: refused by name", async () => {
    const silent: string[] = [];
    await eachOperation(name, (operation, accepts, input) => {
      for (const { path, value } of unaccepted(input, accepts, 0)) {
        const refused = findUnacted(value, accepts);
        if (refused.join() !== path) silent.push(`${operation}: ${path}`);
      }
    });
    expect(silent).toEqual([]);
  });
});

async function eachOperation(
  name: ServiceName,
  visit: (operation: string, accepts: AnyAccepts, input: StructureShape) => void,
): Promise<void> {
  const { operations } = await loadDeclaredService(name);
  const linked = linkModel(loadModel(name));
  for (const [operation, { accepts }] of Object.entries(operations)) {
    const input = linked.operation(operation)?.input;
    if (input) visit(operation, accepts, input);
  }
}

/** The structure that `accepts` speaks of: of a list or map, that of its elements. */
function structureIn(shape: Shape): StructureShape | undefined {
  if (shape.kind === "list") return structureIn(shape.member.shape);
  if (shape.kind === "map") return structureIn(shape.value.shape);
  return shape.kind === "structure" || shape.kind === "union" ? shape : undefined;
}

function strangersOf(accepts: AnyAccepts, shape: StructureShape): string[] {
  return Object.entries(accepts).flatMap(([name, below]) => {
    const member = shape.members.find((each) => each.name === name);
    if (!member) return [name];
    const inner = structureIn(member.shape);
    if (below === true || below === undefined || !inner) return [];
    return strangersOf(below, inner).map((path) => `${name}.${path}`);
  });
}

type Sent = { readonly path: string; readonly value: Record<string, unknown> };

/** One input for each member that is not accepted, with nothing but that member in it. */
function unaccepted(shape: StructureShape, accepts: AnyAccepts, depth: number): Sent[] {
  return shape.members.flatMap((member): Sent[] => {
    const accepted = Object.hasOwn(accepts, member.name) ? accepts[member.name] : undefined;
    if (accepted === true) return [];
    if (accepted === undefined) {
      return [{ path: member.name, value: { [member.name]: telling(member.shape, 0) } }];
    }
    const inner = structureIn(member.shape);
    if (!inner || depth > deepest) return [];
    return unaccepted(inner, accepted, depth + 1).map((sent) => ({
      path: `${member.name}.${sent.path}`,
      value: { [member.name]: within(member, sent.value) },
    }));
  });
}

const within = ({ shape }: Pick<Member, "shape">, value: unknown): unknown =>
  shape.kind === "list" ? [within(shape.member, value)] : value;

/** A value that says something. */
function telling(shape: Shape, depth: number): unknown {
  switch (shape.kind) {
    case "boolean":
      return true;
    case "number":
      return 1;
    case "timestamp":
      return new Date(1);
    case "blob":
    case "stream":
      return new Uint8Array([1]);
    case "list":
      return [telling(shape.member.shape, depth + 1)];
    case "map":
      return { key: telling(shape.value.shape, depth + 1) };
    case "structure":
    case "union": {
      const [first] = shape.members;
      return first && depth < deepest
        ? { [first.name]: telling(first.shape, depth + 1) }
        : { a: 1 };
    }
    default:
      return "text";
  }
}
