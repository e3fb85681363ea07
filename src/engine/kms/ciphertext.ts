/**
 * The form of a symmetric ciphertext: a version, the key and material that made it, and the cipher's
 * own bytes. It names its key, so that Decrypt need not be told; the header is authenticated too.
 */

export type Ciphertext = {
  readonly keyArn: string;
  /** 64 hex digits. */
  readonly materialId: string;
  /** All that is before `box`. */
  readonly header: Uint8Array;
  readonly box: Uint8Array;
};

const version = 1;
const materialLength = 32;

export function printHeader(keyArn: string, materialId: string): Uint8Array {
  const arn = new TextEncoder().encode(keyArn);
  const header = new Uint8Array(2 + arn.length + materialLength);
  header[0] = version;
  header[1] = arn.length;
  header.set(arn, 2);
  header.set(fromHex(materialId), 2 + arn.length);
  return header;
}

/** The parts of a ciphertext, or undefined when it is none of ours. */
export function parseCiphertext(bytes: Uint8Array): Ciphertext | undefined {
  const arnLength = bytes[1] ?? 0;
  const headerLength = 2 + arnLength + materialLength;
  if (bytes[0] !== version || bytes.length <= headerLength) return undefined;
  return {
    keyArn: new TextDecoder().decode(bytes.subarray(2, 2 + arnLength)),
    materialId: toHex(bytes.subarray(2 + arnLength, headerLength)),
    header: bytes.subarray(0, headerLength),
    box: bytes.subarray(headerLength),
  };
}

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16),
  );
