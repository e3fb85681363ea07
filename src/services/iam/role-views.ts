/** Roles as answers show them. */
import type * as Iam from "@aws-sdk/client-iam";
import type { Role } from "../../model/iam.ts";
import type { Tag } from "../../model/scope.ts";
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
  PermissionsBoundary:
    role.permissionsBoundary === undefined
      ? undefined
      : {
          PermissionsBoundaryType: "PermissionsBoundaryPolicy",
          PermissionsBoundaryArn: role.permissionsBoundary,
        },
  Tags: role.tags.length === 0 ? undefined : role.tags.map(toTagView),
});

export const toTagView = ({ key, value }: Tag): Iam.Tag => ({ Key: key, Value: value });
