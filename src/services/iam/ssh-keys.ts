/** SSH public keys of users. */
import type * as Iam from "@aws-sdk/client-iam";
import { ApiError } from "../../gateway/api-error.ts";
import { read, write } from "../../gateway/service.ts";
import type { SshPublicKey, User } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { sshPublicKeys } from "../../state/tables/iam.ts";
import { quotaExceeded, sshKeyNotFound } from "./errors.ts";
import { type Place, requireUser, requireUserOrCaller, userArns } from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { readPublicKey } from "./ssh-key-forms.ts";
import { validateChoice } from "./validate.ts";

type Nothing = Record<string, never>;

const mostKeysOfUser = 5;

export const uploadSshPublicKey = write<
  Iam.UploadSSHPublicKeyRequest,
  Iam.UploadSSHPublicKeyResponse
>({
  action: "iam:UploadSSHPublicKey",
  resources: userArns,
  accepts: { UserName: true, SSHPublicKeyBody: true },
  run(context, input) {
    const user = requireUser(context, input.UserName);
    const forms = readPublicKey(input.SSHPublicKeyBody ?? "");
    const table = context.tx.table(sshPublicKeys);
    const others = table.by("user", user, user.id);
    if (others.some(({ ssh }) => ssh === forms.ssh)) {
      throw new ApiError(
        "DuplicateSSHPublicKey",
        "The SSH public key is already associated with the specified IAM user.",
      );
    }
    if (others.length >= mostKeysOfUser)
      throw quotaExceeded("SSHPublicKeysPerUser", mostKeysOfUser);
    const key: SshPublicKey = {
      account: user.account,
      region: user.region,
      id: `APKA${context.ids.pick(iamAlphabet, 16)}`,
      userId: user.id,
      isActive: true,
      createdAt: context.now,
      ...forms,
    };
    table.put(key);
    const isSsh = (input.SSHPublicKeyBody ?? "").trim().startsWith("ssh-");
    return { SSHPublicKey: toKeyView(user, key, isSsh ? key.ssh : key.pem) };
  },
});

type Named = {
  readonly UserName: string | undefined;
  readonly SSHPublicKeyId: string | undefined;
};

function requireKey(context: Place, { UserName, SSHPublicKeyId: id = "" }: Named) {
  const user = requireUser(context, UserName);
  const key = context.tx.table(sshPublicKeys).get(user, id);
  if (key?.userId !== user.id) throw sshKeyNotFound(id);
  return { user, key };
}

export const getSshPublicKey = read<Iam.GetSSHPublicKeyRequest, Iam.GetSSHPublicKeyResponse>({
  action: "iam:GetSSHPublicKey",
  resources: userArns,
  accepts: { UserName: true, SSHPublicKeyId: true, Encoding: true },
  run(context, input) {
    const encoding = validateChoice(input.Encoding, "encoding", ["SSH", "PEM"]);
    const { user, key } = requireKey(context, input);
    return { SSHPublicKey: toKeyView(user, key, encoding === "PEM" ? key.pem : key.ssh) };
  },
});

export const updateSshPublicKey = write<Iam.UpdateSSHPublicKeyRequest, Nothing>({
  action: "iam:UpdateSSHPublicKey",
  resources: userArns,
  accepts: { UserName: true, SSHPublicKeyId: true, Status: true },
  run(context, input) {
    const status = validateChoice(input.Status, "status", ["Active", "Inactive"]);
    const { key } = requireKey(context, input);
    context.tx.table(sshPublicKeys).put({ ...key, isActive: status === "Active" });
    return {};
  },
});

export const deleteSshPublicKey = write<Iam.DeleteSSHPublicKeyRequest, Nothing>({
  action: "iam:DeleteSSHPublicKey",
  resources: userArns,
  accepts: { UserName: true, SSHPublicKeyId: true },
  run(context, input) {
    const { key } = requireKey(context, input);
    context.tx.table(sshPublicKeys).delete(key, key.id);
    return {};
  },
});

export const listSshPublicKeys = read<Iam.ListSSHPublicKeysRequest, Iam.ListSSHPublicKeysResponse>({
  action: "iam:ListSSHPublicKeys",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run(context, input) {
    const user = requireUserOrCaller(context, input.UserName);
    const keys = context.tx.table(sshPublicKeys).by("user", user, user.id);
    const { items, rest } = pageOf("ListSSHPublicKeys", keys, ({ id }) => id, input);
    return { SSHPublicKeys: items.map((key) => toMetadata(user, key)), ...rest };
  },
});

const toMetadata = (user: User, key: SshPublicKey): Iam.SSHPublicKeyMetadata => ({
  UserName: user.name,
  SSHPublicKeyId: key.id,
  Status: key.isActive ? "Active" : "Inactive",
  UploadDate: new Date(key.createdAt),
});

const toKeyView = (user: User, key: SshPublicKey, body: string): Iam.SSHPublicKey => ({
  ...toMetadata(user, key),
  UserName: user.name,
  SSHPublicKeyId: key.id,
  Status: key.isActive ? "Active" : "Inactive",
  Fingerprint: key.fingerprint,
  SSHPublicKeyBody: body,
});
