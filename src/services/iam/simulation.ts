/** One action on one resource put to policies, and how the answer is told. */
import type * as Iam from "@aws-sdk/client-iam";
import type { PolicyDocument } from "../../engine/policy/document.ts";
import {
  type AccessRequest,
  evaluate,
  listDenials,
  type PolicySet,
} from "../../engine/policy/evaluate.ts";
import { findContextKeys } from "../../engine/policy-context-keys.ts";
import { locateStatements } from "../../engine/policy-positions.ts";
import type { PolicySource } from "./policy-sources.ts";

export type Simulation = {
  readonly policies: readonly PolicySource[];
  readonly set: PolicySet;
  /** The names of the condition keys that have a value, in lower case. */
  readonly known: ReadonlySet<string>;
};

export function simulateOne(
  request: AccessRequest,
  { policies, set, known }: Simulation,
): Iam.EvaluationResult {
  const { type } = evaluate(request, set);
  const decision: Iam.PolicyEvaluationDecisionType = type === "allow" ? "allowed" : type;
  const effect = type === "explicitDeny" ? "Deny" : "Allow";
  const told = {
    MatchedStatements: policies.flatMap((source) => matchedIn(source, request, effect)),
    MissingContextValues: contextKeysOf(policies).filter((key) => !known.has(key.toLowerCase())),
    PermissionsBoundaryDecisionDetail: set.boundary && {
      AllowedByPermissionsBoundary: set.boundary.some((document) => isAllowed(request, [document])),
    },
  };
  const { action, resource } = request;
  const specific = { EvalResourceName: resource, EvalResourceDecision: decision, ...told };
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decision,
    ...told,
    ...(resource !== "*" && { ResourceSpecificResults: [specific] }),
  };
}

/** The statements of one effect in a policy that are about what is asked, with their places in its text. */
function matchedIn(
  { id, type, text, document }: PolicySource,
  request: AccessRequest,
  effect: "Allow" | "Deny",
): Iam.Statement[] {
  const spans = locateStatements(text);
  return document.statements.flatMap((statement, at) => {
    if (statement.effect !== effect) return [];
    // Whom a statement is about counts in a resource's policy only.
    const alone = [{ ...document, statements: [{ ...statement, effect: "Deny" as const }] }];
    const set =
      type === "Resource Policy" ? { identity: [], resource: alone } : { identity: alone };
    if (listDenials(request, set).length === 0) return [];
    const { start, end } = spans[at] ?? {};
    return {
      SourcePolicyId: id,
      SourcePolicyType: type as Iam.PolicySourceType,
      StartPosition: start && { Line: start.line, Column: start.column },
      EndPosition: end && { Line: end.line, Column: end.column },
    };
  });
}

const isAllowed = (request: AccessRequest, identity: readonly PolicyDocument[]): boolean =>
  evaluate(request, { identity }).type === "allow";

/** Every condition key that policies ask for, once. */
export const contextKeysOf = (policies: readonly PolicySource[]): string[] => [
  ...new Set(policies.flatMap(({ text }) => findContextKeys(text))),
];
