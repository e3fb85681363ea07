/**
 * Every member that an operation accepts, nested ones too, is named by the code that its operation reaches,
 * apart from the declaration itself; or it is declared as only kept, or it is on the reviewed list below.
 * A member that no code names cannot be acted on: it would be taken and dropped.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readDeclared, serviceNames } from "../../../test/builders/generic-calls.ts";
import type { AnyAccepts } from "../service.ts";
import type { Shape, StructureShape } from "../wire/shapes.ts";

const sources = path.join(import.meta.dirname, "../..");

/** Reviewed: taken, with no effect that a caller could miss, and why. */
const harmless: Readonly<Record<string, string>> = {
  "ec2 DescribeAvailabilityZones AllAvailabilityZones": "every zone is opted in",
  "ec2 DescribeRegions AllRegions": "every region is enabled",
  "ec2 DetachNetworkInterface Force": "a detachment is done at once and cannot hang",
  "ecs RegisterTaskDefinition containerDefinitions.linuxParameters.devices.hostPath":
    "devices are refused for Fargate, and kept whole in definitions for instances",
  "ecs RegisterTaskDefinition containerDefinitions.linuxParameters.tmpfs.mountOptions":
    "tmpfs is refused for Fargate, and kept whole in definitions for instances",
  "ecs RegisterTaskDefinition inferenceAccelerators.deviceName": "accelerators are refused by name",
  "ecs RegisterTaskDefinition inferenceAccelerators.deviceType": "accelerators are refused by name",
  "ecs RunTask overrides.containerOverrides.resourceRequirements.sharingStrategy":
    "resource requirements are refused by name",
  "ecs RunTask overrides.containerOverrides.resourceRequirements.sharingStrategy.nvidiaMps":
    "resource requirements are refused by name",
  "ecs RunTask overrides.containerOverrides.resourceRequirements.sharingStrategy.nvidiaMps.maxComputePercent":
    "resource requirements are refused by name",
  "ecs RunTask overrides.inferenceAcceleratorOverrides.deviceName":
    "accelerators are refused by name",
  "ecs RunTask overrides.inferenceAcceleratorOverrides.deviceType":
    "accelerators are refused by name",
  "iam SimulateCustomPolicy ContextEntries.ContextKeyType":
    "a condition's operator says how values are read",
  "iam SimulatePrincipalPolicy ContextEntries.ContextKeyType":
    "a condition's operator says how values are read",
  "logs FilterLogEvents interleaved": "results are always interleaved, on AWS too",
};

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) =>
        entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name) && !entry.name.startsWith("testing"),
    )
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Without comments, imports and what `accepts` and `stored` declare. */
function codeOf(file: string): string {
  let text = readFileSync(file, "utf8")
    .replaceAll(/^\s*\/\*\*[\s\S]*?\*\//gm, "")
    .replaceAll(/(^|\s)\/\/.*$/gm, "")
    .replaceAll(/^import type [\s\S]*?;$/gm, "");
  for (let at = text.search(declaration); at >= 0; at = text.search(declaration)) {
    text = text.slice(0, at) + text.slice(endOf(text, at));
  }
  return text;
}

const declaration = /\b(?:accepts|stored|acceptsDescribe)\b\s*(?::|=)\s*[{[]/;

/** Behind the bracket that closes the first one after `at`. */
function endOf(text: string, at: number): number {
  let depth = 0;
  for (let end = text.slice(at).search(/[{[]/) + at; end < text.length; end++) {
    if ("{[(".includes(text[end] ?? "")) depth++;
    if ("}])".includes(text[end] ?? "") && --depth === 0) return end + 1;
  }
  return text.length;
}

const shared = ["state", "engine", "model"].flatMap((room) => filesIn(path.join(sources, room)));
const words = (files: readonly string[]): Set<string> =>
  new Set(files.flatMap((file) => codeOf(file).match(/[A-Za-z_$][\w$]*/g) ?? []));

describe.each(serviceNames)("%s", (service) => {
  it("what its operations accept: named by its code", async () => {
    const own = filesIn(path.join(sources, "services", service));
    const named = words([...own, ...shared]);
    const { operations } = await readDeclared(service);
    const unnamed = operations.flatMap(({ name, operation, input }) =>
      input
        ? membersOf(input, operation.accepts, operation.stored ?? [], "", new Set())
            .filter((member) => !named.has(member.split(".").at(-1) ?? ""))
            .map((member) => `${service} ${name} ${member}`)
        : [],
    );
    const reviewed = Object.keys(harmless).filter((member) => member.startsWith(`${service} `));
    // Both ways: what is reviewed and acted on after all must leave the list.
    expect(unnamed.toSorted()).toEqual(reviewed.toSorted());
  });
});

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
