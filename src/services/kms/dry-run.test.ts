import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyPairCommand,
  ListGrantsCommand,
} from "@aws-sdk/client-kms";
import { expect, it } from "vitest";
import { startTestKms } from "./testing.ts";

const Plaintext = new TextEncoder().encode("hello");
const granted = {
  name: "DryRunOperationException",
  message: "The request would have succeeded, but the DryRun option is set.",
};

it("tried: told that it would be granted, and nothing is left of it", async () => {
  await using at = await startTestKms();
  const { KeyMetadata } = await at.kms.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata?.KeyId ?? "";
  const DryRun = true;
  const { CiphertextBlob } = await at.kms.send(new EncryptCommand({ KeyId, Plaintext }));
  const GranteePrincipal = "arn:aws:iam::000000000000:role/app";
  const grant = { KeyId, GranteePrincipal, Operations: ["Decrypt" as const] };
  const pair = { KeyId, KeyPairSpec: "ECC_NIST_P256" as const };
  await expect(at.kms.send(new EncryptCommand({ KeyId, Plaintext, DryRun }))).rejects.toMatchObject(
    granted,
  );
  await expect(at.kms.send(new DecryptCommand({ CiphertextBlob, DryRun }))).rejects.toMatchObject(
    granted,
  );
  await expect(at.kms.send(new CreateGrantCommand({ ...grant, DryRun }))).rejects.toMatchObject(
    granted,
  );
  await expect(
    at.kms.send(new GenerateDataKeyPairCommand({ ...pair, DryRun })),
  ).rejects.toMatchObject(granted);
  expect((await at.kms.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([]);
  expect((await at.kms.send(new EncryptCommand({ KeyId, Plaintext, DryRun: false }))).KeyId).toBe(
    KeyMetadata?.Arn,
  );
});

it("what would be refused: refused for its own reason", async () => {
  await using at = await startTestKms();
  const { KeyMetadata } = await at.kms.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata?.KeyId ?? "";
  await at.kms.send(new DisableKeyCommand({ KeyId }));
  await expect(
    at.kms.send(new EncryptCommand({ KeyId, Plaintext, DryRun: true })),
  ).rejects.toMatchObject({ name: "DisabledException" });
  const described = await at.kms.send(new DescribeKeyCommand({ KeyId }));
  expect(described.KeyMetadata?.Enabled).toBe(false);
});
