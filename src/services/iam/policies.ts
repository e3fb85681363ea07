/** Managed policies and their versions. */
import type * as Iam from "@aws-sdk/client-iam";
import { type RequestContext, read, write } from "../../gateway/service.ts";
import type { ManagedPolicy, PolicyVersion } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { listAwsPolicies } from "../../state/aws-managed-policies.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { managedPolicies } from "../../state/tables/iam.ts";
import {
  alreadyExists,
  deleteConflict,
  invalidInput,
  limitExceeded,
  policyNotFound,
  quotaExceeded,
} from "./errors.ts";
import { globalScope, iamArn, isTaken, newArn, policyArns, requirePolicy } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import {
  boundedBy,
  holdersOf,
  requireVersion,
  toPolicyView,
  toVersionView,
} from "./policy-views.ts";
import { requireRoom } from "./quotas.ts";
import { listTags, toTagView, toTagViews, withoutTags, withTags } from "./tags.ts";
import {
  sizeOf,
  toTags,
  validateChoice,
  validateDescription,
  validateDocument,
  validateName,
  validatePath,
  validatePrefix,
} from "./validate.ts";

type Context = RequestContext & { readonly tx: ReadTransaction };
type Nothing = Record<string, never>;

const mostVersions = 5;
const mostCharacters = 6144;

export const createPolicy = write<Iam.CreatePolicyRequest, Iam.CreatePolicyResponse>({
  action: "iam:CreatePolicy",
  resources: ({ Path, PolicyName }, context) => newArn(context, "policy", Path, PolicyName),
  accepts: { PolicyName: true, Path: true, PolicyDocument: true, Description: true, Tags: true },
  run(context, input) {
    const { tx, ids, now } = context;
    const scope = globalScope(context);
    const name = validateName(input.PolicyName, "policyName", 128);
    const path = validatePath(input.Path);
    const document = validatePolicy(input.PolicyDocument);
    const tags = toTags(input.Tags);
    const there = tx.table(managedPolicies).list(scope);
    if (isTaken(name, there)) {
      throw alreadyExists(
        `A policy called ${name} already exists. Duplicate names are not allowed.`,
      );
    }
    requireRoom("Policies", there);
    const policy: ManagedPolicy = {
      ...scope,
      arn: iamArn(scope.account, `policy${path}${name}`),
      id: `ANPA${ids.pick(iamAlphabet, 17)}`,
      name,
      path,
      description: validateDescription(input.Description),
      versions: [{ id: "v1", document, createdAt: now }],
      defaultVersionId: "v1",
      lastVersion: 1,
      createdAt: now,
      updatedAt: now,
      tags,
    };
    tx.table(managedPolicies).put(policy);
    return { Policy: { ...toPolicyView(context, policy), Tags: toTagViews(policy.tags) } };
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
  accepts: {
    Scope: true,
    OnlyAttached: true,
    PathPrefix: true,
    PolicyUsageFilter: true,
    Marker: true,
    MaxItems: true,
  },
  run(context, input) {
    const chosen = choosePolicies(context, input);
    const { items, rest } = pageOf("ListPolicies", chosen, ({ arn }) => arn, input);
    return { Policies: items.map((policy) => toPolicyView(context, policy)), ...rest };
  },
});

function choosePolicies(context: Context, input: Iam.ListPoliciesRequest): ManagedPolicy[] {
  const from = validateChoice(input.Scope, "scope", ["All", "AWS", "Local"]) ?? "All";
  const usage = validateChoice(input.PolicyUsageFilter, "policyUsageFilter", [
    "PermissionsPolicy",
    "PermissionsBoundary",
  ]);
  const prefix = validatePrefix(input.PathPrefix);
  const isHeld = (policy: ManagedPolicy): boolean => holdersOf(context, policy).length > 0;
  const isBoundary = (policy: ManagedPolicy): boolean => boundedBy(context, policy).length > 0;
  return [
    ...(from === "AWS" ? [] : context.tx.table(managedPolicies).list(globalScope(context))),
    ...(from === "Local" ? [] : listAwsPolicies()),
  ]
    .filter((policy) => policy.path.startsWith(prefix))
    .filter((policy) => usage !== "PermissionsPolicy" || isHeld(policy))
    .filter((policy) => usage !== "PermissionsBoundary" || isBoundary(policy))
    .filter((policy) => !input.OnlyAttached || isHeld(policy) || isBoundary(policy));
}

/** An identity policy of a size that a managed policy may have. */
function validatePolicy(given: string | undefined): string {
  const document = validateDocument(given, "managed");
  if (sizeOf(document) > mostCharacters) throw quotaExceeded("PolicySize", mostCharacters);
  return document;
}

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
  run(context, input) {
    const policy = requireOwnPolicy(context, input.PolicyArn);
    const document = validatePolicy(input.PolicyDocument);
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
    // Newest first.
    const order = ({ id }: PolicyVersion): string => String(1e6 - Number(id.slice(1)));
    const { items, rest } = pageOf("ListPolicyVersions", policy.versions, order, input);
    const views = items.map(toVersionView(policy)).map(({ Document: _, ...view }) => view);
    return { Versions: views, ...rest };
  },
});

export const setDefaultPolicyVersion = write<Iam.SetDefaultPolicyVersionRequest, Nothing>({
  action: "iam:SetDefaultPolicyVersion",
  resources: policyArns,
  accepts: { PolicyArn: true, VersionId: true },
  run(context, input) {
    const policy = requireOwnPolicy(context, input.PolicyArn);
    const { id } = requireVersion(policy, input.VersionId);
    context.tx
      .table(managedPolicies)
      .put({ ...policy, defaultVersionId: id, updatedAt: context.now });
    return {};
  },
});

export const tagPolicy = write<Iam.TagPolicyRequest, Nothing>({
  action: "iam:TagPolicy",
  resources: policyArns,
  accepts: { PolicyArn: true, Tags: true },
  run(context, input) {
    const policy = requireTaggable(context, input.PolicyArn);
    context.tx.table(managedPolicies).put(withTags(policy, input));
    return {};
  },
});

export const untagPolicy = write<Iam.UntagPolicyRequest, Nothing>({
  action: "iam:UntagPolicy",
  resources: policyArns,
  accepts: { PolicyArn: true, TagKeys: true },
  run(context, input) {
    const policy = requireTaggable(context, input.PolicyArn);
    context.tx.table(managedPolicies).put(withoutTags(policy, input));
    return {};
  },
});

export const listPolicyTags = read<Iam.ListPolicyTagsRequest, Iam.ListPolicyTagsResponse>({
  action: "iam:ListPolicyTags",
  resources: policyArns,
  accepts: { PolicyArn: true, Marker: true, MaxItems: true },
  run: (context, input) =>
    listTags("ListPolicyTags", requirePolicy(context, input.PolicyArn), input),
});

function requireOwnPolicy(context: Context, arn: string | undefined): ManagedPolicy {
  const policy = requirePolicy(context, arn);
  if (policy.account === "aws") throw policyNotFound(policy.arn);
  return policy;
}

function requireTaggable(context: Context, arn: string | undefined): ManagedPolicy {
  const policy = requirePolicy(context, arn);
  if (policy.account === "aws") throw invalidInput("Tags cannot be put on an AWS managed policy.");
  return policy;
}
