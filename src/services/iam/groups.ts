/** Groups of users, and who is in them. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import type { Group } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { groupsOf } from "../../state/iam-principals.ts";
import { groups, users } from "../../state/tables/iam.ts";
import { alreadyExists, mustFirst, quotaExceeded } from "./errors.ts";
import {
  globalScope,
  groupArns,
  iamArn,
  isTaken,
  newArn,
  requireGroup,
  requireUser,
  userArns,
} from "./lookup.ts";
import { byName, pageOf } from "./paging.ts";
import { requireRoom } from "./quotas.ts";
import { authorizeRenaming } from "./renaming.ts";
import { validateName, validatePath, validatePrefix } from "./validate.ts";
import { toGroupView, toUserView } from "./views.ts";

type Nothing = Record<string, never>;

const mostGroupsOfUser = 10;

export const createGroup = write<Iam.CreateGroupRequest, Iam.CreateGroupResponse>({
  action: "iam:CreateGroup",
  resources: ({ Path, GroupName }, context) => newArn(context, "group", Path, GroupName),
  accepts: { GroupName: true, Path: true },
  run(context, input) {
    const { tx, ids, now } = context;
    const scope = globalScope(context);
    const name = validateName(input.GroupName, "groupName", 128);
    const path = validatePath(input.Path);
    requireFree(context, name);
    requireRoom("Groups", tx.table(groups).list(scope));
    const group: Group = {
      ...scope,
      arn: iamArn(scope.account, `group${path}${name}`),
      id: `AGPA${ids.pick(iamAlphabet, 17)}`,
      name,
      path,
      createdAt: now,
      inlinePolicies: [],
      attachedPolicyArns: [],
    };
    tx.table(groups).put(group);
    return { Group: toGroupView(group) };
  },
});

function requireFree(context: WriteContext, name: string, except?: Group): void {
  const others = context.tx.table(groups).list(globalScope(context));
  if (isTaken(name, except ? others.filter(({ id }) => id !== except.id) : others)) {
    throw alreadyExists(`Group with name ${name} already exists.`);
  }
}

/** A group with its users; it is they who come in pages. */
export const getGroup = read<Iam.GetGroupRequest, Iam.GetGroupResponse>({
  action: "iam:GetGroup",
  resources: groupArns,
  accepts: { GroupName: true, Marker: true, MaxItems: true },
  run(context, input) {
    const group = requireGroup(context, input.GroupName);
    const members = context.tx.table(users).by("group", group, group.id);
    const { items, rest } = pageOf("GetGroup", members, byName, input);
    return { Group: toGroupView(group), Users: items.map(toUserView), ...rest };
  },
});

export const listGroups = read<Iam.ListGroupsRequest, Iam.ListGroupsResponse>({
  action: "iam:ListGroups",
  resources: (_, { scope }) => [iamArn(scope.account, "group/")],
  accepts: { PathPrefix: true, Marker: true, MaxItems: true },
  run(context, input) {
    const prefix = validatePrefix(input.PathPrefix);
    const all = context.tx.table(groups).list(globalScope(context));
    const found = all.filter((group) => group.path.startsWith(prefix));
    const { items, rest } = pageOf("ListGroups", found, byName, input);
    return { Groups: items.map(toGroupView), ...rest };
  },
});

/** Another name or path: users refer to a group by its id, so they stay in it. */
export const updateGroup = write<Iam.UpdateGroupRequest, Nothing>({
  action: "iam:UpdateGroup",
  resources: groupArns,
  accepts: { GroupName: true, NewGroupName: true, NewPath: true },
  run(context, input) {
    const group = requireGroup(context, input.GroupName);
    const name =
      input.NewGroupName === undefined
        ? group.name
        : validateName(input.NewGroupName, "newGroupName", 128);
    const path = input.NewPath === undefined ? group.path : validatePath(input.NewPath, "newPath");
    const arn = iamArn(group.account, `group${path}${name}`);
    authorizeRenaming(context, "iam:UpdateGroup", group, arn);
    requireFree(context, name, group);
    const table = context.tx.table(groups);
    if (name !== group.name) table.delete(group, group.name);
    table.put({ ...group, name, path, arn });
    return {};
  },
});

export const deleteGroup = write<Iam.DeleteGroupRequest, Nothing>({
  action: "iam:DeleteGroup",
  resources: groupArns,
  accepts: { GroupName: true },
  run(context, input) {
    const group = requireGroup(context, input.GroupName);
    const members = context.tx.table(users).by("group", group, group.id);
    if (members.length > 0) throw mustFirst("remove users from group");
    if (group.attachedPolicyArns.length > 0) throw mustFirst("detach all policies");
    if (group.inlinePolicies.length > 0) throw mustFirst("delete policies");
    context.tx.table(groups).delete(group, group.name);
    return {};
  },
});

export const addUserToGroup = write<Iam.AddUserToGroupRequest, Nothing>({
  action: "iam:AddUserToGroup",
  resources: groupArns,
  accepts: { GroupName: true, UserName: true },
  run(context, input) {
    const group = requireGroup(context, input.GroupName);
    const user = requireUser(context, input.UserName);
    // Adding twice is no error.
    if (user.groupIds.includes(group.id)) return {};
    if (user.groupIds.length >= mostGroupsOfUser) {
      throw quotaExceeded("GroupsPerUser", mostGroupsOfUser);
    }
    context.tx.table(users).put({ ...user, groupIds: [...user.groupIds, group.id] });
    return {};
  },
});

export const removeUserFromGroup = write<Iam.RemoveUserFromGroupRequest, Nothing>({
  action: "iam:RemoveUserFromGroup",
  resources: groupArns,
  accepts: { GroupName: true, UserName: true },
  run(context, input) {
    const group = requireGroup(context, input.GroupName);
    const user = requireUser(context, input.UserName);
    const groupIds = user.groupIds.filter((id) => id !== group.id);
    context.tx.table(users).put({ ...user, groupIds });
    return {};
  },
});

export const listGroupsForUser = read<Iam.ListGroupsForUserRequest, Iam.ListGroupsForUserResponse>({
  action: "iam:ListGroupsForUser",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run(context, input) {
    const found = groupsOf(context.tx, requireUser(context, input.UserName));
    const { items, rest } = pageOf("ListGroupsForUser", found, byName, input);
    return { Groups: items.map(toGroupView), ...rest };
  },
});
