/** Elastic Load Balancing's errors: code and words, each made where it can occur. */
import { ApiError } from "../../gateway/api-error.ts";

export const validationError = (message: string): ApiError =>
  new ApiError("ValidationError", message);

/** A member's value outside its constraint, in the words of AWS's request validation. */
export const constraintError = (member: string, value: unknown, constraint: string): ApiError =>
  validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );

/** A real option of AWS that is not built here: refused before anything changes. */
export const notBuilt = (what: string): ApiError =>
  new ApiError("InvalidAction", `Neargate does not implement ${what} yet.`, { status: 501 });

export const loadBalancersNotFound = (names: readonly string[]): ApiError =>
  new ApiError("LoadBalancerNotFound", `Load balancers '[${names.join(", ")}]' not found`);

export const loadBalancerNotFound = (arn: string): ApiError =>
  new ApiError("LoadBalancerNotFound", `Load balancer '${arn}' not found`);

export const duplicateLoadBalancerName = (name: string): ApiError =>
  new ApiError(
    "DuplicateLoadBalancerName",
    `A load balancer with the same name '${name}' exists, but with different settings`,
  );

export const deletionProtected = (arn: string): ApiError =>
  new ApiError(
    "OperationNotPermitted",
    `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
  );

export const subnetNotFound = (id: string): ApiError =>
  new ApiError("SubnetNotFound", `The subnet ID '${id}' does not exist`);

export const invalidSubnet = (message: string): ApiError => new ApiError("InvalidSubnet", message);

export const invalidConfiguration = (message: string): ApiError =>
  new ApiError("InvalidConfigurationRequest", message);

export const invalidSecurityGroup = (id: string): ApiError =>
  new ApiError("InvalidSecurityGroup", `The security group '${id}' does not exist`);

export const targetGroupsNotFound = (): ApiError =>
  new ApiError("TargetGroupNotFound", "One or more target groups not found");

export const duplicateTargetGroupName = (name: string): ApiError =>
  new ApiError(
    "DuplicateTargetGroupName",
    `A target group with the same name '${name}' exists, but with different settings`,
  );

export const targetGroupInUse = (arn: string): ApiError =>
  new ApiError(
    "ResourceInUse",
    `Target group '${arn}' is currently in use by a listener or a rule`,
  );

export const targetGroupAssociationLimit = (arns: readonly string[]): ApiError =>
  new ApiError(
    "TargetGroupAssociationLimit",
    `The following target groups cannot be associated with more than one load balancer: ${arns.join(", ")}`,
  );

export const invalidTarget = (message: string): ApiError => new ApiError("InvalidTarget", message);

export const listenersNotFound = (): ApiError =>
  new ApiError("ListenerNotFound", "One or more listeners not found");

export const rulesNotFound = (): ApiError =>
  new ApiError("RuleNotFound", "One or more rules not found");

export const duplicateListener = (loadBalancerArn: string): ApiError =>
  new ApiError(
    "DuplicateListener",
    `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
  );

export const invalidAction = (message: string): ApiError =>
  new ApiError("InvalidLoadBalancerAction", message);

export const tooMany = (
  what: "Tags" | "TargetGroups" | "Actions" | "Targets" | "Listeners",
  message: string,
): ApiError => new ApiError(`TooMany${what}`, message);
