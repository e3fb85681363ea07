/** AWS Secrets Manager in one region: replication is refused by name. */
import type { ServiceModule } from "../../gateway/service.ts";
import { createSecret, putSecretValue, updateSecret } from "./create-secret.ts";
import { deleteSecret, restoreSecret } from "./deletion.ts";
import { describeSecret, listSecrets, listSecretVersionIds } from "./describe-secrets.ts";
import { explainBroken } from "./errors.ts";
import { batchGetSecretValue, getSecretValue } from "./get-secret-value.ts";
import type { SecretsDependencies } from "./lookup.ts";
import {
  deleteResourcePolicy,
  getResourcePolicy,
  putResourcePolicy,
  validateResourcePolicy,
} from "./policies.ts";
import { getRandomPassword } from "./random-password.ts";
import { cancelRotateSecret, rotateSecret } from "./rotation.ts";
import { updateSecretVersionStage } from "./stages.ts";
import { tagResource, untagResource } from "./tags.ts";

export function secretsmanagerService(dependencies: SecretsDependencies): ServiceModule {
  return {
    name: "secretsmanager",
    tagOnCreate: { CreateSecret: { action: "secretsmanager:TagResource" } },
    brokenConstraint: explainBroken,
    operations: {
      BatchGetSecretValue: batchGetSecretValue(dependencies),
      CancelRotateSecret: cancelRotateSecret,
      CreateSecret: createSecret(dependencies),
      DeleteResourcePolicy: deleteResourcePolicy,
      DeleteSecret: deleteSecret,
      DescribeSecret: describeSecret,
      GetRandomPassword: getRandomPassword,
      GetResourcePolicy: getResourcePolicy,
      GetSecretValue: getSecretValue(dependencies),
      ListSecretVersionIds: listSecretVersionIds,
      ListSecrets: listSecrets,
      PutResourcePolicy: putResourcePolicy,
      PutSecretValue: putSecretValue(dependencies),
      RestoreSecret: restoreSecret,
      RotateSecret: rotateSecret,
      TagResource: tagResource,
      UntagResource: untagResource,
      UpdateSecret: updateSecret(dependencies),
      UpdateSecretVersionStage: updateSecretVersionStage,
      ValidateResourcePolicy: validateResourcePolicy,
    },
  };
}
