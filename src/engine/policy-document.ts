/**
 * Whether a text is a policy document, of an identity (it says what may be done) or of trust (it says
 * who may assume a role). Only the form is judged here, in IAM's order: of several faults a client is
 * told the first.
 */
import {
  datesOf,
  has,
  isDate,
  isObject,
  type Json,
  readStatements,
  textsOf,
} from "./policy-grammar.ts";
import { explainResource, isBeyondReading } from "./policy-resources.ts";

/** A managed policy is an identity's whose version is the newer one. */
export type PolicyKind = "managed" | "identity" | "trust";

/** What is wrong, in IAM's words, or undefined when the document is well-formed. */
export function explainMalformedPolicy(text: string, kind: PolicyKind): string | undefined {
  const document = parse(text);
  if (document === undefined) return "This policy contains invalid Json";
  const statements = readStatements(document);
  if (!statements) return "Syntax errors in policy.";
  if (kind === "managed" && isObject(document) && document["Version"] !== "2012-10-17") {
    return "Policy document must be version 2012-10-17 or greater.";
  }
  if (statements.some((one) => isLegacyFault(one))) return "The policy failed legacy parsing";
  return (
    explainSids(statements) ?? (kind === "trust" ? explainTrusts : explainIdentity)(statements)
  );
}

function isLegacyFault(statement: Json): boolean {
  return (
    (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") ||
    !datesOf(statement).every(isDate) ||
    resourcesOf(statement).some(isBeyondReading)
  );
}

function explainSids(statements: readonly Json[]): string | undefined {
  const sids = statements.flatMap((one) => textsOf(one, "Sid"));
  if (!sids.every((sid) => /^[0-9A-Za-z]*$/.test(sid))) {
    return (
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular " +
      "expression [0-9A-Za-z]*"
    );
  }
  const given = sids.filter((sid) => sid !== "");
  const isTwice = new Set(given).size < given.length;
  return isTwice ? "Statement IDs (SID) in a single policy must be unique." : undefined;
}

function explainTrusts(statements: readonly Json[]): string | undefined {
  const negative = statements.filter((one) => has(one, "NotPrincipal"));
  if (negative.some(({ Effect }) => Effect === "Allow")) {
    return "Allow with NotPrincipal is not allowed.";
  }
  if (negative.length > 0) return "AssumeRole policy must not contain NotPrincipal field.";
  return firstOf(statements, explainTrust);
}

function explainTrust(statement: Json): string | undefined {
  if (has(statement, "Resource") || has(statement, "NotResource")) {
    return "Has prohibited field Resource";
  }
  const principal = statement["Principal"];
  if (principal === undefined) return "Missing required field Principal";
  if (principal !== "*" && !isPrincipalMap(principal)) return "Invalid principal in policy";
  const odd = principalsOf(principal).find(({ kind, name }) => !isPrincipal(kind, name));
  if (odd) return invalidPrincipal(odd.kind, odd.name);
  const actions = actionsOf(statement);
  if (actions.length === 0) return "Missing required field Action";
  return actions.some((name) => !isTrustAction(name.toLowerCase()))
    ? "AssumeRole policy may only specify STS AssumeRole actions."
    : undefined;
}

const trustActions = [
  "assumerole",
  "assumerolewithsaml",
  "assumerolewithwebidentity",
  "setcontext",
  "setsourceidentity",
  "tagsession",
].map((name) => `sts:${name}`);

const isTrustAction = (name: string): boolean =>
  name === "*" || trustActions.includes(name) || (name.startsWith("sts:") && /[*?]/.test(name));

/** Each question is asked of all statements before the next one is. */
function explainIdentity(statements: readonly Json[]): string | undefined {
  const hasPrincipal = statements.some((one) => has(one, "Principal") || has(one, "NotPrincipal"));
  if (hasPrincipal) return "Policy document should not specify a principal.";
  const actions = statements.map(actionsOf);
  const resources = statements.map(resourcesOf);
  if (actions.some((list) => list.length === 0)) return "Policy statement must contain actions.";
  return (
    firstOf(actions.flat(), explainVendor) ??
    (resources.some((list) => list.length === 0)
      ? "Policy statement must contain resources."
      : undefined) ??
    firstOf(resources.flat(), explainResource) ??
    firstOf(actions.flat(), explainColons)
  );
}

function explainVendor(action: string): string | undefined {
  const [vendor = "", name] = action.split(":");
  if (action === "*" || action === "*:*") return undefined;
  if (!name) {
    return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  }
  return /^[a-z0-9.-]+$/i.test(vendor) ? undefined : `Vendor ${vendor} is not valid`;
}

const explainColons = (action: string): string | undefined =>
  action.split(":").length > 2 ? "Actions/Condition can contain only one colon." : undefined;

const actionsOf = (statement: Json): readonly string[] => [
  ...textsOf(statement, "Action"),
  ...textsOf(statement, "NotAction"),
];

const resourcesOf = (statement: Json): readonly string[] => [
  ...textsOf(statement, "Resource"),
  ...textsOf(statement, "NotResource"),
];

function firstOf<Item>(
  items: readonly Item[],
  explain: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const reason = explain(item);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

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
