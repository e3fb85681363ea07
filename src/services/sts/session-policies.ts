/** Policies that a session is limited to. */
import type { AssumeRoleRequest } from "@aws-sdk/client-sts";
import { explainMalformedPolicy } from "../../engine/policy-document.ts";
import type { ReadContext } from "../../gateway/service.ts";
import { globalRegion } from "../../model/scope.ts";
import { findManagedPolicy } from "../../state/iam-principals.ts";
import { malformedPolicy, validationError } from "./errors.ts";

type Policies = Pick<AssumeRoleRequest, "Policy" | "PolicyArns" | "Tags">;

/** Throws for a policy that cannot be read or that the session's account does not have. */
export function checkPolicies(
  { tx }: ReadContext,
  account: string,
  { Policy, PolicyArns = [] }: Policies,
): void {
  const reason = Policy === undefined ? undefined : explainMalformedPolicy(Policy, "identity");
  if (reason !== undefined) throw malformedPolicy(reason);
  for (const { arn = "" } of PolicyArns) {
    if (findManagedPolicy(tx, { account, region: globalRegion }, arn)) continue;
    throw validationError(`The managed policy ${arn} does not exist.`);
  }
}

// AWS packs policies and tags into a form of its own; by the limits of their plain forms it comes near.
const mostCharacters = 2048;

/** Percent of what may be packed into a session; undefined when there is nothing to pack. */
export function packedSize({
  Policy = "",
  PolicyArns = [],
  Tags = [],
}: Policies): number | undefined {
  const arns = PolicyArns.map(({ arn = "" }) => arn);
  const tags = Tags.map(({ Key = "", Value = "" }) => Key + Value);
  const length = [Policy, ...arns, ...tags].join("").length;
  if (length === 0) return undefined;
  return Math.min(100, Math.ceil((length * 100) / (mostCharacters * 2)));
}
