/**
 * Virtual MFA devices. Who makes one is told its seed, and a user gets it by two codes in a row that
 * only the seed can give. Codes are judged on wall time, which is what a user's device shows.
 */
import type * as Iam from "@aws-sdk/client-iam";
import { encode } from "uqr";
import { type RequestContext, read, type WriteContext, write } from "../../gateway/service.ts";
import type { MfaDevice, User } from "../../model/iam.ts";
import { iamAlphabet } from "../../seams/ids.ts";
import { mfaDevices, users } from "../../state/tables/iam.ts";
import { findDrift } from "../../state/totp.ts";
import {
  alreadyExists,
  deleteConflict,
  invalidAuthenticationCode,
  mfaDeviceNotFound,
  quotaExceeded,
} from "./errors.ts";
import {
  globalScope,
  iamArn,
  newArn,
  type Place,
  requireUser,
  requireUserOrCaller,
  userArns,
} from "./lookup.ts";
import { pageOf } from "./paging.ts";
import { toPng } from "./png.ts";
import { listTags, toTagViews, withoutTags, withTags } from "./tags.ts";
import { toTags, validateChoice, validateName, validatePath } from "./validate.ts";
import { toUserView } from "./views.ts";

type Nothing = Record<string, never>;
type BySerial = { readonly SerialNumber: string | undefined };

const mostOfUser = 8;
const seedLength = 64;
/** How many codes a device's clock may be off when it is enabled, and when it is compared again. */
const tolerance = { enable: 5, resync: 120 };

/** The serial number of a virtual device is its ARN; nothing here has another. */
const deviceArns = ({ SerialNumber = "" }: BySerial, { scope }: RequestContext): string[] => [
  SerialNumber.startsWith("arn:") ? SerialNumber : iamArn(scope.account, "mfa/*"),
];

export const createVirtualMfaDevice = write<
  Iam.CreateVirtualMFADeviceRequest,
  Iam.CreateVirtualMFADeviceResponse
>({
  action: "iam:CreateVirtualMFADevice",
  resources: ({ Path, VirtualMFADeviceName }, context) =>
    newArn(context, "mfa", Path, VirtualMFADeviceName),
  accepts: { Path: true, VirtualMFADeviceName: true, Tags: true },
  run(context, input) {
    const { tx, ids, now } = context;
    const scope = globalScope(context);
    const name = validateName(input.VirtualMFADeviceName, "virtualMFADeviceName", 226);
    const device: MfaDevice = {
      ...scope,
      serialNumber: iamArn(scope.account, `mfa${validatePath(input.Path)}${name}`),
      seed: ids.pick(iamAlphabet, seedLength),
      assignment: undefined,
      createdAt: now,
      tags: toTags(input.Tags),
    };
    if (tx.table(mfaDevices).get(scope, device.serialNumber)) {
      throw alreadyExists("MFADevice entity at the same path and name already exists.");
    }
    tx.table(mfaDevices).put(device);
    return {
      VirtualMFADevice: {
        SerialNumber: device.serialNumber,
        Base32StringSeed: Buffer.from(device.seed),
        QRCodePNG: pictureOf(device, name),
        Tags: toTagViews(device.tags),
      },
    };
  },
});

/** What an authenticator app scans. */
function pictureOf({ account, seed }: MfaDevice, name: string): Uint8Array {
  const label = `${encodeURIComponent(name)}@${account}`;
  const { data } = encode(`otpauth://totp/${label}?secret=${seed}`, { border: 0 });
  return toPng(data, { scale: 4, margin: 4 });
}

function requireDevice(context: Place, { SerialNumber: serialNumber = "" }: BySerial): MfaDevice {
  const device = context.tx.table(mfaDevices).get(globalScope(context), serialNumber);
  if (!device) throw mfaDeviceNotFound(serialNumber);
  return device;
}

const acceptsCodes = {
  UserName: true,
  SerialNumber: true,
  AuthenticationCode1: true,
  AuthenticationCode2: true,
} as const;

export const enableMfaDevice = write<Iam.EnableMFADeviceRequest, Nothing>({
  action: "iam:EnableMFADevice",
  resources: userArns,
  accepts: acceptsCodes,
  run(context, input) {
    const user = requireUser(context, input.UserName);
    const device = requireDevice(context, input);
    if (device.assignment) throw alreadyExists("MFA Device is already in use.");
    const table = context.tx.table(mfaDevices);
    if (table.by("user", user, user.id).length >= mostOfUser) {
      throw quotaExceeded("MFADevicesPerUser", mostOfUser);
    }
    const drift = requireDrift(context, device, input, tolerance.enable);
    table.put({ ...device, drift, assignment: { userId: user.id, enabledAt: context.now } });
    return {};
  },
});

type Codes = Pick<Iam.EnableMFADeviceRequest, "AuthenticationCode1" | "AuthenticationCode2">;

/** Throws unless the two codes follow each other on the device. */
function requireDrift(
  { wall }: WriteContext,
  { seed }: MfaDevice,
  { AuthenticationCode1: first = "", AuthenticationCode2: second = "" }: Codes,
  steps: number,
): number {
  const drift = findDrift(seed, [first, second], { at: wall, steps });
  if (drift === undefined) throw invalidAuthenticationCode();
  return drift;
}

export const resyncMfaDevice = write<Iam.ResyncMFADeviceRequest, Nothing>({
  action: "iam:ResyncMFADevice",
  resources: userArns,
  accepts: acceptsCodes,
  run(context, input) {
    const device = requireDeviceOfUser(context, input);
    const drift = requireDrift(context, device, input, tolerance.resync);
    context.tx.table(mfaDevices).put({ ...device, drift });
    return {};
  },
});

export const deactivateMfaDevice = write<Iam.DeactivateMFADeviceRequest, Nothing>({
  action: "iam:DeactivateMFADevice",
  resources: userArns,
  accepts: { UserName: true, SerialNumber: true },
  run(context, input) {
    const device = requireDeviceOfUser(context, input);
    context.tx.table(mfaDevices).put({ ...device, assignment: undefined });
    return {};
  },
});

function requireDeviceOfUser(
  context: WriteContext,
  input: BySerial & { readonly UserName?: string | undefined },
): MfaDevice {
  const user = requireUserOrCaller(context, input.UserName);
  const device = requireDevice(context, input);
  if (device.assignment?.userId !== user.id) throw mfaDeviceNotFound(device.serialNumber);
  return device;
}

export const deleteVirtualMfaDevice = write<Iam.DeleteVirtualMFADeviceRequest, Nothing>({
  action: "iam:DeleteVirtualMFADevice",
  resources: deviceArns,
  accepts: { SerialNumber: true },
  run(context, input) {
    const device = requireDevice(context, input);
    if (device.assignment) {
      throw deleteConflict("MFA VirtualDevice in use. Must deactivate first.");
    }
    context.tx.table(mfaDevices).delete(device, device.serialNumber);
    return {};
  },
});

export const getMfaDevice = read<Iam.GetMFADeviceRequest, Iam.GetMFADeviceResponse>({
  action: "iam:GetMFADevice",
  resources: userArns,
  accepts: { SerialNumber: true, UserName: true },
  run(context, input) {
    const device = requireDevice(context, input);
    const owner = ownerOf(context, device);
    if (input.UserName !== undefined && requireUser(context, input.UserName).id !== owner?.id) {
      throw mfaDeviceNotFound(device.serialNumber);
    }
    return {
      SerialNumber: device.serialNumber,
      UserName: owner?.name,
      EnableDate: device.assignment && new Date(device.assignment.enabledAt),
    };
  },
});

function ownerOf({ tx }: Place, device: MfaDevice): User | undefined {
  const { assignment } = device;
  return assignment && tx.table(users).by("id", device, assignment.userId)[0];
}

export const listMfaDevices = read<Iam.ListMFADevicesRequest, Iam.ListMFADevicesResponse>({
  action: "iam:ListMFADevices",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run(context, input) {
    // The root of an account has none: nobody could give it one here.
    const isRoot = input.UserName === undefined && context.caller.arn.endsWith(":root");
    const devices = isRoot ? [] : ofUser(context, requireUserOrCaller(context, input.UserName));
    const keyOf = ({ SerialNumber = "" }: Iam.MFADevice): string => SerialNumber;
    const { items, rest } = pageOf("ListMFADevices", devices, keyOf, input);
    return { MFADevices: items, ...rest };
  },
});

const ofUser = ({ tx }: Place, user: User): Iam.MFADevice[] =>
  tx
    .table(mfaDevices)
    .by("user", user, user.id)
    .map(({ serialNumber, assignment, createdAt }) => ({
      UserName: user.name,
      SerialNumber: serialNumber,
      EnableDate: new Date(assignment?.enabledAt ?? createdAt),
    }));

export const listVirtualMfaDevices = read<
  Iam.ListVirtualMFADevicesRequest,
  Iam.ListVirtualMFADevicesResponse
>({
  action: "iam:ListVirtualMFADevices",
  resources: (_, { scope }) => [iamArn(scope.account, "mfa/*")],
  accepts: { AssignmentStatus: true, Marker: true, MaxItems: true },
  run(context, input) {
    const wanted = validateChoice(input.AssignmentStatus, "assignmentStatus", [
      "Assigned",
      "Unassigned",
      "Any",
    ]);
    const found = context.tx
      .table(mfaDevices)
      .list(globalScope(context))
      .filter(({ assignment }) => isWanted(assignment !== undefined, wanted));
    const keyOf = ({ serialNumber }: MfaDevice): string => serialNumber;
    const { items, rest } = pageOf("ListVirtualMFADevices", found, keyOf, input);
    return { VirtualMFADevices: items.map((device) => toView(context, device)), ...rest };
  },
});

const isWanted = (isAssigned: boolean, wanted: Iam.AssignmentStatusType | undefined): boolean =>
  wanted === undefined || wanted === "Any" || isAssigned === (wanted === "Assigned");

function toView(context: Place, device: MfaDevice): Iam.VirtualMFADevice {
  const owner = ownerOf(context, device);
  return {
    SerialNumber: device.serialNumber,
    User: owner && toUserView(owner),
    EnableDate: device.assignment && new Date(device.assignment.enabledAt),
  };
}

export const tagMfaDevice = write<Iam.TagMFADeviceRequest, Nothing>({
  action: "iam:TagMFADevice",
  resources: deviceArns,
  accepts: { SerialNumber: true, Tags: true },
  run(context, input) {
    context.tx.table(mfaDevices).put(withTags(requireDevice(context, input), input));
    return {};
  },
});

export const untagMfaDevice = write<Iam.UntagMFADeviceRequest, Nothing>({
  action: "iam:UntagMFADevice",
  resources: deviceArns,
  accepts: { SerialNumber: true, TagKeys: true },
  run(context, input) {
    context.tx.table(mfaDevices).put(withoutTags(requireDevice(context, input), input));
    return {};
  },
});

export const listMfaDeviceTags = read<Iam.ListMFADeviceTagsRequest, Iam.ListMFADeviceTagsResponse>({
  action: "iam:ListMFADeviceTags",
  resources: deviceArns,
  accepts: { SerialNumber: true, Marker: true, MaxItems: true },
  run: (context, input) => listTags("ListMFADeviceTags", requireDevice(context, input), input),
});
