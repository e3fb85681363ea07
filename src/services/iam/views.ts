/** Users, groups, roles and instance profiles as answers show them. */
import type * as Iam from "@aws-sdk/client-iam";
import type { Group, InstanceProfile, Role, User } from "../../model/iam.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { roles } from "../../state/tables/iam.ts";
import { toTagViews } from "./tags.ts";
import { encodeDocument } from "./validate.ts";

/** As ListRoles shows a role. */
export const toRoleView = (role: Role): Iam.Role => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(role.createdAt),
  AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
  Description: role.description,
  MaxSessionDuration: role.maxSessionSeconds,
});

/** As CreateRole and GetRole show it: with tags and boundary. */
export const toRoleDetail = (role: Role): Iam.Role => ({
  ...toRoleView(role),
  PermissionsBoundary: toBoundaryView(role.permissionsBoundary),
  Tags: toTagViews(role.tags),
});

/** When a role was last used; empty for one that never was. */
export const toRoleUseView = ({ lastUse }: Role): Iam.RoleLastUsed =>
  lastUse ? { LastUsedDate: new Date(lastUse.at), Region: lastUse.region } : {};

export const toBoundaryView = (
  arn: string | undefined,
): Iam.AttachedPermissionsBoundary | undefined =>
  arn === undefined
    ? undefined
    : { PermissionsBoundaryType: "PermissionsBoundaryPolicy", PermissionsBoundaryArn: arn };

/** As lists show a user. */
export const toUserView = (user: User): Iam.User => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: user.arn,
  CreateDate: new Date(user.createdAt),
});

/** As CreateUser and GetUser show it. */
export const toUserDetail = (user: User): Iam.User => ({
  ...toUserView(user),
  PermissionsBoundary: toBoundaryView(user.permissionsBoundary),
  Tags: toTagViews(user.tags),
});

export const toGroupView = (group: Group): Iam.Group => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: group.arn,
  CreateDate: new Date(group.createdAt),
});

/** As lists show an instance profile. */
export function toProfileView(tx: ReadTransaction, profile: InstanceProfile): Iam.InstanceProfile {
  const role =
    profile.roleName === undefined ? undefined : tx.table(roles).get(profile, profile.roleName);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: role ? [toRoleView(role)] : [],
  };
}

/** As GetInstanceProfile shows it. */
export const toProfileDetail = (
  tx: ReadTransaction,
  profile: InstanceProfile,
): Iam.InstanceProfile => ({ ...toProfileView(tx, profile), Tags: toTagViews(profile.tags) });
