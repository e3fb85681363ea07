/**
 * Whether policies let somebody do something. A denial anywhere wins; then every kind of policy that
 * there is must allow, except that a resource's own policy may allow by itself within the account. The
 * policy of the VPC endpoint that a request came through is asked before all others, and of everybody.
 */
import { type ConditionKeys, conditionKeys } from "./condition-keys.ts";
import { isConditionMet } from "./conditions.ts";
import type { Clause, PolicyDocument, Statement } from "./document.ts";
import { fillPattern, isMatch } from "./pattern.ts";
import { type Principal, type Reach, reachOf } from "./principal.ts";

export type PolicyKind = "identity" | "resource" | "boundary" | "session" | "endpoint";

export type AccessRequest = {
  readonly principal: Principal;
  /** Such as `ecs:RunTask`; its case does not matter. */
  readonly action: string;
  /** An ARN, or `*` for actions that are on nothing in particular. */
  readonly resource: string;
  readonly keys?: ConditionKeys;
};

export type PolicySet = {
  readonly identity: readonly PolicyDocument[];
  /** The resource's own policies, such as a role's trust; undefined when it has none. */
  readonly resource?: readonly PolicyDocument[] | undefined;
  /** Undefined when the user or role has no boundary. */
  readonly boundary?: readonly PolicyDocument[] | undefined;
  /** Undefined when the session was made without policies. */
  readonly session?: readonly PolicyDocument[] | undefined;
  /** Of the VPC endpoint that the request came through; undefined when it came another way. */
  readonly endpoint?: readonly PolicyDocument[] | undefined;
  /** A gateway endpoint's policy that names an account means its root alone. */
  readonly isGatewayEndpoint?: boolean;
  /** Roles and KMS keys: nobody comes in whom their own policy does not let in. */
  readonly resourceMustAllow?: boolean;
  /** The account that the resource is of; undefined for the principal's own. */
  readonly resourceAccount?: string | undefined;
};

export type Decision =
  | { readonly type: "allow" }
  | { readonly type: "explicitDeny"; readonly by: PolicyKind }
  /** No policy of this kind allows it. */
  | { readonly type: "implicitDeny"; readonly by: PolicyKind };

export function evaluate(request: AccessRequest, policies: PolicySet): Decision {
  const denier = findDenier(request, policies);
  if (denier) return { type: "explicitDeny", by: denier };
  const missing = findMissingAllow(request, policies);
  return missing ? { type: "implicitDeny", by: missing } : { type: "allow" };
}

/** The statements that deny a request, of all kinds of policies. */
export function listDenials(request: AccessRequest, policies: PolicySet): readonly Statement[] {
  return kinds.flatMap((kind) =>
    (policies[kind] ?? []).flatMap((document) =>
      matching(document, "Deny", request, kind, policies),
    ),
  );
}

const kinds = ["endpoint", "identity", "resource", "boundary", "session"] as const;

function findDenier(request: AccessRequest, policies: PolicySet): PolicyKind | undefined {
  for (const kind of kinds) {
    if (anyMatch(policies, "Deny", request, kind)) return kind;
  }
  return undefined;
}

/** The first kind of policy that should allow and does not. */
function findMissingAllow(request: AccessRequest, policies: PolicySet): PolicyKind | undefined {
  const { principal } = request;
  const allows = (kind: PolicyKind): boolean => anyMatch(policies, "Allow", request, kind);
  if (policies.endpoint && !allows("endpoint")) return "endpoint";
  const reach = findReach(request, policies.resource ?? []);
  if (principal.type === "service" || principal.type === "federated") {
    return reach === undefined ? "resource" : undefined;
  }
  const own = principal.account;
  const isForeign = (policies.resourceAccount ?? own) !== own;
  if (reach === undefined && (isForeign || policies.resourceMustAllow)) return "resource";
  if (principal.type === "root") return undefined;
  // Named themselves by the resource, they need nothing else.
  if (reach === "self" && !isForeign) return undefined;
  if (!(reach === "role" && !isForeign) && !allows("identity")) return "identity";
  if (policies.boundary && !allows("boundary")) return "boundary";
  return policies.session && !allows("session") ? "session" : undefined;
}

/** How far the resource's own policies let the principal in. */
function findReach(request: AccessRequest, documents: readonly PolicyDocument[]): Reach {
  if (documents.length === 0) return undefined;
  const reaches = documents.flatMap((document) =>
    statementsAbout(document, request.action)
      .filter((one) => one.effect === "Allow" && isStatementMatch(one, document, request))
      .map(({ principal }) => principal && reachOf(principal, request.principal)),
  );
  return (["self", "role", "account"] as const).find((one) => reaches.includes(one));
}

// Loops, and no function made for each: this is asked for every request of every caller.
function anyMatch(
  policies: PolicySet,
  effect: Statement["effect"],
  request: AccessRequest,
  kind: PolicyKind,
): boolean {
  const documents = policies[kind];
  if (documents === undefined) return false;
  for (const document of documents) {
    for (const statement of statementsAbout(document, request.action)) {
      if (isMatching(statement, document, effect, request, kind, policies)) return true;
    }
  }
  return false;
}

function matching(
  document: PolicyDocument,
  effect: Statement["effect"],
  request: AccessRequest,
  kind: PolicyKind,
  policies: PolicySet,
): readonly Statement[] {
  return statementsAbout(document, request.action).filter((statement) =>
    isMatching(statement, document, effect, request, kind, policies),
  );
}

const isMatching = (
  statement: Statement,
  document: PolicyDocument,
  effect: Statement["effect"],
  request: AccessRequest,
  kind: PolicyKind,
  { isGatewayEndpoint }: PolicySet,
): boolean =>
  statement.effect === effect &&
  isStatementMatch(statement, document, request) &&
  (!namesPrincipals(kind) ||
    isAddressed(statement, request.principal, kind === "endpoint" && isGatewayEndpoint === true));

const namesPrincipals = (kind: PolicyKind): boolean => kind === "resource" || kind === "endpoint";

function isAddressed({ principal }: Statement, who: Principal, meansRootOnly: boolean): boolean {
  const reach = principal && reachOf(principal, who);
  return reach !== undefined && !(reach === "account" && meansRootOnly);
}

const noKeys = conditionKeys();

function isStatementMatch(
  { resource, conditions }: Statement,
  { hasVariables }: PolicyDocument,
  request: AccessRequest,
): boolean {
  const keys = request.keys ?? noKeys;
  return (
    (resource === undefined || isResourceMatch(resource, request.resource, keys, hasVariables)) &&
    conditions.every((condition) => isConditionMet(condition, keys, hasVariables))
  );
}

const mostActions = 500;
const statementsByAction = new WeakMap<PolicyDocument, Map<string, readonly Statement[]>>();

/**
 * The statements whose action matches. Kept for as long as the document is: one that names a thousand
 * actions is asked about the same few again and again.
 */
function statementsAbout(document: PolicyDocument, action: string): readonly Statement[] {
  const held = statementsByAction.get(document);
  const found = held?.get(action);
  if (found) return found;
  const known = held ?? new Map<string, readonly Statement[]>();
  if (known.size >= mostActions) known.clear();
  const about = document.statements.filter((statement) => isActionMatch(statement.action, action));
  known.set(action, about);
  statementsByAction.set(document, known);
  return about;
}

function isActionMatch({ negated, patterns }: Clause, action: string): boolean {
  const wanted = action.toLowerCase();
  return patterns.some((pattern) => isMatch(pattern, wanted)) !== negated;
}

function isResourceMatch(
  { negated, patterns }: Clause,
  resource: string,
  keys: ConditionKeys,
  hasVariables: boolean,
): boolean {
  for (const pattern of patterns) {
    const filled = hasVariables ? fillPattern(pattern, keys) : pattern;
    if (filled !== undefined && isMatch(filled, resource)) return !negated;
  }
  return negated;
}
