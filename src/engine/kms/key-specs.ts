/** What each kind of KMS key is made of and may be used for. */
import type { KeyUsage } from "../../model/kms.ts";

export type KeySpec = {
  readonly usages: readonly KeyUsage[];
  readonly material:
    | { readonly type: "octets"; readonly length: number }
    | { readonly type: "rsa"; readonly bits: number }
    | { readonly type: "ec"; readonly curve: string };
  readonly encryption: readonly string[];
  readonly signing: readonly string[];
  readonly mac: readonly string[];
};

const rsaEncryption = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"];
const rsaSigning = [
  "RSASSA_PKCS1_V1_5_SHA_256",
  "RSASSA_PKCS1_V1_5_SHA_384",
  "RSASSA_PKCS1_V1_5_SHA_512",
  "RSASSA_PSS_SHA_256",
  "RSASSA_PSS_SHA_384",
  "RSASSA_PSS_SHA_512",
];

const rsa = (bits: number): KeySpec => ({
  usages: ["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
  material: { type: "rsa", bits },
  encryption: rsaEncryption,
  signing: rsaSigning,
  mac: [],
});

const ec = (
  curve: string,
  algorithm: string,
  usages: readonly KeyUsage[] = ["SIGN_VERIFY", "KEY_AGREEMENT"],
): KeySpec => ({
  usages,
  material: { type: "ec", curve },
  encryption: [],
  signing: [algorithm],
  mac: [],
});

const hmac = (bits: number): KeySpec => ({
  usages: ["GENERATE_VERIFY_MAC"],
  material: { type: "octets", length: bits / 8 },
  encryption: [],
  signing: [],
  mac: [`HMAC_SHA_${bits}`],
});

export const symmetricDefault = "SYMMETRIC_DEFAULT";

export const keySpecs: Readonly<Record<string, KeySpec>> = {
  [symmetricDefault]: {
    usages: ["ENCRYPT_DECRYPT"],
    material: { type: "octets", length: 32 },
    encryption: [symmetricDefault],
    signing: [],
    mac: [],
  },
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: ec("prime256v1", "ECDSA_SHA_256"),
  ECC_NIST_P384: ec("secp384r1", "ECDSA_SHA_384"),
  ECC_NIST_P521: ec("secp521r1", "ECDSA_SHA_512"),
  ECC_SECG_P256K1: ec("secp256k1", "ECDSA_SHA_256", ["SIGN_VERIFY"]),
  HMAC_224: hmac(224),
  HMAC_256: hmac(256),
  HMAC_384: hmac(384),
  HMAC_512: hmac(512),
};

/** AWS has these besides, and this engine does not make them. */
export const unmadeSpecs = ["ECC_NIST_EDWARDS25519", "SM2", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87"];

/** The spec of a key that exists. */
export function specOf(key: { readonly spec: string }): KeySpec {
  const spec = keySpecs[key.spec];
  if (!spec) throw new Error(`a key of unknown spec ${key.spec}`);
  return spec;
}
