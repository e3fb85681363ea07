/** IAM: users, groups, roles and the policies that say what they may do. */
import type { ServiceModule } from "../../gateway/service.ts";
import { groups, roles, users } from "../../state/tables/iam.ts";
import {
  createAccessKey,
  deleteAccessKey,
  getAccessKeyLastUsed,
  listAccessKeys,
  updateAccessKey,
} from "./access-keys.ts";
import {
  createAccountAlias,
  deleteAccountAlias,
  getAccountAuthorizationDetails,
  getAccountSummary,
  listAccountAliases,
} from "./account.ts";
import {
  deleteRolePermissionsBoundary,
  deleteUserPermissionsBoundary,
  putRolePermissionsBoundary,
  putUserPermissionsBoundary,
} from "./boundary.ts";
import { explainBroken } from "./errors.ts";
import {
  addUserToGroup,
  createGroup,
  deleteGroup,
  getGroup,
  listGroups,
  listGroupsForUser,
  removeUserFromGroup,
  updateGroup,
} from "./groups.ts";
import { policyOperations } from "./holders.ts";
import {
  addRoleToInstanceProfile,
  createInstanceProfile,
  deleteInstanceProfile,
  getInstanceProfile,
  listInstanceProfiles,
  listInstanceProfilesForRole,
  listInstanceProfileTags,
  removeRoleFromInstanceProfile,
  tagInstanceProfile,
  untagInstanceProfile,
} from "./instance-profiles.ts";
import {
  createLoginProfile,
  deleteLoginProfile,
  getLoginProfile,
  updateLoginProfile,
} from "./login-profiles.ts";
import { requireGroup, requireOwnRole, requireRole, requireUser } from "./lookup.ts";
import {
  addOidcClient,
  createOidcProvider,
  deleteOidcProvider,
  getOidcProvider,
  listOidcProviders,
  listOidcProviderTags,
  removeOidcClient,
  tagOidcProvider,
  untagOidcProvider,
  updateOidcThumbprints,
} from "./oidc-providers.ts";
import {
  deleteAccountPasswordPolicy,
  getAccountPasswordPolicy,
  updateAccountPasswordPolicy,
} from "./password-policy.ts";
import {
  createPolicy,
  createPolicyVersion,
  deletePolicy,
  deletePolicyVersion,
  getPolicy,
  getPolicyVersion,
  listPolicies,
  listPolicyTags,
  listPolicyVersions,
  setDefaultPolicyVersion,
  tagPolicy,
  untagPolicy,
} from "./policies.ts";
import { listEntitiesForPolicy } from "./policy-entities.ts";
import {
  createRole,
  deleteRole,
  getRole,
  listRoles,
  listRoleTags,
  tagRole,
  untagRole,
  updateAssumeRolePolicy,
  updateRole,
  updateRoleDescription,
} from "./roles.ts";
import {
  createServiceLinkedRole,
  deleteServiceLinkedRole,
  getServiceLinkedRoleDeletionStatus,
} from "./service-linked-roles.ts";
import {
  getContextKeysForCustomPolicy,
  getContextKeysForPrincipalPolicy,
  simulateCustomPolicy,
  simulatePrincipalPolicy,
} from "./simulate.ts";
import {
  listMfaDevices,
  listServiceSpecificCredentials,
  listSigningCertificates,
  listSshPublicKeys,
  listVirtualMfaDevices,
} from "./user-devices.ts";
import {
  createUser,
  deleteUser,
  getUser,
  listUsers,
  listUserTags,
  tagUser,
  untagUser,
  updateUser,
} from "./users.ts";

export function iamService(): ServiceModule {
  return {
    name: "iam",
    tagOnCreate: {
      CreateInstanceProfile: { action: "iam:TagInstanceProfile" },
      CreateOpenIDConnectProvider: { action: "iam:TagOpenIDConnectProvider" },
      CreatePolicy: { action: "iam:TagPolicy" },
      CreateRole: { action: "iam:TagRole" },
      CreateUser: { action: "iam:TagUser" },
    },
    brokenConstraint: explainBroken,
    operations: {
      ...policyOperations({
        label: "Role",
        mostCharacters: 10_240,
        find: requireRole,
        change(context, name, change) {
          const role = requireOwnRole(context, name);
          context.tx.table(roles).put({ ...role, ...change(role) });
        },
      }),
      ...policyOperations({
        label: "User",
        mostCharacters: 2048,
        find: requireUser,
        change(context, name, change) {
          const user = requireUser(context, name);
          context.tx.table(users).put({ ...user, ...change(user) });
        },
      }),
      ...policyOperations({
        label: "Group",
        mostCharacters: 5120,
        find: requireGroup,
        change(context, name, change) {
          const group = requireGroup(context, name);
          context.tx.table(groups).put({ ...group, ...change(group) });
        },
      }),
      AddClientIDToOpenIDConnectProvider: addOidcClient,
      AddRoleToInstanceProfile: addRoleToInstanceProfile,
      AddUserToGroup: addUserToGroup,
      CreateAccessKey: createAccessKey,
      CreateAccountAlias: createAccountAlias,
      CreateGroup: createGroup,
      CreateInstanceProfile: createInstanceProfile,
      CreateLoginProfile: createLoginProfile,
      CreateOpenIDConnectProvider: createOidcProvider,
      CreatePolicy: createPolicy,
      CreatePolicyVersion: createPolicyVersion,
      CreateRole: createRole,
      CreateServiceLinkedRole: createServiceLinkedRole,
      CreateUser: createUser,
      DeleteAccessKey: deleteAccessKey,
      DeleteAccountPasswordPolicy: deleteAccountPasswordPolicy,
      DeleteAccountAlias: deleteAccountAlias,
      DeleteGroup: deleteGroup,
      DeleteInstanceProfile: deleteInstanceProfile,
      DeleteLoginProfile: deleteLoginProfile,
      DeleteOpenIDConnectProvider: deleteOidcProvider,
      DeletePolicy: deletePolicy,
      DeletePolicyVersion: deletePolicyVersion,
      DeleteRole: deleteRole,
      DeleteRolePermissionsBoundary: deleteRolePermissionsBoundary,
      DeleteServiceLinkedRole: deleteServiceLinkedRole,
      DeleteUser: deleteUser,
      DeleteUserPermissionsBoundary: deleteUserPermissionsBoundary,
      GetAccessKeyLastUsed: getAccessKeyLastUsed,
      GetAccountAuthorizationDetails: getAccountAuthorizationDetails,
      GetAccountPasswordPolicy: getAccountPasswordPolicy,
      UpdateAccountPasswordPolicy: updateAccountPasswordPolicy,
      GetAccountSummary: getAccountSummary,
      GetContextKeysForCustomPolicy: getContextKeysForCustomPolicy,
      GetContextKeysForPrincipalPolicy: getContextKeysForPrincipalPolicy,
      GetGroup: getGroup,
      GetInstanceProfile: getInstanceProfile,
      GetLoginProfile: getLoginProfile,
      GetOpenIDConnectProvider: getOidcProvider,
      GetPolicy: getPolicy,
      GetPolicyVersion: getPolicyVersion,
      GetRole: getRole,
      GetServiceLinkedRoleDeletionStatus: getServiceLinkedRoleDeletionStatus,
      GetUser: getUser,
      ListAccessKeys: listAccessKeys,
      ListAccountAliases: listAccountAliases,
      ListEntitiesForPolicy: listEntitiesForPolicy,
      ListGroups: listGroups,
      ListGroupsForUser: listGroupsForUser,
      ListInstanceProfiles: listInstanceProfiles,
      ListInstanceProfilesForRole: listInstanceProfilesForRole,
      ListInstanceProfileTags: listInstanceProfileTags,
      ListMFADevices: listMfaDevices,
      ListOpenIDConnectProviders: listOidcProviders,
      ListOpenIDConnectProviderTags: listOidcProviderTags,
      ListPolicies: listPolicies,
      ListPolicyTags: listPolicyTags,
      ListPolicyVersions: listPolicyVersions,
      ListRoles: listRoles,
      ListRoleTags: listRoleTags,
      ListServiceSpecificCredentials: listServiceSpecificCredentials,
      ListSigningCertificates: listSigningCertificates,
      ListSSHPublicKeys: listSshPublicKeys,
      ListUsers: listUsers,
      ListUserTags: listUserTags,
      ListVirtualMFADevices: listVirtualMfaDevices,
      PutRolePermissionsBoundary: putRolePermissionsBoundary,
      PutUserPermissionsBoundary: putUserPermissionsBoundary,
      RemoveClientIDFromOpenIDConnectProvider: removeOidcClient,
      RemoveRoleFromInstanceProfile: removeRoleFromInstanceProfile,
      RemoveUserFromGroup: removeUserFromGroup,
      SetDefaultPolicyVersion: setDefaultPolicyVersion,
      SimulateCustomPolicy: simulateCustomPolicy,
      SimulatePrincipalPolicy: simulatePrincipalPolicy,
      TagInstanceProfile: tagInstanceProfile,
      TagOpenIDConnectProvider: tagOidcProvider,
      TagPolicy: tagPolicy,
      TagRole: tagRole,
      TagUser: tagUser,
      UntagInstanceProfile: untagInstanceProfile,
      UntagOpenIDConnectProvider: untagOidcProvider,
      UntagPolicy: untagPolicy,
      UntagRole: untagRole,
      UntagUser: untagUser,
      UpdateAccessKey: updateAccessKey,
      UpdateAssumeRolePolicy: updateAssumeRolePolicy,
      UpdateGroup: updateGroup,
      UpdateLoginProfile: updateLoginProfile,
      UpdateOpenIDConnectProviderThumbprint: updateOidcThumbprints,
      UpdateRole: updateRole,
      UpdateRoleDescription: updateRoleDescription,
      UpdateUser: updateUser,
    },
  };
}
