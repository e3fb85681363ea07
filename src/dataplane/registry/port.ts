/**
 * What the registry's HTTP door needs: bytes on one side, what repositories hold on the other.
 *
 * Blobs are kept once for all repositories, by digest. Which repository may serve which blob is the
 * catalogue's business, and the catalogue is the state.
 */
import type { Readable } from "node:stream";
import type { Scope } from "../../model/scope.ts";

/** One blob on its way in. Its bytes are hashed as they come and lie in a file of their own. */
export type BlobUpload = {
  /** Bytes taken so far. */
  readonly size: () => number;
  /**
   * Takes a stream to its end. If it breaks, the bytes that came stay, so that a client can go on
   * from `size()`, and the call rejects.
   */
  append(source: Readable): Promise<void>;
  /**
   * Makes the blob present under `digest` if that is what the bytes hash to, and calls `onPlaced` in
   * the same turn; otherwise returns false. Either way the upload is over.
   */
  commit(digest: string, onPlaced: (size: number) => void): Promise<boolean>;
  /** Throws the bytes away. */
  discard(): Promise<void>;
};

export type ByteRange = { readonly start: number; readonly end: number };

export type BlobStore = {
  /** Throws away what a former process left half-done. Calling it again does nothing. */
  start(): Promise<void>;
  beginUpload(id: string): Promise<BlobUpload>;
  /** Size in bytes, or undefined when there is no such blob. */
  sizeOf(digest: string): Promise<number | undefined>;
  /** `range` is inclusive. Throws `DriverError` not-found. */
  read(digest: string, range: ByteRange | undefined): Promise<Readable>;
  list(): Promise<readonly string[]>;
  /** Deletes a blob unless `isWanted` says, in the very turn of the deletion, that it is needed. */
  removeUnless(digest: string, isWanted: () => boolean): void;
  clear(): Promise<void>;
};

export type RepositoryName = Scope & { readonly repository: string };
export type BlobName = RepositoryName & { readonly digest: string };

/** A manifest as it was pushed. */
export type StoredManifest = {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactMediaType: string | undefined;
  readonly text: string;
};

/** A refusal in the words of the distribution protocol: `{"errors":[{code, message, detail}]}`. */
export type RegistryRefusal = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
};

export type ManifestPush = RepositoryName & {
  readonly digest: string;
  readonly text: string;
  readonly contentType: string | undefined;
  readonly tag: string | undefined;
};

/** What repositories hold. Everything is synchronous and durable when it returns. */
export type RegistryCatalog = {
  /** Undefined when the repository exists. */
  explainMissing(name: RepositoryName): RegistryRefusal | undefined;
  hasBlob(name: BlobName): boolean;
  addBlob(name: BlobName, size: number): void;
  /** Lets a repository have a blob of another one; false when that one has not got it. */
  mountBlob(name: BlobName, from: RepositoryName): boolean;
  findManifest(name: RepositoryName, reference: string): StoredManifest | undefined;
  putManifest(push: ManifestPush): RegistryRefusal | undefined;
  listTags(name: RepositoryName): readonly string[];
  listReferrers(name: BlobName): readonly StoredManifest[];
};

export type PasswordVerdict =
  | { readonly type: "valid"; readonly account: string; readonly callerArn: string }
  | { readonly type: "expired" }
  | { readonly type: "unreadable" };

/** Says whose a `docker login` password is. */
export type PasswordVerifier = { verify(password: string): PasswordVerdict };
