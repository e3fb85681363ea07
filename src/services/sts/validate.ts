/** The form of what asks for a role. */
import type { AssumeRoleRequest } from "@aws-sdk/client-sts";
import { type Check, type Constraint, checkConstraints } from "../../gateway/constraints.ts";
import { parseArn } from "../../model/arn.ts";
import { validationError } from "./errors.ts";

const name: Constraint = { length: [2, 64], pattern: /^[\w+=,.@-]*$/ };

/** The limits of what a session takes along. */
export const sessionChecks = (
  input: Pick<AssumeRoleRequest, "Policy" | "PolicyArns" | "Tags">,
): Check[] => [
  ["policyArns", input.PolicyArns, { length: [0, 10] }],
  ["policy", input.Policy, { length: [1, 2048] }],
  ["tags", input.Tags, { length: [0, 50] }],
  ...(input.Tags ?? []).flatMap(({ Key, Value }, at): Check[] => [
    [`tags.${at + 1}.member.key`, Key, { length: [1, 128] }],
    [`tags.${at + 1}.member.value`, Value, { length: [0, 256] }],
  ]),
];

type Assumption = Omit<AssumeRoleRequest, "SerialNumber" | "TokenCode" | "ProvidedContexts">;

/** Throws the `ValidationError` of whatever is not of its form. */
export function checkAssumption(input: Assumption): void {
  const checks: Check[] = [
    ["roleArn", input.RoleArn, { length: [20, 2048] }],
    ["roleSessionName", input.RoleSessionName, name],
    ["durationSeconds", input.DurationSeconds, { range: [900, 43_200] }],
    ["transitiveTagKeys", input.TransitiveTagKeys, { length: [0, 50] }],
    ["externalId", input.ExternalId, { length: [2, 1224], pattern: /^[\w+=,.@:/-]*$/ }],
    ["sourceIdentity", input.SourceIdentity, name],
    ...sessionChecks(input),
  ];
  checkConstraints(checks, "ValidationError");
  const arn = parseArn(input.RoleArn ?? "");
  if (arn?.service === "iam" && arn.resource.startsWith("role/")) return;
  throw validationError(`${input.RoleArn} is invalid`);
}

/** The account of the role that is asked for. */
export const accountOfRole = ({ RoleArn }: { readonly RoleArn: string | undefined }): string =>
  parseArn(RoleArn ?? "")?.account ?? "";
