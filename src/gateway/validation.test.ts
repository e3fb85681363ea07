/**
 * Every input member of every declared operation, missing where it must be there and outside of what AWS's
 * model allows: refused before anything is done, in the code and the words of its service.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startAllServices } from "../../test/builders/all-services.ts";
import {
  type Caller,
  type DeclaredOperation,
  type DeclaredService,
  type Failure,
  type Input,
  minimal,
  openCaller,
  plausible,
  readDeclared,
  serviceNames,
} from "../../test/builders/generic-calls.ts";
import type { ServiceName } from "../../tools/wire-model.ts";
import { type Constraint, explainValue } from "./constraints.ts";
import { coralPath } from "./protocols/coral.ts";
import type { MemberPath } from "./protocols/member-path.ts";
import type { AnyAccepts } from "./service.ts";
import type { TestGateway } from "./testing.ts";
import type { Constraints, ConstraintTree } from "./wire/constraints.ts";
import type { Member, Shape, StructureShape } from "./wire/shapes.ts";

// Every service and every client is loaded, which takes long on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let cloud: TestGateway;
beforeAll(async () => {
  cloud = await startAllServices();
});
afterAll(() => cloud.close());

/** One input with one thing wrong. */
type Wrong = {
  readonly input: (base?: Input) => Input;
  readonly path: MemberPath;
  readonly what: string;
};

type Family = {
  readonly code: string;
  /** What a message about a member says, by the member's path. */
  readonly words: (path: string) => RegExp;
};

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const framework = (path: string): RegExp =>
  new RegExp(
    `validation errors? detected: .*at '${quoted(path)}' failed to satisfy constraint: M`,
    "s",
  );

/** How each service refuses what breaks its model. */
const families: Readonly<Record<ServiceName, Family>> = {
  ec2: {
    code: "InvalidParameterValue",
    words: (path) =>
      new RegExp(`^Value \\(.*\\) for parameter .*${path.slice(-5, -1)}.* is invalid`, "is"),
  },
  ecr: {
    code: "InvalidParameterException",
    words: (path) =>
      new RegExp(
        `^Invalid parameter at '${quoted(path.replace(".member", ""))}' failed to satisfy constraint: '`,
      ),
  },
  ecs: { code: "InvalidParameterException", words: framework },
  elbv2: { code: "ValidationError", words: framework },
  iam: {
    code: "ValidationError",
    words: (path) =>
      new RegExp(
        `${framework(path).source}|^The specified value for ${path} is invalid. It must`,
        "s",
      ),
  },
  kms: { code: "ValidationException", words: framework },
  logs: { code: "InvalidParameterException", words: framework },
  secretsmanager: { code: "ValidationException", words: framework },
  ssm: { code: "ValidationException", words: framework },
  sts: { code: "ValidationError", words: framework },
};

/** Reviewed: what operations judge by themselves, in words of their own or only where it is more than a size. */
const own: Readonly<Partial<Record<ServiceName, RegExp>>> = {
  // Sizes of pages and of lists; what is beyond the largest page is cut to it. And the SDK leaves out the
  // empty configuration that is all the model asks for.
  ec2: / too (?:small|great|short|long) |^CreateDhcpOptions /,
  ecr: /^PutLifecyclePolicy .* lifecyclePolicyText/,
  secretsmanager: / rotationRules\b| clientRequestToken/,
};

/** What ECS's operations need besides the members that the model requires, to come to what is wrong. */
async function prepareEcs(): Promise<Readonly<Record<string, Input>>> {
  const definition = {
    family: "aaaa",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: "256",
    memory: "512",
    containerDefinitions: [{ name: "aaaa", image: "aaaa" }],
  };
  const ecs = await openCaller(cloud, "ecs");
  await ecs("CreateCluster", { clusterName: "default" });
  await ecs("RegisterTaskDefinition", definition);
  const ec2 = await openCaller(cloud, "ec2");
  const subnets = await ec2("DescribeSubnets", {});
  const { Subnets = [] } = (subnets.type === "done" ? subnets.output : {}) as {
    Subnets?: { SubnetId: string }[];
  };
  const [subnet] = Subnets.map(({ SubnetId }) => SubnetId);
  const networkConfiguration = { awsvpcConfiguration: { subnets: [subnet] } };
  const launch = { taskDefinition: "aaaa", launchType: "FARGATE", networkConfiguration };
  await ecs("CreateService", { ...launch, serviceName: "aaaa", desiredCount: 0 });
  return {
    RegisterTaskDefinition: definition,
    CreateService: { ...launch, serviceName: "bbbb" },
    RunTask: launch,
  };
}

describe.each(serviceNames)("%s", (service) => {
  let declared: DeclaredService;
  let call: Caller;
  const isQuery = ["ec2", "elbv2", "iam", "sts"].includes(service);
  let bases: Readonly<Record<string, Input>> = {};
  beforeAll(async () => {
    if (service === "ecs") bases = await prepareEcs();
    declared = await readDeclared(service);
    call = await openCaller(cloud, service);
  });

  async function refusals(
    of: (operation: DeclaredOperation) => Iterable<Wrong>,
    check: (failure: Failure, wrong: Wrong) => boolean,
  ): Promise<string[]> {
    const odd: string[] = [];
    for (const operation of declared.operations) {
      for (const wrong of of(operation)) {
        const outcome = await call(operation.name, wrong.input(bases[operation.name]));
        if (outcome.type === "failed" && check(outcome, wrong)) continue;
        const told =
          outcome.type === "done"
            ? "done"
            : `${outcome.status} ${outcome.code}: ${outcome.message}`;
        const { what, path } = wrong;
        const name = `${operation.name} ${what} ${coralPath(path)}`;
        if (own[service]?.test(name) && (told !== "done" || name.endsWith(" maxResults"))) continue;
        odd.push(`${name}: ${told.slice(0, 300)}`);
      }
    }
    return odd;
  }

  it("a member that must be there is missing: refused by its name", async () => {
    const odd = await refusals(
      (operation) => missingMembers(operation, declared, isQuery),
      (failure, wrong) => isMissing(service, failure, wrong),
    );
    expect(odd).toEqual([]);
  });

  it("a value outside of AWS's model: refused in the service's code and words", async () => {
    const odd = await refusals(
      (operation) => brokenMembers(operation, declared),
      ({ status, code, message }, { path }) => {
        const { code: expected, words } = families[service];
        return status === 400 && code === expected && words(coralPath(path)).test(message);
      },
    );
    expect(odd).toEqual([]);
  });
});

/** ECS's operations say in their own words what is missing, and may find something else wrong before. */
function isMissing(
  service: ServiceName,
  { status, code, message }: Failure,
  { path }: Wrong,
): boolean {
  const last = path.at(-1);
  const names = typeof last === "object" ? [last.name, last.inputName] : [];
  if (status !== 400) return false;
  if (service === "ecs") return ["InvalidParameterException", "ClientException"].includes(code);
  const expected = service === "ec2" ? "MissingParameter" : families[service].code;
  return (
    code === expected && names.some((name) => message.toLowerCase().includes(name.toLowerCase()))
  );
}

function* missingMembers(
  { operation, input }: DeclaredOperation,
  declared: DeclaredService,
  isQuery: boolean,
): Iterable<Wrong> {
  if (!input) return;
  for (const { shape, place, path } of structuresIn(
    input,
    operation.accepts,
    declared.constraints,
  )) {
    for (const member of shape.members) {
      if (!member.required) continue;
      const whole = minimal(shape, declared.constraints);
      delete whole[member.name];
      // Query protocols have no way to say an empty structure.
      if (path.length > 0 && Object.keys(whole).length === 0 && isQuery) continue;
      const around = minimal(input, declared.constraints);
      const without = (base: Input = {}): Input => {
        const rest = { ...base };
        if (path.length === 0) delete rest[member.name];
        return place({ ...around, ...rest }, path.length === 0 ? { ...rest, ...whole } : whole);
      };
      yield { input: without, path: [...path, member], what: "without" };
    }
  }
}

function* brokenMembers(
  { operation, input }: DeclaredOperation,
  declared: DeclaredService,
): Iterable<Wrong> {
  if (!input) return;
  const { constraints } = declared;
  for (const { shape, place, path, accepts } of structuresIn(
    input,
    operation.accepts,
    declared.constraints,
  )) {
    for (const member of shape.members) {
      if (accepts !== true && accepts[member.name] === undefined) continue;
      const tree = constraints.structures[shape.name]?.[member.name];
      for (const [value, what] of wrongValues(member.shape, tree, declared)) {
        const around = minimal(input, constraints);
        const whole = { ...minimal(shape, constraints), [member.name]: value };
        yield { input: () => place(around, whole), path: [...path, member], what };
      }
    }
  }
}

type Place = {
  readonly shape: StructureShape;
  readonly path: MemberPath;
  readonly accepts: AnyAccepts | true;
  readonly place: (around: Input, whole: Input) => Input;
};

/** An operation's input and every structure below it that it accepts members of, each once. */
function* structuresIn(
  input: StructureShape,
  accepts: AnyAccepts,
  constraints: Constraints,
): Iterable<Place> {
  const seen = new Set<StructureShape>();
  const queue: Place[] = [{ shape: input, path: [], accepts, place: (_, whole) => whole }];
  for (let at = queue.shift(); at; at = queue.shift()) {
    if (seen.has(at.shape)) continue;
    seen.add(at.shape);
    yield at;
    for (const member of at.shape.members) {
      const below = at.accepts === true ? true : at.accepts[member.name];
      const next = below === undefined ? undefined : descend(member, at, below, constraints);
      if (next) queue.push(next);
    }
  }
}

function descend(
  member: Member,
  at: Place,
  accepts: AnyAccepts | true,
  constraints: Constraints,
): Place | undefined {
  const inner = member.shape.kind === "list" ? member.shape.member.shape : member.shape;
  if (inner.kind !== "structure") return undefined;
  const isList = member.shape.kind === "list";
  return {
    shape: inner,
    accepts,
    path: [...at.path, member, ...(isList ? [1] : [])],
    place: (around, whole) => {
      const held = isList ? [whole] : whole;
      return at.path.length === 0
        ? { ...around, [member.name]: held }
        : at.place(around, { ...minimal(at.shape, constraints), [member.name]: held });
    },
  };
}

function* wrongValues(
  shape: Shape,
  tree: ConstraintTree | undefined,
  { constraints }: DeclaredService,
): Iterable<[unknown, string]> {
  const parts = typeof tree === "string" ? { own: tree } : (tree ?? {});
  const own = parts.own === undefined ? undefined : constraints.kinds.get(parts.own);
  if (own) yield* brokenValues(shape, own, () => plausibleElement(shape));
  if (
    shape.kind === "list" &&
    shape.member.shape.kind === "string" &&
    typeof parts.each === "string"
  ) {
    const each = constraints.kinds.get(parts.each);
    if (each)
      for (const [value, what] of brokenValues(shape.member.shape, each, () => ""))
        yield [[value], `element ${what}`];
  }
  function plausibleElement(of: Shape): unknown {
    return of.kind === "list" ? plausible(of.member.shape, constraints, parts.each) : "";
  }
}

const longest = 50_000;

function* brokenValues(
  shape: Shape,
  constraint: Constraint,
  element: () => unknown,
): Iterable<[unknown, string]> {
  const {
    length: [least, most] = [0, Number.POSITIVE_INFINITY],
    range,
    pattern,
    oneOf,
  } = constraint;
  const make = (count: number): unknown => {
    if (shape.kind === "string") return "a".repeat(count);
    if (shape.kind === "blob") return new Uint8Array(count).fill(65);
    return shape.kind === "list" ? Array.from({ length: count }, element) : undefined;
  };
  // A client leaves out an empty blob.
  if (least > (shape.kind === "blob" ? 1 : 0) && make(least - 1) !== undefined)
    yield [make(least - 1), "too short"];
  if (most < longest && make(most + 1) !== undefined) yield [make(most + 1), "too long"];
  if (range && Number.isFinite(range[0]) && range[0] > 0) yield [range[0] - 1, "too small"];
  if (range && Number.isFinite(range[1])) yield [range[1] + 1, "too great"];
  if (oneOf) yield ["NOT-ONE-OF-THEM", "none of the set:"];
  if (pattern) {
    const odd = ["\u0007", "ä ö*:", "*", " ", "!", "a", "\u{1F600}"].map((one) =>
      one.padEnd(least, one),
    );
    const found = odd.find((one) =>
      explainValue(one, constraint).some((told) => told.includes("pattern")),
    );
    if (found !== undefined) yield [found, "of another form:"];
  }
}
