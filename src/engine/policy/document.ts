/**
 * A policy document in the form that is evaluated. Reading it is lenient: a document was judged by
 * `explainMalformedPolicy` when it was kept, and a statement that cannot be read allows nothing.
 */

export type PolicyDocument = {
  /** `${…}` stands for a key's value; in documents of 2008 it is plain text. */
  readonly hasVariables: boolean;
  readonly statements: readonly Statement[];
};

export type Statement = {
  readonly effect: "Allow" | "Deny";
  readonly principal: PrincipalClause | undefined;
  readonly action: Clause;
  /** Undefined where a policy has none: of trust, it is about the role that carries it. */
  readonly resource: Clause | undefined;
  readonly conditions: readonly Condition[];
};

/** Patterns of which one must match or, when `negated` (`NotAction`), none may. */
export type Clause = { readonly negated: boolean; readonly patterns: readonly string[] };

export type PrincipalKind = "AWS" | "Service" | "Federated" | "CanonicalUser";

export type PrincipalClause = {
  readonly negated: boolean;
  /** `"*"`, or `{"AWS": "*"}`. */
  readonly anyone: boolean;
  readonly names: Readonly<Record<PrincipalKind, readonly string[]>>;
};

export type Condition = {
  /** In lower case, without quantifier and `IfExists`. */
  readonly operator: string;
  readonly quantifier: "any" | "all" | undefined;
  readonly ifExists: boolean;
  /** In lower case: keys are told apart without regard to it. */
  readonly key: string;
  readonly values: readonly string[];
};

type Json = { readonly [key: string]: unknown };

/** Undefined when `text` is no JSON object at all. */
export function readPolicy(text: string): PolicyDocument | undefined {
  const document = parse(text);
  if (!isObject(document)) return undefined;
  const statements = toList(document["Statement"]).flatMap((one) => readStatement(one) ?? []);
  return { hasVariables: document["Version"] === "2012-10-17", statements };
}

/** A document of which no word can be read denies everything: to pass over it could lose a denial. */
export const readPolicyOrDeny = (text: string): PolicyDocument => readPolicy(text) ?? denyAll;

const everything: Clause = { negated: false, patterns: ["*"] };

const denyAll: PolicyDocument = {
  hasVariables: false,
  statements: [
    {
      effect: "Deny",
      principal: undefined,
      action: everything,
      resource: everything,
      conditions: [],
    },
  ],
};

function readStatement(value: unknown): Statement | undefined {
  if (!isObject(value)) return undefined;
  const effect = value["Effect"];
  const action = inLowerCase(readClause(value, "Action"));
  const conditions = readConditions(value["Condition"]);
  if ((effect !== "Allow" && effect !== "Deny") || !action || !conditions) return undefined;
  return {
    effect,
    principal: readPrincipal(value),
    action,
    resource: readClause(value, "Resource"),
    conditions,
  };
}

function readClause(statement: Json, name: "Action" | "Resource"): Clause | undefined {
  const plain = statement[name];
  if (plain !== undefined) return { negated: false, patterns: toTexts(plain) };
  const negative = statement[`Not${name}`];
  return negative === undefined ? undefined : { negated: true, patterns: toTexts(negative) };
}

/** Actions are told apart without regard to case. */
const inLowerCase = (clause: Clause | undefined): Clause | undefined =>
  clause && { ...clause, patterns: clause.patterns.map((pattern) => pattern.toLowerCase()) };

function readPrincipal(statement: Json): PrincipalClause | undefined {
  const negated = statement["Principal"] === undefined;
  const value = statement[negated ? "NotPrincipal" : "Principal"];
  if (value === undefined) return undefined;
  const held = isObject(value) ? value : { AWS: value };
  const names = {
    AWS: toTexts(held["AWS"]),
    Service: toTexts(held["Service"]),
    Federated: toTexts(held["Federated"]),
    CanonicalUser: toTexts(held["CanonicalUser"]),
  };
  return { negated, anyone: names.AWS.includes("*"), names };
}

/** Undefined for what cannot be read: without its conditions a statement would allow too much. */
function readConditions(value: unknown): Condition[] | undefined {
  if (value === undefined) return [];
  if (!isObject(value)) return undefined;
  const conditions: Condition[] = [];
  for (const [name, keys] of Object.entries(value)) {
    if (!isObject(keys)) return undefined;
    for (const [key, values] of Object.entries(keys)) {
      conditions.push({ ...readOperator(name), key: key.toLowerCase(), values: toTexts(values) });
    }
  }
  return conditions;
}

/** `ForAllValues:StringEqualsIfExists` and the like, taken apart. */
export function readOperator(
  name: string,
): Pick<Condition, "operator" | "quantifier" | "ifExists"> {
  const [, quantifier, operator = "", ifExists] =
    /^(?:(forallvalues|foranyvalue):)?(.*?)(ifexists)?$/.exec(name.toLowerCase()) ?? [];
  const kinds = { forallvalues: "all", foranyvalue: "any" } as const;
  return {
    operator,
    quantifier: quantifier === undefined ? undefined : kinds[quantifier as keyof typeof kinds],
    ifExists: ifExists !== undefined,
  };
}

const toList = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

// Numbers and booleans may stand without quotes.
const toTexts = (value: unknown): string[] =>
  toList(value).flatMap((one) => (typeof one === "object" ? [] : [String(one)]));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
