/** What a session's terminal bytes are sealed with between client and agent. */
import { openGcm, randomOctets, sealGcm } from "../../seams/crypto.ts";

export type SessionCipher = {
  seal(bytes: Uint8Array): Uint8Array;
  /** Undefined when it was not sealed by the other end. */
  open(bytes: Uint8Array): Uint8Array | undefined;
};

/** Of a session without a KMS key. */
export const plainCipher: SessionCipher = { seal: (bytes) => bytes, open: (bytes) => bytes };

/** Bytes of a data key: half of it for each direction. */
export const dataKeyLength = 64;

/** The agent's end: it seals with the half that the client opens with. */
export function agentCipher(dataKey: Uint8Array): SessionCipher {
  const half = dataKey.length / 2;
  const [own, others] = [dataKey.subarray(0, half), dataKey.subarray(half)];
  return { seal: (bytes) => sealGcm(own, bytes), open: (bytes) => openGcm(others, bytes) };
}

export type Challenge = {
  /** For the client, base64. */
  readonly sealed: string;
  /** Whether what came back, base64, is what the client had to make of it. */
  isMet(answer: unknown): boolean;
};

export function newChallenge(cipher: SessionCipher): Challenge {
  const secret = randomOctets(64);
  return {
    sealed: Buffer.from(cipher.seal(secret)).toString("base64"),
    isMet(answer) {
      if (typeof answer !== "string") return false;
      const opened = cipher.open(Buffer.from(answer, "base64"));
      return opened !== undefined && secret.equals(opened);
    },
  };
}
