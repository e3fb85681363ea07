/** Users: made, described, changed and deleted. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { User } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import {
  accessKeys,
  mfaDevices,
  serviceCredentials,
  signingCertificates,
  sshPublicKeys,
  users,
} from "../../state/tables/iam.ts";
import { validateBoundary } from "./boundary.ts";
import { givenBoundary } from "./conditions.ts";
import { alreadyExists, mustFirst } from "./errors.ts";
import {
  globalScope,
  iamArn,
  isTaken,
  newArn,
  requireUser,
  requireUserOrCaller,
  userArns,
} from "./lookup.ts";
import { byName, pageOf } from "./paging.ts";
import { requireRoom } from "./quotas.ts";
import { authorizeRenaming } from "./renaming.ts";
import { listTags, withoutTags, withTags } from "./tags.ts";
import { toTags, validateName, validatePath, validatePrefix } from "./validate.ts";
import { toUserDetail, toUserView } from "./views.ts";

type Nothing = Record<string, never>;

export const createUser = write<Iam.CreateUserRequest, Iam.CreateUserResponse>({
  action: "iam:CreateUser",
  resources: ({ Path, UserName }, context) => newArn(context, "user", Path, UserName),
  conditions: givenBoundary,
  accepts: { UserName: true, Path: true, PermissionsBoundary: true, Tags: true },
  run(context, input) {
    const { tx, ids, now } = context;
    const scope = globalScope(context);
    const name = validateName(input.UserName, "userName", 64);
    const path = validatePath(input.Path);
    const tags = toTags(input.Tags, "folded");
    const permissionsBoundary = validateBoundary(context, input.PermissionsBoundary);
    requireFree(context, name);
    requireRoom("Users", tx.table(users).list(scope));
    const user: User = {
      ...scope,
      arn: iamArn(scope.account, `user${path}${name}`),
      id: `AIDA${ids.pick(iamAlphabet, 17)}`,
      name,
      path,
      createdAt: now,
      inlinePolicies: [],
      attachedPolicyArns: [],
      permissionsBoundary,
      groupIds: [],
      loginProfile: undefined,
      tags,
    };
    tx.table(users).put(user);
    return { User: toUserDetail(user) };
  },
});

function requireFree(context: WriteContext, name: string, except?: User): void {
  const others = context.tx.table(users).list(globalScope(context));
  if (isTaken(name, except ? others.filter(({ id }) => id !== except.id) : others)) {
    throw alreadyExists(`User with name ${name} already exists.`);
  }
}

export const getUser = read<Iam.GetUserRequest, Iam.GetUserResponse>({
  action: "iam:GetUser",
  resources: userArns,
  accepts: { UserName: true },
  run(context, input) {
    const { arn, account } = context.caller;
    if (input.UserName === undefined && arn.endsWith(":root")) {
      // The root of an account has no name, and was there from its beginning.
      const root = { UserId: account, Arn: arn, CreateDate: new Date(0) };
      return { User: root as Iam.User };
    }
    return { User: toUserDetail(requireUserOrCaller(context, input.UserName)) };
  },
});

export const listUsers = read<Iam.ListUsersRequest, Iam.ListUsersResponse>({
  action: "iam:ListUsers",
  resources: (_, { scope }) => [iamArn(scope.account, "user/")],
  accepts: { PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const prefix = validatePrefix(input.PathPrefix);
    const all = context.tx.table(users).list(globalScope(context));
    const found = all.filter((user) => user.path.startsWith(prefix));
    const { items, rest } = pageOf("ListUsers", found, byName, input);
    return { Users: items.map(toUserView), ...rest };
  },
});

/** Another name or path: the user stays who it is, with its keys, groups and policies. */
export const updateUser = write<Iam.UpdateUserRequest, Nothing>({
  action: "iam:UpdateUser",
  resources: userArns,
  accepts: { UserName: true, NewUserName: true, NewPath: true },
  run(context, input) {
    const user = requireUser(context, input.UserName);
    const name =
      input.NewUserName === undefined
        ? user.name
        : validateName(input.NewUserName, "newUserName", 64);
    const path = input.NewPath === undefined ? user.path : validatePath(input.NewPath, "newPath");
    const arn = iamArn(user.account, `user${path}${name}`);
    authorizeRenaming(context, "iam:UpdateUser", user, arn);
    requireFree(context, name, user);
    const table = context.tx.table(users);
    if (name !== user.name) table.delete(user, user.name);
    table.put({ ...user, name, path, arn });
    return {};
  },
});

export const deleteUser = write<Iam.DeleteUserRequest, Nothing>({
  action: "iam:DeleteUser",
  resources: userArns,
  accepts: { UserName: true },
  run(context, input) {
    const user = requireUser(context, input.UserName);
    requireNoCredentials(context, user);
    if (user.loginProfile) throw mustFirst("delete login profile");
    if (user.groupIds.length > 0) throw mustFirst("remove users from group");
    if (user.attachedPolicyArns.length > 0) throw mustFirst("detach all policies");
    if (user.inlinePolicies.length > 0) throw mustFirst("delete policies");
    context.tx.table(users).delete(user, user.name);
    return {};
  },
});

function requireNoCredentials({ tx }: WriteContext, user: User): void {
  const held: readonly (readonly [string, readonly unknown[]])[] = [
    ["delete access keys", tx.table(accessKeys).by("user", user, user.id)],
    ["delete signing certificates", tx.table(signingCertificates).by("user", user, user.id)],
    ["delete SSH public keys", tx.table(sshPublicKeys).by("user", user, user.id)],
    ["delete service specific credentials", tx.table(serviceCredentials).by("user", user, user.id)],
    ["deactivate MFA devices", tx.table(mfaDevices).by("user", user, user.id)],
  ];
  const [first] = held.find(([, records]) => records.length > 0) ?? [];
  if (first !== undefined) throw mustFirst(first);
}

export const tagUser = write<Iam.TagUserRequest, Nothing>({
  action: "iam:TagUser",
  resources: userArns,
  accepts: { UserName: true, Tags: true },
  run(context, input) {
    context.tx.table(users).put(withTags(requireUser(context, input.UserName), input, "folded"));
    return {};
  },
});

export const untagUser = write<Iam.UntagUserRequest, Nothing>({
  action: "iam:UntagUser",
  resources: userArns,
  accepts: { UserName: true, TagKeys: true },
  run(context, input) {
    context.tx.table(users).put(withoutTags(requireUser(context, input.UserName), input, "folded"));
    return {};
  },
});

export const listUserTags = read<Iam.ListUserTagsRequest, Iam.ListUserTagsResponse>({
  action: "iam:ListUserTags",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run: (context, input) => listTags("ListUserTags", requireUser(context, input.UserName), input),
});
