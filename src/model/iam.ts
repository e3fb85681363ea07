/** The nouns of IAM. They are global: their region is `globalRegion`. */
import type { Scope, Tag } from "./scope.ts";

export type InlinePolicy = { readonly name: string; readonly document: string };

/** When something was last used to make a request, to which service and region. */
export type LastUse = { readonly at: number; readonly region: string; readonly service: string };

/** What users, groups, roles, instance profiles and policies have in common. */
type Named = Scope & {
  readonly arn: string;
  /** Unique for all time: four letters of its kind, then 17 of base 32. */
  readonly id: string;
  readonly name: string;
  /** Begins and ends with a slash. */
  readonly path: string;
  readonly createdAt: number;
};

/** What may hold policies. */
type Holder = Named & {
  readonly inlinePolicies: readonly InlinePolicy[];
  readonly attachedPolicyArns: readonly string[];
};

/** `AROA…` */
export type Role = Holder & {
  /** Who may assume the role, as the text that was given. */
  readonly trustPolicy: string;
  readonly description: string | undefined;
  readonly maxSessionSeconds: number;
  readonly permissionsBoundary: string | undefined;
  readonly tags: readonly Tag[];
  readonly lastUse?: LastUse;
};

/** `AIDA…` */
export type User = Holder & {
  readonly permissionsBoundary: string | undefined;
  /** The ids of groups, which stay when a group gets another name. */
  readonly groupIds: readonly string[];
  readonly loginProfile: LoginProfile | undefined;
  readonly tags: readonly Tag[];
};

/** That a user may sign in to the console; the password itself is not kept, since there is no such door. */
export type LoginProfile = {
  readonly createdAt: number;
  readonly mustChangePassword: boolean;
};

/** `AGPA…`; its members are found by `User.groupIds`. */
export type Group = Holder;

/** Credentials of a user that last. */
export type AccessKey = Scope & {
  /** `AKIA…`, which tells the account; see `access-key-id.ts`. */
  readonly id: string;
  /** Kept as it is, since signatures are checked with it; the state directory is its owner's alone. */
  readonly secret: string;
  readonly userId: string;
  readonly isActive: boolean;
  readonly createdAt: number;
  readonly lastUse: LastUse | undefined;
};

/** That an access key was issued here and deleted: whoever signs with it is refused, not unknown. */
export type RetiredAccessKey = Scope & { readonly id: string };

/** `AIPA…`: how an instance gets a role. */
export type InstanceProfile = Named & {
  readonly roleName: string | undefined;
  readonly tags: readonly Tag[];
};

/** An identity provider that speaks OpenID Connect, whose tokens may be exchanged for a role. */
export type OidcProvider = Scope & {
  readonly arn: string;
  /** Without `https://`. */
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

/** What an account has once. */
export type AccountSettings = Scope & {
  readonly alias: string | undefined;
  readonly passwordPolicy?: PasswordPolicy | undefined;
};

/** What the passwords of an account's users must be like. */
export type PasswordPolicy = {
  readonly minimumLength: number;
  readonly requireSymbols: boolean;
  readonly requireNumbers: boolean;
  readonly requireUppercase: boolean;
  readonly requireLowercase: boolean;
  readonly allowUsersToChange: boolean;
  /** Days; undefined: passwords do not expire. */
  readonly maxAge: number | undefined;
  readonly reusePrevention: number | undefined;
  readonly hardExpiry: boolean | undefined;
};

export type PolicyVersion = {
  /** `v1`, `v2`, …; never used again. */
  readonly id: string;
  readonly document: string;
  readonly createdAt: number;
};

/** A managed policy, `ANPA…`: an account's own, or one of AWS's. */
export type ManagedPolicy = Named & {
  readonly description: string | undefined;
  /** Oldest first. */
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersionId: string;
  readonly lastVersion: number;
  readonly updatedAt: number;
  readonly tags: readonly Tag[];
};

/** That the deletion of a service's own role was asked for, and what came of it. */
export type ServiceRoleDeletion = Scope & {
  /** `task/aws-service-role/<service>/<role>/<uuid>` */
  readonly id: string;
  readonly roleName: string;
  /** What of the service still uses the role, so that it stayed; empty when it was deleted. */
  readonly users: readonly { readonly region: string; readonly arns: readonly string[] }[];
};
