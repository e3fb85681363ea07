/** What every declared operation says it is authorised on, for inputs of its own shape. */
import type { Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError } from "../src/gateway/api-error.ts";
import type { AnyOperation, RequestContext } from "../src/gateway/service.ts";
import { loadModel } from "../src/gateway/wire/model.ts";
import { linkModel, type Member, type Shape } from "../src/gateway/wire/shapes.ts";
import { sequentialIds } from "../src/seams/ids.ts";
import { recordingLogger } from "../src/seams/logger.ts";
import { rootAccess } from "../src/state/authorization.ts";
import fc from "../test/builders/properties.ts";
import { loadDeclaredService } from "./declared-services.ts";
import { clientPackages, type ServiceName } from "./wire-model.ts";

const account = "111122223333";
const region = "eu-west-1";
const names = (Object.keys(clientPackages) as ServiceName[]).filter(
  (name) => Object.keys(loadModel(name).operations).length > 0,
);

const context: RequestContext = {
  scope: { account, region },
  caller: {
    account,
    arn: `arn:aws:iam::${account}:root`,
    userId: account,
    accessKeyId: account,
    principal: rootAccess(account).principal,
    session: undefined,
  },
  requestId: "request",
  now: 0,
  wall: 0,
  ids: sequentialIds(),
  logger: recordingLogger(),
  endpoint: { host: "127.0.0.1", port: 4566 },
  authorize: () => {},
};

const wellFormed = /^(?:\*|arn:aws:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12}|aws)?:[^\s]+)$/;

describe.each(names)("%s", (name) => {
  const linked = linkModel(loadModel(name));

  it.each(Object.keys(linked.model.operations))("%s: ARNs, or everything", async (operation) => {
    const { operations } = await loadDeclaredService(name);
    const declared = operations[operation];
    // Those that ask for themselves are not asked about.
    if (!declared || declared.authorization === "own") return;
    const shape = linked.operation(operation)?.input;
    fc.assert(
      fc.property(shape ? valueIn(shape, "", 0) : fc.constant({}), (input) => {
        for (const resource of resourcesOf(declared, input)) expect(resource).toMatch(wellFormed);
      }),
      { numRuns: 25 },
    );
  });
});

/** None where the input is refused for what is in it. */
function resourcesOf(operation: AnyOperation, input: unknown): readonly string[] {
  try {
    return operation.resources(input as never, context);
  } catch (error) {
    if (error instanceof ApiError) return [];
    throw error;
  }
}

const deepest = 3;

/** A value of the shape as clients send them: what is called an ARN is one, other texts are names. */
function valueIn(shape: Shape, name: string, depth: number): Arbitrary<unknown> {
  switch (shape.kind) {
    case "structure":
      return structureOf(shape.members, depth);
    case "union":
      return fc.constant({});
    case "list":
      return depth > deepest
        ? fc.constant([])
        : fc.array(valueIn(shape.member.shape, name, depth + 1), { minLength: 1, maxLength: 3 });
    case "map":
      return fc.constant({});
    case "string":
      return textOf(name);
    case "number":
      return fc.integer({ min: 1, max: 1000 });
    case "boolean":
      return fc.boolean();
    case "timestamp":
      return fc.constant(new Date(0));
    case "blob":
      return fc.constant(Buffer.from("x"));
    default:
      return fc.constant(undefined);
  }
}

function structureOf(members: readonly Member[], depth: number): Arbitrary<unknown> {
  if (depth > deepest) return fc.constant({});
  const arbitraries = members.map((member) => [
    member.name,
    valueIn(member.shape, member.name, depth + 1),
  ]);
  return fc.record(Object.fromEntries(arbitraries), { requiredKeys: [] });
}

const word = fc.stringMatching(/^[a-z][a-z0-9-]{2,12}$/);

function textOf(name: string): Arbitrary<string> {
  if (name === "registryId") return fc.constant(account);
  if (!/arns?$/i.test(name)) return word;
  const service = fc.constantFrom("ecs", "iam", "kms", "elasticloadbalancing", "logs");
  return fc
    .tuple(service, fc.constantFrom("cluster", "role", "key", "policy"), word)
    .map(([where, type, id]) => `arn:aws:${where}:${region}:${account}:${type}/${id}`);
}
