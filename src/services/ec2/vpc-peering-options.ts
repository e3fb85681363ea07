/** ModifyVpcPeeringConnectionOptions: each side of an active connection changes its own. */
import type {
  ModifyVpcPeeringConnectionOptionsRequest,
  ModifyVpcPeeringConnectionOptionsResult,
  PeeringConnectionOptionsRequest,
} from "@aws-sdk/client-ec2";
import type { PeeringSide } from "../../model/network.ts";
import { missingParameter } from "./errors.ts";
import { operationNotPermitted, peeringNotActive } from "./link-errors.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, findRequired, vpcPeeringConnectionKind } from "./resources.ts";
import { changePeering } from "./vpc-peering-records.ts";

const acceptsOptions = { AllowDnsResolutionFromRemoteVpc: true } as const;

export const modifyVpcPeeringConnectionOptions = operation<
  ModifyVpcPeeringConnectionOptionsRequest,
  ModifyVpcPeeringConnectionOptionsResult
>({
  name: "ModifyVpcPeeringConnectionOptions",
  resources: (input, scope) => [
    arnOf(scope, "vpc-peering-connection", input.VpcPeeringConnectionId),
  ],
  accepts: {
    VpcPeeringConnectionId: true,
    RequesterPeeringConnectionOptions: acceptsOptions,
    AccepterPeeringConnectionOptions: acceptsOptions,
  },
  run(context, input) {
    const connection = findRequired(
      context,
      vpcPeeringConnectionKind,
      input.VpcPeeringConnectionId,
      "vpcPeeringConnectionId",
    );
    const { vpcPeeringConnectionId: id, status } = connection;
    const { RequesterPeeringConnectionOptions: forRequester } = input;
    const { AccepterPeeringConnectionOptions: forAccepter } = input;
    if (!forRequester && !forAccepter) {
      throw missingParameter(
        "requesterPeeringConnectionOptions or accepterPeeringConnectionOptions",
      );
    }
    if (status !== "active") throw peeringNotActive(id);
    const requester = nextSide(context, connection.requester, forRequester, id);
    const accepter = nextSide(context, connection.accepter, forAccepter, id);
    changePeering(context, connection, { requester, accepter });
    return {
      ...(forRequester && { RequesterPeeringConnectionOptions: toOptionsView(requester) }),
      ...(forAccepter && { AccepterPeeringConnectionOptions: toOptionsView(accepter) }),
    };
  },
});

function nextSide(
  { scope }: Context,
  side: PeeringSide,
  options: PeeringConnectionOptionsRequest | undefined,
  id: string,
): PeeringSide {
  const value = options?.AllowDnsResolutionFromRemoteVpc;
  if (value === undefined) return side;
  if (side.account !== scope.account || side.region !== scope.region) {
    throw operationNotPermitted(
      `User ${scope.account} cannot modify peering options of the other side of ${id}`,
    );
  }
  return { ...side, allowDnsResolutionFromRemoteVpc: value };
}

const toOptionsView = (side: PeeringSide) => ({
  AllowDnsResolutionFromRemoteVpc: side.allowDnsResolutionFromRemoteVpc,
  AllowEgressFromLocalClassicLinkToRemoteVpc: false,
  AllowEgressFromLocalVpcToRemoteClassicLink: false,
});
