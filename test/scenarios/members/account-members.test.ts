/** What the members of requests to IAM, KMS, CloudWatch Logs, Secrets Manager and SSM do that are seldom given. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { certificate, privateKey, sshKey } from "../../../src/services/iam/testing-keys.ts";
import { codeAt } from "../../../src/state/totp.ts";
import type { ServiceName } from "../../../tools/wire-model.ts";
import type { Input } from "../../builders/generic-calls.ts";
import { type MemberRoom, openMemberRoom } from "../../builders/member-cases.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let room: MemberRoom;
const ids: Record<string, string> = {};
const blobs: Record<string, Uint8Array> = {};
const at = (output: unknown, ...path: (string | number)[]): string =>
  String(path.reduce<unknown>((held, step) => (held as Input | undefined)?.[step], output));

const policyOf = (statement: Input): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const readsS3 = policyOf({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" });
const deniesS3 = policyOf({ Effect: "Allow", Action: "ec2:*", Resource: "*" });
const byTag = policyOf({
  Effect: "Allow",
  Action: "s3:*",
  Resource: "*",
  Condition: { StringEquals: { "aws:PrincipalTag/a": "1" } },
});
const trust = policyOf({
  Effect: "Allow",
  Principal: { Service: "ecs-tasks.amazonaws.com" },
  Action: "sts:AssumeRole",
});
const metadata =
  `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></IDPSSODescriptor></EntityDescriptor>`.padEnd(
    1_200,
  );
const tags = [{ Key: "a", Value: "1" }];
const user = { UserName: "homely" };
/** Of another key, as `ssh-keygen` writes it. */
const otherSshKey = (() => {
  const { n = "", e = "" } = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({
    format: "jwk",
  });
  const field = (content: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, content]);
  };
  const modulus = Buffer.concat([Buffer.alloc(1), Buffer.from(n, "base64url")]);
  const fields = [Buffer.from("ssh-rsa"), Buffer.from(e, "base64url"), modulus].map(field);
  return `ssh-rsa ${Buffer.concat(fields).toString("base64")}`;
})();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const day = 86_400_000;

async function prepareIam(): Promise<void> {
  const iam = (operation: string, input: Input) => room.call("iam", operation, input);
  const second = at(
    await iam("CreatePolicy", { PolicyName: "pathed", Path: "/deep/", PolicyDocument: readsS3 }),
    "Policy",
    "Arn",
  );
  const { PolicyArn } = ids;
  for (const arn of [second, PolicyArn]) {
    await iam("AttachRolePolicy", { RoleName: "homely", PolicyArn: arn });
    await iam("AttachUserPolicy", { ...user, PolicyArn: arn });
    await iam("AttachGroupPolicy", { GroupName: "homely", PolicyArn: arn });
  }
  await iam("PutGroupPolicy", { GroupName: "homely", PolicyName: "own", PolicyDocument: readsS3 });
  await iam("PutUserPolicy", { ...user, PolicyName: "own", PolicyDocument: readsS3 });
  await iam("PutRolePermissionsBoundary", { RoleName: "homely", PermissionsBoundary: PolicyArn });
  await iam("CreateLoginProfile", { ...user, Password: "Secret-12345678" });
  await iam("CreateUser", { UserName: "second" });
  for (const _ of [1, 2]) await iam("CreateAccessKey", user);
  for (const name of ["phone", "tablet"]) {
    const made = await iam("CreateVirtualMFADevice", { VirtualMFADeviceName: name });
    ids[name] = at(made, "VirtualMFADevice", "SerialNumber");
    const { Base32StringSeed } = made["VirtualMFADevice"] as { Base32StringSeed: Uint8Array };
    ids[`${name}Seed`] = Buffer.from(Base32StringSeed).toString();
  }
  await iam("TagMFADevice", {
    SerialNumber: ids["phone"],
    Tags: [...tags, { Key: "b", Value: "2" }],
  });
  ids["saml"] = at(
    await iam("CreateSAMLProvider", {
      Name: "idp",
      SAMLMetadataDocument: metadata,
      Tags: [...tags, { Key: "b", Value: "2" }],
    }),
    "SAMLProviderArn",
  );
  await iam("UploadServerCertificate", {
    ServerCertificateName: "cert",
    CertificateBody: certificate,
    PrivateKey: privateKey,
    Tags: [...tags, { Key: "b", Value: "2" }],
  });
  ids["sshKey"] = at(
    await iam("UploadSSHPublicKey", { ...user, SSHPublicKeyBody: sshKey }),
    "SSHPublicKey",
    "SSHPublicKeyId",
  );
  await iam("UploadSSHPublicKey", { ...user, SSHPublicKeyBody: otherSshKey });
  const wall = room.cloud.clock.wall();
  for (const name of ["phone", "tablet"]) {
    const [AuthenticationCode1, AuthenticationCode2] = [0, 30_000].map((later) =>
      codeAt(ids[`${name}Seed`] ?? "", wall + later),
    );
    await iam("EnableMFADevice", {
      ...user,
      SerialNumber: ids[name],
      AuthenticationCode1,
      AuthenticationCode2,
    });
  }
  ids["signing"] = at(
    await iam("UploadSigningCertificate", { ...user, CertificateBody: certificate }),
    "Certificate",
    "CertificateId",
  );
  for (const ServiceName of ["codecommit.amazonaws.com", "cassandra.amazonaws.com"]) {
    const made = await iam("CreateServiceSpecificCredential", { ...user, ServiceName });
    ids["credential"] = at(made, "ServiceSpecificCredential", "ServiceSpecificCredentialId");
  }
  await iam("CreatePolicyVersion", { PolicyArn, PolicyDocument: deniesS3 });
  const page = { MaxItems: 1 };
  const keep = async (name: string, operation: string, input: Input) => {
    ids[name] = at(await iam(operation, { ...input, ...page }), "Marker");
  };
  await keep("userDeviceMarker", "ListMFADevices", user);
  await keep("sshMarker", "ListSSHPublicKeys", user);
  await keep("keyMarker", "ListAccessKeys", user);
  await keep("versionMarker", "ListPolicyVersions", { PolicyArn });
  await keep("deviceTagMarker", "ListMFADeviceTags", { SerialNumber: ids["phone"] });
  await keep("samlTagMarker", "ListSAMLProviderTags", { SAMLProviderArn: ids["saml"] });
  await keep("certificateTagMarker", "ListServerCertificateTags", {
    ServerCertificateName: "cert",
  });
  await keep("deviceMarker", "ListVirtualMFADevices", {});
  await keep("credentialMarker", "ListServiceSpecificCredentials", user);
  await keep("simulationMarker", "SimulatePrincipalPolicy", simulation());
}

async function prepareKeys(): Promise<void> {
  const kms = (operation: string, input: Input) => room.call("kms", operation, input);
  const KeyId = ids["KeyId"];
  for (const name of ["first", "second"]) {
    const made = await kms("CreateGrant", {
      KeyId,
      Name: name,
      GranteePrincipal: `arn:aws:iam::111111111111:user/${name === "first" ? "homely" : "second"}`,
      RetiringPrincipal: "arn:aws:iam::111111111111:user/homely",
      Operations: ["Decrypt", "Encrypt"],
    });
    ids[`${name}Grant`] = at(made, "GrantId");
    ids[`${name}Token`] = at(made, "GrantToken");
  }
  await kms("TagResource", {
    KeyId,
    Tags: [
      { TagKey: "a", TagValue: "1" },
      { TagKey: "b", TagValue: "2" },
    ],
  });
  for (const _ of [1, 2]) await kms("RotateKeyOnDemand", { KeyId });
  for (const [name, spec, usage] of [
    ["mac", "HMAC_256", "GENERATE_VERIFY_MAC"],
    ["signer", "ECC_NIST_P256", "SIGN_VERIFY"],
    ["rsa", "RSA_2048", "ENCRYPT_DECRYPT"],
    ["agreeing", "ECC_NIST_P256", "KEY_AGREEMENT"],
  ] as const) {
    ids[name] = at(
      await kms("CreateKey", { KeySpec: spec, KeyUsage: usage }),
      "KeyMetadata",
      "KeyId",
    );
  }
  blobs["plain"] = (await kms("Encrypt", { KeyId, Plaintext: bytes("hello") }))[
    "CiphertextBlob"
  ] as Uint8Array;
  blobs["ofRsa"] = (
    await kms("Encrypt", {
      KeyId: ids["rsa"],
      Plaintext: bytes("hello"),
      EncryptionAlgorithm: "RSAES_OAEP_SHA_256",
    })
  )["CiphertextBlob"] as Uint8Array;
  blobs["mac"] = (
    await kms("GenerateMac", {
      KeyId: ids["mac"],
      Message: bytes("hello"),
      MacAlgorithm: "HMAC_SHA_256",
    })
  )["Mac"] as Uint8Array;
  blobs["public"] = (await kms("GetPublicKey", { KeyId: ids["signer"] }))[
    "PublicKey"
  ] as Uint8Array;
  blobs["signature"] = (await kms("Sign", signing()))["Signature"] as Uint8Array;
  const page = { KeyId, Limit: 1 };
  ids["grantMarker"] = at(await kms("ListGrants", page), "NextMarker");
  ids["tagMarker"] = at(await kms("ListResourceTags", page), "NextMarker");
  ids["rotationMarker"] = at(await kms("ListKeyRotations", page), "NextMarker");
  ids["retirableMarker"] = at(
    await kms("ListRetirableGrants", {
      RetiringPrincipal: "arn:aws:iam::111111111111:user/homely",
      Limit: 1,
    }),
    "NextMarker",
  );
}

async function prepareLogs(): Promise<void> {
  const logs = (operation: string, input: Input) => room.call("logs", operation, input);
  const now = room.cloud.clock.now();
  await logs("CreateLogStream", { logGroupName: "homely", logStreamName: "second" });
  await logs("CreateLogGroup", { logGroupName: "rare", logGroupClass: "INFREQUENT_ACCESS" });
  await logs("CreateLogGroup", { logGroupName: "protected", deletionProtectionEnabled: true });
  for (const logStreamName of ["homely", "second"]) {
    await logs("PutLogEvents", {
      logGroupName: "homely",
      logStreamName,
      logEvents: [0, 1, 2].map((one) => ({
        timestamp: now - 10_000 + one * 1_000,
        message: JSON.stringify({ at: one }),
      })),
    });
  }
  for (const filterName of ["one", "two"]) {
    await logs("PutMetricFilter", {
      logGroupName: filterName === "one" ? "homely" : "rare",
      filterName,
      filterPattern: "",
      metricTransformations: [{ metricName: "m", metricNamespace: "n", metricValue: "1" }],
    }).catch(() => {});
  }
  const range = {
    startTime: 0,
    endTime: Math.ceil(now / 1_000) + 60,
    queryString: "fields @message",
  };
  for (const logGroupName of ["homely", "protected"]) {
    ids[`query-${logGroupName}`] = at(
      await logs("StartQuery", { ...range, logGroupName }),
      "queryId",
    );
    await logs("PutQueryDefinition", { name: logGroupName, queryString: "fields @message" });
  }
  await logs("TagResource", {
    resourceArn: "arn:aws:logs:us-east-1:111111111111:log-group:homely",
    tags: { a: "1", b: "2" },
  });
  for (const filterName of ["one", "two"]) {
    await logs("PutSubscriptionFilter", {
      logGroupName: "homely",
      filterName,
      filterPattern: "",
      destinationArn: "arn:aws:lambda:us-east-1:111111111111:function:f",
    });
  }
  ids["subscriptionToken"] = at(
    await logs("DescribeSubscriptionFilters", { logGroupName: "homely", limit: 1 }),
    "nextToken",
  );
  ids["queryToken"] = at(await logs("DescribeQueries", { maxResults: 1 }), "nextToken");
  ids["definitionToken"] = at(
    await logs("DescribeQueryDefinitions", { maxResults: 1 }),
    "nextToken",
  );
}

async function prepareSecrets(): Promise<void> {
  const secrets = (operation: string, input: Input) =>
    room.call("secretsmanager", operation, input);
  await secrets("CreateSecret", { Name: "second", SecretString: "y" });
  for (const one of ["a", "b", "c"])
    await secrets("PutSecretValue", { SecretId: "homely", SecretString: one });
  ids["secretToken"] = at(
    await secrets("BatchGetSecretValue", {
      Filters: [{ Key: "name", Values: ["homely", "second"] }],
      MaxResults: 1,
    }),
    "NextToken",
  );
  ids["versionToken"] = at(
    await secrets("ListSecretVersionIds", {
      SecretId: "homely",
      MaxResults: 1,
      IncludeDeprecated: true,
    }),
    "NextToken",
  );
  await room.call("ssm", "PutParameter", {
    Name: "homely",
    Value: "2",
    Type: "String",
    Overwrite: true,
  });
  await room.call("ssm", "PutParameter", { Name: "/deep/list", Value: "a,b", Type: "StringList" });
  await room.call("ssm", "PutParameter", {
    Name: "/deep/secret",
    Value: "hidden",
    Type: "SecureString",
  });
}

const simulation = (): Input => ({
  PolicySourceArn: "arn:aws:iam::111111111111:user/homely",
  ActionNames: ["s3:GetObject", "s3:PutObject"],
});
const signing = (): Input => ({
  KeyId: ids["signer"],
  Message: bytes("hello"),
  SigningAlgorithm: "ECDSA_SHA_256",
});

beforeAll(async () => {
  room = await openMemberRoom();
  for (const [name, id] of room.world.known) ids[name] = id;
  await room.cloud.clock.advance(1_000);
  await prepareIam();
  await prepareKeys();
  await prepareLogs();
  await prepareSecrets();
});
afterAll(() => room.cloud.close());

type Case = [service: ServiceName, operation: string, input: () => Input, but?: readonly string[]];
const lastPage = ["MaxItems", "Limit", "MaxResults", "maxResults"];
const iam = (operation: string, input: () => Input, but: readonly string[] = []): Case => [
  "iam",
  operation,
  input,
  but,
];
const pages = (operation: string, marker: string, input: () => Input): Case[] => [
  iam(operation, () => ({ ...input(), MaxItems: 1 })),
  iam(operation, () => ({ ...input(), MaxItems: 1, Marker: ids[marker] }), lastPage),
];
const custom =
  (more: Input): (() => Input) =>
  () => ({ PolicyInputList: [readsS3], ActionNames: ["s3:GetObject"], ...more });
const principal =
  (more: Input): (() => Input) =>
  () => ({ ...simulation(), ...more });
const bucket = "arn:aws:s3:::bucket/a";
const resourcePolicy = policyOf({
  Effect: "Deny",
  Principal: "*",
  Action: "s3:GetObject",
  Resource: bucket,
});
const callerPolicy = policyOf({
  Effect: "Deny",
  Principal: { AWS: "arn:aws:iam::111111111111:user/second" },
  Action: "s3:GetObject",
  Resource: bucket,
});
const context = [
  { ContextKeyName: "aws:PrincipalTag/a", ContextKeyValues: ["1"], ContextKeyType: "string" },
];

const kms = (operation: string, input: () => Input, but: readonly string[] = []): Case => [
  "kms",
  operation,
  () => ({ KeyId: ids["KeyId"], ...input() }),
  but,
];
const granted = (): Input => ({ GrantTokens: [ids["firstToken"]] });
const keyContext = { EncryptionContext: { a: "1" } };
const logs = (operation: string, input: () => Input, but: readonly string[] = []): Case => [
  "logs",
  operation,
  input,
  but,
];
const secrets = (operation: string, input: () => Input, but: readonly string[] = []): Case => [
  "secretsmanager",
  operation,
  input,
  but,
];
const group = { logGroupName: "homely" };
const groupArn = "arn:aws:logs:us-east-1:111111111111:log-group:homely";
const nowRange = () => {
  const seconds = Math.floor(room.cloud.clock.now() / 1_000);
  return { startTime: seconds - 60, endTime: seconds + 60 };
};
const grantee = {
  GranteePrincipal: "arn:aws:iam::111111111111:user/homely",
  Operations: ["Decrypt"],
};

/** Every member that is given does something, apart from the last ones. */
const cases: readonly Case[] = [
  iam("CreateLoginProfile", () => ({
    UserName: "second",
    Password: "Secret-12345678",
    PasswordResetRequired: true,
  })),
  iam("CreatePolicy", () => ({
    PolicyName: "fresh",
    PolicyDocument: readsS3,
    Description: "d",
    Tags: tags,
  })),
  iam("CreateRole", () => ({
    RoleName: "fresh",
    AssumeRolePolicyDocument: trust,
    Description: "d",
    PermissionsBoundary: ids["PolicyArn"],
  })),
  iam("CreateSAMLProvider", () => ({ Name: "fresh", SAMLMetadataDocument: metadata, Tags: tags })),
  iam("CreateVirtualMFADevice", () => ({ VirtualMFADeviceName: "fresh", Path: "/a/" })),
  iam("DeleteRolePermissionsBoundary", () => ({ RoleName: "homely" })),
  iam("GetGroupPolicy", () => ({ GroupName: "homely", PolicyName: "own" })),
  iam("GetUserPolicy", () => ({ ...user, PolicyName: "own" })),
  iam("GetLoginProfile", () => user),
  iam("GetMFADevice", () => ({ ...user, SerialNumber: ids["phone"] })),
  ...pages("ListMFADevices", "userDeviceMarker", () => user),
  ...pages("ListSSHPublicKeys", "sshMarker", () => user),
  ...(["Group", "Role", "User"] as const).map((kind) =>
    iam(`ListAttached${kind}Policies`, () => ({ [`${kind}Name`]: "homely", PathPrefix: "/deep/" })),
  ),
  ...["ListGroups", "ListInstanceProfiles", "ListRoles"].map((name) =>
    iam(name, () => ({ PathPrefix: "/none/" })),
  ),
  ...pages("ListAccessKeys", "keyMarker", () => user),
  ...pages("ListPolicyVersions", "versionMarker", () => ({ PolicyArn: ids["PolicyArn"] })),
  ...pages("ListMFADeviceTags", "deviceTagMarker", () => ({ SerialNumber: ids["phone"] })),
  ...pages("ListSAMLProviderTags", "samlTagMarker", () => ({ SAMLProviderArn: ids["saml"] })),
  ...pages("ListServerCertificateTags", "certificateTagMarker", () => ({
    ServerCertificateName: "cert",
  })),
  ...pages("ListVirtualMFADevices", "deviceMarker", () => ({})),
  ...pages("ListServiceSpecificCredentials", "credentialMarker", () => user),
  ...pages("SimulatePrincipalPolicy", "simulationMarker", simulation),
  iam("ListServiceSpecificCredentials", () => ({
    ...user,
    ServiceName: "cassandra.amazonaws.com",
  })),
  iam("SimulateCustomPolicy", custom({ PermissionsBoundaryPolicyInputList: [deniesS3] })),
  iam(
    "SimulateCustomPolicy",
    custom({
      ResourceArns: [bucket],
      ResourcePolicy: resourcePolicy,
      CallerArn: "arn:aws:iam::111111111111:user/homely",
      ResourceOwner: "arn:aws:iam::222222222222:root",
    }),
    ["CallerArn", "ResourceOwner", "PolicyInputList"],
  ),
  iam(
    "SimulateCustomPolicy",
    custom({
      ResourceArns: [bucket],
      ResourcePolicy: callerPolicy,
      CallerArn: "arn:aws:iam::111111111111:user/second",
    }),
    ["PolicyInputList"],
  ),
  iam(
    "SimulateCustomPolicy",
    custom({
      ResourceArns: [bucket],
      ResourcePolicy: policyOf({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111111111111:user/second" },
        Action: "s3:PutObject",
        Resource: bucket,
      }),
      CallerArn: "arn:aws:iam::111111111111:user/second",
      ResourceOwner: "222222222222",
    }),
    ["ResourcePolicy", "CallerArn", "ResourceArns"],
  ),
  iam(
    "SimulatePrincipalPolicy",
    principal({
      PolicyInputList: [policyOf({ Effect: "Allow", Action: "s3:PutObject", Resource: "*" })],
    }),
  ),
  iam("SimulatePrincipalPolicy", principal({ PermissionsBoundaryPolicyInputList: [deniesS3] })),
  iam(
    "SimulatePrincipalPolicy",
    principal({
      ResourceArns: [bucket],
      ResourcePolicy: callerPolicy,
      CallerArn: "arn:aws:iam::111111111111:user/second",
    }),
  ),
  iam(
    "SimulatePrincipalPolicy",
    principal({ ResourceArns: [bucket], ResourceOwner: "222222222222" }),
    ["ResourceArns"],
  ),
  iam("SimulatePrincipalPolicy", principal({ PolicyInputList: [byTag], ContextEntries: context })),
  iam("UpdateGroup", () => ({ GroupName: "homely", NewPath: "/b/" })),
  iam("UpdateLoginProfile", () => ({ ...user, PasswordResetRequired: true })),
  iam("UpdateSSHPublicKey", () => ({ ...user, SSHPublicKeyId: ids["sshKey"], Status: "Active" })),
  iam("UpdateSigningCertificate", () => ({
    ...user,
    CertificateId: ids["signing"],
    Status: "Active",
  })),
  iam("UpdateServiceSpecificCredential", () => ({
    ...user,
    ServiceSpecificCredentialId: ids["credential"],
    Status: "Active",
  })),

  kms("CreateGrant", () => ({
    ...grantee,
    ...granted(),
    Constraints: { EncryptionContextEquals: { a: "1" } },
  })),
  [
    "kms",
    "CreateKey",
    () => ({
      Description: "d",
      Policy: policyOf({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111111111111:root" },
        Action: "kms:*",
        Resource: "*",
      }),
    }),
  ],
  ["kms", "CreateKey", () => ({ CustomerMasterKeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" })],
  [
    "kms",
    "CreateKey",
    () => ({
      BypassPolicyLockoutSafetyCheck: true,
      Policy: policyOf({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111111111111:user/homely" },
        Action: "kms:Decrypt",
        Resource: "*",
      }),
    }),
  ],
  ["kms", "Decrypt", () => ({ ...granted(), CiphertextBlob: blobs["plain"] })],
  kms("DeriveSharedSecret", () => ({
    ...granted(),
    KeyId: ids["agreeing"],
    KeyAgreementAlgorithm: "ECDH",
    PublicKey: blobs["public"],
  })),
  kms("DescribeKey", granted),
  kms("Encrypt", () => ({ ...granted(), Plaintext: bytes("x") })),
  kms("GenerateDataKey", () => ({ ...granted(), ...keyContext, NumberOfBytes: 16 })),
  kms("GenerateDataKeyPair", () => ({ ...granted(), ...keyContext, KeyPairSpec: "ECC_NIST_P256" })),
  kms("GenerateDataKeyPairWithoutPlaintext", () => ({
    ...granted(),
    ...keyContext,
    KeyPairSpec: "ECC_NIST_P256",
  })),
  kms("GenerateDataKeyWithoutPlaintext", () => ({
    ...granted(),
    ...keyContext,
    KeySpec: "AES_256",
  })),
  kms("GenerateMac", () => ({
    ...granted(),
    KeyId: ids["mac"],
    Message: bytes("x"),
    MacAlgorithm: "HMAC_SHA_256",
  })),
  kms("GetPublicKey", () => ({ ...granted(), KeyId: ids["signer"] })),
  kms("ListGrants", () => ({ Limit: 1 })),
  kms("ListGrants", () => ({ Limit: 1, Marker: ids["grantMarker"] }), lastPage),
  kms("ListGrants", () => ({ GrantId: ids["firstGrant"] })),
  kms("ListGrants", () => ({ GranteePrincipal: "arn:aws:iam::111111111111:user/second" })),
  kms("ListKeyRotations", () => ({ Limit: 1 })),
  kms("ListKeyRotations", () => ({ Limit: 1, Marker: ids["rotationMarker"] }), lastPage),
  kms("ListKeyRotations", () => ({ IncludeKeyMaterial: "ALL_KEY_MATERIAL" })),
  kms("ListResourceTags", () => ({ Limit: 1 })),
  kms("ListResourceTags", () => ({ Limit: 1, Marker: ids["tagMarker"] }), lastPage),
  [
    "kms",
    "ListRetirableGrants",
    () => ({ RetiringPrincipal: "arn:aws:iam::111111111111:user/homely", Limit: 1 }),
  ],
  [
    "kms",
    "ListRetirableGrants",
    () => ({
      RetiringPrincipal: "arn:aws:iam::111111111111:user/homely",
      Limit: 1,
      Marker: ids["retirableMarker"],
    }),
    lastPage,
  ],
  kms("PutKeyPolicy", () => ({
    BypassPolicyLockoutSafetyCheck: true,
    Policy: policyOf({
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::111111111111:user/homely" },
      Action: "kms:Decrypt",
      Resource: "*",
    }),
  })),
  [
    "kms",
    "ReEncrypt",
    () => ({
      ...granted(),
      CiphertextBlob: blobs["ofRsa"],
      SourceKeyId: ids["rsa"],
      SourceEncryptionAlgorithm: "RSAES_OAEP_SHA_256",
      DestinationKeyId: ids["rsa"],
      DestinationEncryptionAlgorithm: "RSAES_OAEP_SHA_1",
    }),
  ],
  kms("RetireGrant", () => ({ GrantId: ids["firstGrant"] })),
  kms("RevokeGrant", () => ({ GrantId: ids["firstGrant"] })),
  ["kms", "Sign", () => ({ ...granted(), ...signing() })],
  ["kms", "Verify", () => ({ ...granted(), ...signing(), Signature: blobs["signature"] })],
  kms("VerifyMac", () => ({
    ...granted(),
    KeyId: ids["mac"],
    Message: bytes("hello"),
    MacAlgorithm: "HMAC_SHA_256",
    Mac: blobs["mac"],
  })),

  logs("AssociateKmsKey", () => ({
    resourceIdentifier: groupArn,
    kmsKeyId: `arn:aws:kms:us-east-1:111111111111:key/${ids["KeyId"]}`,
  })),
  logs("DisassociateKmsKey", () => ({ logGroupName: "homely" })),
  logs("DescribeLogGroups", () => ({ logGroupClass: "INFREQUENT_ACCESS" })),
  logs("DescribeLogStreams", () => ({ logGroupIdentifier: groupArn })),
  logs("DescribeMetricFilters", () => ({ logGroupName: "homely" })),
  logs("DescribeMetricFilters", () => ({ logGroupName: "homely", filterNamePrefix: "x" })),
  logs("DescribeQueries", () => ({ logGroupName: "homely" })),
  logs("DescribeQueries", () => ({ status: "Failed" })),
  logs("DescribeQueries", () => ({ queryLanguage: "SQL" })),
  logs("DescribeQueries", () => ({ maxResults: 1 })),
  logs("DescribeQueries", () => ({ maxResults: 1, nextToken: ids["queryToken"] }), lastPage),
  logs("DescribeQueryDefinitions", () => ({ maxResults: 1 })),
  logs(
    "DescribeQueryDefinitions",
    () => ({ maxResults: 1, nextToken: ids["definitionToken"] }),
    lastPage,
  ),
  logs("DescribeQueryDefinitions", () => ({ queryLanguage: "SQL" })),
  logs("FilterLogEvents", () => ({
    ...group,
    logStreamNames: ["second"],
    endTime: room.cloud.clock.now() - 9_500,
  })),
  logs(
    "GetLogEvents",
    () => ({
      ...group,
      logStreamName: "homely",
      startFromHead: true,
      startTime: room.cloud.clock.now() - 9_500,
      endTime: room.cloud.clock.now() - 8_500,
    }),
    ["startFromHead"],
  ),
  logs("DescribeSubscriptionFilters", () => ({ logGroupName: "homely", limit: 1 })),
  logs(
    "DescribeSubscriptionFilters",
    () => ({ logGroupName: "homely", limit: 1, nextToken: ids["subscriptionToken"] }),
    ["limit"],
  ),
  secrets("PutResourcePolicy", () => ({
    SecretId: "homely",
    BlockPublicPolicy: false,
    ResourcePolicy: policyOf({
      Effect: "Allow",
      Principal: "*",
      Action: "secretsmanager:GetSecretValue",
      Resource: "*",
    }),
  })),
  logs("GetLogGroupFields", () => ({ logGroupIdentifier: groupArn })),
  logs("GetLogGroupFields", () => ({
    ...group,
    time: Math.floor((room.cloud.clock.now() - day) / 1_000),
  })),
  logs("PutLogGroupDeletionProtection", () => ({
    logGroupIdentifier: groupArn,
    deletionProtectionEnabled: true,
  })),
  logs("StartQuery", () => ({
    logGroupNames: ["homely", "protected"],
    queryString: "fields @message",
    ...nowRange(),
  })),
  logs("TagLogGroup", () => ({ ...group, tags: { c: "3" } })),
  logs("UntagResource", () => ({ resourceArn: groupArn, tagKeys: ["a"] })),

  secrets("BatchGetSecretValue", () => ({
    Filters: [{ Key: "name", Values: ["homely", "second"] }],
    MaxResults: 1,
  })),
  secrets(
    "BatchGetSecretValue",
    () => ({
      Filters: [{ Key: "name", Values: ["homely", "second"] }],
      MaxResults: 1,
      NextToken: ids["secretToken"],
    }),
    lastPage,
  ),
  secrets("ListSecretVersionIds", () => ({ SecretId: "homely", IncludeDeprecated: true })),
  secrets("ListSecretVersionIds", () => ({ SecretId: "homely", MaxResults: 1 })),
  secrets(
    "ListSecretVersionIds",
    () => ({
      SecretId: "homely",
      MaxResults: 1,
      IncludeDeprecated: true,
      NextToken: ids["versionToken"],
    }),
    [...lastPage, "IncludeDeprecated"],
  ),
  secrets("ListSecrets", () => ({ SortOrder: "desc" })),
  secrets("PutSecretValue", () => ({ SecretId: "homely", SecretBinary: bytes("x") })),
  secrets("UpdateSecret", () => ({
    SecretId: "homely",
    Description: "d",
    SecretBinary: bytes("x"),
  })),
  secrets(
    "ValidateResourcePolicy",
    () => ({
      SecretId: "homely",
      ResourcePolicy: policyOf({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111111111111:root" },
        Action: "secretsmanager:GetSecretValue",
        Resource: "*",
      }),
    }),
    ["ResourcePolicy"],
  ),

  ["sts", "GetFederationToken", () => ({ Name: "visitor", Tags: [{ Key: "a", Value: "1" }] })],

  ["ssm", "GetParameterHistory", () => ({ Name: "/deep/secret", WithDecryption: true })],
  ["ssm", "GetParameterHistory", () => ({ Name: "homely", MaxResults: 1 })],
  [
    "ssm",
    "PutParameter",
    () => ({ Name: "homely", Value: "ami-12345678", Overwrite: true, DataType: "aws:ec2:image" }),
  ],
  [
    "ssm",
    "GetParametersByPath",
    () => ({
      Path: "/",
      Recursive: true,
      ParameterFilters: [{ Key: "Type", Option: "BeginsWith", Values: ["String"] }],
    }),
    ["Recursive"],
  ],
];

it.each(cases)(
  "%s %s: every member does something",
  async (service, operation, input, but = []) => {
    const idle = await room.idle(service, operation, input());
    expect(idle.filter((member) => !but.includes(member))).toEqual([]);
  },
);
