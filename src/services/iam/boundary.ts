/** Permissions boundaries of users and roles: the managed policy that bounds what they may do. */
import type * as Iam from "@aws-sdk/client-iam";
import { write } from "../../gateway/service.ts";
import { roles, users } from "../../state/tables/iam.ts";
import { givenBoundary, heldBoundary } from "./conditions.ts";
import { invalidInput, noSuchEntity } from "./errors.ts";
import {
  findPolicy,
  type Place,
  requireOwnRole,
  requireUser,
  roleArns,
  userArns,
} from "./lookup.ts";
import { validateLength } from "./validate.ts";

type Nothing = Record<string, never>;

/** The ARN of a policy that there is, or undefined when none is given. */
export function validateBoundary(context: Place, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const arn = validateLength(given, "permissionsBoundary", 20, 2048);
  if (!/^arn:aws:iam::(?:\d{12}|aws):policy\/.+$/.test(arn)) {
    throw invalidInput(`ARN ${arn} is not valid.`);
  }
  if (findPolicy(context, arn)) return arn;
  throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

export const putRolePermissionsBoundary = write<Iam.PutRolePermissionsBoundaryRequest, Nothing>({
  action: "iam:PutRolePermissionsBoundary",
  resources: roleArns,
  conditions: givenBoundary,
  accepts: { RoleName: true, PermissionsBoundary: true },
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    const permissionsBoundary = validateBoundary(context, input.PermissionsBoundary);
    context.tx.table(roles).put({ ...role, permissionsBoundary });
    return {};
  },
});

export const deleteRolePermissionsBoundary = write<
  Iam.DeleteRolePermissionsBoundaryRequest,
  Nothing
>({
  action: "iam:DeleteRolePermissionsBoundary",
  resources: roleArns,
  conditions: heldBoundary,
  accepts: { RoleName: true },
  run(context, input) {
    const role = requireOwnRole(context, input.RoleName);
    context.tx.table(roles).put({ ...role, permissionsBoundary: undefined });
    return {};
  },
});

export const putUserPermissionsBoundary = write<Iam.PutUserPermissionsBoundaryRequest, Nothing>({
  action: "iam:PutUserPermissionsBoundary",
  resources: userArns,
  conditions: givenBoundary,
  accepts: { UserName: true, PermissionsBoundary: true },
  run(context, input) {
    const user = requireUser(context, input.UserName);
    const permissionsBoundary = validateBoundary(context, input.PermissionsBoundary);
    context.tx.table(users).put({ ...user, permissionsBoundary });
    return {};
  },
});

export const deleteUserPermissionsBoundary = write<
  Iam.DeleteUserPermissionsBoundaryRequest,
  Nothing
>({
  action: "iam:DeleteUserPermissionsBoundary",
  resources: userArns,
  conditions: heldBoundary,
  accepts: { UserName: true },
  run(context, input) {
    const user = requireUser(context, input.UserName);
    context.tx.table(users).put({ ...user, permissionsBoundary: undefined });
    return {};
  },
});
