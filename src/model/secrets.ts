/** Secrets Manager: secrets and the versions of their values. */
import type { Scope, Tag } from "./scope.ts";

export const currentStage = "AWSCURRENT";
export const previousStage = "AWSPREVIOUS";

export type RotationRules = {
  readonly afterDays: number | undefined;
  readonly duration: string | undefined;
  readonly schedule: string | undefined;
};

/** How a secret is to be rotated. Nothing rotates it here: there is no Lambda to do it. */
export type SecretRotation = {
  readonly enabled: boolean;
  readonly lambdaArn: string;
  readonly rules: RotationRules;
};

export type Secret = Scope & {
  readonly name: string;
  /** Ends with a hyphen and six random letters and digits. */
  readonly arn: string;
  readonly description: string | undefined;
  /** As it was named; undefined for `alias/aws/secretsmanager`. */
  readonly kmsKeyId: string | undefined;
  readonly policy: string | undefined;
  readonly rotation: SecretRotation | undefined;
  readonly createdAt: number;
  readonly changedAt: number;
  /** The day on which its value was last read. */
  readonly accessedAt: number | undefined;
  /** Present while it is marked for deletion: when that was, and when it goes. */
  readonly deletion: { readonly since: number; readonly at: number } | undefined;
  readonly tags: readonly Tag[];
};

export type SecretVersion = Scope & {
  /** The name of its secret. */
  readonly name: string;
  /** 32 to 64 letters, digits and hyphens: the token of the request that made it. */
  readonly versionId: string;
  /** Without any it is deprecated: still readable by its id, and the first to go. */
  readonly stages: readonly string[];
  readonly form: "string" | "binary";
  /** Base64 of the ciphertext under KMS. */
  readonly value: string;
  readonly createdAt: number;
  readonly accessedAt: number | undefined;
};
