/** Calls of any declared operation of any service by the AWS SDK, for tests that go over all of them. */

import { explainValue } from "../../src/gateway/constraints.ts";
import type { AnyOperation } from "../../src/gateway/service.ts";
import type { TestGateway } from "../../src/gateway/testing.ts";
import {
  type Constraints,
  type ConstraintTree,
  loadConstraints,
} from "../../src/gateway/wire/constraints.ts";
import { loadModel } from "../../src/gateway/wire/model.ts";
import { linkModel, type Shape, type StructureShape } from "../../src/gateway/wire/shapes.ts";
import type { Scope } from "../../src/model/scope.ts";
import { loadDeclaredService } from "../../tools/declared-services.ts";
import { clientPackages, type ServiceName } from "../../tools/wire-model.ts";

export const serviceNames = Object.keys(clientPackages) as ServiceName[];

export type Input = Record<string, unknown>;

export type DeclaredOperation = {
  readonly name: string;
  readonly operation: AnyOperation;
  /** Undefined for one that takes nothing. */
  readonly input: StructureShape | undefined;
  readonly output: StructureShape | undefined;
};

export type DeclaredService = {
  readonly operations: readonly DeclaredOperation[];
  readonly constraints: Constraints;
};

export async function readDeclared(service: ServiceName): Promise<DeclaredService> {
  const { operations } = await loadDeclaredService(service);
  const linked = linkModel(loadModel(service));
  const constraints = loadConstraints(service) ?? { kinds: new Map(), structures: {} };
  return {
    constraints,
    operations: Object.entries(operations).map(([name, operation]) => {
      const sides = linked.operation(name);
      return { name, operation, input: sides?.input, output: sides?.output };
    }),
  };
}

export type Failure = { readonly status: number; readonly code: string; readonly message: string };
export type Outcome =
  | { readonly type: "done"; readonly output: Input }
  | ({ readonly type: "failed" } & Failure);

export type Caller = (operation: string, input: Input, scope?: Partial<Scope>) => Promise<Outcome>;

type Sdk = {
  config: { disableHostPrefix?: boolean };
  send(command: object): Promise<Input>;
  destroy(): void;
};

/** Calls a service's operations as the SDK does; a refusal is an outcome. */
export async function openCaller(cloud: TestGateway, service: ServiceName): Promise<Caller> {
  const exports = (await import(clientPackages[service])) as Record<string, never>;
  const name = Object.keys(exports).find((key) => /^[A-Z].*[a-z\dRCLMSK2]Client$/.test(key)) ?? "";
  const clients = new Map<string, Sdk>();
  return async (operation, input, scope = {}) => {
    const key = `${scope.account}/${scope.region}`;
    const client = clients.get(key) ?? (cloud.client(exports[name] as never, scope) as Sdk);
    client.config.disableHostPrefix = true;
    clients.set(key, client);
    const Command = exports[`${operation}Command`] as unknown as new (input: Input) => object;
    try {
      return { type: "done", output: await client.send(new Command(input)) };
    } catch (error) {
      return { type: "failed", ...toFailure(error) };
    }
  };
}

function toFailure(error: unknown): Failure {
  const { name, Code, message, $metadata } = error as Error & {
    Code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  // What the SDK cannot send is a mistake of the test, and not an answer.
  if ($metadata?.httpStatusCode === undefined) throw error;
  return { status: $metadata.httpStatusCode, code: Code ?? name, message };
}

/** Values of the forms that AWS's patterns want; tried in turn. */
const forms = [
  "aaaa",
  "/aaaa/",
  "000000000000",
  "000000",
  "a".repeat(64),
  "AAAAAAAAAAAAAAAA",
  "arn:aws:iam::000000000000:role/aaaaaaaa",
  "arn:aws:logs:us-east-1:000000000000:log-group:aaaa",
  "sha256:".padEnd(71, "0"),
  "key/aaaa",
  "alias/aaaa",
  "v1",
  "Name",
  "HTTP",
  "200",
  "aaaa.amazonaws.com",
  "ipv4pool-coip-aaaa",
  "ipam-pool-aaaa",
  "d-aaaaaaaaaa",
  "eu-west-1",
  "00000000-0000-0000-0000-000000000000",
];

/** A value that breaks no constraint, with the members that must be there. */
export function plausible(
  shape: Shape,
  constraints: Constraints,
  tree?: ConstraintTree,
  depth = 0,
): unknown {
  const parts = typeof tree === "string" ? { own: tree } : (tree ?? {});
  const constraint = parts.own === undefined ? undefined : constraints.kinds.get(parts.own);
  const least = Math.max(constraint?.length?.[0] ?? 0, 1);
  switch (shape.kind) {
    case "string": {
      const tried = [...(constraint?.oneOf ?? []), ...forms, "a".repeat(least)];
      const found = tried.find((one) => !constraint || explainValue(one, constraint).length === 0);
      if (found === undefined) throw new Error(`no form for ${String(parts.own)}`);
      return found;
    }
    case "number":
      return Math.max(constraint?.range?.[0] ?? 1, Math.min(5, constraint?.range?.[1] ?? 5));
    case "boolean":
      return true;
    case "timestamp":
      return new Date(1_700_000_000_000);
    case "blob":
    case "stream":
      return new Uint8Array(Math.min(least, 1000)).fill(65);
    case "document":
      return {};
    case "list": {
      const one = () => plausible(shape.member.shape, constraints, parts.each, depth + 1);
      return Array.from({ length: least }, one);
    }
    case "map":
      return {
        [String(plausible(shape.key.shape, constraints, parts.key, depth + 1))]: plausible(
          shape.value.shape,
          constraints,
          parts.each,
          depth + 1,
        ),
      };
    case "structure":
    case "union":
      return minimal(shape, constraints, depth);
  }
}

/** The members that must be there; of a union, one. */
export function minimal(shape: StructureShape, constraints: Constraints, depth = 0): Input {
  if (depth > 8) return {};
  const trees = constraints.structures[shape.name];
  const needed =
    shape.kind === "union"
      ? shape.members.slice(0, 1)
      : shape.members.filter((member) => member.required);
  return Object.fromEntries(
    needed.map((member) => [
      member.name,
      plausible(member.shape, constraints, trees?.[member.name], depth + 1),
    ]),
  );
}
