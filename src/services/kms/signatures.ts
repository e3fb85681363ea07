/** Sign, Verify and GetPublicKey of asymmetric keys, GenerateMac and VerifyMac of HMAC keys. */
import type * as Kms from "@aws-sdk/client-kms";
import { specOf } from "../../engine/kms/key-specs.ts";
import { explainUnusable } from "../../engine/kms/key-state.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { type ReadOperation, read } from "../../gateway/service.ts";
import type { KeyUsage, KmsKey } from "../../model/kms.ts";
import {
  agreeOnSecret,
  isSame,
  isSignature,
  makeMac,
  type SignatureScheme,
  signMessage,
} from "../../seams/crypto.ts";
import { digestLength, isDigestSignature, signDigest } from "../../seams/digest-signatures.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { currentMaterial } from "../../state/kms.ts";
import { explainFailure, unsupported, validation, wrongAlgorithm } from "./errors.ts";
import {
  check,
  type KmsDependencies,
  onKey,
  onKeyWith,
  type Reading,
  requireAnyKey,
} from "./lookup.ts";

const messageBounds = { length: [1, 4096] } as const;
const signatureBounds = { length: [1, 6144] } as const;
const messageTypes = ["RAW", "DIGEST"];

export function sign({
  sealing,
}: KmsDependencies): ReadOperation<Kms.SignRequest, Kms.SignResponse> {
  return read<Kms.SignRequest, Kms.SignResponse>({
    ...onKeyWith((input: Kms.SignRequest) => ({
      "kms:SigningAlgorithm": input.SigningAlgorithm,
      "kms:MessageType": input.MessageType ?? "RAW",
    })),
    action: "kms:Sign",
    accepts: {
      KeyId: true,
      Message: true,
      MessageType: true,
      GrantTokens: true,
      SigningAlgorithm: true,
    },
    run(context, input) {
      const { key, scheme, message, isDigest } = readSigning(context, input, "Sign");
      const privateKey = sealing.open(currentMaterial(key).sealed);
      const make = isDigest ? signDigest : signMessage;
      return {
        KeyId: key.arn,
        Signature: make(privateKey, scheme, message),
        SigningAlgorithm: input.SigningAlgorithm,
      };
    },
  });
}

export const verify = read<Kms.VerifyRequest, Kms.VerifyResponse>({
  ...onKeyWith((input: Kms.VerifyRequest) => ({
    "kms:SigningAlgorithm": input.SigningAlgorithm,
    "kms:MessageType": input.MessageType ?? "RAW",
  })),
  action: "kms:Verify",
  accepts: {
    KeyId: true,
    Message: true,
    MessageType: true,
    Signature: true,
    GrantTokens: true,
    SigningAlgorithm: true,
  },
  run(context, input) {
    check(["signature", input.Signature, signatureBounds]);
    const { key, scheme, message, isDigest } = readSigning(context, input, "Verify");
    const publicKey = publicKeyOf(key);
    const signature = input.Signature ?? new Uint8Array();
    const isGood = isDigest ? isDigestSignature : isSignature;
    if (!isGood(publicKey, scheme, message, signature)) {
      throw new ApiError("KMSInvalidSignatureException", "");
    }
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm };
  },
});

export const getPublicKey = read<Kms.GetPublicKeyRequest, Kms.GetPublicKeyResponse>({
  ...onKey,
  action: "kms:GetPublicKey",
  accepts: { KeyId: true, GrantTokens: true },
  run(context, input) {
    const key = requireAnyKey(context, input.KeyId, { operation: "GetPublicKey" });
    if (specOf(key).material.type === "octets") {
      throw unsupported(`${key.arn} is not an asymmetric key: it has no public key.`);
    }
    const refusal = explainUnusable(key, key.usage, "GetPublicKey");
    if (refusal) throw explainFailure(refusal);
    const { encryption, signing } = specOf(key);
    return {
      KeyId: key.arn,
      PublicKey: publicKeyOf(key),
      CustomerMasterKeySpec: key.spec as Kms.CustomerMasterKeySpec,
      KeySpec: key.spec as Kms.KeySpec,
      KeyUsage: key.usage,
      ...(key.usage === "ENCRYPT_DECRYPT" && {
        EncryptionAlgorithms: [...encryption] as Kms.EncryptionAlgorithmSpec[],
      }),
      ...(key.usage === "SIGN_VERIFY" && {
        SigningAlgorithms: [...signing] as Kms.SigningAlgorithmSpec[],
      }),
      ...(key.usage === "KEY_AGREEMENT" && { KeyAgreementAlgorithms: ["ECDH"] }),
    };
  },
});

export function deriveSharedSecret({
  sealing,
}: KmsDependencies): ReadOperation<Kms.DeriveSharedSecretRequest, Kms.DeriveSharedSecretResponse> {
  return read<Kms.DeriveSharedSecretRequest, Kms.DeriveSharedSecretResponse>({
    ...onKeyWith((input: Kms.DeriveSharedSecretRequest) => ({
      "kms:KeyAgreementAlgorithm": input.KeyAgreementAlgorithm,
    })),
    action: "kms:DeriveSharedSecret",
    accepts: { KeyId: true, KeyAgreementAlgorithm: true, PublicKey: true, GrantTokens: true },
    run(context, input) {
      check(
        ["keyAgreementAlgorithm", input.KeyAgreementAlgorithm, { oneOf: ["ECDH"] }],
        ["publicKey", input.PublicKey, { length: [1, 8192] }],
      );
      const key = requireUsable(context, input.KeyId, "KEY_AGREEMENT", "DeriveSharedSecret");
      const privateKey = sealing.open(currentMaterial(key).sealed);
      const secret = agreeOnSecret(privateKey, input.PublicKey ?? new Uint8Array());
      if (!secret) {
        throw validation(`The public key is not one of key spec ${key.spec}, DER-encoded.`);
      }
      return {
        KeyId: key.arn,
        SharedSecret: secret,
        KeyAgreementAlgorithm: input.KeyAgreementAlgorithm,
        KeyOrigin: key.origin ?? "AWS_KMS",
      };
    },
  });
}

export function generateMac({
  sealing,
}: KmsDependencies): ReadOperation<Kms.GenerateMacRequest, Kms.GenerateMacResponse> {
  return read<Kms.GenerateMacRequest, Kms.GenerateMacResponse>({
    ...onKeyWith((input: Kms.GenerateMacRequest) => ({ "kms:MacAlgorithm": input.MacAlgorithm })),
    action: "kms:GenerateMac",
    accepts: { KeyId: true, Message: true, MacAlgorithm: true, GrantTokens: true },
    run(context, input) {
      const { key, mac } = computeMac(context, sealing, input, "GenerateMac");
      return { KeyId: key.arn, Mac: mac, MacAlgorithm: input.MacAlgorithm };
    },
  });
}

export function verifyMac({
  sealing,
}: KmsDependencies): ReadOperation<Kms.VerifyMacRequest, Kms.VerifyMacResponse> {
  return read<Kms.VerifyMacRequest, Kms.VerifyMacResponse>({
    ...onKeyWith((input: Kms.VerifyMacRequest) => ({ "kms:MacAlgorithm": input.MacAlgorithm })),
    action: "kms:VerifyMac",
    accepts: { KeyId: true, Message: true, Mac: true, MacAlgorithm: true, GrantTokens: true },
    run(context, input) {
      check(["mac", input.Mac, signatureBounds]);
      const { key, mac } = computeMac(context, sealing, input, "VerifyMac");
      if (!isSame(mac, input.Mac ?? new Uint8Array())) {
        throw new ApiError("KMSInvalidMacException", "");
      }
      return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
    },
  });
}

type SigningInput = {
  readonly KeyId: string | undefined;
  readonly Message: Uint8Array | undefined;
  readonly MessageType?: string | undefined;
  readonly SigningAlgorithm: string | undefined;
};

function readSigning(
  context: Reading,
  input: SigningInput,
  operation: string,
): { key: KmsKey; scheme: SignatureScheme; message: Uint8Array; isDigest: boolean } {
  check(
    ["message", input.Message, messageBounds],
    ["messageType", input.MessageType, { oneOf: messageTypes }],
  );
  const algorithm = input.SigningAlgorithm ?? "";
  const key = requireUsable(context, input.KeyId, "SIGN_VERIFY", operation);
  if (!specOf(key).signing.includes(algorithm)) throw wrongAlgorithm(algorithm, key.spec);
  const message = input.Message ?? new Uint8Array();
  const isDigest = input.MessageType === "DIGEST";
  const scheme = schemeOf(algorithm);
  if (isDigest && message.length !== digestLength(scheme.hash)) {
    throw validation(`Digest is invalid length for algorithm ${algorithm}.`);
  }
  return { key, scheme, message, isDigest };
}

function computeMac(
  context: Reading,
  sealing: Sealing,
  input: {
    readonly KeyId: string | undefined;
    readonly Message: Uint8Array | undefined;
    readonly MacAlgorithm: string | undefined;
  },
  operation: string,
): { key: KmsKey; mac: Buffer } {
  check(["message", input.Message, messageBounds]);
  const algorithm = input.MacAlgorithm ?? "";
  const key = requireUsable(context, input.KeyId, "GENERATE_VERIFY_MAC", operation);
  if (!specOf(key).mac.includes(algorithm)) throw wrongAlgorithm(algorithm, key.spec);
  const secret = sealing.open(currentMaterial(key).sealed);
  const message = input.Message ?? new Uint8Array();
  return { key, mac: makeMac(hashOf(algorithm), secret, message) };
}

function requireUsable(
  context: Reading,
  keyId: string | undefined,
  usage: KeyUsage,
  operation: string,
): KmsKey {
  const key = requireAnyKey(context, keyId, { operation });
  const refusal = explainUnusable(key, usage, operation);
  if (refusal) throw explainFailure(refusal);
  return key;
}

function schemeOf(algorithm: string): SignatureScheme {
  const hash = hashOf(algorithm);
  if (algorithm.startsWith("ECDSA")) return { type: "ecdsa", hash };
  return { type: algorithm.startsWith("RSASSA_PSS") ? "pss" : "pkcs1", hash };
}

const hashOf = (algorithm: string): string => `sha${algorithm.slice(-3)}`;

const publicKeyOf = (key: KmsKey): Buffer =>
  Buffer.from(currentMaterial(key).publicKey ?? "", "base64");
