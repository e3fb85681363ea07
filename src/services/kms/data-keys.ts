/** Keys made for use outside KMS, given out plain and encrypted, and random bytes. */
import type * as Kms from "@aws-sdk/client-kms";
import { keySpecs } from "../../engine/kms/key-specs.ts";
import {
  type LiveContext,
  type LiveOperation,
  live,
  read,
  type WriteContext,
  type WriteOperation,
  write,
} from "../../gateway/service.ts";
import type { KmsKey } from "../../model/kms.ts";
import { type KeyPair, makeKeyPair, randomOctets } from "../../seams/crypto.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { currentMaterial, encryptUnder } from "../../state/kms.ts";
import { explainFailure, validation } from "./errors.ts";
import { check, checkSpec, ensureKey, type KmsDependencies, onKey } from "./lookup.ts";

const accepts = {
  KeyId: true,
  EncryptionContext: true,
  NumberOfBytes: true,
  KeySpec: true,
  GrantTokens: true,
} as const;

export function generateDataKey({
  sealing,
}: KmsDependencies): WriteOperation<Kms.GenerateDataKeyRequest, Kms.GenerateDataKeyResponse> {
  return write<Kms.GenerateDataKeyRequest, Kms.GenerateDataKeyResponse>({
    action: "kms:GenerateDataKey",
    ...onKey,
    accepts,
    run(context, input) {
      const plaintext = randomOctets(lengthOf(input));
      const wrapped = wrap(context, sealing, input, plaintext, "GenerateDataKey");
      return { Plaintext: plaintext, ...wrapped };
    },
  });
}

export function generateDataKeyWithoutPlaintext({
  sealing,
}: KmsDependencies): WriteOperation<
  Kms.GenerateDataKeyWithoutPlaintextRequest,
  Kms.GenerateDataKeyWithoutPlaintextResponse
> {
  return write<
    Kms.GenerateDataKeyWithoutPlaintextRequest,
    Kms.GenerateDataKeyWithoutPlaintextResponse
  >({
    action: "kms:GenerateDataKeyWithoutPlaintext",
    ...onKey,
    accepts,
    run(context, input) {
      const plaintext = randomOctets(lengthOf(input));
      return wrap(context, sealing, input, plaintext, "GenerateDataKeyWithoutPlaintext");
    },
  });
}

const pairAccepts = {
  KeyId: true,
  EncryptionContext: true,
  KeyPairSpec: true,
  GrantTokens: true,
} as const;

export function generateDataKeyPair({
  sealing,
}: KmsDependencies): LiveOperation<
  Kms.GenerateDataKeyPairRequest,
  Kms.GenerateDataKeyPairResponse
> {
  return live<Kms.GenerateDataKeyPairRequest, Kms.GenerateDataKeyPairResponse>({
    action: "kms:GenerateDataKeyPair",
    ...onKey,
    accepts: pairAccepts,
    async run(context, input) {
      const { pair, answer } = await makePair(context, sealing, input, "GenerateDataKeyPair");
      return { PrivateKeyPlaintext: pair.privateKey, ...answer };
    },
  });
}

export function generateDataKeyPairWithoutPlaintext({
  sealing,
}: KmsDependencies): LiveOperation<
  Kms.GenerateDataKeyPairWithoutPlaintextRequest,
  Kms.GenerateDataKeyPairWithoutPlaintextResponse
> {
  return live<
    Kms.GenerateDataKeyPairWithoutPlaintextRequest,
    Kms.GenerateDataKeyPairWithoutPlaintextResponse
  >({
    action: "kms:GenerateDataKeyPairWithoutPlaintext",
    ...onKey,
    accepts: pairAccepts,
    run: async (context, input) =>
      (await makePair(context, sealing, input, "GenerateDataKeyPairWithoutPlaintext")).answer,
  });
}

export const generateRandom = read<Kms.GenerateRandomRequest, Kms.GenerateRandomResponse>({
  action: "kms:GenerateRandom",
  resources: () => ["*"],
  accepts: { NumberOfBytes: true },
  run(_context, input) {
    check(["numberOfBytes", input.NumberOfBytes, { range: [1, 1024] }]);
    if (input.NumberOfBytes === undefined) throw validation("NumberOfBytes is required.");
    return { Plaintext: randomOctets(input.NumberOfBytes) };
  },
});

type DataKeyInput = {
  readonly KeyId: string | undefined;
  readonly EncryptionContext?: Record<string, string> | undefined;
};

function lengthOf(input: {
  readonly NumberOfBytes?: number | undefined;
  readonly KeySpec?: string | undefined;
}): number {
  check(
    ["numberOfBytes", input.NumberOfBytes, { range: [1, 1024] }],
    ["keySpec", input.KeySpec, { oneOf: ["AES_256", "AES_128"] }],
  );
  if ((input.NumberOfBytes === undefined) === (input.KeySpec === undefined)) {
    throw validation("Please specify either number of bytes or key spec.");
  }
  return input.NumberOfBytes ?? (input.KeySpec === "AES_256" ? 32 : 16);
}

function wrap(
  context: WriteContext,
  sealing: Sealing,
  input: DataKeyInput,
  plaintext: Uint8Array,
  operation: string,
): { CiphertextBlob: Uint8Array; KeyId: string; KeyMaterialId: string } {
  const key: KmsKey = ensureKey(context, sealing, input.KeyId, {
    operation,
    context: input.EncryptionContext,
  });
  const made = encryptUnder(key, sealing, plaintext, input.EncryptionContext, operation);
  if (made.type !== "encrypted") throw explainFailure(made);
  return {
    CiphertextBlob: made.ciphertext,
    KeyId: key.arn,
    KeyMaterialId: currentMaterial(key).id,
  };
}

type PairAnswer = Omit<Kms.GenerateDataKeyPairResponse, "PrivateKeyPlaintext">;

async function makePair(
  context: LiveContext,
  sealing: Sealing,
  input: DataKeyInput & { readonly KeyPairSpec: string | undefined },
  operation: string,
): Promise<{ pair: KeyPair; answer: PairAnswer }> {
  const pairSpecs = Object.keys(keySpecs).filter((name) => /^(?:RSA|ECC)_/.test(name));
  checkSpec("keyPairSpec", input.KeyPairSpec, pairSpecs);
  const material = keySpecs[input.KeyPairSpec ?? ""]?.material;
  if (!material || material.type === "octets") throw validation("KeyPairSpec is required.");
  const pair = await makeKeyPair(material);
  const wrapped = context.write((tx) =>
    wrap({ ...context, tx }, sealing, input, pair.privateKey, operation),
  );
  const { CiphertextBlob, ...rest } = wrapped;
  const answer: PairAnswer = {
    ...rest,
    PrivateKeyCiphertextBlob: CiphertextBlob,
    PublicKey: pair.publicKey,
    KeyPairSpec: input.KeyPairSpec as Kms.DataKeyPairSpec,
  };
  return { pair, answer };
}
