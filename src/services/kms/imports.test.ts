import {
  constants,
  createCipheriv,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type KMSClient,
  ListKeyRotationsCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  VerifyCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { startTestKms } from "./testing.ts";

const dayMs = 86_400_000;
const Plaintext = Buffer.from("hello");

async function newKey(kms: KMSClient, input: CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Origin: "EXTERNAL", ...input }));
  return KeyMetadata?.KeyId ?? "";
}

const describeKey = async (kms: KMSClient, KeyId: string) =>
  (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;

const parameters = (kms: KMSClient, KeyId: string, WrappingAlgorithm = "RSAES_OAEP_SHA_256") =>
  kms.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: WrappingAlgorithm as never,
      WrappingKeySpec: "RSA_2048",
    }),
  );

function wrapOaep(publicKey: Uint8Array | undefined, octets: Buffer, oaepHash = "sha256"): Buffer {
  const key = createPublicKey({ key: Buffer.from(publicKey ?? []), format: "der", type: "spki" });
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, octets);
}

function wrapAes(publicKey: Uint8Array | undefined, octets: Buffer, oaepHash: string): Buffer {
  const key = randomBytes(32);
  const cipher = createCipheriv("id-aes256-wrap-pad", key, Buffer.from("a65959a6", "hex"));
  const wrapped = Buffer.concat([cipher.update(octets), cipher.final()]);
  return Buffer.concat([wrapOaep(publicKey, key, oaepHash), wrapped]);
}

async function importOctets(
  kms: KMSClient,
  KeyId: string,
  octets: Buffer,
  more: Partial<ImportKeyMaterialCommandInput> = {},
) {
  const { ImportToken, PublicKey } = await parameters(kms, KeyId);
  return kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken,
      EncryptedKeyMaterial: wrapOaep(PublicKey, octets),
      ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE",
      ...more,
    }),
  );
}

describe("a key of origin EXTERNAL", () => {
  it("made: pending import, of no use yet, and it can have aliases and be scheduled to go", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    expect(await describeKey(at.kms, KeyId)).toMatchObject({
      Origin: "EXTERNAL",
      KeyState: "PendingImport",
      Enabled: false,
    });
    for (const refused of [
      at.kms.send(new EncryptCommand({ KeyId, Plaintext })),
      at.kms.send(new DisableKeyCommand({ KeyId })),
      at.kms.send(new EnableKeyCommand({ KeyId })),
    ]) {
      await expect(refused).rejects.toMatchObject({
        name: "KMSInvalidStateException",
        message: expect.stringContaining("is pending import."),
      });
    }
    await expect(at.kms.send(new EnableKeyRotationCommand({ KeyId }))).rejects.toMatchObject({
      name: "UnsupportedOperationException",
    });
    await at.kms.send(new CreateAliasCommand({ AliasName: "alias/mine", TargetKeyId: KeyId }));
    await at.kms.send(new ScheduleKeyDeletionCommand({ KeyId }));
    await at.kms.send(new CancelKeyDeletionCommand({ KeyId }));
  });

  it("material imported, deleted and imported again: what it encrypted opens again", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const octets = randomBytes(32);
    const { KeyMaterialId } = await importOctets(at.kms, KeyId, octets);
    expect(await describeKey(at.kms, KeyId)).toMatchObject({
      KeyState: "Enabled",
      Enabled: true,
      ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE",
      CurrentKeyMaterialId: KeyMaterialId,
    });
    const { CiphertextBlob } = await at.kms.send(new EncryptCommand({ KeyId, Plaintext }));
    const decrypt = () => at.kms.send(new DecryptCommand({ CiphertextBlob }));
    await at.kms.send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId }));
    expect(await describeKey(at.kms, KeyId)).toMatchObject({ KeyState: "PendingImport" });
    await expect(decrypt()).rejects.toMatchObject({ name: "KMSInvalidStateException" });
    await expect(importOctets(at.kms, KeyId, randomBytes(32))).rejects.toMatchObject({
      name: "IncorrectKeyMaterialException",
    });
    const again = await importOctets(at.kms, KeyId, octets, {
      KeyMaterialId,
      ImportType: "EXISTING_KEY_MATERIAL",
      KeyMaterialDescription: "vault",
    });
    expect(again.KeyMaterialId).toBe(KeyMaterialId);
    expect(Buffer.from((await decrypt()).Plaintext ?? []).toString()).toBe("hello");
    const { Rotations } = await at.kms.send(
      new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: "ALL_KEY_MATERIAL" }),
    );
    expect(Rotations).toMatchObject([
      { KeyMaterialId, ImportState: "IMPORTED", KeyMaterialDescription: "vault" },
    ]);
  });

  it("material with an end: it goes by itself then", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const ValidTo = new Date(at.cloud.clock.now() + 2 * dayMs);
    const more = { ExpirationModel: "KEY_MATERIAL_EXPIRES", ValidTo } as const;
    await importOctets(at.kms, KeyId, randomBytes(32), more);
    expect(await describeKey(at.kms, KeyId)).toMatchObject({ KeyState: "Enabled", ...more });
    await at.cloud.clock.advance(2 * dayMs + 1000);
    await expect
      .poll(async () => (await describeKey(at.kms, KeyId))?.KeyState)
      .toBe("PendingImport");
  });

  it.each(["RSAES_OAEP_SHA_1", "RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"])(
    "wrapped by %s: opened",
    async (algorithm) => {
      await using at = await startTestKms();
      const KeyId = await newKey(at.kms);
      const { ImportToken, PublicKey } = await parameters(at.kms, KeyId, algorithm);
      const wrap = algorithm.startsWith("RSAES") ? wrapOaep : wrapAes;
      const hash = algorithm.endsWith("_256") ? "sha256" : "sha1";
      const EncryptedKeyMaterial = wrap(PublicKey, randomBytes(32), hash);
      const ExpirationModel = "KEY_MATERIAL_DOES_NOT_EXPIRE";
      await at.kms.send(
        new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ExpirationModel }),
      );
      expect(await describeKey(at.kms, KeyId)).toMatchObject({ KeyState: "Enabled" });
    },
  );

  it("an HMAC key and one that signs: they compute with what was imported", async () => {
    await using at = await startTestKms();
    const mac = await newKey(at.kms, { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    await importOctets(at.kms, mac, Buffer.alloc(32, 7));
    const made = await at.kms.send(
      new GenerateMacCommand({ KeyId: mac, Message: Plaintext, MacAlgorithm: "HMAC_SHA_256" }),
    );
    expect(made.Mac?.length).toBe(32);
    const KeyId = await newKey(at.kms, { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    const encoding = { type: "pkcs8", format: "der" } as const;
    const of = (namedCurve: string): Buffer =>
      generateKeyPairSync("ec", { namedCurve }).privateKey.export(encoding);
    await expect(importOctets(at.kms, KeyId, of("secp256k1"))).rejects.toMatchObject({
      name: "IncorrectKeyMaterialException",
    });
    await importOctets(at.kms, KeyId, of("P-256"));
    const input = { KeyId, Message: Plaintext, SigningAlgorithm: "ECDSA_SHA_256" } as const;
    const { Signature } = await at.kms.send(new SignCommand(input));
    const verified = await at.kms.send(new VerifyCommand({ ...input, Signature }));
    expect(verified.SignatureValid).toBe(true);
  });
});

describe("imports that are refused", () => {
  it("by their token, their wrapping, their size or their end", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms);
    const other = await newKey(at.kms);
    const octets = randomBytes(32);
    const foreign = await parameters(at.kms, other);
    const cases: [Partial<ImportKeyMaterialCommandInput>, string][] = [
      [{ ImportToken: Buffer.from("nonsense") }, "InvalidImportTokenException"],
      [{ ImportToken: foreign.ImportToken }, "InvalidImportTokenException"],
      [{ EncryptedKeyMaterial: randomBytes(256) }, "InvalidCiphertextException"],
      [{ ExpirationModel: "KEY_MATERIAL_EXPIRES" }, "ValidationException"],
      [{ ValidTo: new Date(at.cloud.clock.now() + dayMs) }, "ValidationException"],
      [{ ImportType: "EXISTING_KEY_MATERIAL" }, "KMSInvalidStateException"],
      [{ KeyMaterialId: "0".repeat(64) }, "NotFoundException"],
    ];
    for (const [more, name] of cases) {
      await expect(importOctets(at.kms, KeyId, octets, more)).rejects.toMatchObject({ name });
    }
    await expect(importOctets(at.kms, KeyId, randomBytes(16))).rejects.toMatchObject({
      name: "IncorrectKeyMaterialException",
    });
    const { ImportToken, PublicKey } = await parameters(at.kms, KeyId);
    await at.cloud.clock.advance(dayMs + 1000);
    const late = { ImportToken, EncryptedKeyMaterial: wrapOaep(PublicKey, octets) };
    await expect(importOctets(at.kms, KeyId, octets, late)).rejects.toMatchObject({
      name: "ExpiredImportTokenException",
    });
  });

  it("a key of KMS's own: its origin is told", async () => {
    await using at = await startTestKms();
    const KeyId = await newKey(at.kms, { Origin: "AWS_KMS" });
    await expect(parameters(at.kms, KeyId)).rejects.toMatchObject({
      name: "UnsupportedOperationException",
      message: expect.stringContaining("origin is AWS_KMS which is not valid for this operation."),
    });
  });
});
