/** The nouns of IAM. They are global: their region is `globalRegion`. */
import type { Scope, Tag } from "./scope.ts";

export type InlinePolicy = { readonly name: string; readonly document: string };

export type Role = Scope & {
  readonly arn: string;
  /** `AROA…` */
  readonly id: string;
  readonly name: string;
  /** Begins and ends with a slash. */
  readonly path: string;
  /** Who may assume the role, as the text that was given. */
  readonly trustPolicy: string;
  readonly description: string | undefined;
  readonly maxSessionSeconds: number;
  readonly permissionsBoundary: string | undefined;
  readonly inlinePolicies: readonly InlinePolicy[];
  readonly attachedPolicyArns: readonly string[];
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

export type PolicyVersion = {
  /** `v1`, `v2`, …; never used again. */
  readonly id: string;
  readonly document: string;
  readonly createdAt: number;
};

/** A managed policy: an account's own, or one of AWS's. */
export type ManagedPolicy = Scope & {
  readonly arn: string;
  /** `ANPA…` */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description: string | undefined;
  /** Oldest first. */
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersionId: string;
  readonly lastVersion: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: readonly Tag[];
};
