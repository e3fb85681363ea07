/** Instance profiles, by which an instance gets a role. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, write } from "../../gateway/service.ts";
import type { InstanceProfile } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { instanceProfiles } from "../../state/tables/iam.ts";
import { alreadyExists, mustFirst, noSuchEntity, quotaExceeded } from "./errors.ts";
import {
  globalScope,
  iamArn,
  isTaken,
  newArn,
  profileArns,
  requireOwnRole,
  requireProfile,
  requireRole,
  roleArns,
} from "./lookup.ts";
import { byName, pageOf } from "./paging.ts";
import { requireRoom } from "./quotas.ts";
import { listTags, withoutTags, withTags } from "./tags.ts";
import { toTags, validateName, validatePath, validatePrefix } from "./validate.ts";
import { toProfileDetail, toProfileView } from "./views.ts";

type Nothing = Record<string, never>;

export const createInstanceProfile = write<
  Iam.CreateInstanceProfileRequest,
  Iam.CreateInstanceProfileResponse
>({
  action: "iam:CreateInstanceProfile",
  resources: ({ Path, InstanceProfileName }, context) =>
    newArn(context, "instance-profile", Path, InstanceProfileName),
  accepts: { InstanceProfileName: true, Path: true, Tags: true },
  run(context, input) {
    const { tx, ids, now } = context;
    const scope = globalScope(context);
    const name = validateName(input.InstanceProfileName, "instanceProfileName", 128);
    const path = validatePath(input.Path);
    const tags = toTags(input.Tags);
    const there = tx.table(instanceProfiles).list(scope);
    if (isTaken(name, there)) {
      throw alreadyExists(`Instance Profile ${name} already exists.`);
    }
    requireRoom("InstanceProfiles", there);
    const profile: InstanceProfile = {
      ...scope,
      arn: iamArn(scope.account, `instance-profile${path}${name}`),
      id: `AIPA${ids.pick(iamAlphabet, 17)}`,
      name,
      path,
      createdAt: now,
      roleName: undefined,
      tags,
    };
    tx.table(instanceProfiles).put(profile);
    return { InstanceProfile: toProfileDetail(tx, profile) };
  },
});

export const getInstanceProfile = read<
  Iam.GetInstanceProfileRequest,
  Iam.GetInstanceProfileResponse
>({
  action: "iam:GetInstanceProfile",
  resources: profileArns,
  accepts: { InstanceProfileName: true },
  run: (context, input) => ({
    InstanceProfile: toProfileDetail(
      context.tx,
      requireProfile(context, input.InstanceProfileName),
    ),
  }),
});

export const listInstanceProfiles = read<
  Iam.ListInstanceProfilesRequest,
  Iam.ListInstanceProfilesResponse
>({
  action: "iam:ListInstanceProfiles",
  resources: (_, { scope }) => [iamArn(scope.account, "instance-profile/")],
  accepts: { PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const prefix = validatePrefix(input.PathPrefix);
    const all = context.tx.table(instanceProfiles).list(globalScope(context));
    const found = all.filter((profile) => profile.path.startsWith(prefix));
    const { items, rest } = pageOf("ListInstanceProfiles", found, byName, input);
    const views = items.map((profile) => toProfileView(context.tx, profile));
    return { InstanceProfiles: views, ...rest };
  },
});

export const listInstanceProfilesForRole = read<
  Iam.ListInstanceProfilesForRoleRequest,
  Iam.ListInstanceProfilesForRoleResponse
>({
  action: "iam:ListInstanceProfilesForRole",
  resources: roleArns,
  accepts: { RoleName: true, Marker: true, MaxItems: true },
  run(context, input) {
    const role = requireRole(context, input.RoleName);
    const found = context.tx.table(instanceProfiles).by("role", role, role.name);
    const { items, rest } = pageOf("ListInstanceProfilesForRole", found, byName, input);
    const views = items.map((profile) => toProfileView(context.tx, profile));
    return { InstanceProfiles: views, ...rest };
  },
});

export const deleteInstanceProfile = write<Iam.DeleteInstanceProfileRequest, Nothing>({
  action: "iam:DeleteInstanceProfile",
  resources: profileArns,
  accepts: { InstanceProfileName: true },
  run(context, input) {
    const profile = requireProfile(context, input.InstanceProfileName);
    if (profile.roleName !== undefined) throw mustFirst("remove roles from instance profile");
    context.tx.table(instanceProfiles).delete(profile, profile.name);
    return {};
  },
});

export const addRoleToInstanceProfile = write<Iam.AddRoleToInstanceProfileRequest, Nothing>({
  action: "iam:AddRoleToInstanceProfile",
  resources: profileArns,
  accepts: { InstanceProfileName: true, RoleName: true },
  run(context, input) {
    const profile = requireProfile(context, input.InstanceProfileName);
    const role = requireOwnRole(context, input.RoleName);
    if (profile.roleName !== undefined) {
      throw quotaExceeded("InstanceSessionsPerInstanceProfile", 1);
    }
    context.tx.table(instanceProfiles).put({ ...profile, roleName: role.name });
    return {};
  },
});

export const removeRoleFromInstanceProfile = write<
  Iam.RemoveRoleFromInstanceProfileRequest,
  Nothing
>({
  action: "iam:RemoveRoleFromInstanceProfile",
  resources: profileArns,
  accepts: { InstanceProfileName: true, RoleName: true },
  run(context, input) {
    const profile = requireProfile(context, input.InstanceProfileName);
    const role = requireRole(context, input.RoleName);
    if (profile.roleName !== role.name) {
      throw noSuchEntity(
        `Role ${role.name} is not associated with instance profile ${profile.name}.`,
      );
    }
    context.tx.table(instanceProfiles).put({ ...profile, roleName: undefined });
    return {};
  },
});

export const tagInstanceProfile = write<Iam.TagInstanceProfileRequest, Nothing>({
  action: "iam:TagInstanceProfile",
  resources: profileArns,
  accepts: { InstanceProfileName: true, Tags: true },
  run(context, input) {
    const profile = requireProfile(context, input.InstanceProfileName);
    context.tx.table(instanceProfiles).put(withTags(profile, input));
    return {};
  },
});

export const untagInstanceProfile = write<Iam.UntagInstanceProfileRequest, Nothing>({
  action: "iam:UntagInstanceProfile",
  resources: profileArns,
  accepts: { InstanceProfileName: true, TagKeys: true },
  run(context, input) {
    const profile = requireProfile(context, input.InstanceProfileName);
    context.tx.table(instanceProfiles).put(withoutTags(profile, input));
    return {};
  },
});

export const listInstanceProfileTags = read<
  Iam.ListInstanceProfileTagsRequest,
  Iam.ListInstanceProfileTagsResponse
>({
  action: "iam:ListInstanceProfileTags",
  resources: profileArns,
  accepts: { InstanceProfileName: true, Marker: true, MaxItems: true },
  run: (context, input) =>
    listTags("ListInstanceProfileTags", requireProfile(context, input.InstanceProfileName), input),
});
