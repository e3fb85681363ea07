/** Material that comes from outside: keys of origin EXTERNAL have what is imported, and nothing until then. */
import type * as Kms from "@aws-sdk/client-kms";
import { specOf } from "../../engine/kms/key-specs.ts";
import { ApiError } from "../../gateway/api-error.ts";
import {
  type LiveOperation,
  live,
  type WriteContext,
  type WriteOperation,
  write,
} from "../../gateway/service.ts";
import type { KeyMaterial, KmsKey } from "../../model/kms.ts";
import { decryptRsa, makeKeyPair, publicKeyOf, sha256, unwrapKey } from "../../seams/crypto.ts";
import type { Sealing } from "../../seams/sealing.ts";
import { kmsKeys } from "../../state/tables/kms.ts";
import { invalidCiphertext, invalidState, unsupported, validation, wrongOrigin } from "./errors.ts";
import { formatToken, parseToken } from "./import-token.ts";
import {
  check,
  type KmsDependencies,
  onKey,
  onKeyWith,
  type Reading,
  requireChangeable,
} from "./lookup.ts";

const dayMs = 86_400_000;
const wrappingBits: Readonly<Record<string, number>> = {
  RSA_2048: 2048,
  RSA_3072: 3072,
  RSA_4096: 4096,
};
const wrappingAlgorithms = [
  "RSAES_OAEP_SHA_1",
  "RSAES_OAEP_SHA_256",
  "RSA_AES_KEY_WRAP_SHA_1",
  "RSA_AES_KEY_WRAP_SHA_256",
];
const expirationModels = ["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"];
const importTypes = ["NEW_KEY_MATERIAL", "EXISTING_KEY_MATERIAL"];

export function getParametersForImport({
  sealing,
}: KmsDependencies): LiveOperation<
  Kms.GetParametersForImportRequest,
  Kms.GetParametersForImportResponse
> {
  return live<Kms.GetParametersForImportRequest, Kms.GetParametersForImportResponse>({
    action: "kms:GetParametersForImport",
    ...onKeyWith((input: Kms.GetParametersForImportRequest) => ({
      "kms:WrappingAlgorithm": input.WrappingAlgorithm,
      "kms:WrappingKeySpec": input.WrappingKeySpec,
    })),
    accepts: { KeyId: true, WrappingAlgorithm: true, WrappingKeySpec: true },
    async run(context, input) {
      const { WrappingAlgorithm: algorithm = "", WrappingKeySpec: spec = "" } = input;
      if (!wrappingAlgorithms.includes(algorithm)) {
        throw unsupported(`The wrapping algorithm ${algorithm} is not supported`);
      }
      const bits = wrappingBits[spec];
      if (bits === undefined) throw unsupported(`The wrapping key spec ${spec} is not supported`);
      const key = context.read((tx) =>
        requireImportable({ ...context, tx }, input.KeyId, "GetParametersForImport"),
      );
      const { privateKey, publicKey } = await makeKeyPair({ type: "rsa", bits });
      const validTo = context.now + dayMs;
      return {
        KeyId: key.arn,
        ImportToken: formatToken(sealing, { keyArn: key.arn, algorithm, validTo, privateKey }),
        PublicKey: publicKey,
        ParametersValidTo: new Date(validTo),
      };
    },
  });
}

export function importKeyMaterial({
  sealing,
}: KmsDependencies): WriteOperation<Kms.ImportKeyMaterialRequest, Kms.ImportKeyMaterialResponse> {
  return write<Kms.ImportKeyMaterialRequest, Kms.ImportKeyMaterialResponse>({
    action: "kms:ImportKeyMaterial",
    ...onKeyWith((input: Kms.ImportKeyMaterialRequest) => ({
      "kms:ExpirationModel": input.ExpirationModel ?? "KEY_MATERIAL_EXPIRES",
      "kms:ValidTo": input.ValidTo?.toISOString(),
    })),
    accepts: {
      KeyId: true,
      ImportToken: true,
      EncryptedKeyMaterial: true,
      ValidTo: true,
      ExpirationModel: true,
      ImportType: true,
      KeyMaterialDescription: true,
      KeyMaterialId: true,
    },
    run(context, input) {
      const expiresAt = readExpiry(context, input);
      const key = requireImportable(context, input.KeyId, "ImportKeyMaterial");
      checkImportType(key, input);
      const octets = openMaterial(context, sealing, key, input);
      const material = toMaterial(context, sealing, key, octets);
      const imported = {
        id: material.id,
        digest: digestOf(octets),
        description: input.KeyMaterialDescription ?? key.imported?.description,
        expiresAt,
        createdAt: context.now,
      };
      context.tx.table(kmsKeys).put({ ...key, imported, materials: [material] });
      return { KeyId: key.arn, KeyMaterialId: material.id };
    },
  });
}

export const deleteImportedKeyMaterial = write<
  Kms.DeleteImportedKeyMaterialRequest,
  Kms.DeleteImportedKeyMaterialResponse
>({
  action: "kms:DeleteImportedKeyMaterial",
  ...onKey,
  accepts: { KeyId: true, KeyMaterialId: true },
  run(context, input) {
    const key = requireImportable(context, input.KeyId, "DeleteImportedKeyMaterial");
    requireMaterialId(key, input.KeyMaterialId);
    context.tx.table(kmsKeys).put({ ...key, materials: [] });
    return { KeyId: key.arn, ...(key.imported && { KeyMaterialId: key.imported.id }) };
  },
});

function requireImportable(context: Reading, keyId: string | undefined, operation: string): KmsKey {
  const key = requireChangeable(context, keyId, operation);
  if (key.origin !== "EXTERNAL") throw wrongOrigin(key.arn, key.origin ?? "AWS_KMS");
  return key;
}

function readExpiry(
  { now }: WriteContext,
  input: Kms.ImportKeyMaterialRequest,
): number | undefined {
  check(
    ["expirationModel", input.ExpirationModel, { oneOf: expirationModels }],
    ["importType", input.ImportType, { oneOf: importTypes }],
    ["keyMaterialDescription", input.KeyMaterialDescription, { length: [0, 256] }],
  );
  const validTo = input.ValidTo?.getTime();
  if (input.ExpirationModel === "KEY_MATERIAL_DOES_NOT_EXPIRE") {
    if (validTo === undefined) return undefined;
    throw validation("A ValidTo date cannot be given for key material that does not expire");
  }
  if (validTo === undefined) {
    throw validation("A ValidTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES");
  }
  if (validTo <= now || validTo > now + 365 * dayMs) {
    throw validation("The ValidTo date must lie ahead, and no more than 365 days");
  }
  return validTo;
}

function checkImportType(key: KmsKey, input: Kms.ImportKeyMaterialRequest): void {
  if (input.ImportType === "NEW_KEY_MATERIAL" && key.imported) {
    const message = "Neargate does not rotate keys to other imported material yet";
    throw new ApiError("UnknownOperationException", message, { status: 501 });
  }
  if (input.ImportType === "EXISTING_KEY_MATERIAL" && !key.imported) {
    throw invalidState(`${key.arn} has had no key material yet.`);
  }
  requireMaterialId(key, input.KeyMaterialId);
}

function requireMaterialId(key: KmsKey, id: string | undefined): void {
  if (id === undefined || id === key.imported?.id) return;
  throw new ApiError("NotFoundException", `Key material ${id} is not of ${key.arn}`);
}

/** What was wrapped, once the token is the right one and the material is what the key is made of. */
function openMaterial(
  { now }: WriteContext,
  sealing: Sealing,
  key: KmsKey,
  input: Kms.ImportKeyMaterialRequest,
): Buffer {
  const token = parseToken(sealing, input.ImportToken ?? new Uint8Array());
  if (token?.keyArn !== key.arn) throw new ApiError("InvalidImportTokenException", "");
  if (token.validTo <= now) throw new ApiError("ExpiredImportTokenException", "");
  const octets = unwrap(token, input.EncryptedKeyMaterial ?? new Uint8Array());
  if (!octets) throw invalidCiphertext();
  if (key.imported && key.imported.digest !== digestOf(octets)) {
    throw incorrectMaterial("it is not the one that was imported before");
  }
  return octets;
}

function unwrap(
  { algorithm, privateKey }: { readonly algorithm: string; readonly privateKey: Buffer },
  wrapped: Uint8Array,
): Buffer | undefined {
  const hash = algorithm.endsWith("_256") ? "sha256" : "sha1";
  if (algorithm.startsWith("RSAES")) return decryptRsa(privateKey, hash, wrapped);
  // An AES key under RSA stands in front, as long as the RSA key's modulus.
  const [bits = 0] = Object.values(wrappingBits).filter(
    (known) => publicKeyOf(privateKey, { type: "rsa", bits: known }) !== undefined,
  );
  const wrappingKey = decryptRsa(privateKey, hash, wrapped.subarray(0, bits / 8));
  return wrappingKey && unwrapKey(wrappingKey, wrapped.subarray(bits / 8));
}

function toMaterial(
  { ids, now }: WriteContext,
  sealing: Sealing,
  key: KmsKey,
  octets: Buffer,
): KeyMaterial {
  const { material } = specOf(key);
  const id = key.imported?.id ?? ids.hex(64);
  const base = { id, sealed: sealing.seal(octets), createdAt: now, rotation: undefined };
  if (material.type === "octets") {
    if (octets.length === material.length) return { ...base, publicKey: undefined };
    throw incorrectMaterial(`${material.length * 8} bits are expected`);
  }
  const publicKey = publicKeyOf(octets, material);
  if (publicKey) return { ...base, publicKey: publicKey.toString("base64") };
  throw incorrectMaterial(`it is not the PKCS #8 of a private key of ${key.spec}`);
}

const digestOf = (octets: Uint8Array): string => sha256(octets).toString("hex");

const incorrectMaterial = (reason: string): ApiError =>
  new ApiError("IncorrectKeyMaterialException", `The key material cannot be imported: ${reason}.`);
