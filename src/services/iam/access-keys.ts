/** Access keys of users. The secret is told once, when the key is made. */
import type * as Iam from "@aws-sdk/client-iam";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import { formatAccessKeyId } from "../../model/access-key-id.ts";
import type { AccessKey, User } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { findAccessKey } from "../../state/iam-principals.ts";
import { accessKeys, retiredAccessKeys } from "../../state/tables/iam.ts";
import { accessKeyNotFound, quotaExceeded } from "./errors.ts";
import { type Place, requireUserOrCaller, userArns } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { validateChoice } from "./validate.ts";

type Nothing = Record<string, never>;

const mostKeysOfUser = 2;
const secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const statuses = ["Active", "Inactive", "Expired"] as const;

export const createAccessKey = write<Iam.CreateAccessKeyRequest, Iam.CreateAccessKeyResponse>({
  action: "iam:CreateAccessKey",
  resources: userArns,
  accepts: { UserName: true },
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    const table = context.tx.table(accessKeys);
    if (table.by("user", user, user.id).length >= mostKeysOfUser) {
      throw quotaExceeded("AccessKeysPerUser", mostKeysOfUser);
    }
    const key: AccessKey = {
      account: user.account,
      region: user.region,
      id: formatAccessKeyId("AKIA", user.account, context.ids.pick(iamAlphabet, 8)),
      secret: context.ids.pick(secretAlphabet, 40),
      userId: user.id,
      isActive: true,
      createdAt: context.now,
      lastUse: undefined,
    };
    table.put(key);
    return { AccessKey: { ...toKeyView(user)(key), SecretAccessKey: key.secret } };
  },
});

export const updateAccessKey = write<Iam.UpdateAccessKeyRequest, Nothing>({
  action: "iam:UpdateAccessKey",
  resources: userArns,
  accepts: { UserName: true, AccessKeyId: true, Status: true },
  run(context, input) {
    // `Expired` is among the values of the shape, and nobody may set it.
    const status = validateChoice(input.Status, "status", statuses.slice(0, 2));
    const key = requireKey(context, input);
    context.tx.table(accessKeys).put({ ...key, isActive: status === "Active" });
    return {};
  },
});

export const deleteAccessKey = write<Iam.DeleteAccessKeyRequest, Nothing>({
  action: "iam:DeleteAccessKey",
  resources: userArns,
  accepts: { UserName: true, AccessKeyId: true },
  run(context, input) {
    const key = requireKey(context, input);
    const { account, region, id } = key;
    context.tx.table(accessKeys).delete(key, id);
    context.tx.table(retiredAccessKeys).put({ account, region, id });
    return {};
  },
});

/** The key that is named, of the user that is named or who calls. */
function requireKey(
  context: WriteContext,
  input: { readonly UserName?: string | undefined; readonly AccessKeyId: string | undefined },
): AccessKey {
  const id = input.AccessKeyId ?? "";
  // The root means its own keys, of which none are issued here.
  const isOfRoot = input.UserName === undefined && context.caller.arn.endsWith(":root");
  if (isOfRoot) throw accessKeyNotFound(id);
  const user = requireUserOrCaller(context, input.UserName);
  const key = context.tx.table(accessKeys).get(user, id);
  if (key?.userId !== user.id) throw accessKeyNotFound(id);
  return key;
}

export const listAccessKeys = read<Iam.ListAccessKeysRequest, Iam.ListAccessKeysResponse>({
  action: "iam:ListAccessKeys",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run(context, input) {
    // The root of an account has none here: its credentials are not issued.
    const isRoot = input.UserName === undefined && context.caller.arn.endsWith(":root");
    const views = isRoot ? [] : keysOf(context, requireUserOrCaller(context, input.UserName));
    const keyOf = ({ AccessKeyId = "" }: Iam.AccessKeyMetadata): string => AccessKeyId;
    const { items, rest } = pageOf("ListAccessKeys", views, keyOf, input);
    return { AccessKeyMetadata: items, ...rest };
  },
});

const keysOf = (context: Place, user: User): Iam.AccessKeyMetadata[] =>
  context.tx.table(accessKeys).by("user", user, user.id).map(toKeyView(user));

export const getAccessKeyLastUsed = read<
  Iam.GetAccessKeyLastUsedRequest,
  Iam.GetAccessKeyLastUsedResponse
>({
  action: "iam:GetAccessKeyLastUsed",
  resources: () => ["*"],
  accepts: { AccessKeyId: true },
  run(context, input) {
    const id = input.AccessKeyId ?? "";
    const found = findAccessKey(context.tx, id);
    if (found?.user.account !== context.scope.account) throw accessKeyNotFound(id);
    const { lastUse } = found.key;
    return {
      UserName: found.user.name,
      AccessKeyLastUsed: {
        LastUsedDate: lastUse && new Date(lastUse.at),
        ServiceName: lastUse?.service ?? "N/A",
        Region: lastUse?.region ?? "N/A",
      },
    };
  },
});

const toKeyView =
  (user: User) =>
  (key: AccessKey): Omit<Iam.AccessKey, "SecretAccessKey"> => ({
    UserName: user.name,
    AccessKeyId: key.id,
    Status: key.isActive ? "Active" : "Inactive",
    CreateDate: new Date(key.createdAt),
  });
