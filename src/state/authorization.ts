/**
 * Whether a user or a role's session may do something: its policies from the tables of IAM, evaluated.
 *
 * The gateway asks for callers of the API. What acts on somebody's behalf without a request, such as a
 * task that fetches a secret with its execution role, asks `isAllowed`.
 */

import type { VpcOrigin } from "../engine/network-path/origin.ts";
import { printAuthorizationMessage } from "../engine/policy/authorization-message.ts";
import {
  type ConditionSource,
  type ConditionValues,
  conditionKeys,
} from "../engine/policy/condition-keys.ts";
import { type Denial, explainDenial } from "../engine/policy/denial.ts";
import { type PolicyDocument, readPolicyOrDeny } from "../engine/policy/document.ts";
import { evaluate, listDenials } from "../engine/policy/evaluate.ts";
import type { Principal } from "../engine/policy/principal.ts";
import { parseArn } from "../model/arn.ts";
import type { Role } from "../model/iam.ts";
import { globalRegion, type Tag } from "../model/scope.ts";
import { findManagedPolicy, policiesOf } from "./iam-principals.ts";
import type { SessionContent, SessionHolder } from "./sessions.ts";
import type { ReadTransaction } from "./store.ts";
import { roles, users } from "./tables/iam.ts";
import { originKeys } from "./vpc-endpoints.ts";

/** Somebody with all that their policies and tags say, until one of those changes. */
export type Access = {
  readonly principal: Principal;
  readonly identity: readonly PolicyDocument[];
  readonly boundary: readonly PolicyDocument[] | undefined;
  readonly session: readonly PolicyDocument[] | undefined;
  /** The condition keys that tell who they are. */
  readonly keys: ConditionValues;
};

/** What is asked, with what the resource itself says of it. */
export type AccessQuestion = {
  /** Such as `ssm:GetParameters`. */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  readonly conditions?: ConditionSource | undefined;
  /** The resource's own policy, as text. */
  readonly resourcePolicy?: string | undefined;
  /** KMS keys and roles: nobody comes in whom that policy does not let in. */
  readonly resourceMustAllow?: boolean;
  /** The account of the resource; undefined for the caller's own. */
  readonly resourceAccount?: string | undefined;
  /** Where in a VPC the request comes from: the policy of its endpoint has a say, too. */
  readonly origin?: VpcOrigin | undefined;
  /** An action that everybody may do, whatever their own policies say. */
  readonly needsNoPermission?: boolean;
};

export type Verdict =
  | { readonly type: "allowed" }
  /** `message`: AWS's words, without any code. */
  | {
      readonly type: "denied";
      readonly decision: Denial;
      readonly message: string;
      /** All that it was decided on, as JSON text. */
      readonly details: () => string;
    };

/**
 * Whether the session `sessionName` of a role may do it, by the role's policies and boundary:
 *
 *     const role = { roleArn: definition.executionRoleArn, sessionName: taskId };
 *     const verdict = isAllowed(tx, role, "ssm:GetParameters", parameterArn);
 *     if (verdict.type === "denied") … verdict.message …
 *
 * A role that does not exist is denied, as one without policies.
 */
export function isAllowed(
  tx: ReadTransaction,
  role: { readonly roleArn: string; readonly sessionName: string },
  action: string,
  resource: string,
  more: Omit<AccessQuestion, "action" | "resource"> = {},
): Verdict {
  const content = roleSession(tx, role.roleArn, role.sessionName);
  const access = content && sessionAccess(tx, content);
  return judge(access ?? emptyAccess(role), { action, resource, ...more });
}

/** `about`: what else is known, under the question's own conditions. */
export function judge(
  access: Access,
  question: AccessQuestion,
  about: ConditionSource = {},
): Verdict {
  const { action, resource, conditions = {}, resourcePolicy, origin } = question;
  const { principal, identity, boundary, session } = question.needsNoPermission
    ? { ...access, ...unlimited }
    : access;
  const placed = origin ? originKeys(origin) : {};
  const keys = conditionKeys(access.keys, about, placed, conditions);
  const request = { principal, action, resource, keys };
  const policies = {
    identity,
    boundary,
    session,
    resource: resourcePolicy === undefined ? undefined : [parsed(resourcePolicy)],
    resourceMustAllow: question.resourceMustAllow ?? false,
    resourceAccount: question.resourceAccount,
    endpoint: origin?.endpoint && [parsed(origin.endpoint.policy)],
    isGatewayEndpoint: origin?.endpoint?.type === "gateway",
  };
  const decision = evaluate(request, policies);
  if (decision.type === "allow") return { type: "allowed" };
  const who = nameOf(principal);
  return {
    type: "denied",
    decision,
    message: explainDenial(decision, { who, action, resource }),
    details: () =>
      printAuthorizationMessage({
        decision,
        denials: listDenials(request, policies),
        principal: { id: keys.get("aws:userid")?.[0] ?? "", arn: who },
        action,
        resource,
        conditions: [about, placed, conditions],
      }),
  };
}

const nameOf = (principal: Principal): string => {
  if (principal.type === "service") return principal.name;
  return principal.type === "federated" ? principal.provider : principal.arn;
};

/** The content of a session of a role; undefined when there is no such role. */
export function roleSession(
  tx: ReadTransaction,
  roleArn: string,
  sessionName: string,
): SessionContent | undefined {
  const role = findRole(tx, roleArn);
  if (!role) return undefined;
  const { account, name, id, arn } = role;
  return { account, holder: { type: "role", name, id, arn, sessionName } };
}

/** The role with that ARN, its path included. */
export function findRole(tx: ReadTransaction, roleArn: string): Role | undefined {
  const { account = "", resource = "" } = parseArn(roleArn) ?? {};
  const name = resource.split("/").at(-1) ?? "";
  const role = tx.table(roles).get({ account, region: globalRegion }, name);
  return role?.arn === roleArn ? role : undefined;
}

/** `arn:aws:sts::<account>:assumed-role/<role>/<session>` */
export const sessionArn = (account: string, role: string, session: string): string =>
  `arn:aws:sts::${account}:assumed-role/${role}/${session}`;

export const federatedArn = (account: string, name: string): string =>
  `arn:aws:sts::${account}:federated-user/${name}`;

/** Undefined when the user is no longer there. */
export function userAccess(tx: ReadTransaction, account: string, name: string): Access | undefined {
  const held = policiesOf(tx, { kind: "user", account, name });
  const user = tx.table(users).get({ account, region: globalRegion }, name);
  if (!held || !user) return undefined;
  return {
    principal: { type: "user", account, arn: held.arn },
    ...documentsOf(held),
    session: undefined,
    keys: {
      ...identityKeys(account, held.arn, "User", held.id),
      "aws:username": name,
      ...principalTags(user.tags),
    },
  };
}

/** Undefined when its user or role is no longer there, or is another one of the same name. */
export function sessionAccess(tx: ReadTransaction, content: SessionContent): Access | undefined {
  const { account, holder } = content;
  switch (holder.type) {
    case "root":
      return rootAccess(account);
    case "user": {
      const access = userAccess(tx, account, holder.name);
      return access?.keys["aws:userid"] === holder.id ? access : undefined;
    }
    case "federated":
      return federatedAccess(tx, content, holder);
    case "role": {
      const held = policiesOf(tx, { kind: "role", account, name: holder.name });
      const role = tx.table(roles).get({ account, region: globalRegion }, holder.name);
      if (!held || !role || held.id !== holder.id) return undefined;
      const arn = sessionArn(account, holder.name, holder.sessionName);
      return {
        principal: { type: "session", account, arn, roleArn: held.arn },
        ...documentsOf(held),
        session: sessionPolicies(tx, content),
        keys: {
          ...identityKeys(account, held.arn, "AssumedRole", `${held.id}:${holder.sessionName}`),
          ...principalTags([...role.tags, ...(content.tags ?? [])]),
          "aws:SourceIdentity": content.sourceIdentity,
          "aws:FederatedProvider": content.provider,
        },
      };
    }
  }
}

/** What its sponsor may do, and of that no more than the session's own policies allow. */
function federatedAccess(
  tx: ReadTransaction,
  content: SessionContent,
  { name, sponsor }: Extract<SessionHolder, { type: "federated" }>,
): Access | undefined {
  const { account, tags = [] } = content;
  const access = sessionAccess(tx, { account, holder: sponsor });
  if (!access || !("arn" in access.principal)) return undefined;
  const arn = federatedArn(account, name);
  return {
    principal: { type: "session", account, arn, roleArn: access.principal.arn },
    identity: sponsor.type === "root" ? [parsed(everything)] : access.identity,
    boundary: access.boundary,
    session: sessionPolicies(tx, content) ?? [],
    keys: {
      ...access.keys,
      "aws:username": undefined,
      ...identityKeys(account, arn, "FederatedUser", `${account}:${name}`),
      ...principalTags(tags),
    },
  };
}

const everything = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "*", Resource: "*" },
});

export function rootAccess(account: string): Access {
  const arn = `arn:aws:iam::${account}:root`;
  return {
    principal: { type: "root", account, arn },
    identity: [],
    boundary: undefined,
    session: undefined,
    keys: identityKeys(account, arn, "Account", account),
  };
}

function emptyAccess(role: { readonly roleArn: string; readonly sessionName: string }): Access {
  const { account = "", resource = "" } = parseArn(role.roleArn) ?? {};
  const name = resource.split("/").at(-1) ?? "";
  const arn = sessionArn(account, name, role.sessionName);
  return {
    principal: { type: "session", account, arn, roleArn: role.roleArn },
    identity: [],
    boundary: undefined,
    session: undefined,
    keys: {},
  };
}

const identityKeys = (
  account: string,
  arn: string,
  type: "Account" | "User" | "AssumedRole" | "FederatedUser",
  userId: string,
): ConditionValues => ({
  "aws:PrincipalAccount": account,
  "aws:PrincipalArn": arn,
  "aws:PrincipalType": type,
  "aws:userid": userId,
  "aws:PrincipalIsAWSService": false,
  "aws:ViaAWSService": false,
});

const principalTags = (tags: readonly Tag[]): ConditionValues =>
  Object.fromEntries(tags.map(({ key, value }) => [`aws:PrincipalTag/${key}`, value]));

function sessionPolicies(
  tx: ReadTransaction,
  { account, policies = [], policyArns = [] }: SessionContent,
): PolicyDocument[] | undefined {
  if (policies.length + policyArns.length === 0) return undefined;
  const attached = policyArns.flatMap((arn) => {
    const policy = findManagedPolicy(tx, { account, region: globalRegion }, arn);
    return policy?.versions.find(({ id }) => id === policy.defaultVersionId)?.document ?? [];
  });
  return [...policies, ...attached].map(parsed);
}

const documentsOf = (
  held: NonNullable<ReturnType<typeof policiesOf>>,
): Pick<Access, "identity" | "boundary"> => ({
  identity: held.identity.map(({ document }) => parsed(document)),
  boundary: held.boundary && [parsed(held.boundary.document)],
});

/** Nothing but an endpoint's policy is in the way. */
const unlimited: Pick<Access, "identity" | "boundary" | "session"> = {
  identity: [readPolicyOrDeny(everything)],
  boundary: undefined,
  session: undefined,
};

// Reading a large document takes longer than evaluating it.
const mostParsed = 500;
const documents = new Map<string, PolicyDocument>();

function parsed(text: string): PolicyDocument {
  const known = documents.get(text);
  if (known) return known;
  const document = readPolicyOrDeny(text);
  if (documents.size >= mostParsed) documents.clear();
  documents.set(text, document);
  return document;
}
