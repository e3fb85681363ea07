/**
 * EC2's errors of what links VPCs to others, and of what they share: secondary blocks, endpoints,
 * peering connections, prefix lists, DHCP options and flow logs.
 */
import { ApiError } from "../../gateway/api-error.ts";

/** AWS has it and this engine does not act on it. */
export const notBuilt = (what: string): ApiError =>
  new ApiError("UnsupportedOperation", `Neargate does not act on ${what} yet`, { status: 501 });

export const invalidParameter = (message: string): ApiError =>
  new ApiError("InvalidParameter", message);

export const operationNotPermitted = (message: string): ApiError =>
  new ApiError("OperationNotPermitted", message);

// Secondary blocks

export const cidrRestricted = (cidr: string): ApiError =>
  new ApiError(
    "InvalidVpc.Range",
    `The CIDR '${cidr}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR. For additional restrictions, see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html`,
  );

export const cidrConflicts = (cidr: string): ApiError =>
  new ApiError("CidrConflict", `The CIDR '${cidr}' conflicts with another CIDR`);

export const tooManyCidrs = (vpcId: string, most: number): ApiError =>
  new ApiError(
    "CidrLimitExceeded",
    `This network ${vpcId} has met its maximum number of allowed CIDRs: ${most}`,
  );

export const cidrAssociationNotFound = (associationId: string): ApiError =>
  new ApiError(
    "InvalidVpcCidrBlockAssociationID.NotFound",
    `The vpc CIDR block association ID '${associationId}' does not exist`,
  );

export const primaryCidr = (associationId: string): ApiError =>
  operationNotPermitted(
    `The vpc CIDR block with association ID ${associationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
  );

export const cidrInUse = (vpcId: string, cidr: string): ApiError =>
  new ApiError(
    "InvalidCidrBlock.InUse",
    `The vpc ${vpcId} currently has a subnet within CIDR block ${cidr}`,
  );

// Endpoints

export const serviceNotFound = (serviceName: string): ApiError =>
  new ApiError("InvalidServiceName", `The Vpc Endpoint Service '${serviceName}' does not exist`);

export const routeToPrefixListExists = (routeTableId: string, prefixListId: string): ApiError =>
  new ApiError(
    "RouteAlreadyExists",
    `route table ${routeTableId} already has a route with destination-prefix-list-id ${prefixListId}`,
  );

export const zoneHasEndpointSubnet = (subnetId: string): ApiError =>
  new ApiError(
    "DuplicateSubnetsInSameZone",
    `Found another VPC endpoint subnet in the availability zone of ${subnetId}`,
  );

export const privateDnsNeedsAttributes = (vpcId: string): ApiError =>
  invalidParameter(
    `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpcId}`,
  );

export const privateDnsConflict = (name: string, vpcId: string): ApiError =>
  invalidParameter(
    `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${name} in the VPC ${vpcId}`,
  );

/** `position`: where the text stops being JSON. */
export const invalidPolicy = (position?: string): ApiError =>
  new ApiError(
    "InvalidPolicyDocument",
    `The Policy Document is not valid.${position === undefined ? "" : ` Syntax error at position ${position}`}`,
  );

// Peering connections

export const peeringExists = (): ApiError =>
  new ApiError(
    "VpcPeeringConnectionAlreadyExists",
    "A VPC peering connection between the VPCs already exists.",
  );

export const invalidTransition = (id: string, from: string, to: string): ApiError =>
  new ApiError(
    "InvalidStateTransition",
    `Invalid state transition for ${id}, attempted to transition from ${from} to ${to}`,
  );

export const wrongPeeringRegion = (id: string, given: string, right: string): ApiError =>
  operationNotPermitted(
    `Incorrect region ( ${given} ) specified for this request. VPC peering connection ${id} must be accepted in region ${right}`,
  );

export const notTheAccepter = (account: string, id: string): ApiError =>
  operationNotPermitted(`User ${account} cannot accept peering ${id}`);

export const peeringNotActive = (id: string): ApiError =>
  operationNotPermitted(
    `Peering ${id} is not active. Peering options can be added only to active peerings.`,
  );

// Prefix lists

export const versionMismatch = (): ApiError =>
  new ApiError("PrefixListVersionMismatch", "The prefix list has the incorrect version number.");

export const tooManyEntries = (most: number): ApiError =>
  new ApiError(
    "PrefixListMaxEntriesExceeded",
    `You've reached the maximum number of entries for the prefix list. The limit is ${most}.`,
  );

export const versionNotFound = (version: number): ApiError =>
  new ApiError(
    "InvalidPrefixListVersion.NotFound",
    `The prefix list version ${version} does not exist`,
  );

export const prefixListOfAws = (prefixListId: string): ApiError =>
  operationNotPermitted(
    `The prefix list '${prefixListId}' is managed by AWS and cannot be changed`,
  );

// Flow logs

export const flowLogExists = (): ApiError =>
  new ApiError(
    "FlowLogAlreadyExists",
    "Error. There is an existing Flow Log with the same configuration and log destination.",
  );
