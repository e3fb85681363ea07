/** Managed policies as answers show them, and who holds them. */
import type * as Iam from "@aws-sdk/client-iam";
import type { Group, ManagedPolicy, PolicyVersion, Role, User } from "../../model/iam.ts";
import { groups, roles, users } from "../../state/tables/iam.ts";
import { noSuchEntity } from "./errors.ts";
import { globalScope, type Place } from "./lookup.ts";
import { encodeDocument } from "./validate.ts";

export type PolicyHolder =
  | { readonly kind: "Role"; readonly record: Role }
  | { readonly kind: "User"; readonly record: User }
  | { readonly kind: "Group"; readonly record: Group };

/** Whom a policy is attached to. */
export function holdersOf(context: Place, { arn }: ManagedPolicy): PolicyHolder[] {
  const { tx } = context;
  const scope = globalScope(context);
  return [
    ...tx
      .table(roles)
      .by("policy", scope, arn)
      .map((record) => ({ kind: "Role", record }) as const),
    ...tx
      .table(users)
      .by("policy", scope, arn)
      .map((record) => ({ kind: "User", record }) as const),
    ...tx
      .table(groups)
      .by("policy", scope, arn)
      .map((record) => ({ kind: "Group", record }) as const),
  ];
}

/** Whose permissions boundary a policy is. */
export function boundedBy(context: Place, { arn }: ManagedPolicy): PolicyHolder[] {
  const { tx } = context;
  const scope = globalScope(context);
  return [
    ...tx
      .table(roles)
      .by("boundary", scope, arn)
      .map((record) => ({ kind: "Role", record }) as const),
    ...tx
      .table(users)
      .by("boundary", scope, arn)
      .map((record) => ({ kind: "User", record }) as const),
  ];
}

export function requireVersion(policy: ManagedPolicy, id: string | undefined): PolicyVersion {
  const version = policy.versions.find((one) => one.id === id);
  if (version) return version;
  throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
}

export const toPolicyView = (context: Place, policy: ManagedPolicy): Iam.Policy => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersionId,
  AttachmentCount: holdersOf(context, policy).length,
  PermissionsBoundaryUsageCount: boundedBy(context, policy).length,
  IsAttachable: policy.account !== "aws" || policy.path !== "/aws-service-role/",
  CreateDate: new Date(policy.createdAt),
  UpdateDate: new Date(policy.updatedAt),
});

export const toVersionView =
  (policy: ManagedPolicy) =>
  (version: PolicyVersion): Iam.PolicyVersion => ({
    Document: encodeDocument(version.document),
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersionId,
    CreateDate: new Date(version.createdAt),
  });
