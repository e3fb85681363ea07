/**
 * Attaching and detaching network interfaces. There are no instances here, so nothing can be
 * attached; and what tasks, balancers and gateways have attached is theirs to detach.
 */
import type {
  AttachNetworkInterfaceRequest,
  AttachNetworkInterfaceResult,
  DetachNetworkInterfaceRequest,
} from "@aws-sdk/client-ec2";
import { networkInterfaces } from "../../state/tables/network.ts";
import {
  attachmentNotFound,
  instanceNotFound,
  malformedId,
  missingParameter,
  notPermitted,
} from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { findRequired, isWellFormed, networkInterfaceKind } from "./resources.ts";

export const attachNetworkInterface = operation<
  AttachNetworkInterfaceRequest,
  AttachNetworkInterfaceResult
>({
  name: "AttachNetworkInterface",
  resources: (input, scope) => [
    arnOf(scope, "instance", input.InstanceId),
    arnOf(scope, "network-interface", input.NetworkInterfaceId),
  ],
  accepts: { NetworkInterfaceId: true, InstanceId: true, DeviceIndex: true },
  run(context, input) {
    findRequired(context, networkInterfaceKind, input.NetworkInterfaceId, "networkInterfaceId");
    const { InstanceId: id } = input;
    if (!id) throw missingParameter("instanceId");
    if (!isWellFormed("i-", id)) throw malformedId("InvalidInstanceID.Malformed", id, "i-");
    throw instanceNotFound(id);
  },
});

export const detachNetworkInterface = operation<
  DetachNetworkInterfaceRequest,
  Record<string, never>
>({
  name: "DetachNetworkInterface",
  accepts: { AttachmentId: true, Force: true },
  run({ tx, scope }, { AttachmentId: id }) {
    if (!id) throw missingParameter("attachmentId");
    const attached = tx.table(networkInterfaces).list(scope);
    if (attached.some((eni) => eni.attachmentId === id)) throw notPermitted();
    throw attachmentNotFound(id);
  },
});
