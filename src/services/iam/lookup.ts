/** Finding roles and policies, which are global to an account. */
import type { RequestContext, WriteContext } from "../../gateway/service.ts";
import type { ManagedPolicy, Role } from "../../model/iam.ts";
import { globalRegion, type Scope } from "../../model/scope.ts";
import { findManagedPolicy } from "../../state/iam-principals.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { roles } from "../../state/tables/iam.ts";
import { policyNotFound, roleNotFound, unmodifiable } from "./errors.ts";

type Place = { readonly tx: ReadTransaction; readonly scope: Scope };

export const globalScope = ({ scope }: { readonly scope: Scope }): Scope => ({
  account: scope.account,
  region: globalRegion,
});

/** ARNs of IAM have no region. */
export const iamArn = (account: string, resource: string): string =>
  `arn:aws:iam::${account}:${resource}`;

export function requireRole(context: Place, name: string | undefined): Role {
  const role = context.tx.table(roles).get(globalScope(context), name ?? "");
  if (!role) throw roleNotFound(name ?? "");
  return role;
}

/** A role that the account itself may change: not one that belongs to a service. */
export function requireOwnRole(context: WriteContext, name: string | undefined): Role {
  const role = requireRole(context, name);
  if (role.path.startsWith("/aws-service-role/")) throw unmodifiable(role.name);
  return role;
}

/** For the `resources` of operations on one role. */
export const roleArns = (
  input: { readonly RoleName?: string | undefined },
  { scope }: RequestContext,
): string[] => [iamArn(scope.account, `role/${input.RoleName ?? "*"}`)];

/** For the `resources` of operations on one policy. */
export const policyArns = (input: { readonly PolicyArn?: string | undefined }): string[] => [
  input.PolicyArn ?? "*",
];

export function requirePolicy(context: Place, arn: string | undefined): ManagedPolicy {
  const policy = findPolicy(context, arn ?? "");
  if (!policy) throw policyNotFound(arn ?? "");
  return policy;
}

/** A policy of the account, or one of AWS's. */
export const findPolicy = ({ tx, scope }: Place, arn: string): ManagedPolicy | undefined =>
  findManagedPolicy(tx, scope, arn);
