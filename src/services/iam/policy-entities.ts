/** Who uses a managed policy. */
import type * as Iam from "@aws-sdk/client-iam";
import { read } from "../../gateway/service.ts";
import { policyArns, requirePolicy } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { boundedBy, holdersOf, type PolicyHolder } from "./policy-views.ts";
import { validateChoice, validatePath } from "./validate.ts";

const filters = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"] as const;

export const listEntitiesForPolicy = read<
  Iam.ListEntitiesForPolicyRequest,
  Iam.ListEntitiesForPolicyResponse
>({
  action: "iam:ListEntitiesForPolicy",
  resources: policyArns,
  accepts: {
    PolicyArn: true,
    EntityFilter: true,
    PathPrefix: true,
    PolicyUsageFilter: true,
    Marker: true,
    MaxItems: true,
  },
  run(context, input) {
    const policy = requirePolicy(context, input.PolicyArn);
    const kind = validateChoice(input.EntityFilter, "entityFilter", filters);
    const prefix = validatePath(input.PathPrefix, "pathPrefix");
    const usage = validateChoice(input.PolicyUsageFilter, "policyUsageFilter", [
      "PermissionsPolicy",
      "PermissionsBoundary",
    ]);
    const found = [
      ...(usage === "PermissionsBoundary" ? [] : holdersOf(context, policy)),
      ...(usage === "PermissionsPolicy" ? [] : boundedBy(context, policy)),
    ].filter(
      (holder) =>
        (kind === undefined || holder.kind === kind) && holder.record.path.startsWith(prefix),
    );
    const once = new Map(found.map((holder) => [holder.record.id, holder]));
    const { items, rest } = pageOf("ListEntitiesForPolicy", [...once.values()], keyOf, input);
    return { ...toViews(items), ...rest };
  },
});

const keyOf = ({ kind, record }: PolicyHolder): string => `${kind}/${record.name}`;

const toViews = (holders: readonly PolicyHolder[]) => ({
  PolicyGroups: holders
    .filter(({ kind }) => kind === "Group")
    .map(({ record }) => ({ GroupName: record.name, GroupId: record.id })),
  PolicyUsers: holders
    .filter(({ kind }) => kind === "User")
    .map(({ record }) => ({ UserName: record.name, UserId: record.id })),
  PolicyRoles: holders
    .filter(({ kind }) => kind === "Role")
    .map(({ record }) => ({ RoleName: record.name, RoleId: record.id })),
});
