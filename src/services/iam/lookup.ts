/** Finding users, groups, roles and policies, which are global to an account. */
import type { Caller, RequestContext, WriteContext } from "../../gateway/service.ts";
import type { Group, InstanceProfile, ManagedPolicy, Role, User } from "../../model/iam.ts";
import { globalRegion, type Scope } from "../../model/scope.ts";
import { findManagedPolicy } from "../../state/iam-principals.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { groups, instanceProfiles, roles, users } from "../../state/tables/iam.ts";
import {
  nameNotFound,
  policyNotFound,
  profileNotFound,
  unmodifiable,
  validationError,
} from "./errors.ts";

export type Place = { readonly tx: ReadTransaction; readonly scope: Scope };

export const globalScope = ({ scope }: { readonly scope: Scope }): Scope => ({
  account: scope.account,
  region: globalRegion,
});

/** ARNs of IAM have no region. */
export const iamArn = (account: string, resource: string): string =>
  `arn:aws:iam::${account}:${resource}`;

export function requireRole(context: Place, name: string | undefined): Role {
  const role = context.tx.table(roles).get(globalScope(context), name ?? "");
  if (!role) throw nameNotFound("role", name ?? "");
  return role;
}

/** A role that the account itself may change: not one that belongs to a service. */
export function requireOwnRole(context: WriteContext, name: string | undefined): Role {
  const role = requireRole(context, name);
  if (role.path.startsWith("/aws-service-role/")) throw unmodifiable(role.name);
  return role;
}

export function requireUser(context: Place, name: string | undefined): User {
  const user = context.tx.table(users).get(globalScope(context), name ?? "");
  if (!user) throw nameNotFound("user", name ?? "");
  return user;
}

/** The user that is named, or the caller when none is and the caller is one. */
export function requireUserOrCaller(
  context: Place & { readonly caller: Caller },
  name: string | undefined,
): User {
  if (name !== undefined) return requireUser(context, name);
  const caller = /:user\/(?:.*\/)?([^/]+)$/.exec(context.caller.arn)?.[1];
  if (caller !== undefined) return requireUser(context, caller);
  throw validationError("Must specify userName when calling with non-User credentials");
}

export function requireGroup(context: Place, name: string | undefined): Group {
  const group = context.tx.table(groups).get(globalScope(context), name ?? "");
  if (!group) throw nameNotFound("group", name ?? "");
  return group;
}

export function requireProfile(context: Place, name: string | undefined): InstanceProfile {
  const profile = context.tx.table(instanceProfiles).get(globalScope(context), name ?? "");
  if (!profile) throw profileNotFound(name ?? "");
  return profile;
}

/** For the `resources` of operations on one role. */
/** For the `resources` of operations that make something, whose ARN has its path in it. */
export const newArn = (
  { scope }: RequestContext,
  kind: "group" | "instance-profile" | "mfa" | "policy" | "role" | "server-certificate" | "user",
  path: string | undefined,
  name: string | undefined,
): string[] => [iamArn(scope.account, `${kind}${path ?? "/"}${name ?? "*"}`)];

export const roleArns = (
  input: { readonly RoleName?: string | undefined },
  { scope }: RequestContext,
): string[] => [iamArn(scope.account, `role/${input.RoleName ?? "*"}`)];

/** Without a name it is about the caller, as far as the caller is a user. */
export const userArns = (
  input: { readonly UserName?: string | undefined },
  { scope, caller }: RequestContext,
): string[] => {
  if (input.UserName === undefined && caller.principal.type === "user") return [caller.arn];
  return [iamArn(scope.account, `user/${input.UserName ?? "*"}`)];
};

export const groupArns = (
  input: { readonly GroupName?: string | undefined },
  { scope }: RequestContext,
): string[] => [iamArn(scope.account, `group/${input.GroupName ?? "*"}`)];

export const profileArns = (
  input: { readonly InstanceProfileName?: string | undefined },
  { scope }: RequestContext,
): string[] => [iamArn(scope.account, `instance-profile/${input.InstanceProfileName ?? "*"}`)];

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

/** Whether a name is among `taken`. Names of IAM are told apart without regard to case. */
export function isTaken(name: string, taken: readonly { readonly name: string }[]): boolean {
  const wanted = name.toLowerCase();
  return taken.some((one) => one.name.toLowerCase() === wanted);
}
