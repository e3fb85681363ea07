/**
 * RotateSecret and CancelRotateSecret. A rotation is a Lambda function that Secrets Manager calls, and
 * there is none here: its settings are kept and shown, to rotate now is refused.
 */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { explainRules } from "../../engine/secrets/rotation.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { write } from "../../gateway/service.ts";
import type { RotationRules } from "../../model/secrets.ts";
import { secrets } from "../../state/tables/secrets.ts";
import { invalidParameter, invalidRequest } from "./errors.ts";
import { onSecret, requireSecret } from "./lookup.ts";
import { checkToken } from "./versions.ts";

export const rotateSecret = write<Secrets.RotateSecretRequest, Secrets.RotateSecretResponse>({
  ...onSecret,
  action: "secretsmanager:RotateSecret",
  accepts: {
    SecretId: true,
    ClientRequestToken: true,
    RotationLambdaARN: true,
    RotationRules: true,
    RotateImmediately: true,
  },
  stored: ["RotationLambdaARN", "RotationRules"],
  run(context, input) {
    checkToken(input.ClientRequestToken);
    const secret = requireSecret(context, input, "RotateSecret");
    const lambdaArn = input.RotationLambdaARN ?? secret.rotation?.lambdaArn;
    if (!lambdaArn) {
      throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
    }
    const rules = toRules(input.RotationRules) ?? secret.rotation?.rules;
    if (!rules) throw invalidParameter("You must specify RotationRules to turn on rotation.");
    if (input.RotateImmediately !== false) throw noLambda(lambdaArn);
    context.tx.table(secrets).put({ ...secret, rotation: { enabled: true, lambdaArn, rules } });
    return { ARN: secret.arn, Name: secret.name };
  },
});

export const cancelRotateSecret = write<
  Secrets.CancelRotateSecretRequest,
  Secrets.CancelRotateSecretResponse
>({
  ...onSecret,
  action: "secretsmanager:CancelRotateSecret",
  accepts: { SecretId: true },
  run(context, input) {
    const secret = requireSecret(context, input, "CancelRotateSecret");
    const { rotation } = secret;
    if (!rotation) {
      throw invalidRequest(
        "You tried to cancel rotation of a secret that has never been set up for it.",
      );
    }
    context.tx.table(secrets).put({ ...secret, rotation: { ...rotation, enabled: false } });
    return { ARN: secret.arn, Name: secret.name };
  },
});

function toRules(input: Secrets.RotationRulesType | undefined): RotationRules | undefined {
  if (!input) return undefined;
  const rules: RotationRules = {
    afterDays: input.AutomaticallyAfterDays,
    duration: input.Duration,
    schedule: input.ScheduleExpression,
  };
  const reason = explainRules(rules);
  if (reason) throw invalidParameter(reason);
  return rules;
}

const noLambda = (arn: string): ApiError =>
  new ApiError(
    "AccessDeniedException",
    `Secrets Manager cannot invoke the specified Lambda function ${arn}: Neargate has no Lambda. ` +
      "With RotateImmediately set to false the rotation settings are kept and nothing is rotated.",
  );
