/**
 * Users and roles as whoever authorises a request needs them: whose an access key is, and which
 * policies say what its holder may do.
 */
import { accountOfAccessKeyId } from "../model/access-key-id.ts";
import type { AccessKey, Group, LastUse, ManagedPolicy, Role, User } from "../model/iam.ts";
import { globalRegion, type Scope } from "../model/scope.ts";
import { findAwsPolicy } from "./aws-managed-policies.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { accessKeys, groups, managedPolicies, roles, users } from "./tables/iam.ts";

/** A user or a role of an account, by name. */
export type IamPrincipal = {
  readonly kind: "user" | "role";
  readonly account: string;
  readonly name: string;
};

/** A policy that says what a principal may do. `holder` has it inline or attached. */
export type HeldPolicy = {
  readonly type: "inline" | "managed";
  readonly holder: {
    readonly kind: "user" | "group" | "role";
    readonly name: string;
    readonly arn: string;
  };
  readonly name: string;
  /** Undefined of an inline policy. */
  readonly arn: string | undefined;
  /** JSON text, well-formed. */
  readonly document: string;
};

export type PrincipalPolicies = {
  readonly arn: string;
  /** `AIDA…` or `AROA…`. */
  readonly id: string;
  /** Identity policies, inline and attached; a user's include those of its groups. */
  readonly identity: readonly HeldPolicy[];
  /** At most this much is allowed, whatever `identity` says. */
  readonly boundary: { readonly arn: string; readonly document: string } | undefined;
};

export type FoundAccessKey = { readonly key: AccessKey; readonly user: User };

const globalScope = (account: string): Scope => ({ account, region: globalRegion });

/** An access key that was issued here, with its user; active or not. */
export function findAccessKey(
  tx: ReadTransaction,
  accessKeyId: string,
): FoundAccessKey | undefined {
  const account = accountOfAccessKeyId(accessKeyId);
  if (account === undefined) return undefined;
  const scope = globalScope(account);
  const key = tx.table(accessKeys).get(scope, accessKeyId);
  const [user] = key ? tx.table(users).by("id", scope, key.userId) : [];
  return key && user ? { key, user } : undefined;
}

/** Notes that an access key made a request. To be called seldom: it is a write. */
export function noteAccessKeyUse(
  tx: WriteTransaction,
  accessKeyId: string,
  lastUse: LastUse,
): void {
  const found = findAccessKey(tx, accessKeyId);
  if (found) tx.table(accessKeys).put({ ...found.key, lastUse });
}

/** Notes that credentials of a role made a request. To be called seldom: it is a write. */
export function noteRoleUse(
  tx: WriteTransaction,
  { account, name }: Pick<IamPrincipal, "account" | "name">,
  lastUse: LastUse,
): void {
  const role = tx.table(roles).get(globalScope(account), name);
  if (role) tx.table(roles).put({ ...role, lastUse });
}

/** What a principal may do, as it is written, or undefined when there is no such principal. */
export function policiesOf(
  tx: ReadTransaction,
  { kind, account, name }: IamPrincipal,
): PrincipalPolicies | undefined {
  const scope = globalScope(account);
  const user = kind === "user" ? tx.table(users).get(scope, name) : undefined;
  const holder = user ?? (kind === "role" ? tx.table(roles).get(scope, name) : undefined);
  if (!holder) return undefined;
  const memberships = user ? groupsOf(tx, user) : [];
  const boundary = holder.permissionsBoundary;
  return {
    arn: holder.arn,
    id: holder.id,
    identity: [
      ...heldBy(tx, kind, holder),
      ...memberships.flatMap((group) => heldBy(tx, "group", group)),
    ],
    boundary:
      boundary === undefined
        ? undefined
        : { arn: boundary, document: documentOf(tx, scope, boundary) ?? allowsNothing },
  };
}

/** What a group gives its members. */
export const policiesOfGroup = (tx: ReadTransaction, group: Group): HeldPolicy[] =>
  heldBy(tx, "group", group);

/** The groups that a user is in, by name. */
export function groupsOf(tx: ReadTransaction, user: User): Group[] {
  return user.groupIds
    .flatMap((id) => tx.table(groups).by("id", user, id))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** A policy of the account that `scope` names, or one of AWS's. */
export function findManagedPolicy(
  tx: ReadTransaction,
  scope: Scope,
  arn: string,
): ManagedPolicy | undefined {
  return arn.startsWith("arn:aws:iam::aws:")
    ? findAwsPolicy(arn)
    : tx.table(managedPolicies).get(globalScope(scope.account), arn);
}

// A boundary whose policy is gone leaves nothing that could be allowed.
const allowsNothing = JSON.stringify({ Version: "2012-10-17", Statement: [] });

function heldBy(
  tx: ReadTransaction,
  kind: HeldPolicy["holder"]["kind"],
  record: User | Group | Role,
): HeldPolicy[] {
  const holder = { kind, name: record.name, arn: record.arn };
  const inline = record.inlinePolicies.map(
    ({ name, document }): HeldPolicy => ({
      type: "inline",
      holder,
      name,
      arn: undefined,
      document,
    }),
  );
  const attached = record.attachedPolicyArns.flatMap((arn): HeldPolicy[] => {
    const policy = findManagedPolicy(tx, record, arn);
    const document = policy && defaultDocument(policy);
    return policy === undefined || document === undefined
      ? []
      : [{ type: "managed", holder, name: policy.name, arn, document }];
  });
  return [...inline, ...attached];
}

function documentOf(tx: ReadTransaction, scope: Scope, arn: string): string | undefined {
  const policy = findManagedPolicy(tx, scope, arn);
  return policy && defaultDocument(policy);
}

const defaultDocument = (policy: ManagedPolicy): string | undefined =>
  policy.versions.find(({ id }) => id === policy.defaultVersionId)?.document;
