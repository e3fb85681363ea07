/** Managed policies and their versions. */
import type * as Iam from "@aws-sdk/client-iam";
import { type RequestContext, read, write } from "../../gateway/service.ts";
import type { ManagedPolicy, PolicyVersion } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { listAwsPolicies } from "../../state/aws-managed-policies.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { managedPolicies, roles } from "../../state/tables/iam.ts";
import {
  alreadyExists,
  deleteConflict,
  limitExceeded,
  noSuchEntity,
  policyNotFound,
} from "./errors.ts";
import { globalScope, iamArn, policyArns, requirePolicy } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { toTagView } from "./role-views.ts";
import {
  encodeDocument,
  toTags,
  validateDocument,
  validateName,
  validatePath,
} from "./validate.ts";

type Context = RequestContext & { readonly tx: ReadTransaction };
type Nothing = Record<string, never>;

const mostVersions = 5;

export const createPolicy = write<Iam.CreatePolicyRequest, Iam.CreatePolicyResponse>({
  action: "iam:CreatePolicy",
  resources: (input, { scope }) => [iamArn(scope.account, `policy/${input.PolicyName ?? "*"}`)],
  accepts: { PolicyName: true, Path: true, PolicyDocument: true, Description: true, Tags: true },
  stored: ["PolicyDocument"],
  run(context, input) {
    const { tx, ids, now } = context;
    const scope = globalScope(context);
    const name = validateName(input.PolicyName, "policyName", 128);
    const path = validatePath(input.Path);
    const document = validateDocument(input.PolicyDocument, "identity");
    const tags = toTags(input.Tags);
    const taken = tx
      .table(managedPolicies)
      .list(scope)
      .some((policy) => policy.name.toLowerCase() === name.toLowerCase());
    if (taken) {
      throw alreadyExists(
        `A policy called ${name} already exists. Duplicate names are not allowed.`,
      );
    }
    const policy: ManagedPolicy = {
      ...scope,
      arn: iamArn(scope.account, `policy${path}${name}`),
      id: `ANPA${ids.pick(iamAlphabet, 17)}`,
      name,
      path,
      description: input.Description,
      versions: [{ id: "v1", document, createdAt: now }],
      defaultVersionId: "v1",
      lastVersion: 1,
      createdAt: now,
      updatedAt: now,
      tags,
    };
    tx.table(managedPolicies).put(policy);
    return { Policy: toPolicyView(context, policy) };
  },
});

export const getPolicy = read<Iam.GetPolicyRequest, Iam.GetPolicyResponse>({
  action: "iam:GetPolicy",
  resources: policyArns,
  accepts: { PolicyArn: true },
  run(context, input) {
    const policy = requirePolicy(context, input.PolicyArn);
    const tags = policy.tags.map(toTagView);
    return {
      Policy: {
        ...toPolicyView(context, policy),
        Description: policy.description,
        Tags: tags,
      },
    };
  },
});

export const listPolicies = read<Iam.ListPoliciesRequest, Iam.ListPoliciesResponse>({
  action: "iam:ListPolicies",
  resources: () => ["*"],
  accepts: { Scope: true, OnlyAttached: true, PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const own = context.tx.table(managedPolicies).list(globalScope(context));
    const chosen = [
      ...(input.Scope === "AWS" ? [] : own),
      ...(input.Scope === "Local" ? [] : listAwsPolicies()),
    ].filter(
      (policy) =>
        policy.path.startsWith(input.PathPrefix ?? "/") &&
        (!input.OnlyAttached || holdersOf(context, policy).length > 0),
    );
    const { items, rest } = pageOf(chosen, input);
    return { Policies: items.map((policy) => toPolicyView(context, policy)), ...rest };
  },
});

export const deletePolicy = write<Iam.DeletePolicyRequest, Nothing>({
  action: "iam:DeletePolicy",
  resources: policyArns,
  accepts: { PolicyArn: true },
  run(context, input) {
    const policy = requireOwnPolicy(context, input.PolicyArn);
    if ([...holdersOf(context, policy), ...boundedBy(context, policy)].length > 0) {
      throw deleteConflict("Cannot delete a policy attached to entities.");
    }
    if (policy.versions.length > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the " +
          "policy's versions. The default version is deleted with the policy.",
      );
    }
    context.tx.table(managedPolicies).delete(globalScope(context), policy.arn);
    return {};
  },
});

export const createPolicyVersion = write<
  Iam.CreatePolicyVersionRequest,
  Iam.CreatePolicyVersionResponse
>({
  action: "iam:CreatePolicyVersion",
  resources: policyArns,
  accepts: { PolicyArn: true, PolicyDocument: true, SetAsDefault: true },
  stored: ["PolicyDocument"],
  run(context, input) {
    const policy = requireOwnPolicy(context, input.PolicyArn);
    const document = validateDocument(input.PolicyDocument, "identity");
    if (policy.versions.length >= mostVersions) {
      throw limitExceeded(
        "A managed policy can have up to 5 versions. Before you create a new version, you must " +
          "delete an existing version.",
      );
    }
    const lastVersion = policy.lastVersion + 1;
    const version = { id: `v${lastVersion}`, document, createdAt: context.now };
    const changed: ManagedPolicy = {
      ...policy,
      versions: [...policy.versions, version],
      defaultVersionId: input.SetAsDefault ? version.id : policy.defaultVersionId,
      lastVersion,
      updatedAt: context.now,
    };
    context.tx.table(managedPolicies).put(changed);
    return { PolicyVersion: { ...toVersionView(changed)(version), Document: undefined } };
  },
});

export const deletePolicyVersion = write<Iam.DeletePolicyVersionRequest, Nothing>({
  action: "iam:DeletePolicyVersion",
  resources: policyArns,
  accepts: { PolicyArn: true, VersionId: true },
  run(context, input) {
    const policy = requireOwnPolicy(context, input.PolicyArn);
    const version = requireVersion(policy, input.VersionId);
    if (version.id === policy.defaultVersionId) {
      throw deleteConflict("Cannot delete the default version of a policy.");
    }
    const versions = policy.versions.filter((one) => one.id !== version.id);
    context.tx.table(managedPolicies).put({ ...policy, versions });
    return {};
  },
});

export const getPolicyVersion = read<Iam.GetPolicyVersionRequest, Iam.GetPolicyVersionResponse>({
  action: "iam:GetPolicyVersion",
  resources: policyArns,
  accepts: { PolicyArn: true, VersionId: true },
  run(context, input) {
    const policy = requirePolicy(context, input.PolicyArn);
    return { PolicyVersion: toVersionView(policy)(requireVersion(policy, input.VersionId)) };
  },
});

export const listPolicyVersions = read<
  Iam.ListPolicyVersionsRequest,
  Iam.ListPolicyVersionsResponse
>({
  action: "iam:ListPolicyVersions",
  resources: policyArns,
  accepts: { PolicyArn: true, Marker: true, MaxItems: true },
  run(context, input) {
    const policy = requirePolicy(context, input.PolicyArn);
    const { items, rest } = pageOf(policy.versions.toReversed(), input);
    const views = items.map(toVersionView(policy)).map(({ Document: _, ...view }) => view);
    return { Versions: views, ...rest };
  },
});

export const listEntitiesForPolicy = read<
  Iam.ListEntitiesForPolicyRequest,
  Iam.ListEntitiesForPolicyResponse
>({
  action: "iam:ListEntitiesForPolicy",
  resources: policyArns,
  accepts: { PolicyArn: true, EntityFilter: true, PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const policy = requirePolicy(context, input.PolicyArn);
    const wantsRoles = input.EntityFilter === undefined || input.EntityFilter === "Role";
    const holders = (wantsRoles ? holdersOf(context, policy) : []).filter((role) =>
      role.path.startsWith(input.PathPrefix ?? "/"),
    );
    const { items, rest } = pageOf(holders, input);
    return {
      PolicyGroups: [],
      PolicyUsers: [],
      PolicyRoles: items.map((role) => ({ RoleName: role.name, RoleId: role.id })),
      ...rest,
    };
  },
});

function requireOwnPolicy(context: Context, arn: string | undefined): ManagedPolicy {
  const policy = requirePolicy(context, arn);
  if (policy.account === "aws") throw policyNotFound(policy.arn);
  return policy;
}

function requireVersion(policy: ManagedPolicy, id: string | undefined): PolicyVersion {
  const version = policy.versions.find((one) => one.id === id);
  if (version) return version;
  throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
}

const holdersOf = (context: Context, policy: ManagedPolicy) =>
  context.tx.table(roles).by("policy", globalScope(context), policy.arn);

const boundedBy = (context: Context, policy: ManagedPolicy) =>
  context.tx
    .table(roles)
    .list(globalScope(context))
    .filter((role) => role.permissionsBoundary === policy.arn);

const toPolicyView = (context: Context, policy: ManagedPolicy): Iam.Policy => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersionId,
  AttachmentCount: holdersOf(context, policy).length,
  PermissionsBoundaryUsageCount: boundedBy(context, policy).length,
  IsAttachable: policy.path !== "/aws-service-role/",
  CreateDate: new Date(policy.createdAt),
  UpdateDate: new Date(policy.updatedAt),
});

const toVersionView =
  (policy: ManagedPolicy) =>
  (version: PolicyVersion): Iam.PolicyVersion => ({
    Document: encodeDocument(version.document),
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersionId,
    CreateDate: new Date(version.createdAt),
  });
