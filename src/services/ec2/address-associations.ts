/** Elastic IP addresses on network interfaces. */
import type {
  AssociateAddressRequest,
  AssociateAddressResult,
  DisassociateAddressRequest,
} from "@aws-sdk/client-ec2";
import { type ElasticIp, interfaceAt, type NetworkInterface } from "../../model/network.ts";
import { elasticIps, internetGateways, networkInterfaces } from "../../state/tables/network.ts";
import { findAddress } from "./addresses.ts";
import {
  alreadyAssociated,
  associationNotFound,
  gatewayNotAttached,
  invalidParameterValue,
  missingParameter,
  notPermitted,
} from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, findRequired, networkInterfaceKind, newId } from "./resources.ts";

export const associateAddress = operation<AssociateAddressRequest, AssociateAddressResult>({
  name: "AssociateAddress",
  resources: (input, scope) => [
    arnOf(scope, "elastic-ip", input.AllocationId),
    arnOf(scope, "network-interface", input.NetworkInterfaceId),
  ],
  accepts: {
    AllocationId: true,
    PublicIp: true,
    NetworkInterfaceId: true,
    PrivateIpAddress: true,
    AllowReassociation: true,
  },
  run(context, input) {
    const address = findAddress(context, input);
    const eni = findRequired(
      context,
      networkInterfaceKind,
      input.NetworkInterfaceId,
      "networkInterfaceId",
    );
    if (eni.owner.type !== "user" && eni.owner.type !== "ecs-task") throw notPermitted();
    const at = interfaceAt(eni, input.PrivateIpAddress ?? eni.privateIp);
    if (!at) {
      throw invalidParameterValue(
        `Network interface '${eni.networkInterfaceId}' does not have the private IP address ${input.PrivateIpAddress}`,
      );
    }
    checkGateway(context, eni);
    return { AssociationId: associate(context, address, at, input.AllowReassociation ?? true) };
  },
});

function checkGateway({ tx, scope }: Context, eni: NetworkInterface): void {
  if (tx.table(internetGateways).by("vpc", scope, eni.vpcId).length > 0) return;
  throw gatewayNotAttached(`Network ${eni.vpcId} is not attached to any internet gateway`);
}

/**
 * Moves the address to the private address that `eni` is seen at, and what that one had off it, when
 * that is allowed.
 */
function associate(
  context: Context,
  address: ElasticIp,
  eni: NetworkInterface,
  mayMove: boolean,
): string {
  const current = address.association;
  const { networkInterfaceId, privateIp } = eni;
  if (current?.networkInterfaceId === networkInterfaceId && current.privateIp === privateIp) {
    return current.associationId;
  }
  const onInterface = addressOf(context, networkInterfaceId, privateIp);
  if (!mayMove && current) {
    throw alreadyAssociated(
      `resource ${address.allocationId} is already associated with associate-id ${current.associationId}`,
    );
  }
  if (!mayMove && onInterface?.association) {
    throw alreadyAssociated(
      `resource ${networkInterfaceId} is already associated with associate-id ${onInterface.association.associationId}`,
    );
  }
  if (current) checkMayRelease(context, address);
  if (onInterface) unbindAddress(context, onInterface);
  unbindAddress(context, address);
  return bindAddress(context, address, networkInterfaceId, privateIp);
}

export const disassociateAddress = operation<DisassociateAddressRequest, Record<string, never>>({
  name: "DisassociateAddress",
  accepts: { AssociationId: true, PublicIp: true },
  run(context, input) {
    const address = findAssociated(context, input);
    checkMayRelease(context, address);
    unbindAddress(context, address);
    return {};
  },
});

function findAssociated(context: Context, input: DisassociateAddressRequest): ElasticIp {
  const { AssociationId: associationId, PublicIp } = input;
  if (!associationId && !PublicIp) throw missingParameter("associationId");
  const address = associationId
    ? context.tx
        .table(elasticIps)
        .list(context.scope)
        .find((candidate) => candidate.association?.associationId === associationId)
    : findAddress(context, { PublicIp });
  if (!address?.association) throw associationNotFound(associationId ?? PublicIp ?? "");
  return address;
}

/** A NAT gateway's address is AWS's to take away, by deleting the gateway. */
function checkMayRelease({ tx, scope }: Context, address: ElasticIp): void {
  const eniId = address.association?.networkInterfaceId;
  const eni = eniId && tx.table(networkInterfaces).get(scope, eniId);
  if (eni && eni.owner.type === "nat-gateway") throw notPermitted();
}

/** The Elastic IPs that an interface has. */
export const addressesOn = (
  { tx, scope }: Pick<Context, "tx" | "scope">,
  networkInterfaceId: string,
): readonly ElasticIp[] =>
  tx
    .table(elasticIps)
    .list(scope)
    .filter((address) => address.association?.networkInterfaceId === networkInterfaceId);

/** The Elastic IP that an interface has at one of its private addresses. */
export const addressOf = (
  context: Pick<Context, "tx" | "scope">,
  networkInterfaceId: string,
  privateIp: string,
): ElasticIp | undefined =>
  addressesOn(context, networkInterfaceId).find(
    (address) => address.association?.privateIp === privateIp,
  );

/** Puts the address, which must be free, on an interface's private one; answers the association's id. */
export function bindAddress(
  context: Context,
  address: ElasticIp,
  networkInterfaceId: string,
  privateIp: string,
): string {
  const associationId = newId(context, "eipassoc-");
  const association = { associationId, networkInterfaceId, privateIp };
  context.tx.table(elasticIps).put({ ...address, association });
  setPublicIp(context, association, address.publicIp);
  return associationId;
}

/** Takes the address off its interface, if it is on one. */
export function unbindAddress(context: Context, address: ElasticIp): void {
  if (!address.association) return;
  setPublicIp(context, address.association, undefined);
  context.tx.table(elasticIps).put({ ...address, association: undefined });
}

function setPublicIp(
  { tx, scope }: Context,
  { networkInterfaceId, privateIp }: NonNullable<ElasticIp["association"]>,
  publicIp: string | undefined,
): void {
  const eni = tx.table(networkInterfaces).get(scope, networkInterfaceId);
  if (!eni) return;
  const secondaryAddresses = eni.secondaryAddresses?.map((one) =>
    one.privateIp === privateIp ? { ...one, publicIp } : one,
  );
  tx.table(networkInterfaces).put({
    ...eni,
    ...(eni.privateIp === privateIp && { publicIp }),
    ...(secondaryAddresses && { secondaryAddresses }),
  });
}
