/** One action on one resource put to policies, and how the answer is told. */
import type * as Iam from "@aws-sdk/client-iam";
import type { PolicyDocument } from "../../engine/policy/document.ts";
import { type AccessRequest, evaluate, type PolicySet } from "../../engine/policy/evaluate.ts";
import { findContextKeys } from "../../engine/policy-context-keys.ts";
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
  const effect = type === "explicitDeny" ? "Deny" : "Allow";
  const matched = policies.filter(({ document }) => hasEffect(document, request, effect));
  const missing = contextKeysOf(policies).filter((key) => !known.has(key.toLowerCase()));
  return {
    EvalActionName: request.action,
    EvalResourceName: request.resource,
    EvalDecision: type === "allow" ? "allowed" : type,
    MatchedStatements: matched.map((source) => ({
      SourcePolicyId: source.id,
      SourcePolicyType: source.type,
    })) as Iam.Statement[],
    MissingContextValues: missing,
    PermissionsBoundaryDecisionDetail: set.boundary && {
      AllowedByPermissionsBoundary: set.boundary.some((document) => isAllowed(request, [document])),
    },
  };
}

/** Whether statements of one effect in a document are about what is asked. */
function hasEffect(document: PolicyDocument, request: AccessRequest, effect: "Allow" | "Deny") {
  const statements = document.statements
    .filter((statement) => statement.effect === effect)
    .map((statement) => ({ ...statement, effect: "Allow" as const }));
  return isAllowed(request, [{ ...document, statements }]);
}

const isAllowed = (request: AccessRequest, identity: readonly PolicyDocument[]): boolean =>
  evaluate(request, { identity }).type === "allow";

/** Every condition key that policies ask for, once. */
export const contextKeysOf = (policies: readonly PolicySource[]): string[] => [
  ...new Set(policies.flatMap(({ text }) => findContextKeys(text))),
];
