/** Tables of IAM. All records are of `globalRegion`. */
import type {
  AccessKey,
  AccountSettings,
  CredentialReport,
  Group,
  InstanceProfile,
  ManagedPolicy,
  MfaDevice,
  OidcProvider,
  RetiredAccessKey,
  Role,
  SamlProvider,
  ServerCertificate,
  ServiceCredential,
  ServiceRoleDeletion,
  SigningCertificate,
  SshPublicKey,
  User,
} from "../../model/iam.ts";
import { defineTable } from "../table.ts";

export const roles = defineTable<Role, "policy" | "boundary">({
  name: "roles",
  key: (role) => role.name,
  indexes: {
    policy: (role) => role.attachedPolicyArns,
    boundary: ({ permissionsBoundary: arn }) => (arn === undefined ? [] : [arn]),
  },
});

export const users = defineTable<User, "id" | "group" | "policy" | "boundary">({
  name: "users",
  key: (user) => user.name,
  indexes: {
    id: (user) => [user.id],
    group: (user) => user.groupIds,
    policy: (user) => user.attachedPolicyArns,
    boundary: ({ permissionsBoundary: arn }) => (arn === undefined ? [] : [arn]),
  },
});

export const groups = defineTable<Group, "id" | "policy">({
  name: "groups",
  key: (group) => group.name,
  indexes: { id: (group) => [group.id], policy: (group) => group.attachedPolicyArns },
});

export const accessKeys = defineTable<AccessKey, "user">({
  name: "access-keys",
  key: (key) => key.id,
  indexes: { user: (key) => [key.userId] },
});

export const retiredAccessKeys = defineTable<RetiredAccessKey>({
  name: "retired-access-keys",
  key: (key) => key.id,
});

export const instanceProfiles = defineTable<InstanceProfile, "role">({
  name: "instance-profiles",
  key: (profile) => profile.name,
  indexes: { role: ({ roleName }) => (roleName === undefined ? [] : [roleName]) },
});

/** The account's own policies; AWS's are in `state/aws-managed-policies.ts`. */
export const managedPolicies = defineTable<ManagedPolicy>({
  name: "managed-policies",
  key: (policy) => policy.arn,
});

export const oidcProviders = defineTable<OidcProvider>({
  name: "oidc-providers",
  key: (provider) => provider.arn,
});

export const accountSettings = defineTable<AccountSettings>({
  name: "account-settings",
  key: () => "settings",
});

export const credentialReports = defineTable<CredentialReport>({
  name: "credential-reports",
  key: () => "report",
});

export const serviceRoleDeletions = defineTable<ServiceRoleDeletion>({
  name: "service-role-deletions",
  key: (deletion) => deletion.id,
});

export const serverCertificates = defineTable<ServerCertificate>({
  name: "server-certificates",
  key: (certificate) => certificate.name,
});

export const samlProviders = defineTable<SamlProvider>({
  name: "saml-providers",
  key: (provider) => provider.arn,
});

export const sshPublicKeys = defineTable<SshPublicKey, "user">({
  name: "ssh-public-keys",
  key: (key) => key.id,
  indexes: { user: (key) => [key.userId] },
});

export const signingCertificates = defineTable<SigningCertificate, "user">({
  name: "signing-certificates",
  key: (certificate) => certificate.id,
  indexes: { user: (certificate) => [certificate.userId] },
});

export const serviceCredentials = defineTable<ServiceCredential, "user">({
  name: "service-specific-credentials",
  key: (credential) => credential.id,
  indexes: { user: (credential) => [credential.userId] },
});

export const mfaDevices = defineTable<MfaDevice, "user">({
  name: "mfa-devices",
  key: (device) => device.serialNumber,
  indexes: { user: ({ assignment }) => (assignment ? [assignment.userId] : []) },
});
