/** Roles: made, described, changed and deleted. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { Role } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { roles } from "../../state/tables/iam.ts";
import { alreadyExists, deleteConflict, policyNotFound } from "./errors.ts";
import {
  findPolicy,
  globalScope,
  iamArn,
  requireOwnRole,
  requireRole,
  roleArns,
} from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { toRoleDetail, toRoleView, toTagView } from "./role-views.ts";
import {
  mergeTags,
  toTags,
  validateDocument,
  validateName,
  validatePath,
  validateSession,
} from "./validate.ts";

type Nothing = Record<string, never>;

export const createRole = write<Iam.CreateRoleRequest, Iam.CreateRoleResponse>({
  action: "iam:CreateRole",
  resources: roleArns,
  accepts: {
    Path: true,
    RoleName: true,
    AssumeRolePolicyDocument: true,
    Description: true,
    MaxSessionDuration: true,
    PermissionsBoundary: true,
    Tags: true,
  },
  stored: ["AssumeRolePolicyDocument", "MaxSessionDuration", "PermissionsBoundary"],
  run(context, input) {
    const boundary = input.PermissionsBoundary;
    const draft = {
      name: validateName(input.RoleName, "roleName", 64),
      path: validatePath(input.Path),
      trustPolicy: validateDocument(input.AssumeRolePolicyDocument, "trust"),
      description: input.Description,
      maxSessionSeconds: validateSession(input.MaxSessionDuration),
      permissionsBoundary: boundary,
      tags: toTags(input.Tags),
    };
    if (boundary !== undefined && !findPolicy(context, boundary)) throw policyNotFound(boundary);
    return { Role: toRoleDetail(makeRole(context, draft)) };
  },
});

type RoleDraft = Omit<
  Role,
  "account" | "region" | "arn" | "id" | "inlinePolicies" | "attachedPolicyArns" | "createdAt"
>;

/** Keeps a new role. Names are unique in an account without regard to case. */
export function makeRole(context: WriteContext, draft: RoleDraft): Role {
  const { tx, ids, now } = context;
  const scope = globalScope(context);
  const wanted = draft.name.toLowerCase();
  const taken = tx
    .table(roles)
    .list(scope)
    .some((role) => role.name.toLowerCase() === wanted);
  if (taken) throw alreadyExists(`Role with name ${draft.name} already exists.`);
  const role: Role = {
    ...scope,
    ...draft,
    arn: iamArn(scope.account, `role${draft.path}${draft.name}`),
    id: `AROA${ids.pick(iamAlphabet, 17)}`,
    inlinePolicies: [],
    attachedPolicyArns: [],
    createdAt: now,
  };
  tx.table(roles).put(role);
  return role;
}

export const getRole = read<Iam.GetRoleRequest, Iam.GetRoleResponse>({
  action: "iam:GetRole",
  resources: roleArns,
  accepts: { RoleName: true },
  // Nothing is recorded of a role's use, which AWS shows as an empty last use.
  run: (context, input) => ({
    Role: { ...toRoleDetail(requireRole(context, input.RoleName)), RoleLastUsed: {} },
  }),
});

export const listRoles = read<Iam.ListRolesRequest, Iam.ListRolesResponse>({
  action: "iam:ListRoles",
  resources: (_, { scope }) => [iamArn(scope.account, "role/")],
  accepts: { PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const found = context.tx
      .table(roles)
      .list(globalScope(context))
      .filter((role) => role.path.startsWith(input.PathPrefix ?? "/"))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const { items, rest } = pageOf(found, input);
    return { Roles: items.map(toRoleView), ...rest };
  },
});

export const updateRole = write<Iam.UpdateRoleRequest, Nothing>({
  action: "iam:UpdateRole",
  resources: roleArns,
  accepts: { RoleName: true, Description: true, MaxSessionDuration: true },
  stored: ["MaxSessionDuration"],
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const maxSessionSeconds = validateSession(input.MaxSessionDuration);
    const description = input.Description ?? role.description;
    context.tx.table(roles).put({ ...role, description, maxSessionSeconds });
    return {};
  },
});

export const updateAssumeRolePolicy = write<Iam.UpdateAssumeRolePolicyRequest, Nothing>({
  action: "iam:UpdateAssumeRolePolicy",
  resources: roleArns,
  accepts: { RoleName: true, PolicyDocument: true },
  stored: ["PolicyDocument"],
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const trustPolicy = validateDocument(input.PolicyDocument, "trust");
    context.tx.table(roles).put({ ...role, trustPolicy });
    return {};
  },
});

export const deleteRole = write<Iam.DeleteRoleRequest, Nothing>({
  action: "iam:DeleteRole",
  resources: roleArns,
  accepts: { RoleName: true },
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    if (role.attachedPolicyArns.length > 0) {
      throw deleteConflict("Cannot delete entity, must detach all policies first.");
    }
    if (role.inlinePolicies.length > 0) {
      throw deleteConflict("Cannot delete entity, must delete policies first.");
    }
    context.tx.table(roles).delete(globalScope(context), role.name);
    return {};
  },
});

export const tagRole = write<Iam.TagRoleRequest, Nothing>({
  action: "iam:TagRole",
  resources: roleArns,
  accepts: { RoleName: true, Tags: true },
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const tags = mergeTags(role.tags, toTags(input.Tags));
    context.tx.table(roles).put({ ...role, tags });
    return {};
  },
});

export const untagRole = write<Iam.UntagRoleRequest, Nothing>({
  action: "iam:UntagRole",
  resources: roleArns,
  accepts: { RoleName: true, TagKeys: true },
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const keys = new Set(input.TagKeys?.map((key) => key.toLowerCase()));
    const tags = role.tags.filter((tag) => !keys.has(tag.key.toLowerCase()));
    context.tx.table(roles).put({ ...role, tags });
    return {};
  },
});

export const listRoleTags = read<Iam.ListRoleTagsRequest, Iam.ListRoleTagsResponse>({
  action: "iam:ListRoleTags",
  resources: roleArns,
  accepts: { RoleName: true, Marker: true, MaxItems: true },
  run(context, input) {
    const { items, rest } = pageOf(requireRole(context, input.RoleName).tags, input);
    return { Tags: items.map(toTagView), ...rest };
  },
});

export const listInstanceProfilesForRole = read<
  Iam.ListInstanceProfilesForRoleRequest,
  Iam.ListInstanceProfilesForRoleResponse
>({
  action: "iam:ListInstanceProfilesForRole",
  resources: roleArns,
  accepts: { RoleName: true, Marker: true, MaxItems: true },
  run(context, input) {
    requireRole(context, input.RoleName);
    // Instance profiles cannot be made here yet, so no role is in one.
    const { items, rest } = pageOf<Iam.InstanceProfile>([], input);
    return { InstanceProfiles: items, ...rest };
  },
});
