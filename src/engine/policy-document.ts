/**
 * Whether a text is a policy document, of an identity (it says what may be done) or of trust (it says
 * who may assume a role). Only the form is judged here.
 */

import { isConditionOperator } from "./policy/conditions.ts";

export type PolicyKind = "identity" | "trust";

type Json = { readonly [key: string]: unknown };

const versions = ["2008-10-17", "2012-10-17"];
const statementMembers = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

/** What is wrong, in IAM's words, or undefined when the document is well-formed. */
export function explainMalformedPolicy(text: string, kind: PolicyKind): string | undefined {
  const document = parse(text);
  if (document === undefined) return "This policy contains invalid Json";
  if (!isObject(document)) return syntaxErrors;
  const { Version, Statement } = document;
  if (Version !== undefined && !versions.some((version) => version === Version)) {
    return syntaxErrors;
  }
  const unknown = Object.keys(document).some(
    (key) => !["Version", "Id", "Statement"].includes(key),
  );
  if (unknown || Statement === undefined) return syntaxErrors;
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  if (kind === "identity" && Version !== "2012-10-17" && Version !== undefined) {
    return "Policy document must be version 2012-10-17 or greater.";
  }
  const reason = explainSids(statements);
  if (reason) return reason;
  for (const statement of statements) {
    const reason = explainStatement(statement, kind);
    if (reason) return reason;
  }
  return undefined;
}

const syntaxErrors = "Syntax errors in policy.";

function explainSids(statements: readonly unknown[]): string | undefined {
  const sids = statements.flatMap((one) => (isObject(one) ? (one["Sid"] ?? []) : []));
  if (sids.some((sid) => typeof sid !== "string" || !/^[0-9A-Za-z]*$/.test(sid))) {
    return (
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular " +
      "expression [0-9A-Za-z]*"
    );
  }
  const given = sids.filter((sid) => sid !== "");
  const isTwice = new Set(given).size < given.length;
  return isTwice ? "Statement IDs (SID) in a single policy must be unique." : undefined;
}

function explainStatement(statement: unknown, kind: PolicyKind): string | undefined {
  if (!isObject(statement)) return syntaxErrors;
  if (Object.keys(statement).some((key) => !statementMembers.includes(key))) return syntaxErrors;
  const { Effect, Condition } = statement;
  if (Effect !== "Allow" && Effect !== "Deny") return syntaxErrors;
  const reason = Condition === undefined ? undefined : explainConditions(Condition);
  if (reason) return reason;
  return kind === "trust" ? explainTrust(statement) : explainIdentity(statement);
}

function explainConditions(value: unknown): string | undefined {
  if (!isObject(value)) return syntaxErrors;
  for (const [operator, keys] of Object.entries(value)) {
    if (!isConditionOperator(operator)) return `Invalid Condition type : ${operator}.`;
    if (!isObject(keys)) return syntaxErrors;
  }
  return undefined;
}

function explainTrust(statement: Json): string | undefined {
  if (has(statement, "Resource") || has(statement, "NotResource")) {
    return "Has prohibited field Resource";
  }
  const principal = statement["Principal"] ?? statement["NotPrincipal"];
  if (principal === undefined) return "Missing required field Principal";
  if (principal !== "*" && !isPrincipalMap(principal)) return "Invalid principal in policy";
  const odd = principalsOf(principal).find(({ kind, name }) => !isPrincipal(kind, name));
  if (odd) return invalidPrincipal(odd.kind, odd.name);
  const action = statement["Action"] ?? statement["NotAction"];
  if (action === undefined) return "Missing required field Action";
  const actions = toTexts(action);
  if (!actions) return syntaxErrors;
  const foreign = actions.some((name) => name !== "*" && !/^sts:/i.test(name));
  return foreign ? "AssumeRole policy may only specify STS AssumeRole actions." : undefined;
}

function explainIdentity(statement: Json): string | undefined {
  if (has(statement, "Principal") || has(statement, "NotPrincipal")) {
    return "Policy document should not specify a principal.";
  }
  if (has(statement, "Action") === has(statement, "NotAction")) {
    return "Policy statement must contain actions.";
  }
  if (has(statement, "Resource") === has(statement, "NotResource")) {
    return "Policy statement must contain resources.";
  }
  const actions = toTexts(statement["Action"] ?? statement["NotAction"]);
  const resources = toTexts(statement["Resource"] ?? statement["NotResource"]);
  if (!actions || !resources) return syntaxErrors;
  if (actions.some((name) => name !== "*" && !/^[a-z0-9-]+:.+$/i.test(name))) {
    return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  }
  const isResource = (text: string): boolean => text.startsWith("*") || text.startsWith("arn:");
  const odd = resources.find((text) => !isResource(text));
  return odd === undefined ? undefined : `Resource ${odd} must be in ARN format or "*".`;
}

const has = (statement: Json, member: string): boolean => statement[member] !== undefined;

type NamedPrincipal = { readonly kind: string; readonly name: string };

export const invalidPrincipal = (kind: string, name: string): string =>
  `Invalid principal in policy: "${kind === "AWS" ? kind : kind.toUpperCase()}":"${name}"`;

/** Everybody that the statements of a well-formed document name, as `AWS` or another kind. */
export function listPrincipals(text: string): NamedPrincipal[] {
  const document = parse(text);
  const statements = isObject(document) ? [document["Statement"]].flat() : [];
  return statements
    .filter(isObject)
    .flatMap((one) => principalsOf(one["Principal"] ?? one["NotPrincipal"]));
}

const principalsOf = (principal: unknown): NamedPrincipal[] =>
  isObject(principal)
    ? Object.entries(principal).flatMap(([kind, names]) =>
        (toTexts(names) ?? []).map((name) => ({ kind, name })),
      )
    : [];

/** Whether a name is of the form that its kind has. Wildcards are allowed only as the whole of it. */
function isPrincipal(kind: string, name: string): boolean {
  switch (kind) {
    case "AWS":
      return name === "*" || awsPrincipal.test(name);
    case "Service":
      return /^[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com)$/i.test(name);
    default:
      return true;
  }
}

/** An account, its root, a user, a role, or a session of either; unique ids stand for what is gone. */
const awsPrincipal =
  /^(?:\d{12}|A[A-Z0-9]{15,}|arn:aws:(?:iam::\d{12}:(?:root|(?:user|role)\/[\w+=,.@/-]+)|sts::\d{12}:(?:assumed-role|federated-user)\/[\w+=,.@/-]+))$/;

function isPrincipalMap(value: unknown): boolean {
  const kinds = ["AWS", "Service", "Federated", "CanonicalUser"];
  if (!isObject(value) || Object.keys(value).length === 0) return false;
  return Object.entries(value).every(
    ([kind, names]) => kinds.includes(kind) && toTexts(names) !== undefined,
  );
}

function toTexts(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((one) => typeof one === "string" && one !== "")
    ? (list as string[])
    : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
