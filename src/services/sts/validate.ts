/** The form of what asks for a role, as far as AWS's model does not tell it. */
import type { AssumeRoleRequest } from "@aws-sdk/client-sts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { parseArn } from "../../model/arn.ts";
import { validationError } from "./errors.ts";

/** Throws when more policies come with a session than it takes, or a longer one. */
export const checkSessionPolicies = (
  input: Pick<AssumeRoleRequest, "Policy" | "PolicyArns">,
): void =>
  checkConstraints(
    [
      ["policyArns", input.PolicyArns, { length: [0, 10] }],
      ["policy", input.Policy, { length: [1, 2048] }],
    ],
    "ValidationError",
  );

const roleArn = /^arn:[a-z-]+:iam::\d{12}:role\/(?:[\x21-\x7e]+\/)?[\w+=,.@-]+$/;

/** Throws the `ValidationError` of whatever is not of its form. */
export function checkAssumption(
  input: Pick<AssumeRoleRequest, "RoleArn" | "Policy" | "PolicyArns">,
): void {
  checkSessionPolicies(input);
  if (roleArn.test(input.RoleArn ?? "")) return;
  throw validationError(`${input.RoleArn} is invalid`);
}

/** The account of the role that is asked for. */
export const accountOfRole = ({ RoleArn }: { readonly RoleArn: string | undefined }): string =>
  parseArn(RoleArn ?? "")?.account ?? "";
