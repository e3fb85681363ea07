/** EC2's errors: code, status and words of each, in one place. */
import { ApiError } from "../../gateway/api-error.ts";
import type { Broken } from "../../gateway/constraints.ts";
import { printPath } from "../../gateway/protocols/member-path.ts";

export const missingParameter = (parameter: string): ApiError =>
  new ApiError("MissingParameter", `The request must contain the parameter ${parameter}`);

export const invalidParameterValue = (message: string): ApiError =>
  new ApiError("InvalidParameterValue", message);

/** A value that the parameter cannot have; `detail` is a sentence that says what it can have. */
export const invalidValue = (parameter: string, value: string | number, detail: string): ApiError =>
  invalidParameterValue(`Value (${value}) for parameter ${parameter} is invalid. ${detail}`);

export const invalidParameterCombination = (message: string): ApiError =>
  new ApiError("InvalidParameterCombination", message);

/** The resource still has something that needs it. */
export const hasDependencies = (noun: string, id: string): ApiError =>
  new ApiError(
    "DependencyViolation",
    `The ${noun} '${id}' has dependencies and cannot be deleted.`,
  );

export const dependencyViolation = (message: string): ApiError =>
  new ApiError("DependencyViolation", message);

export const alreadyAssociated = (message: string): ApiError =>
  new ApiError("Resource.AlreadyAssociated", message);

export const associationNotFound = (associationId: string): ApiError =>
  new ApiError(
    "InvalidAssociationID.NotFound",
    `The association ID '${associationId}' does not exist`,
  );

/** What belongs to AWS, not to the caller. */
export const notPermitted = (): ApiError =>
  new ApiError("AuthFailure", "You do not have permission to access the specified resource.");

export const insufficientFreeAddresses = (): ApiError =>
  new ApiError(
    "InsufficientFreeAddressesInSubnet",
    "The specified subnet does not have enough free addresses to satisfy the request.",
  );

/** Everything was in order, and the caller had asked for nothing to be done. */
export const dryRunSucceeded = (): ApiError =>
  new ApiError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", {
    status: 412,
  });

// CIDR blocks

export const invalidVpcRange = (cidr: string): ApiError =>
  new ApiError("InvalidVpc.Range", `The CIDR '${cidr}' is invalid.`);

export const unsupportedTenancy = (tenancy: string): ApiError =>
  new ApiError("UnsupportedTenancy", `The tenancy value ${tenancy} is not supported.`);

export const invalidSubnetRange = (cidr: string): ApiError =>
  new ApiError("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);

export const subnetConflict = (cidr: string): ApiError =>
  new ApiError("InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);

// The default VPC

export const defaultVpcExists = (): ApiError =>
  new ApiError(
    "DefaultVpcAlreadyExists",
    "A Default VPC already exists for this account in this region.",
  );

export const defaultVpcDoesNotExist = (): ApiError =>
  new ApiError("DefaultVpcDoesNotExist", "There is no default VPC in this region.");

export const defaultSubnetExists = (subnetId: string, zone: string): ApiError =>
  new ApiError(
    "DefaultSubnetAlreadyExistsInAvailabilityZone",
    `'${subnetId}' is already the default subnet in ${zone}.`,
  );

export const noDefaultVpc = (): ApiError =>
  new ApiError("VPCIdNotSpecified", "No default VPC for this user.");

// Gateways and addresses

export const gatewayNotAttached = (words: string): ApiError =>
  new ApiError("Gateway.NotAttached", words);

export const addressInUse = (words: string): ApiError =>
  new ApiError("InvalidIPAddress.InUse", words);

export const allocationIdNeeded = (): ApiError =>
  invalidParameterValue(
    "You must specify an allocation id when releasing a VPC elastic IP address",
  );

export const addressNotFound = (publicIp: string): ApiError =>
  new ApiError("InvalidAddress.NotFound", `Address '${publicIp}' not found.`);

export const attachmentNotFound = (attachmentId: string): ApiError =>
  notFound("InvalidAttachmentID.NotFound", "attachment ID", attachmentId);

export const instanceNotFound = (instanceId: string): ApiError =>
  notFound("InvalidInstanceID.NotFound", "instance ID", instanceId);

// Routes

export const routeExists = (destination: string): ApiError =>
  new ApiError("RouteAlreadyExists", `The route identified by ${destination} already exists.`);

/** `destination` has a block or a prefix list. */
export const routeNotFound = (
  destination: {
    readonly destinationCidr: string | undefined;
    readonly destinationPrefixListId?: string;
  },
  routeTableId: string,
): ApiError =>
  new ApiError(
    "InvalidRoute.NotFound",
    destination.destinationPrefixListId === undefined
      ? `no route with destination-cidr-block ${destination.destinationCidr} in route table ${routeTableId}`
      : `no route with destination-prefix-list-id ${destination.destinationPrefixListId} in route table ${routeTableId}`,
  );

/** Of a route's target. */
export const gatewayNotFound = (id: string): ApiError =>
  new ApiError("InvalidGatewayID.NotFound", `The gateway ID '${id}' does not exist`);

/** Of a route's target; other operations say NatGatewayNotFound. */
export const natGatewayTargetNotFound = (id: string): ApiError =>
  new ApiError("InvalidNatGatewayID.NotFound", `The natGateway ID '${id}' does not exist`);

// Security groups and their rules

export const groupExists = (groupName: string, vpcId: string): ApiError =>
  new ApiError(
    "InvalidGroup.Duplicate",
    `The security group '${groupName}' already exists for VPC '${vpcId}'`,
  );

export const groupNameNotFound = (groupName: string, vpcId: string): ApiError =>
  new ApiError(
    "InvalidGroup.NotFound",
    `The security group '${groupName}' does not exist in VPC '${vpcId}'`,
  );

export const groupOfOtherNetwork = (): ApiError =>
  new ApiError(
    "InvalidGroup.NotFound",
    "You have specified two resources that belong to different networks.",
  );

export const groupAssociationExists = (groupId: string, vpcId: string): ApiError =>
  new ApiError(
    "InvalidSecurityGroupVpcAssociation.Duplicate",
    `The security group '${groupId}' is already associated with the VPC '${vpcId}'`,
  );

export const groupAssociationNotFound = (groupId: string, vpcId: string): ApiError =>
  new ApiError(
    "InvalidSecurityGroupVpcAssociation.NotFound",
    `The security group '${groupId}' is not associated with the VPC '${vpcId}'`,
  );

export const cannotDeleteDefaultGroup = (groupId: string): ApiError =>
  new ApiError(
    "CannotDelete",
    `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
  );

export const ruleExists = (rule: string): ApiError =>
  new ApiError("InvalidPermission.Duplicate", `the specified rule "${rule}" already exists`);

export const permissionNotFound = (): ApiError =>
  new ApiError(
    "InvalidPermission.NotFound",
    "The specified rule does not exist in this security group.",
  );

export const tooManyRules = (): ApiError =>
  new ApiError(
    "RulesPerSecurityGroupLimitExceeded",
    "The maximum number of rules per security group has been reached.",
  );

export const tooManyGroupsPerInterface = (): ApiError =>
  new ApiError(
    "SecurityGroupsPerInterfaceLimitExceeded",
    "The maximum number of security groups per interface has been reached.",
  );

export const tooManyAddresses = (): ApiError =>
  new ApiError("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.");

export const ruleIdNotFound = (ruleId: string): ApiError =>
  new ApiError(
    "InvalidSecurityGroupRuleId.NotFound",
    `The security group rule ID '${ruleId}' does not exist`,
  );

export const untypedTags = (): ApiError =>
  new ApiError("InvalidParameter", "Tag specification resource type must have a value");

export const emptyTagSpecification = (): ApiError =>
  new ApiError("InvalidParameter", "Tag specification must have at least one tag");

export const groupIdMalformed = (groupId: string): ApiError =>
  new ApiError("InvalidGroupId.Malformed", `The security group ID '${groupId}' is malformed`);

export const ruleIdMalformed = (ruleId: string): ApiError =>
  new ApiError(
    "InvalidSecurityGroupRuleId.Malformed",
    `The security group rule ID '${ruleId}' is malformed`,
  );

export const prefixListNotFound = (prefixListId: string): ApiError =>
  new ApiError(
    "InvalidPrefixListID.NotFound",
    `The prefix list ID '${prefixListId}' does not exist`,
  );

// Network ACLs

export const aclEntryExists = (ruleNumber: number): ApiError =>
  new ApiError(
    "NetworkAclEntryAlreadyExists",
    `The network acl entry identified by ${ruleNumber} already exists.`,
  );

export const aclEntryNotFound = (
  ruleNumber: number,
  egress: boolean,
  networkAclId: string,
): ApiError =>
  new ApiError(
    "InvalidNetworkAclEntry.NotFound",
    `The ${egress ? "egress" : "ingress"} entry with rule number ${ruleNumber} does not exist in network ACL ${networkAclId}`,
  );

export const tooManyAclEntries = (): ApiError =>
  new ApiError(
    "NetworkAclEntryLimitExceeded",
    "The maximum number of network acl entries has been reached.",
  );

// Ids, tags, tokens and pages

/** `The <noun> '<id>' does not exist`, under the kind's own code. */
export const notFound = (code: string, noun: string, id: string): ApiError =>
  new ApiError(code, `The ${noun} '${id}' does not exist`);

export const natGatewayNotFound = (id: string): ApiError =>
  new ApiError("NatGatewayNotFound", `The Nat Gateway ${id} was not found`);

/** Under the kind's own code. */
export const malformedId = (code: string, id: string, prefix: string): ApiError =>
  new ApiError(code, `Invalid id: "${id}" (expecting "${prefix}...")`);

/** The id is of no kind of resource that there is. */
export const invalidId = (id: string): ApiError =>
  new ApiError("InvalidID", `The ID '${id}' is not valid`);

export const tooManyTags = (limit: number): ApiError =>
  new ApiError(
    "TagLimitExceeded",
    `The maximum number of Tags for a resource has been reached. The limit is ${limit}.`,
  );

export const tokenOfOtherRequest = (): ApiError =>
  new ApiError(
    "IdempotentParameterMismatch",
    "The request uses the same client token as a previous, but non-identical request.",
  );

export const invalidNextToken = (): ApiError =>
  new ApiError("InvalidNextToken", "The specified NextToken is not valid.");

/** `Allow`, as Terraform may send it: of a rule's action the case does not matter to EC2. */
const isAnyCase = ({ path, value, constraint }: Broken): boolean =>
  printPath(path) === "RuleAction" &&
  constraint.oneOf?.includes(String(value).toLowerCase()) === true;

/** Of values that are none of a set the protocol tells; of page sizes and counts, the operations. */
export function explainBroken(
  broken: readonly Broken[],
  byDefault: (some: readonly Broken[]) => ApiError,
): ApiError | undefined {
  const choices = broken.filter((one) => one.constraint.oneOf && !isAnyCase(one));
  return choices.length > 0 ? byDefault(choices) : undefined;
}
