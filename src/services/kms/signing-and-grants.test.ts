import { createHash, createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeriveSharedSecretCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyPairCommand,
  GenerateMacCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  KMSClient,
  ListGrantsCommand,
  ListKeyRotationsCommand,
  ListRetirableGrantsCommand,
  PutKeyPolicyCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  RotateKeyOnDemandCommand,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
  VerifyMacCommand,
} from "@aws-sdk/client-kms";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../../gateway/testing.ts";
import { manualClock, realClock } from "../../seams/clock.ts";
import { memorySealing } from "../../seams/sealing.ts";
import { iamService } from "../iam/service.ts";
import { stsService } from "../sts/service.ts";
import { kmsService } from "./service.ts";
import { startTestKms } from "./testing.ts";

const dayMs = 86_400_000;
const Plaintext = new TextEncoder().encode("hello");
const account = "000000000000";

async function newKey(kms: KMSClient, input: CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input));
  return KeyMetadata?.KeyId ?? "";
}

describe("signatures", () => {
  const cases: [CreateKeyCommandInput["KeySpec"], SigningAlgorithmSpec][] = [
    ["RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"],
    ["RSA_2048", "RSASSA_PSS_SHA_256"],
    ["RSA_3072", "RSASSA_PSS_SHA_512"],
    ["RSA_3072", "RSASSA_PKCS1_V1_5_SHA_384"],
    ["ECC_NIST_P256", "ECDSA_SHA_256"],
    ["ECC_NIST_P384", "ECDSA_SHA_384"],
    ["ECC_NIST_P521", "ECDSA_SHA_512"],
    ["ECC_SECG_P256K1", "ECDSA_SHA_256"],
  ];

  it.each(cases)(
    "%s by %s: a message and its digest are one, another is not",
    async (KeySpec, SigningAlgorithm) => {
      await using at = await startTestKms();
      const KeyId = await newKey(at.kms, { KeySpec, KeyUsage: "SIGN_VERIFY" });
      const hash = `sha${SigningAlgorithm.slice(-3)}`;
      const digest = createHash(hash).update(Plaintext).digest();
      const raw = { KeyId, SigningAlgorithm, Message: Plaintext, MessageType: "RAW" } as const;
      const hashed = { KeyId, SigningAlgorithm, Message: digest, MessageType: "DIGEST" } as const;
      for (const input of [raw, hashed]) {
        const { Signature } = await at.kms.send(new SignCommand(input));
        for (const form of [raw, hashed]) {
          const verified = await at.kms.send(new VerifyCommand({ ...form, Signature }));
          expect(verified.SignatureValid).toBe(true);
        }
        const other = createHash(hash).update("other").digest();
        for (const form of [
          { ...raw, Message: other },
          { ...hashed, Message: other },
        ]) {
          await expect(
            at.kms.send(new VerifyCommand({ ...form, Signature })),
          ).rejects.toMatchObject({ name: "KMSInvalidSignatureException" });
        }
        await expect(
          at.kms.send(new VerifyCommand({ ...hashed, Signature: Plaintext })),
        ).rejects.toMatchObject({ name: "KMSInvalidSignatureException" });
      }
    },
    20_000,
  );

  it("the public key: SubjectPublicKeyInfo; a symmetric key has none", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms, { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const shown = await at.kms.send(new GetPublicKeyCommand({ KeyId }));
    expect(shown).toMatchObject({ KeySpec: "ECC_NIST_P256", SigningAlgorithms: ["ECDSA_SHA_256"] });
    expect(shown.PublicKey?.length).toBe(91);
    const symmetric = await newKey(at.kms);
    await expect(at.kms.send(new GetPublicKeyCommand({ KeyId: symmetric }))).rejects.toMatchObject({
      name: "UnsupportedOperationException",
    });
  });

  it("a key for something else, another algorithm, a digest too short: refused", async () => {
    await using at = await startTestKms();
    const symmetric = await newKey(at.kms);
    const KeyId = await newKey(at.kms, { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const sign = (input: { KeyId: string; SigningAlgorithm: SigningAlgorithmSpec }) =>
      at.kms.send(new SignCommand({ Message: Plaintext, ...input }));
    await expect(
      sign({ KeyId: symmetric, SigningAlgorithm: "ECDSA_SHA_256" }),
    ).rejects.toMatchObject({
      name: "InvalidKeyUsageException",
      message: expect.stringContaining("key usage is ENCRYPT_DECRYPT which is not valid for Sign."),
    });
    await expect(sign({ KeyId, SigningAlgorithm: "ECDSA_SHA_512" })).rejects.toMatchObject({
      name: "InvalidKeyUsageException",
    });
    const short = { KeyId, SigningAlgorithm: "ECDSA_SHA_256", MessageType: "DIGEST" } as const;
    await expect(
      at.kms.send(new SignCommand({ ...short, Message: Plaintext })),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("HMAC: the same for the same message, refused for another", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms, { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    const input = { KeyId, MacAlgorithm: "HMAC_SHA_256", Message: Plaintext } as const;
    const { Mac } = await at.kms.send(new GenerateMacCommand(input));
    expect(Mac?.length).toBe(32);
    expect((await at.kms.send(new VerifyMacCommand({ ...input, Mac }))).MacValid).toBe(true);
    await expect(
      at.kms.send(new VerifyMacCommand({ ...input, Mac, Message: Uint8Array.of(1) })),
    ).rejects.toMatchObject({ name: "KMSInvalidMacException" });
    await expect(
      at.kms.send(new DecryptCommand({ KeyId, CiphertextBlob: Plaintext })),
    ).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
  });
});

describe("key agreement", () => {
  it("with a key pair of somebody else: both come to the same secret", async () => {
    await using at = await startTestKms();
    const wanted = { KeySpec: "ECC_NIST_P384", KeyUsage: "KEY_AGREEMENT" } as const;
    const KeyId = await newKey(at.kms, wanted);
    const pub = await at.kms.send(new GetPublicKeyCommand({ KeyId }));
    expect(pub).toMatchObject({ KeyUsage: "KEY_AGREEMENT", KeyAgreementAlgorithms: ["ECDH"] });
    const derive = async (curve: string) => {
      const theirs = generateKeyPairSync("ec", { namedCurve: curve });
      const PublicKey = theirs.publicKey.export({ type: "spki", format: "der" });
      const input = { KeyId, KeyAgreementAlgorithm: "ECDH", PublicKey } as const;
      const answer = await at.kms.send(new DeriveSharedSecretCommand(input));
      return { ours: answer.SharedSecret, privateKey: theirs.privateKey };
    };
    const { ours, privateKey } = await derive("P-384");
    const key = Buffer.from(pub.PublicKey ?? []);
    const publicKey = createPublicKey({ key, format: "der", type: "spki" });
    expect(Buffer.from(ours ?? [])).toEqual(diffieHellman({ privateKey, publicKey }));
    await expect(derive("P-256")).rejects.toMatchObject({ name: "ValidationException" });
    await expect(
      at.kms.send(new SignCommand({ KeyId, Message: key, SigningAlgorithm: "ECDSA_SHA_384" })),
    ).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
  });
});

describe("rotation", () => {
  it("on demand and by itself: new material, and everything encrypted before still opens", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const ciphertexts: (Uint8Array | undefined)[] = [];
    const encrypt = async () => {
      const made = await at.kms.send(new EncryptCommand({ KeyId, Plaintext }));
      ciphertexts.push(made.CiphertextBlob);
    };
    await encrypt();
    await at.kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    await encrypt();
    await at.kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    const status = await at.kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(status).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 90,
      NextRotationDate: new Date(at.cloud.clock.now() + 90 * dayMs),
    });
    await at.cloud.clock.advance(90 * dayMs);
    await encrypt();
    const { Rotations } = await at.kms.send(new ListKeyRotationsCommand({ KeyId }));
    expect(Rotations?.map(({ RotationType }) => RotationType)).toEqual(["ON_DEMAND", "AUTOMATIC"]);
    const materials = new Set<string | undefined>();
    for (const CiphertextBlob of ciphertexts) {
      const opened = await at.kms.send(new DecryptCommand({ CiphertextBlob }));
      expect(opened.Plaintext).toEqual(Plaintext);
      materials.add(opened.KeyMaterialId);
    }
    expect(materials.size).toBe(3);
    await at.kms.send(new DisableKeyRotationCommand({ KeyId }));
    await at.cloud.clock.advance(900 * dayMs);
    const after = await at.kms.send(new ListKeyRotationsCommand({ KeyId }));
    expect(after.Rotations?.length).toBe(2);
  });

  it("89 days, and a key that signs: refused", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    await expect(
      at.kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 89 })),
    ).rejects.toMatchObject({ name: "ValidationException" });
    const signing = await newKey(at.kms, { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    await expect(
      at.kms.send(new EnableKeyRotationCommand({ KeyId: signing })),
    ).rejects.toMatchObject({ name: "UnsupportedOperationException" });
  });
});

/** A gateway with a role that nobody has given anything, and KMS as a session of it. */
async function startWithRole() {
  const sealing = memorySealing();
  const needs = { sealing } as never;
  const services = [kmsService({ sealing }), iamService(), stsService(needs)];
  const cloud = await startTestGateway(services, {
    sealing,
    clock: manualClock(realClock().wall()),
  });
  const iam = cloud.client(IAMClient);
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: "sts:AssumeRole",
      },
    ],
  });
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument }),
  );
  const roleArn = Role?.Arn ?? "";
  const { Credentials } = await cloud
    .client(STSClient)
    .send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "one" }));
  const session = cloud.client(
    KMSClient,
    {},
    {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretAccessKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    },
  );
  const allow = (Action: string, Effect = "Allow") =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName: "app",
        PolicyName: Effect,
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect, Action, Resource: "*" }],
        }),
      }),
    );
  const root = cloud.client(KMSClient);
  return { cloud, root, session, roleArn, allow, [Symbol.asyncDispose]: () => cloud.close() };
}

describe("the lockout check of a key policy", () => {
  it("by a role: itself or the account must be let in, another role is not enough", async () => {
    await using at = await startWithRole();
    await at.allow("kms:*");
    const policyFor = (AWS: string): string =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS }, Action: "kms:*", Resource: "*" }],
      });
    const other = policyFor(`arn:aws:iam::${account}:role/other`);
    await expect(newKey(at.session, { Policy: other })).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
      message: "The new key policy will not allow you to update the key policy in the future.",
    });
    await newKey(at.session, { Policy: other, BypassPolicyLockoutSafetyCheck: true });
    await newKey(at.session, { Policy: policyFor(at.roleArn) });
    const KeyId = await newKey(at.session, { Policy: policyFor(`arn:aws:iam::${account}:root`) });
    await expect(
      at.session.send(new PutKeyPolicyCommand({ KeyId, Policy: other })),
    ).rejects.toMatchObject({ name: "MalformedPolicyDocumentException" });
    await newKey(at.root, { Policy: other });
  });
});

describe("who may use a key", () => {
  const denied = { name: "AccessDeniedException" };

  it("the default policy: the account's own policies decide", async () => {
    await using at = await startWithRole();
    const KeyId = await newKey(at.root);
    const encrypt = () => at.session.send(new EncryptCommand({ KeyId, Plaintext }));
    await expect(encrypt()).rejects.toMatchObject({
      ...denied,
      message: expect.stringMatching(
        /is not authorized to perform: kms:Encrypt on resource: arn:aws:kms:/,
      ),
    });
    await at.allow("kms:Encrypt");
    await expect(encrypt()).resolves.toBeDefined();
  });

  it("a key policy that does not let the account in: its own policies are of no use", async () => {
    await using at = await startWithRole();
    const KeyId = await newKey(at.root);
    await at.allow("kms:*");
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${account}:user/admin` },
          Action: "kms:*",
          Resource: "*",
        },
      ],
    });
    await at.root.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    for (const kms of [at.session, at.root]) {
      await expect(kms.send(new EncryptCommand({ KeyId, Plaintext }))).rejects.toMatchObject(
        denied,
      );
    }
  });

  it("a grant: lets in what it names, with the context it names, until it is revoked", async () => {
    await using at = await startWithRole();
    const KeyId = await newKey(at.root);
    const EncryptionContext = { app: "one" };
    const grant = {
      KeyId,
      GranteePrincipal: at.roleArn,
      RetiringPrincipal: at.roleArn,
      Operations: ["Encrypt" as const],
      Constraints: { EncryptionContextSubset: EncryptionContext },
      Name: "for-the-app",
    };
    const { GrantId, GrantToken } = await at.root.send(new CreateGrantCommand(grant));
    const again = await at.root.send(new CreateGrantCommand(grant));
    expect([again.GrantId, again.GrantToken]).toEqual([GrantId, GrantToken]);
    const encrypt = (context?: Record<string, string>) =>
      at.session.send(
        new EncryptCommand({ KeyId, Plaintext, ...(context && { EncryptionContext: context }) }),
      );
    const { CiphertextBlob } = await encrypt({ app: "one", more: "x" });
    await expect(encrypt()).rejects.toMatchObject(denied);
    await expect(encrypt({ app: "two" })).rejects.toMatchObject(denied);
    await expect(
      at.session.send(
        new DecryptCommand({ CiphertextBlob, EncryptionContext: { app: "one", more: "x" } }),
      ),
    ).rejects.toMatchObject(denied);
    await at.allow("kms:Encrypt", "Deny");
    await expect(encrypt(EncryptionContext)).rejects.toMatchObject(denied);
    await at.root.send(new RevokeGrantCommand({ KeyId, GrantId }));
    const { Grants } = await at.root.send(new ListGrantsCommand({ KeyId }));
    expect(Grants).toEqual([]);
  });

  it("a grant of what its key can never do: refused, and there is none", async () => {
    await using at = await startTestKms();
    const GranteePrincipal = `arn:aws:iam::${account}:role/somebody`;
    const symmetric = await newKey(at.kms);
    const signing = await newKey(at.kms, { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const mac = await newKey(at.kms, { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    const rsa = await newKey(at.kms, { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
    const grant = (
      KeyId: string,
      input: Pick<CreateGrantCommandInput, "Operations" | "Constraints">,
    ) => at.kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal, ...input }));
    const refused = { name: "ValidationException" };
    await expect(grant(symmetric, { Operations: ["Encrypt", "Sign"] })).rejects.toMatchObject(
      refused,
    );
    await expect(grant(signing, { Operations: ["Decrypt"] })).rejects.toMatchObject(refused);
    await expect(grant(mac, { Operations: ["GetPublicKey"] })).rejects.toMatchObject(refused);
    await expect(grant(rsa, { Operations: ["GenerateDataKey"] })).rejects.toMatchObject(refused);
    const Constraints = { EncryptionContextEquals: { app: "one" } };
    await expect(grant(signing, { Operations: ["Sign"], Constraints })).rejects.toMatchObject(
      refused,
    );
    for (const KeyId of [symmetric, signing, mac, rsa]) {
      const { Grants } = await at.kms.send(new ListGrantsCommand({ KeyId }));
      expect(Grants).toEqual([]);
    }
    await grant(symmetric, { Operations: ["GenerateDataKeyPair", "DescribeKey"] });
    await grant(signing, { Operations: ["Sign", "Verify", "GetPublicKey", "RetireGrant"] });
    await grant(mac, { Operations: ["VerifyMac", "CreateGrant"] });
    await grant(rsa, { Operations: ["ReEncryptFrom", "GetPublicKey"] });
  });

  it("a kind of key that is not made: told so, not that there is none", async () => {
    await using at = await startTestKms();
    const unsupported = { name: "UnsupportedOperationException" };
    for (const KeySpec of ["ML_DSA_44", "ECC_NIST_EDWARDS25519"] as const) {
      await expect(newKey(at.kms, { KeySpec, KeyUsage: "SIGN_VERIFY" })).rejects.toMatchObject({
        ...unsupported,
        message: `Keys of spec ${KeySpec} are not supported by Neargate yet`,
      });
    }
    const KeyId = await newKey(at.kms);
    await expect(
      at.kms.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "SM2" })),
    ).rejects.toMatchObject(unsupported);
  });

  it("retired by whom it names: gone; by token or by id", async () => {
    await using at = await startWithRole();
    const KeyId = await newKey(at.root);
    const make = () =>
      at.root.send(
        new CreateGrantCommand({
          KeyId,
          GranteePrincipal: at.roleArn,
          RetiringPrincipal: at.roleArn,
          Operations: ["Decrypt"],
        }),
      );
    const { GrantToken } = await make();
    await make();
    const retirable = await at.root.send(
      new ListRetirableGrantsCommand({ RetiringPrincipal: at.roleArn }),
    );
    expect(retirable.Grants?.length).toBe(2);
    await at.session.send(new RetireGrantCommand({ GrantToken }));
    const { Grants } = await at.root.send(new ListGrantsCommand({ KeyId }));
    expect(Grants?.length).toBe(1);
    await at.session.send(
      new RetireGrantCommand({ KeyId: Grants?.[0]?.KeyId, GrantId: Grants?.[0]?.GrantId }),
    );
    const left = await at.root.send(new ListGrantsCommand({ KeyId }));
    expect(left.Grants).toEqual([]);
  });

  it.each([
    ["no principal", { GranteePrincipal: "nobody" }, "InvalidArnException"],
    ["an unknown operation", { Operations: ["Play" as "Decrypt"] }, "ValidationException"],
  ])("a grant with %s: refused", async (_, input, name) => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const GranteePrincipal = `arn:aws:iam::${account}:role/app`;
    await expect(
      at.kms.send(
        new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ["Decrypt"], ...input }),
      ),
    ).rejects.toMatchObject({ name });
  });
});
