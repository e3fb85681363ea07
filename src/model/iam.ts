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
  /** When it got another password; undefined: never. */
  readonly passwordChangedAt?: number;
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

/** A certificate of the account, `ASCA…`. Its private key is compared with it and not kept. */
export type ServerCertificate = Named & {
  /** PEM, as it was given but for white space around it. */
  readonly body: string;
  readonly chain: string | undefined;
  readonly expiresAt: number;
  readonly tags: readonly Tag[];
};

/** An identity provider that speaks SAML 2.0. */
export type SamlProvider = Scope & {
  readonly arn: string;
  readonly name: string;
  readonly uuid: string;
  /** The provider's metadata, as the text that was given. */
  readonly metadata: string;
  readonly createdAt: number;
  readonly validUntil: number;
  readonly tags: readonly Tag[];
};

/** What a user has several of; the owner stays known when it gets another name. */
type OfUser = Scope & {
  readonly id: string;
  readonly userId: string;
  readonly isActive: boolean;
  readonly createdAt: number;
};

/** `APKA…`, an RSA key. */
export type SshPublicKey = OfUser & {
  /** `ssh-rsa` and the key's bytes in Base64, without a comment. */
  readonly ssh: string;
  /** The same key as a SubjectPublicKeyInfo in PEM. */
  readonly pem: string;
  /** The MD5 of the key's bytes, in pairs of hex digits with colons. */
  readonly fingerprint: string;
};

/** An X.509 certificate that a user signs with. */
export type SigningCertificate = OfUser & {
  readonly body: string;
  /** SHA-256 in hex, by which the same certificate is known again. */
  readonly fingerprint: string;
};

/** `ACCA…`: a user's own credential for one service. Its secret is told once and not kept. */
export type ServiceCredential = OfUser & {
  readonly service: string;
  /** What the user signs in with at the service. */
  readonly signInName: string;
  readonly expiresAt: number | undefined;
};

/** A virtual MFA device, which is a seed that its app and this account both know. */
export type MfaDevice = Scope & {
  /** Its ARN, too. */
  readonly serialNumber: string;
  /** Base 32. */
  readonly seed: string;
  /** By how many codes the user's device is ahead of the clock, found when it was last compared; 0 when not given. */
  readonly drift?: number;
  readonly assignment: { readonly userId: string; readonly enabledAt: number } | undefined;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

/** What an account has once. */
export type AccountSettings = Scope & {
  readonly alias: string | undefined;
  /** Of tokens that the global endpoint of STS issues; undefined: never set. */
  readonly globalTokenVersion?: 1 | 2 | undefined;
  readonly passwordPolicy?: PasswordPolicy | undefined;
};

/** Who has which credentials, as it was when the report was asked for. */
export type CredentialReport = Scope & {
  readonly generatedAt: number;
  /** CSV. */
  readonly content: string;
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
