import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  GetKeyPolicyCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { startTestKms } from "./testing.ts";

const dayMs = 86_400_000;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();
const prefix = "arn:aws:kms:ap-northeast-1:000000000000";
const nobody = "00000000-0000-4000-8000-000000000000";

async function newKey(kms: KMSClient, input: CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input));
  return KeyMetadata?.KeyId ?? "";
}

const encrypt = async (
  kms: KMSClient,
  KeyId: string,
  plaintext: string,
  EncryptionContext?: Record<string, string>,
): Promise<Uint8Array> => {
  const input = {
    KeyId,
    Plaintext: bytes(plaintext),
    ...(EncryptionContext && { EncryptionContext }),
  };
  const { CiphertextBlob } = await kms.send(new EncryptCommand(input));
  return CiphertextBlob ?? new Uint8Array();
};

describe("keys", () => {
  it("a symmetric key with nothing said: described as AWS does", async () => {
    await using at = await startTestKms();
    const { KeyMetadata } = await at.kms.send(new CreateKeyCommand({}));
    const keyId = KeyMetadata?.KeyId ?? "";
    expect(KeyMetadata).toEqual({
      AWSAccountId: "000000000000",
      KeyId: keyId,
      Arn: `${prefix}:key/${keyId}`,
      CreationDate: new Date(at.cloud.clock.now()),
      Enabled: true,
      Description: "",
      KeyUsage: "ENCRYPT_DECRYPT",
      KeyState: "Enabled",
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      KeySpec: "SYMMETRIC_DEFAULT",
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      MultiRegion: false,
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { Keys } = await at.kms.send(new ListKeysCommand({}));
    expect(Keys).toEqual([{ KeyId: keyId, KeyArn: `${prefix}:key/${keyId}` }]);
  });

  it("120 keys: listed in pages that neither repeat nor omit", async () => {
    await using at = await startTestKms();
    const made = new Set<string>();
    for (let turn = 0; turn < 120; turn++) made.add(await newKey(at.kms));
    const first = await at.kms.send(new ListKeysCommand({}));
    expect([first.Keys?.length, first.Truncated]).toEqual([100, true]);
    const rest = await at.kms.send(new ListKeysCommand({ Marker: first.NextMarker }));
    expect(rest.Truncated).toBe(false);
    const seen = [...(first.Keys ?? []), ...(rest.Keys ?? [])].map((key) => key.KeyId ?? "");
    expect(new Set(seen)).toEqual(made);
  });

  it("a description and tags: changed and shown", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms, { Tags: [{ TagKey: "a", TagValue: "1" }] });
    await at.kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: "for the app" }));
    await at.kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "b", TagValue: "2" }] }));
    await at.kms.send(new UntagResourceCommand({ KeyId, TagKeys: ["a"] }));
    const { Tags } = await at.kms.send(new ListResourceTagsCommand({ KeyId }));
    const { KeyMetadata } = await at.kms.send(new DescribeKeyCommand({ KeyId }));
    expect(Tags).toEqual([{ TagKey: "b", TagValue: "2" }]);
    expect(KeyMetadata?.Description).toBe("for the app");
  });

  it("disabled: encrypts nothing and decrypts nothing until it is enabled", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const ciphertext = await encrypt(at.kms, KeyId, "hello");
    await at.kms.send(new DisableKeyCommand({ KeyId }));
    const error = { name: "DisabledException", message: `${prefix}:key/${KeyId} is disabled.` };
    await expect(encrypt(at.kms, KeyId, "x")).rejects.toMatchObject(error);
    const decrypting = at.kms.send(new DecryptCommand({ CiphertextBlob: ciphertext }));
    await expect(decrypting).rejects.toMatchObject(error);
    await at.kms.send(new EnableKeyCommand({ KeyId }));
    const { Plaintext } = await at.kms.send(new DecryptCommand({ CiphertextBlob: ciphertext }));
    expect(text(Plaintext)).toBe("hello");
  });

  it("deletion scheduled and cancelled: unusable meanwhile, disabled after", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const answer = await at.kms.send(
      new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
    );
    expect(answer).toMatchObject({
      KeyId: `${prefix}:key/${KeyId}`,
      KeyState: "PendingDeletion",
      PendingWindowInDays: 7,
      DeletionDate: new Date(at.cloud.clock.now() + 7 * dayMs),
    });
    const state = {
      name: "KMSInvalidStateException",
      message: `${answer.KeyId} is pending deletion.`,
    };
    await expect(encrypt(at.kms, KeyId, "x")).rejects.toMatchObject(state);
    await expect(at.kms.send(new EnableKeyCommand({ KeyId }))).rejects.toMatchObject(state);
    await at.kms.send(new CancelKeyDeletionCommand({ KeyId }));
    const { KeyMetadata } = await at.kms.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata?.KeyState).toBe("Disabled");
    await at.cloud.clock.advance(8 * dayMs);
    await expect(at.kms.send(new DescribeKeyCommand({ KeyId }))).resolves.toBeDefined();
  });

  it("the window has passed: the key and its aliases are gone, its ciphertext is lost", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    await at.kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: KeyId }));
    const ciphertext = await encrypt(at.kms, "alias/app", "hello");
    await at.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await at.cloud.clock.advance(7 * dayMs - 1);
    await expect(at.kms.send(new DescribeKeyCommand({ KeyId }))).resolves.toBeDefined();
    await at.cloud.clock.advance(1);
    await expect(at.kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
      name: "NotFoundException",
      message: `Key '${prefix}:key/${KeyId}' does not exist`,
    });
    const { Aliases } = await at.kms.send(new ListAliasesCommand({}));
    expect(Aliases?.map(({ AliasName }) => AliasName)).not.toContain("alias/app");
    const decrypting = at.kms.send(new DecryptCommand({ CiphertextBlob: ciphertext }));
    await expect(decrypting).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  });

  it("two regions and two accounts: none sees the keys of another", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    for (const scope of [{ region: "us-east-1" }, { account: "111111111111" }]) {
      const other = at.cloud.client(KMSClient, scope);
      await expect(other.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
        name: "NotFoundException",
      });
    }
  });
});

describe("bad input to CreateKey", () => {
  it.each<[string, object, string, string]>([
    ["an unknown spec", { KeySpec: "DES" }, "ValidationException", "Value 'DES' at 'keySpec'"],
    [
      "no usage for RSA",
      { KeySpec: "RSA_2048" },
      "ValidationException",
      "You must specify a KeyUsage",
    ],
    [
      "a usage that does not fit",
      { KeySpec: "ECC_NIST_P256", KeyUsage: "ENCRYPT_DECRYPT" },
      "ValidationException",
      "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec ECC_NIST_P256",
    ],
    ["an unknown usage", { KeyUsage: "PLAY" }, "ValidationException", "enum value set"],
    [
      "both spec members",
      { KeySpec: "SYMMETRIC_DEFAULT", CustomerMasterKeySpec: "SYMMETRIC_DEFAULT" },
      "ValidationException",
      "You cannot specify KeySpec and CustomerMasterKeySpec",
    ],
    [
      "a store of the customer's",
      { Origin: "AWS_CLOUDHSM" },
      "UnsupportedOperationException",
      "AWS_CLOUDHSM",
    ],
    ["a policy that is not JSON", { Policy: "{" }, "MalformedPolicyDocumentException", "malformed"],
    [
      "a policy that locks everybody out",
      {
        Policy: JSON.stringify({
          Statement: { Effect: "Allow", Principal: "*", Action: "kms:Decrypt", Resource: "*" },
        }),
      },
      "MalformedPolicyDocumentException",
      "The new key policy will not allow you to update the key policy in the future.",
    ],
    [
      "a policy with foreign actions",
      {
        Policy: JSON.stringify({
          Statement: { Effect: "Allow", Principal: "*", Action: "s3:*", Resource: "*" },
        }),
      },
      "MalformedPolicyDocumentException",
      "invalid actions",
    ],
    ["a reserved tag", { Tags: [{ TagKey: "aws:x", TagValue: "" }] }, "TagException", "aws:"],
    [
      "one tag twice",
      {
        Tags: [
          { TagKey: "x", TagValue: "" },
          { TagKey: "x", TagValue: "" },
        ],
      },
      "TagException",
      "Duplicate",
    ],
    [
      "a multi-Region key of imported material",
      { MultiRegion: true, Origin: "EXTERNAL" },
      "UnsupportedOperationException",
      "Multi-Region",
    ],
  ])("%s: refused, and no key is made", async (_, input, name, words) => {
    await using at = await startTestKms();
    const making = at.kms.send(new CreateKeyCommand(input as CreateKeyCommandInput));
    await expect(making).rejects.toMatchObject({
      name,
      message: expect.stringContaining(words),
    });
    const { Keys } = await at.kms.send(new ListKeysCommand({}));
    expect(Keys).toEqual([]);
  });
});

describe("references to keys", () => {
  it("id, ARN, alias and alias ARN: all lead to the key", async () => {
    await using at = await startTestKms();
    const keyId = await newKey(at.kms);
    await at.kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: keyId }));
    for (const KeyId of [keyId, `${prefix}:key/${keyId}`, "alias/app", `${prefix}:alias/app`]) {
      const { KeyMetadata } = await at.kms.send(new DescribeKeyCommand({ KeyId }));
      expect(KeyMetadata?.KeyId).toBe(keyId);
    }
  });

  it.each([
    ["an unknown id", nobody, `Key '${prefix}:key/${nobody}' does not exist`],
    ["an unknown alias", "alias/none", `Alias ${prefix}:alias/none is not found.`],
    ["no id at all", "nonsense", "Invalid keyId 'nonsense'"],
    [
      "another region's ARN",
      `arn:aws:kms:us-east-1:000000000000:key/${nobody}`,
      "Invalid arn us-east-1",
    ],
    ["another service's ARN", "arn:aws:s3:::bucket", "Invalid arn arn:aws:s3:::bucket"],
  ])("%s: NotFoundException in AWS's words", async (_, KeyId, message) => {
    await using at = await startTestKms();
    await expect(at.kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({
      name: "NotFoundException",
      message,
    });
  });

  it("an alias where a key is managed: refused", async () => {
    await using at = await startTestKms();
    const TargetKeyId = await newKey(at.kms);
    await at.kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId }));
    const disabling = at.kms.send(new DisableKeyCommand({ KeyId: "alias/app" }));
    await expect(disabling).rejects.toMatchObject({ message: "Invalid keyId 'alias/app'" });
  });

  it("AWS's own aliases: listed before their keys are there, with them after, each once", async () => {
    await using at = await startTestKms();
    const listed = async () => {
      const { Aliases } = await at.kms.send(new ListAliasesCommand({}));
      return Aliases?.filter(({ AliasName }) => AliasName === "alias/aws/ssm");
    };
    const alias = { AliasName: "alias/aws/ssm", AliasArn: `${prefix}:alias/aws/ssm` };
    expect(await listed()).toEqual([alias]);
    const { KeyMetadata } = await at.kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/ssm" }));
    expect(await listed()).toMatchObject([{ ...alias, TargetKeyId: KeyMetadata?.KeyId }]);
  });

  it("alias/aws/ssm: a managed key is there when it is asked for, and may not be changed", async () => {
    await using at = await startTestKms();
    const { KeyMetadata } = await at.kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/ssm" }));
    expect(KeyMetadata).toMatchObject({
      KeyManager: "AWS",
      Description: "Default key that protects my ssm data when no other key is defined",
    });
    const KeyId = KeyMetadata?.KeyId ?? "";
    const again = await at.kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/ssm" }));
    expect(again.KeyMetadata?.KeyId).toBe(KeyId);
    await expect(at.kms.send(new ScheduleKeyDeletionCommand({ KeyId }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    await expect(
      at.kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/nonsense" })),
    ).rejects.toMatchObject({ name: "NotFoundException" });
  });
});

describe("aliases", () => {
  it("moved to another key and deleted: what it names changes, listed by key", async () => {
    await using at = await startTestKms();
    const [one, other] = [await newKey(at.kms), await newKey(at.kms)];
    await at.kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: one }));
    await at.kms.send(new UpdateAliasCommand({ AliasName: "alias/app", TargetKeyId: other }));
    const ofOne = await at.kms.send(new ListAliasesCommand({ KeyId: one }));
    const ofOther = await at.kms.send(new ListAliasesCommand({ KeyId: other }));
    expect(ofOne.Aliases).toEqual([]);
    expect(ofOther.Aliases).toMatchObject([
      { AliasName: "alias/app", AliasArn: `${prefix}:alias/app`, TargetKeyId: other },
    ]);
    await at.kms.send(new DeleteAliasCommand({ AliasName: "alias/app" }));
    await expect(
      at.kms.send(new DeleteAliasCommand({ AliasName: "alias/app" })),
    ).rejects.toMatchObject({ message: `Alias ${prefix}:alias/app is not found.` });
  });

  it.each([
    ["a name in use", "alias/app", "AlreadyExistsException"],
    ["no prefix", "app", "ValidationException"],
    ["a space", "alias/my app", "ValidationException"],
    ["AWS's own prefix", "alias/aws/app", "NotAuthorizedException"],
  ])("%s: refused", async (_, AliasName, name) => {
    await using at = await startTestKms();
    const TargetKeyId = await newKey(at.kms);
    await at.kms.send(new CreateAliasCommand({ AliasName: "alias/app", TargetKeyId }));
    await expect(
      at.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId })),
    ).rejects.toMatchObject({ name });
  });
});

describe("encrypting", () => {
  it("with a context: opened with the same pairs in any order, and with no others", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const CiphertextBlob = await encrypt(at.kms, KeyId, "hello", { a: "1", b: "2" });
    const opened = await at.kms.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: "2", a: "1" } }),
    );
    expect(text(opened.Plaintext)).toBe("hello");
    expect(opened.KeyId).toBe(`${prefix}:key/${KeyId}`);
    const others: (Record<string, string> | undefined)[] = [
      undefined,
      { a: "1" },
      { a: "1", b: "3" },
      { a: "1b", "": "2" },
    ];
    for (const EncryptionContext of others) {
      const input = { CiphertextBlob, ...(EncryptionContext && { EncryptionContext }) };
      await expect(at.kms.send(new DecryptCommand(input))).rejects.toMatchObject({
        name: "InvalidCiphertextException",
      });
    }
  });

  it("another key named, a changed byte, other bytes: AWS's errors", async () => {
    await using at = await startTestKms();
    const [one, other] = [await newKey(at.kms), await newKey(at.kms)];
    const CiphertextBlob = await encrypt(at.kms, one, "hello");
    await expect(
      at.kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other })),
    ).rejects.toMatchObject({
      name: "IncorrectKeyException",
      message: "The key ID in the request does not identify a CMK that can perform this operation.",
    });
    for (const at0 of [0, 5, CiphertextBlob.length - 1]) {
      const changed = Uint8Array.from(CiphertextBlob);
      changed[at0] = (changed[at0] ?? 0) ^ 1;
      await expect(
        at.kms.send(new DecryptCommand({ CiphertextBlob: changed })),
      ).rejects.toMatchObject({ name: "InvalidCiphertextException" });
    }
    await expect(
      at.kms.send(new DecryptCommand({ CiphertextBlob: bytes("nonsense") })),
    ).rejects.toMatchObject({ name: "InvalidCiphertextException" });
  });

  it("4096 bytes: taken; 4097 and none: refused", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    await expect(encrypt(at.kms, KeyId, "x".repeat(4096))).resolves.toBeDefined();
    await expect(encrypt(at.kms, KeyId, "x".repeat(4097))).rejects.toMatchObject({
      name: "ValidationException",
      message:
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    });
    await expect(encrypt(at.kms, KeyId, "")).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("re-encrypted: under the other key and context, from its own", async () => {
    await using at = await startTestKms();
    const [one, other] = [await newKey(at.kms), await newKey(at.kms)];
    const CiphertextBlob = await encrypt(at.kms, one, "hello", { a: "1" });
    const moved = await at.kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: { a: "1" },
        DestinationKeyId: other,
        DestinationEncryptionContext: { b: "2" },
      }),
    );
    expect([moved.SourceKeyId, moved.KeyId]).toEqual([
      `${prefix}:key/${one}`,
      `${prefix}:key/${other}`,
    ]);
    const opened = await at.kms.send(
      new DecryptCommand({
        CiphertextBlob: moved.CiphertextBlob,
        EncryptionContext: { b: "2" },
      }),
    );
    expect(text(opened.Plaintext)).toBe("hello");
  });

  it("an RSA key: OAEP, only with the key and the algorithm named", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms, { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
    const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
    const Plaintext = bytes("hello");
    const { CiphertextBlob } = await at.kms.send(
      new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm }),
    );
    const opened = await at.kms.send(
      new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }),
    );
    expect(text(opened.Plaintext)).toBe("hello");
    await expect(encrypt(at.kms, KeyId, "x")).rejects.toMatchObject({
      name: "InvalidKeyUsageException",
    });
    await expect(
      at.kms.send(
        new EncryptCommand({ KeyId, Plaintext: bytes("x".repeat(191)), EncryptionAlgorithm }),
      ),
    ).rejects.toMatchObject({ message: expect.stringContaining("larger than 190 bytes") });
  });
});

describe("data keys", () => {
  it("a data key: its ciphertext opens to its plaintext", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const made = await at.kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }));
    const opened = await at.kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(made.Plaintext?.length).toBe(32);
    expect(opened.Plaintext).toEqual(made.Plaintext);
    const hidden = await at.kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 64 }),
    );
    const found = await at.kms.send(new DecryptCommand({ CiphertextBlob: hidden.CiphertextBlob }));
    expect(found.Plaintext?.length).toBe(64);
    expect("Plaintext" in hidden).toBe(false);
  });

  it("a pair: the private key comes plain and encrypted", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const made = await at.kms.send(
      new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" }),
    );
    const CiphertextBlob = made.PrivateKeyCiphertextBlob;
    const opened = await at.kms.send(new DecryptCommand({ CiphertextBlob }));
    expect(opened.Plaintext).toEqual(made.PrivateKeyPlaintext);
  });

  it.each([
    ["neither length nor spec", {}],
    ["both", { KeySpec: "AES_256" as const, NumberOfBytes: 32 }],
    ["1025 bytes", { NumberOfBytes: 1025 }],
  ])("%s: refused", async (_, input) => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    await expect(
      at.kms.send(new GenerateDataKeyCommand({ KeyId, ...input })),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("random bytes: as many as asked for, never the same", async () => {
    await using at = await startTestKms();
    const one = await at.kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 }));
    const other = await at.kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 }));
    expect(one.Plaintext?.length).toBe(32);
    expect(one.Plaintext).not.toEqual(other.Plaintext);
  });
});

describe("key policies", () => {
  it("put: given back as it was written", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const before = await at.kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
    expect(JSON.parse(before.Policy ?? "")).toMatchObject({ Id: "key-default-1" });
    const Policy = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::000000000000:root" },
          Action: "kms:*",
          Resource: "*",
        },
      ],
    });
    await at.kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy }));
    const after = await at.kms.send(new GetKeyPolicyCommand({ KeyId }));
    expect(after.Policy).toBe(Policy);
    const { PolicyNames } = await at.kms.send(new ListKeyPoliciesCommand({ KeyId }));
    expect(PolicyNames).toEqual(["default"]);
    await expect(
      at.kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "other" })),
    ).rejects.toMatchObject({ name: "NotFoundException", message: "No such policy exists" });
  });
});
