/**
 * What else a user may have on AWS: certificates, SSH keys, MFA devices, credentials of single services.
 * None can be made here, so there are none to list; whoever deletes a user asks for them.
 */
import type * as Iam from "@aws-sdk/client-iam";
import { read } from "../../gateway/service.ts";
import { iamArn, requireUser, requireUserOrCaller, userArns } from "./lookup.ts";
import { pageOf } from "./paging.ts";

const noKey = (): string => "";

export const listSshPublicKeys = read<Iam.ListSSHPublicKeysRequest, Iam.ListSSHPublicKeysResponse>({
  action: "iam:ListSSHPublicKeys",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run(context, input) {
    requireUserOrCaller(context, input.UserName);
    const { rest } = pageOf("ListSSHPublicKeys", [], noKey, input);
    return { SSHPublicKeys: [], ...rest };
  },
});

export const listSigningCertificates = read<
  Iam.ListSigningCertificatesRequest,
  Iam.ListSigningCertificatesResponse
>({
  action: "iam:ListSigningCertificates",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run(context, input) {
    requireUserOrCaller(context, input.UserName);
    const { rest } = pageOf("ListSigningCertificates", [], noKey, input);
    return { Certificates: [], ...rest };
  },
});

export const listServiceSpecificCredentials = read<
  Iam.ListServiceSpecificCredentialsRequest,
  Iam.ListServiceSpecificCredentialsResponse
>({
  action: "iam:ListServiceSpecificCredentials",
  resources: userArns,
  accepts: { UserName: true, ServiceName: true },
  run(context, input) {
    requireUserOrCaller(context, input.UserName);
    return { ServiceSpecificCredentials: [] };
  },
});

export const listMfaDevices = read<Iam.ListMFADevicesRequest, Iam.ListMFADevicesResponse>({
  action: "iam:ListMFADevices",
  resources: userArns,
  accepts: { UserName: true, Marker: true, MaxItems: true },
  run(context, input) {
    if (input.UserName !== undefined) requireUser(context, input.UserName);
    const { rest } = pageOf("ListMFADevices", [], noKey, input);
    return { MFADevices: [], ...rest };
  },
});

export const listVirtualMfaDevices = read<
  Iam.ListVirtualMFADevicesRequest,
  Iam.ListVirtualMFADevicesResponse
>({
  action: "iam:ListVirtualMFADevices",
  resources: (_, { scope }) => [iamArn(scope.account, "mfa/*")],
  accepts: { AssignmentStatus: true, Marker: true, MaxItems: true },
  run(_, input) {
    const { rest } = pageOf("ListVirtualMFADevices", [], noKey, input);
    return { VirtualMFADevices: [], ...rest };
  },
});
