/**
 * Sealing: what lies in the state is sealed by a key that does not lie there, so that a copy of the
 * database alone gives no secret away. The key is a file of the state directory that only its owner may read.
 */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { decryptAead, encryptAead, randomOctets } from "./crypto.ts";

export type Sealing = {
  /** Base64 of what only `open` of the same key gives back. */
  seal(plaintext: Uint8Array): string;
  /** Throws when `sealed` was not sealed by this key: the state directory is not whole then. */
  open(sealed: string): Buffer;
};

const keyLength = 32;
const nothing = Buffer.alloc(0);

function createSealing(key: Uint8Array): Sealing {
  return {
    seal: (plaintext) => encryptAead(key, plaintext, nothing).toString("base64"),
    open(sealed) {
      const plaintext = decryptAead(key, Buffer.from(sealed, "base64"), nothing);
      if (plaintext) return plaintext;
      throw new Error("a sealed value cannot be opened: this is not the key it was sealed by");
    },
  };
}

/** For tests and engines whose state is in memory: the key ends with the process. */
export const memorySealing = (): Sealing => createSealing(randomOctets(keyLength));

/** Takes the key from `file`, which is made when missing and which nobody but its owner may read. */
export function fileSealing(file: string): Sealing {
  if (!existsSync(file)) {
    // Renamed into place: a key half-written at a crash would seal what no later start can open.
    writeFileSync(`${file}.new`, randomOctets(keyLength), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new Error(`${file} may be read by others; give it the mode 600`);
  }
  const key = readFileSync(file);
  if (key.length !== keyLength) throw new Error(`${file} is not a sealing key`);
  return createSealing(key);
}
