/** AWS KMS: keys with their backing material, aliases, grants. */
import type { Scope, Tag } from "./scope.ts";

export type KeyUsage = "ENCRYPT_DECRYPT" | "SIGN_VERIFY" | "GENERATE_VERIFY_MAC" | "KEY_AGREEMENT";

/** One generation of what a key computes with. Older ones are kept: they still decrypt. */
export type KeyMaterial = {
  /** 64 hex digits; a ciphertext names the one that made it. */
  readonly id: string;
  /** Sealed: 32 or more secret bytes, or the PKCS #8 of a private key. */
  readonly sealed: string;
  /** Base64 of the SubjectPublicKeyInfo, of asymmetric keys. */
  readonly publicKey: string | undefined;
  readonly createdAt: number;
  /** How it came to replace the one before; undefined of the first. */
  readonly rotation: "AUTOMATIC" | "ON_DEMAND" | undefined;
};

/** What somebody else's material is known by, also while it is not there. */
export type ImportedMaterial = {
  readonly id: string;
  /** SHA-256 in hex: only the same material may come back. */
  readonly digest: string;
  readonly description: string | undefined;
  /** When it goes by itself. */
  readonly expiresAt: number | undefined;
  readonly createdAt: number;
};

export type KeyRotation = { readonly periodDays: number; readonly nextAt: number };

export type KmsKey = Scope & {
  /** A UUID; of multi-Region keys `mrk-` and 32 hex digits. */
  readonly keyId: string;
  readonly arn: string;
  /** `SYMMETRIC_DEFAULT`, `RSA_2048`, …: a key of `keySpecs`. */
  readonly spec: string;
  readonly usage: KeyUsage;
  readonly description: string;
  readonly manager: "AWS" | "CUSTOMER";
  readonly enabled: boolean;
  /** `EXTERNAL`: the material is imported; absent: it is KMS's own. */
  readonly origin?: "EXTERNAL";
  readonly imported?: ImportedMaterial;
  /** Absent: a key of one region. Its relatives have the same id. */
  readonly multiRegion?: { readonly primaryRegion: string };
  /** When it goes, while its deletion is pending. */
  readonly deletionAt: number | undefined;
  /** Days of the window that begins when the last replica is gone; until then `deletionAt` is far off. */
  readonly deletionWaits?: number | undefined;
  readonly policy: string;
  /** Oldest first; the last one is current. None while it is to be imported. */
  readonly materials: readonly KeyMaterial[];
  /** Present while it is rotated by itself. */
  readonly rotation: KeyRotation | undefined;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
};

export type KmsAlias = Scope & {
  /** `alias/app` */
  readonly name: string;
  readonly arn: string;
  readonly targetKeyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** What is authenticated along with a ciphertext, and must be given again to decrypt it. */
export type EncryptionContext = Readonly<Record<string, string>>;

export type GrantConstraints = {
  readonly encryptionContextSubset: EncryptionContext | undefined;
  readonly encryptionContextEquals: EncryptionContext | undefined;
};

export type KmsGrant = Scope & {
  /** 64 hex digits. */
  readonly grantId: string;
  readonly token: string;
  readonly keyId: string;
  readonly name: string | undefined;
  readonly granteePrincipal: string;
  readonly retiringPrincipal: string | undefined;
  /** The account that made it. */
  readonly issuingAccount: string;
  /** `Decrypt`, `GenerateDataKey`, … */
  readonly operations: readonly string[];
  readonly constraints: GrantConstraints | undefined;
  readonly createdAt: number;
};
