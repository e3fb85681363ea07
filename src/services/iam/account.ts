/** An account as a whole: its alias, its numbers, and everything that authorises. */
import type * as Iam from "@aws-sdk/client-iam";
import { type ReadContext, read, write } from "../../gateway/service.ts";
import type { Group, InlinePolicy, ManagedPolicy, Role, User } from "../../model/iam.ts";
import { listAwsPolicies } from "../../state/aws-managed-policies.ts";
import { groupsOf } from "../../state/iam-principals.ts";
import {
  groups,
  instanceProfiles,
  managedPolicies,
  mfaDevices,
  oidcProviders,
  roles,
  samlProviders,
  serverCertificates,
  users,
} from "../../state/tables/iam.ts";
import { putSettings, settingsOf } from "./account-settings.ts";
import { noSuchEntity, validationError } from "./errors.ts";
import { findPolicy, globalScope, type Place } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { boundedBy, holdersOf, toPolicyView, toVersionView } from "./policy-views.ts";
import { accountQuotas } from "./quotas.ts";
import { toTagViews } from "./tags.ts";
import { encodeDocument, validateChoice, validateLength } from "./validate.ts";
import {
  toBoundaryView,
  toGroupView,
  toProfileView,
  toRoleDetail,
  toRoleUseView,
  toUserDetail,
} from "./views.ts";

type Nothing = Record<string, never>;

export const createAccountAlias = write<Iam.CreateAccountAliasRequest, Nothing>({
  action: "iam:CreateAccountAlias",
  resources: () => ["*"],
  accepts: { AccountAlias: true },
  run(context, input) {
    const alias = validateLength(input.AccountAlias ?? "", "accountAlias", 3, 63);
    if (!/^[a-z0-9](?:-?[a-z0-9])*$/.test(alias) || /^\d{12}$/.test(alias)) {
      throw validationError(
        "1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member " +
          "must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
      );
    }
    putSettings(context, { alias });
    return {};
  },
});

export const deleteAccountAlias = write<Iam.DeleteAccountAliasRequest, Nothing>({
  action: "iam:DeleteAccountAlias",
  resources: () => ["*"],
  accepts: { AccountAlias: true },
  run(context, input) {
    if (settingsOf(context)?.alias !== input.AccountAlias) {
      throw noSuchEntity(`The account alias ${input.AccountAlias} cannot be found.`);
    }
    putSettings(context, { alias: undefined });
    return {};
  },
});

export const listAccountAliases = read<
  Iam.ListAccountAliasesRequest,
  Iam.ListAccountAliasesResponse
>({
  action: "iam:ListAccountAliases",
  resources: () => ["*"],
  accepts: { Marker: true, MaxItems: true },
  run(context, input) {
    const { alias } = settingsOf(context) ?? {};
    const aliases = alias === undefined ? [] : [alias];
    const { items, rest } = pageOf("ListAccountAliases", aliases, (text) => text, input);
    return { AccountAliases: items, ...rest };
  },
});

/** How much there is, and how much there may be. */
export const getAccountSummary = read<Nothing, Iam.GetAccountSummaryResponse>({
  action: "iam:GetAccountSummary",
  resources: () => ["*"],
  accepts: {},
  run(context) {
    const { tx } = context;
    const scope = globalScope(context);
    const policies = tx.table(managedPolicies).list(scope);
    const devices = tx.table(mfaDevices).list(scope);
    return {
      SummaryMap: {
        ...quotas,
        Users: tx.table(users).list(scope).length,
        Groups: tx.table(groups).list(scope).length,
        Roles: tx.table(roles).list(scope).length,
        InstanceProfiles: tx.table(instanceProfiles).list(scope).length,
        Policies: policies.length,
        PolicyVersionsInUse: policies.reduce((sum, { versions }) => sum + versions.length, 0),
        Providers:
          tx.table(oidcProviders).list(scope).length + tx.table(samlProviders).list(scope).length,
        AccessKeysPerUserQuota: 2,
        AccountAccessKeysPresent: 0,
        AccountMFAEnabled: 0,
        AccountSigningCertificatesPresent: 0,
        GlobalEndpointTokenVersion: settingsOf(context)?.globalTokenVersion ?? 1,
        MFADevices: devices.length,
        MFADevicesInUse: devices.filter(({ assignment }) => assignment).length,
        ServerCertificates: tx.table(serverCertificates).list(scope).length,
      },
    };
  },
});

const quotas: Record<string, number> = {
  AssumeRolePolicySizeQuota: 2048,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  AttachedPoliciesPerUserQuota: 10,
  GroupPolicySizeQuota: 5120,
  GroupsPerUserQuota: 10,
  GroupsQuota: accountQuotas.Groups,
  InstanceProfilesQuota: accountQuotas.InstanceProfiles,
  PoliciesQuota: accountQuotas.Policies,
  PolicySizeQuota: 6144,
  PolicyVersionsInUseQuota: 10_000,
  RolePolicySizeQuota: 10_240,
  RolesQuota: accountQuotas.Roles,
  ServerCertificatesQuota: 20,
  SigningCertificatesPerUserQuota: 2,
  UserPolicySizeQuota: 2048,
  UsersQuota: accountQuotas.Users,
  VersionsPerPolicyQuota: 5,
};

const filters = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"] as const;

type Entry =
  | { readonly kind: "User"; readonly record: User }
  | { readonly kind: "Group"; readonly record: Group }
  | { readonly kind: "Role"; readonly record: Role }
  | { readonly kind: "LocalManagedPolicy" | "AWSManagedPolicy"; readonly record: ManagedPolicy };

/** Users, groups, roles and policies with all that they hold; AWS's policies are those in use. */
export const getAccountAuthorizationDetails = read<
  Iam.GetAccountAuthorizationDetailsRequest,
  Iam.GetAccountAuthorizationDetailsResponse
>({
  action: "iam:GetAccountAuthorizationDetails",
  resources: () => ["*"],
  accepts: { Filter: true, Marker: true, MaxItems: true },
  run(context, input) {
    const wanted = (input.Filter ?? []).map((one, at) =>
      validateChoice(one, `filter.${at + 1}.member`, filters),
    );
    const entries = listEntries(context).filter(
      ({ kind }) => wanted.length === 0 || wanted.includes(kind),
    );
    const keyOf = ({ kind, record }: Entry): string => `${kind}/${record.arn}`;
    const { items, rest } = pageOf("GetAccountAuthorizationDetails", entries, keyOf, input);
    return { ...toDetails(context, items), ...rest };
  },
});

function listEntries(context: ReadContext): Entry[] {
  const { tx } = context;
  const scope = globalScope(context);
  const isUsed = (policy: ManagedPolicy): boolean =>
    holdersOf(context, policy).length + boundedBy(context, policy).length > 0;
  return [
    ...tx
      .table(users)
      .list(scope)
      .map((record) => ({ kind: "User", record }) as const),
    ...tx
      .table(groups)
      .list(scope)
      .map((record) => ({ kind: "Group", record }) as const),
    ...tx
      .table(roles)
      .list(scope)
      .map((record) => ({ kind: "Role", record }) as const),
    ...tx
      .table(managedPolicies)
      .list(scope)
      .map((record) => ({ kind: "LocalManagedPolicy", record }) as const),
    ...listAwsPolicies()
      .filter(isUsed)
      .map((record) => ({ kind: "AWSManagedPolicy", record }) as const),
  ];
}

function toDetails(context: ReadContext, entries: readonly Entry[]) {
  const details = {
    UserDetailList: [] as Iam.UserDetail[],
    GroupDetailList: [] as Iam.GroupDetail[],
    RoleDetailList: [] as Iam.RoleDetail[],
    Policies: [] as Iam.ManagedPolicyDetail[],
  };
  for (const { kind, record } of entries) {
    switch (kind) {
      case "User":
        details.UserDetailList.push(toUserEntry(context, record));
        break;
      case "Group":
        details.GroupDetailList.push(toGroupEntry(context, record));
        break;
      case "Role":
        details.RoleDetailList.push(toRoleEntry(context, record));
        break;
      case "LocalManagedPolicy":
      case "AWSManagedPolicy":
        details.Policies.push({
          ...toPolicyView(context, record),
          PolicyVersionList: record.versions.map(toVersionView(record)),
        });
    }
  }
  return details;
}

const toUserEntry = (context: Place, user: User): Iam.UserDetail => ({
  ...toUserDetail(user),
  UserPolicyList: toInline(user.inlinePolicies),
  GroupList: groupsOf(context.tx, user).map(({ name }) => name),
  AttachedManagedPolicies: toAttached(context, user.attachedPolicyArns),
});

const toGroupEntry = (context: Place, group: Group): Iam.GroupDetail => ({
  ...toGroupView(group),
  GroupPolicyList: toInline(group.inlinePolicies),
  AttachedManagedPolicies: toAttached(context, group.attachedPolicyArns),
});

function toRoleEntry(context: Place, role: Role): Iam.RoleDetail {
  const { Path, RoleName, RoleId, Arn, CreateDate, AssumeRolePolicyDocument } = toRoleDetail(role);
  const profiles = context.tx.table(instanceProfiles).by("role", role, role.name);
  return {
    Path,
    RoleName,
    RoleId,
    Arn,
    CreateDate,
    AssumeRolePolicyDocument,
    InstanceProfileList: profiles.map((profile) => toProfileView(context.tx, profile)),
    RolePolicyList: toInline(role.inlinePolicies),
    AttachedManagedPolicies: toAttached(context, role.attachedPolicyArns),
    PermissionsBoundary: toBoundaryView(role.permissionsBoundary),
    Tags: toTagViews(role.tags),
    RoleLastUsed: toRoleUseView(role),
  };
}

const toInline = (policies: readonly InlinePolicy[]): Iam.PolicyDetail[] =>
  policies.map(({ name, document }) => ({
    PolicyName: name,
    PolicyDocument: encodeDocument(document),
  }));

const toAttached = (context: Place, arns: readonly string[]): Iam.AttachedPolicy[] =>
  arns.flatMap((arn) => {
    const policy = findPolicy(context, arn);
    return policy ? [{ PolicyName: policy.name, PolicyArn: arn }] : [];
  });
