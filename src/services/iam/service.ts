/** IAM: roles and policies. They are kept and checked for their form; what they allow is not asked yet. */
import type { ServiceModule } from "../../gateway/service.ts";
import {
  createPolicy,
  createPolicyVersion,
  deletePolicy,
  deletePolicyVersion,
  getPolicy,
  getPolicyVersion,
  listEntitiesForPolicy,
  listPolicies,
  listPolicyVersions,
} from "./policies.ts";
import {
  attachRolePolicy,
  deleteRolePolicy,
  detachRolePolicy,
  getRolePolicy,
  listAttachedRolePolicies,
  listRolePolicies,
  putRolePolicy,
} from "./role-policies.ts";
import {
  createRole,
  deleteRole,
  getRole,
  listInstanceProfilesForRole,
  listRoles,
  listRoleTags,
  tagRole,
  untagRole,
  updateAssumeRolePolicy,
  updateRole,
} from "./roles.ts";
import { createServiceLinkedRole } from "./service-linked-roles.ts";

export function iamService(): ServiceModule {
  return {
    name: "iam",
    operations: {
      AttachRolePolicy: attachRolePolicy,
      CreatePolicy: createPolicy,
      CreatePolicyVersion: createPolicyVersion,
      CreateRole: createRole,
      CreateServiceLinkedRole: createServiceLinkedRole,
      DeletePolicy: deletePolicy,
      DeletePolicyVersion: deletePolicyVersion,
      DeleteRole: deleteRole,
      DeleteRolePolicy: deleteRolePolicy,
      DetachRolePolicy: detachRolePolicy,
      GetPolicy: getPolicy,
      GetPolicyVersion: getPolicyVersion,
      GetRole: getRole,
      GetRolePolicy: getRolePolicy,
      ListAttachedRolePolicies: listAttachedRolePolicies,
      ListEntitiesForPolicy: listEntitiesForPolicy,
      ListInstanceProfilesForRole: listInstanceProfilesForRole,
      ListPolicies: listPolicies,
      ListPolicyVersions: listPolicyVersions,
      ListRolePolicies: listRolePolicies,
      ListRoleTags: listRoleTags,
      ListRoles: listRoles,
      PutRolePolicy: putRolePolicy,
      TagRole: tagRole,
      UntagRole: untagRole,
      UpdateAssumeRolePolicy: updateAssumeRolePolicy,
      UpdateRole: updateRole,
    },
  };
}
