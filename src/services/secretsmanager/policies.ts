/** The resource policy of a secret: who may use it besides what their own policies say. */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { readPolicy } from "../../engine/policy/document.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { read, write } from "../../gateway/service.ts";
import { secrets } from "../../state/tables/secrets.ts";
import { malformedPolicy, publicPolicy } from "./errors.ts";
import { onSecret, requireSecret } from "./lookup.ts";

const malformedText = "This resource policy contains a syntax error.";

/** What is wrong with a policy, if anything. */
function explainPolicy(text: string): string | undefined {
  const policy = readPolicy(text);
  const statements = statementsIn(text);
  if (!policy || statements.length === 0 || policy.statements.length < statements.length) {
    return malformedText;
  }
  for (const { principal, resource } of policy.statements) {
    if (!principal) return "This resource policy contains an unsupported principal.";
    if (!resource) return malformedText;
  }
  return undefined;
}

function statementsIn(text: string): readonly unknown[] {
  const { Statement } = JSON.parse(text) as { Statement?: unknown };
  return Statement === undefined ? [] : [Statement].flat();
}

/** Whether it lets anybody in at all. */
const isPublic = (text: string): boolean =>
  (readPolicy(text)?.statements ?? []).some(
    ({ effect, principal, conditions }) =>
      effect === "Allow" && principal?.anyone === true && conditions.length === 0,
  );

export const putResourcePolicy = write<
  Secrets.PutResourcePolicyRequest,
  Secrets.PutResourcePolicyResponse
>({
  ...onSecret,
  conditions: (input) => ({
    "secretsmanager:SecretId": input.SecretId,
    "secretsmanager:BlockPublicPolicy": input.BlockPublicPolicy ?? false,
  }),
  action: "secretsmanager:PutResourcePolicy",
  accepts: { SecretId: true, ResourcePolicy: true, BlockPublicPolicy: true },
  run(context, input) {
    checkConstraints([["resourcePolicy", input.ResourcePolicy, { length: [1, 20_480] }]]);
    const secret = requireSecret(context, input, "PutResourcePolicy");
    const policy = input.ResourcePolicy ?? "";
    const reason = explainJson(policy) ?? explainPolicy(policy);
    if (reason) throw malformedPolicy(reason);
    if (input.BlockPublicPolicy && isPublic(policy)) throw publicPolicy();
    context.tx.table(secrets).put({ ...secret, policy });
    return { ARN: secret.arn, Name: secret.name };
  },
});

export const getResourcePolicy = read<
  Secrets.GetResourcePolicyRequest,
  Secrets.GetResourcePolicyResponse
>({
  ...onSecret,
  action: "secretsmanager:GetResourcePolicy",
  accepts: { SecretId: true },
  run(context, input) {
    const { arn, name, policy } = requireSecret(context, input, "GetResourcePolicy");
    return { ARN: arn, Name: name, ...(policy !== undefined && { ResourcePolicy: policy }) };
  },
});

export const deleteResourcePolicy = write<
  Secrets.DeleteResourcePolicyRequest,
  Secrets.DeleteResourcePolicyResponse
>({
  ...onSecret,
  action: "secretsmanager:DeleteResourcePolicy",
  accepts: { SecretId: true },
  run(context, input) {
    const secret = requireSecret(context, input, "DeleteResourcePolicy");
    context.tx.table(secrets).put({ ...secret, policy: undefined });
    return { ARN: secret.arn, Name: secret.name };
  },
});

export const validateResourcePolicy = read<
  Secrets.ValidateResourcePolicyRequest,
  Secrets.ValidateResourcePolicyResponse
>({
  action: "secretsmanager:ValidateResourcePolicy",
  resources: (input) => [input.SecretId ?? "*"],
  authorization: "own",
  accepts: { SecretId: true, ResourcePolicy: true },
  run(context, input) {
    checkConstraints([["resourcePolicy", input.ResourcePolicy, { length: [1, 20_480] }]]);
    const action = "ValidateResourcePolicy";
    if (input.SecretId !== undefined) requireSecret(context, input, action);
    else context.authorize({ action: `secretsmanager:${action}`, resource: "*" });
    const policy = input.ResourcePolicy ?? "";
    const reason = explainJson(policy) ?? explainPolicy(policy);
    const errors = [
      ...(reason ? [{ CheckName: "SYNTAX_CHECK", ErrorMessage: reason }] : []),
      ...(!reason && isPublic(policy)
        ? [
            {
              CheckName: "ZELKOVA_CHECK",
              ErrorMessage: "This resource policy grants public access.",
            },
          ]
        : []),
    ];
    return { PolicyValidationPassed: errors.length === 0, ValidationErrors: errors };
  },
});

function explainJson(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? undefined : malformedText;
  } catch {
    return malformedText;
  }
}
