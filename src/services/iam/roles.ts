/** Roles: made, described, changed and deleted. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { Role } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { instanceProfiles, roles } from "../../state/tables/iam.ts";
import { validateBoundary } from "./boundary.ts";
import { givenBoundary } from "./conditions.ts";
import { alreadyExists, mustFirst } from "./errors.ts";
import {
  globalScope,
  iamArn,
  isTaken,
  newArn,
  requireOwnRole,
  requireRole,
  roleArns,
} from "./lookup.ts";
import { byName, pageOf } from "./paging.ts";
import { requireRoom } from "./quotas.ts";
import { listTags, withoutTags, withTags } from "./tags.ts";
import { validateTrust } from "./trust.ts";
import {
  toTags,
  validateDescription,
  validateName,
  validatePath,
  validatePrefix,
  validateSession,
} from "./validate.ts";
import { toRoleDetail, toRoleUseView, toRoleView } from "./views.ts";

type Nothing = Record<string, never>;

export const createRole = write<Iam.CreateRoleRequest, Iam.CreateRoleResponse>({
  action: "iam:CreateRole",
  resources: ({ Path, RoleName }, context) => newArn(context, "role", Path, RoleName),
  conditions: givenBoundary,
  accepts: {
    Path: true,
    RoleName: true,
    AssumeRolePolicyDocument: true,
    Description: true,
    MaxSessionDuration: true,
    PermissionsBoundary: true,
    Tags: true,
  },
  run(context, input) {
    const draft = {
      name: validateName(input.RoleName, "roleName", 64),
      path: validatePath(input.Path),
      trustPolicy: validateTrust(context, input.AssumeRolePolicyDocument),
      description: validateDescription(input.Description),
      maxSessionSeconds: validateSession(input.MaxSessionDuration),
      permissionsBoundary: validateBoundary(context, input.PermissionsBoundary),
      tags: toTags(input.Tags, "folded"),
    };
    const there = context.tx.table(roles).list(globalScope(context));
    // Those that belong to services do not count.
    requireRoom(
      "Roles",
      there.filter(({ path }) => !path.startsWith("/aws-service-role/")),
    );
    return { Role: toRoleDetail(makeRole(context, draft)) };
  },
});

export type RoleDraft = Omit<
  Role,
  "account" | "region" | "arn" | "id" | "inlinePolicies" | "attachedPolicyArns" | "createdAt"
>;

/** Keeps a new role. Names are unique in an account without regard to case. */
export function makeRole(context: WriteContext, draft: RoleDraft): Role {
  const { tx, ids, now } = context;
  const scope = globalScope(context);
  if (isTaken(draft.name, tx.table(roles).list(scope))) {
    throw alreadyExists(`Role with name ${draft.name} already exists.`);
  }
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
  run(context, input) {
    const role = requireRole(context, input.RoleName);
    return { Role: { ...toRoleDetail(role), RoleLastUsed: toRoleUseView(role) } };
  },
});

export const listRoles = read<Iam.ListRolesRequest, Iam.ListRolesResponse>({
  action: "iam:ListRoles",
  resources: (_, { scope }) => [iamArn(scope.account, "role/")],
  accepts: { PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const prefix = validatePrefix(input.PathPrefix);
    const all = context.tx.table(roles).list(globalScope(context));
    const found = all.filter((role) => role.path.startsWith(prefix));
    const { items, rest } = pageOf("ListRoles", found, byName, input);
    return { Roles: items.map(toRoleView), ...rest };
  },
});

/** Of a service's own role only the description may be changed. */
export const updateRole = write<Iam.UpdateRoleRequest, Nothing>({
  action: "iam:UpdateRole",
  resources: roleArns,
  accepts: { RoleName: true, Description: true, MaxSessionDuration: true },
  run(context, input) {
    const changesSession = input.MaxSessionDuration !== undefined;
    const role = (changesSession ? requireOwnRole : requireRole)(context, input.RoleName);
    // Without a duration AWS takes the default one, not the one that was.
    const maxSessionSeconds = validateSession(input.MaxSessionDuration);
    const description = validateDescription(input.Description) ?? role.description;
    context.tx.table(roles).put({ ...role, description, maxSessionSeconds });
    return {};
  },
});

export const updateRoleDescription = write<
  Iam.UpdateRoleDescriptionRequest,
  Iam.UpdateRoleDescriptionResponse
>({
  action: "iam:UpdateRoleDescription",
  resources: roleArns,
  accepts: { RoleName: true, Description: true },
  run(context, input) {
    const role = requireRole(context, input.RoleName);
    const changed = { ...role, description: validateDescription(input.Description) };
    context.tx.table(roles).put(changed);
    return { Role: toRoleDetail(changed) };
  },
});

export const updateAssumeRolePolicy = write<Iam.UpdateAssumeRolePolicyRequest, Nothing>({
  action: "iam:UpdateAssumeRolePolicy",
  resources: roleArns,
  accepts: { RoleName: true, PolicyDocument: true },
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const trustPolicy = validateTrust(context, input.PolicyDocument);
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
    const profiles = context.tx.table(instanceProfiles).by("role", role, role.name);
    if (profiles.length > 0) throw mustFirst("remove roles from instance profile");
    if (role.attachedPolicyArns.length > 0) throw mustFirst("detach all policies");
    if (role.inlinePolicies.length > 0) throw mustFirst("delete policies");
    context.tx.table(roles).delete(globalScope(context), role.name);
    return {};
  },
});

export const tagRole = write<Iam.TagRoleRequest, Nothing>({
  action: "iam:TagRole",
  resources: roleArns,
  accepts: { RoleName: true, Tags: true },
  run(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.table(roles).put(withTags(role, input, "folded"));
    return {};
  },
});

export const untagRole = write<Iam.UntagRoleRequest, Nothing>({
  action: "iam:UntagRole",
  resources: roleArns,
  accepts: { RoleName: true, TagKeys: true },
  run(context, input) {
    const role = requireRole(context, input.RoleName);
    context.tx.table(roles).put(withoutTags(role, input, "folded"));
    return {};
  },
});

export const listRoleTags = read<Iam.ListRoleTagsRequest, Iam.ListRoleTagsResponse>({
  action: "iam:ListRoleTags",
  resources: roleArns,
  accepts: { RoleName: true, Marker: true, MaxItems: true },
  run: (context, input) => listTags("ListRoleTags", requireRole(context, input.RoleName), input),
});
