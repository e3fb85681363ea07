/** Systems Manager Parameter Store: parameters and their versions. */
import type { Scope, Tag } from "./scope.ts";

export const parameterTypes = ["String", "StringList", "SecureString"] as const;
export type ParameterType = (typeof parameterTypes)[number];

export type ParameterTier = "Standard" | "Advanced";

export type Parameter = Scope & {
  /** With its leading slash when it is a path. */
  readonly name: string;
  readonly arn: string;
  /** The latest version's number; all versions lie in their own table. */
  readonly version: number;
  readonly tags: readonly Tag[];
};

/** A setting of the account that is not what AWS begins with. */
export type ServiceSetting = Scope & {
  /** `/ssm/parameter-store/default-parameter-tier` */
  readonly id: string;
  readonly value: string;
  readonly modifiedAt: number;
  /** ARN of who set it. */
  readonly modifiedBy: string;
};

/** A policy of an advanced parameter: what time does to it. */
export type ParameterPolicy = {
  readonly type: "Expiration" | "ExpirationNotification" | "NoChangeNotification";
  /** The policy as it was written, JSON. */
  readonly text: string;
  /** When it acts. */
  readonly at: number;
  readonly status: "Pending" | "Finished";
};

export type ParameterVersion = Scope & {
  readonly name: string;
  readonly version: number;
  readonly type: ParameterType;
  /** As it was given; of a SecureString the base64 of its ciphertext under KMS. */
  readonly value: string;
  /** The KMS key of a SecureString, as it was named. */
  readonly keyId: string | undefined;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly tier: ParameterTier;
  readonly dataType: string;
  readonly policies: readonly ParameterPolicy[];
  readonly labels: readonly string[];
  readonly modifiedAt: number;
  /** ARN of who made this version. */
  readonly modifiedBy: string;
};
