/**
 * The beginning of a session: the agent says which kind it is and which KMS key encrypts it, the client
 * answers, and proves that it has the data key.
 */
import {
  actionStatuses,
  type HandshakeComplete,
  type HandshakeRequest,
  jsonBytes,
  payloadTypes,
  readJson,
} from "../../model/session/payloads.ts";
import type { OpenedDataKey } from "../../state/exec-access.ts";
import {
  agentCipher,
  dataKeyLength,
  newChallenge,
  plainCipher,
  type SessionCipher,
} from "./cipher.ts";

/** The session cannot go on; `message` is shown to the client. */
export class SessionRefused extends Error {}

export type HandshakeParts = {
  readonly send: (payloadType: number, payload: Uint8Array) => void;
  /** The next message of the client's with that payload. Rejects when the session ends or it takes too long. */
  readonly answer: (payloadType: number) => Promise<Uint8Array>;
  readonly kmsKeyId: string | undefined;
  readonly openDataKey: (ciphertext: Uint8Array) => OpenedDataKey;
  /** Milliseconds that only count up. */
  readonly monotonic: () => number;
};

export type Agreed = {
  readonly cipher: SessionCipher;
  /** The client takes an exit code as a message of its own. */
  readonly takesExitCode: boolean;
};

const agentVersion = "3.2.582.0";

export async function shakeHands(parts: HandshakeParts): Promise<Agreed> {
  const { send, answer, kmsKeyId } = parts;
  const began = parts.monotonic();
  send(payloadTypes.handshakeRequest, jsonBytes(requestOf(kmsKeyId)));
  const response = readJson(await answer(payloadTypes.handshakeResponse));
  const results = resultsOf(response);
  const cipher = kmsKeyId === undefined ? plainCipher : await agreeOnKey(parts, results);
  checkAction(results, "SessionType");
  const complete: HandshakeComplete = {
    HandshakeTimeToComplete: Math.round((parts.monotonic() - began) * 1e6),
    CustomerMessage: kmsKeyId === undefined ? "" : "This session is encrypted using AWS KMS.",
  };
  send(payloadTypes.handshakeComplete, jsonBytes(complete));
  return { cipher, takesExitCode: !isPlugin(response?.["ClientVersion"]) };
}

/**
 * AWS's plugin, by its version of four numbers. AWS's agent tells it no exit code in sessions of this
 * kind, and it prints what it does not know.
 */
const isPlugin = (version: unknown): boolean =>
  typeof version === "string" && /^\d+\.\d+\.\d+\.\d+$/.test(version);

const requestOf = (kmsKeyId: string | undefined): HandshakeRequest => ({
  AgentVersion: agentVersion,
  RequestedClientActions: [
    ...(kmsKeyId === undefined
      ? []
      : [{ ActionType: "KMSEncryption" as const, ActionParameters: { KMSKeyId: kmsKeyId } }]),
    {
      ActionType: "SessionType",
      ActionParameters: { SessionType: "InteractiveCommands", Properties: null },
    },
  ],
});

type Result = { readonly status: unknown; readonly result: unknown; readonly error: unknown };

function resultsOf(
  response: Readonly<Record<string, unknown>> | undefined,
): ReadonlyMap<unknown, Result> {
  const actions = response?.["ProcessedClientActions"];
  const all: unknown[] = Array.isArray(actions) ? actions : [];
  return new Map(
    all.flatMap((action) => {
      if (typeof action !== "object" || action === null) return [];
      const {
        ActionType,
        ActionStatus,
        ActionResult,
        Error: error,
      } = action as Record<string, unknown>;
      return [[ActionType, { status: ActionStatus, result: ActionResult, error }] as const];
    }),
  );
}

function checkAction(results: ReadonlyMap<unknown, Result>, type: string): unknown {
  const found = results.get(type);
  if (found?.status === actionStatuses.success) return found.result;
  const status = typeof found?.status === "number" ? found.status : actionStatuses.unsupported;
  const error = typeof found?.error === "string" ? found.error : "";
  throw new SessionRefused(
    `Encountered error while initiating handshake. ${type} failed on client with status ${status} ` +
      `error: ${error}`,
  );
}

async function agreeOnKey(
  { send, answer, openDataKey }: HandshakeParts,
  results: ReadonlyMap<unknown, Result>,
): Promise<SessionCipher> {
  const result = checkAction(results, "KMSEncryption");
  const { KMSCipherTextKey: sealed } = (result ?? {}) as Record<string, unknown>;
  const opened = openDataKey(Buffer.from(typeof sealed === "string" ? sealed : "", "base64"));
  if (opened.type === "refused") {
    throw new SessionRefused(
      "Encountered error while initiating handshake. Fetching data key failed: Unable to retrieve " +
        `data key, Error when decrypting data key ${opened.message}`,
    );
  }
  if (opened.key.length !== dataKeyLength) {
    throw new SessionRefused(
      `Encountered error while initiating handshake. The data key has not ${dataKeyLength} bytes`,
    );
  }
  const cipher = agentCipher(opened.key);
  const challenge = newChallenge(cipher);
  send(payloadTypes.challengeRequest, jsonBytes({ Challenge: challenge.sealed }));
  const proof = readJson(await answer(payloadTypes.challengeResponse));
  if (challenge.isMet(proof?.["Challenge"])) return cipher;
  throw new SessionRefused(
    "Encountered error while initiating handshake. Encryption challenge does not match",
  );
}
