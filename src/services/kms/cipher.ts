/** Encrypt, Decrypt and ReEncrypt: AES-256-GCM under symmetric keys, OAEP under RSA keys. */
import type * as Kms from "@aws-sdk/client-kms";
import { specOf, symmetricDefault } from "../../engine/kms/key-specs.ts";
import { explainUnusable } from "../../engine/kms/key-state.ts";
import { authorizeKeyUse } from "../../gateway/key-use.ts";
import {
  type ReadOperation,
  read,
  type WriteContext,
  type WriteOperation,
  write,
} from "../../gateway/service.ts";
import type { EncryptionContext, KmsKey } from "../../model/kms.ts";
import { decryptRsa, encryptRsa } from "../../seams/crypto.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { currentMaterial, decryptWith, encryptUnder, findMakerOf } from "../../state/kms.ts";
import {
  explainFailure,
  incorrectKey,
  invalidCiphertext,
  unreachableKey,
  validation,
  wrongAlgorithm,
} from "./errors.ts";
import {
  check,
  ensureKey,
  type KmsDependencies,
  keyArns,
  onKeyWith,
  type Reading,
  requireAnyKey,
  toCall,
} from "./lookup.ts";

const ciphertextBounds = { length: [1, 6144] } as const;
const encryptionAlgorithms = ["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"];

export function encrypt({
  sealing,
}: KmsDependencies): WriteOperation<Kms.EncryptRequest, Kms.EncryptResponse> {
  return write<Kms.EncryptRequest, Kms.EncryptResponse>({
    action: "kms:Encrypt",
    ...onKeyWith((input: Kms.EncryptRequest) => ({
      "kms:EncryptionAlgorithm": input.EncryptionAlgorithm ?? symmetricDefault,
    })),
    accepts: {
      KeyId: true,
      Plaintext: true,
      EncryptionContext: true,
      EncryptionAlgorithm: true,
      GrantTokens: true,
    },
    run(context, input) {
      check(
        ["plaintext", input.Plaintext, { length: [1, 4096] }],
        ["encryptionAlgorithm", input.EncryptionAlgorithm, { oneOf: encryptionAlgorithms }],
      );
      const plaintext = input.Plaintext ?? new Uint8Array();
      const made = encryptFor(context, sealing, {
        operation: "Encrypt",
        keyId: input.KeyId,
        algorithm: input.EncryptionAlgorithm,
        context: input.EncryptionContext,
        plaintext,
      });
      return {
        CiphertextBlob: made.ciphertext,
        KeyId: made.key.arn,
        EncryptionAlgorithm: made.algorithm as Kms.EncryptionAlgorithmSpec,
      };
    },
  });
}

export function decrypt({
  sealing,
}: KmsDependencies): ReadOperation<Kms.DecryptRequest, Kms.DecryptResponse> {
  return read<Kms.DecryptRequest, Kms.DecryptResponse>({
    action: "kms:Decrypt",
    ...onKeyWith((input: Kms.DecryptRequest) => ({
      "kms:EncryptionAlgorithm": input.EncryptionAlgorithm ?? symmetricDefault,
    })),
    accepts: {
      CiphertextBlob: true,
      EncryptionContext: true,
      GrantTokens: true,
      KeyId: true,
      EncryptionAlgorithm: true,
    },
    run(context, input) {
      check(
        ["ciphertextBlob", input.CiphertextBlob, ciphertextBounds],
        ["encryptionAlgorithm", input.EncryptionAlgorithm, { oneOf: encryptionAlgorithms }],
      );
      const opened = decryptFor(context, sealing, {
        operation: "Decrypt",
        keyId: input.KeyId,
        algorithm: input.EncryptionAlgorithm,
        context: input.EncryptionContext,
        ciphertext: input.CiphertextBlob ?? new Uint8Array(),
      });
      return {
        KeyId: opened.key.arn,
        Plaintext: opened.plaintext,
        EncryptionAlgorithm: opened.algorithm as Kms.EncryptionAlgorithmSpec,
        ...(opened.materialId !== undefined && { KeyMaterialId: opened.materialId }),
      };
    },
  });
}

export function reEncrypt({
  sealing,
}: KmsDependencies): WriteOperation<Kms.ReEncryptRequest, Kms.ReEncryptResponse> {
  return write<Kms.ReEncryptRequest, Kms.ReEncryptResponse>({
    action: "kms:ReEncryptFrom",
    authorization: "own",
    resources: (input, context) => keyArns({ KeyId: input.DestinationKeyId }, context),
    accepts: {
      CiphertextBlob: true,
      SourceEncryptionContext: true,
      SourceKeyId: true,
      DestinationKeyId: true,
      DestinationEncryptionContext: true,
      SourceEncryptionAlgorithm: true,
      DestinationEncryptionAlgorithm: true,
      GrantTokens: true,
    },
    run(context, input) {
      check(["ciphertextBlob", input.CiphertextBlob, ciphertextBounds]);
      const opened = decryptFor(context, sealing, {
        operation: "ReEncryptFrom",
        keyId: input.SourceKeyId,
        algorithm: input.SourceEncryptionAlgorithm,
        context: input.SourceEncryptionContext,
        ciphertext: input.CiphertextBlob ?? new Uint8Array(),
      });
      const made = encryptFor(context, sealing, {
        operation: "ReEncryptTo",
        keyId: input.DestinationKeyId,
        algorithm: input.DestinationEncryptionAlgorithm,
        context: input.DestinationEncryptionContext,
        plaintext: opened.plaintext,
      });
      return {
        CiphertextBlob: made.ciphertext,
        SourceKeyId: opened.key.arn,
        KeyId: made.key.arn,
        SourceEncryptionAlgorithm: opened.algorithm as Kms.EncryptionAlgorithmSpec,
        DestinationEncryptionAlgorithm: made.algorithm as Kms.EncryptionAlgorithmSpec,
        ...(opened.materialId !== undefined && { SourceKeyMaterialId: opened.materialId }),
        ...(made.key.spec === symmetricDefault && {
          DestinationKeyMaterialId: currentMaterial(made.key).id,
        }),
      };
    },
  });
}

type CipherInput = {
  /** What the caller must be let. */
  readonly operation: string;
  readonly keyId: string | undefined;
  readonly algorithm: string | undefined;
  readonly context: EncryptionContext | undefined;
};

function encryptFor(
  context: WriteContext,
  sealing: Sealing,
  input: CipherInput & { readonly plaintext: Uint8Array },
): { key: KmsKey; ciphertext: Buffer; algorithm: string } {
  const { keyId, operation } = input;
  const key = ensureKey(context, sealing, keyId, { operation, context: input.context });
  const algorithm = input.algorithm ?? symmetricDefault;
  requireUsable(key, algorithm, "Encrypt");
  if (algorithm === symmetricDefault) {
    const made = encryptUnder(key, sealing, input.plaintext, input.context, "Encrypt");
    if (made.type !== "encrypted") throw explainFailure(made);
    return { key, ciphertext: made.ciphertext, algorithm };
  }
  refuseContext(input.context, algorithm);
  const publicKey = Buffer.from(currentMaterial(key).publicKey ?? "", "base64");
  const ciphertext = encryptRsa(publicKey, hashOf(algorithm), input.plaintext);
  if (ciphertext) return { key, ciphertext, algorithm };
  throw validation(
    `Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data larger than ${mostBytes(key, algorithm)} bytes.`,
  );
}

type Opened = { key: KmsKey; plaintext: Buffer; algorithm: string; materialId: string | undefined };

function decryptFor(
  context: Reading,
  sealing: Sealing,
  input: CipherInput & { readonly ciphertext: Uint8Array },
): Opened {
  const algorithm = input.algorithm ?? symmetricDefault;
  const named =
    input.keyId === undefined
      ? undefined
      : requireAnyKey(context, input.keyId, { operation: input.operation, context: input.context });
  if (algorithm === symmetricDefault) {
    if (named && named.usage !== "ENCRYPT_DECRYPT") {
      throw explainFailure({ type: "wrong-usage", key: named, operation: "Decrypt" });
    }
    if (named && named.spec !== symmetricDefault) throw incorrectKey();
    const call = toCall(context, sealing);
    const maker = findMakerOf(context.tx, context.scope, input.ciphertext);
    const isElsewhere = maker?.type === "found" && maker.key.region !== context.scope.region;
    if (isElsewhere && !named) throw unreachableKey();
    const opened = decryptWith(context.tx, call, input.ciphertext, input.context, input.keyId);
    if (opened.type !== "decrypted") throw explainFailure(opened);
    const { operation } = input;
    authorizeKeyUse(context, context.tx, opened.key, { operation, context: input.context });
    return { ...opened, algorithm };
  }
  if (!named) {
    throw validation(
      "KeyId is required when the ciphertext was encrypted under an asymmetric KMS key.",
    );
  }
  requireUsable(named, algorithm, "Decrypt");
  refuseContext(input.context, algorithm);
  const privateKey = sealing.open(currentMaterial(named).sealed);
  const plaintext = decryptRsa(privateKey, hashOf(algorithm), input.ciphertext);
  if (!plaintext) throw invalidCiphertext();
  return { key: named, plaintext, algorithm, materialId: undefined };
}

function requireUsable(key: KmsKey, algorithm: string, operation: string): void {
  const refusal = explainUnusable(key, "ENCRYPT_DECRYPT", operation);
  if (refusal) throw explainFailure(refusal);
  if (specOf(key).encryption.includes(algorithm)) return;
  throw wrongAlgorithm(algorithm, key.spec);
}

function refuseContext(context: EncryptionContext | undefined, algorithm: string): void {
  if (context === undefined || Object.keys(context).length === 0) return;
  throw validation(`EncryptionContext is not supported with the ${algorithm} algorithm.`);
}

const hashOf = (algorithm: string): string => (algorithm.endsWith("_256") ? "sha256" : "sha1");

/** What OAEP leaves of a block: two hashes and two bytes less. */
function mostBytes(key: KmsKey, algorithm: string): number {
  const { material } = specOf(key);
  const block = material.type === "rsa" ? material.bits / 8 : 0;
  return block - 2 * (hashOf(algorithm) === "sha256" ? 32 : 20) - 2;
}
