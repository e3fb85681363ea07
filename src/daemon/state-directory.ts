/**
 * The directory an engine lives in: who owns it now, who it is, and where its endpoint is.
 *
 * Ownership is a lock that SQLite holds on a file of its own, so that it ends with the process
 * however that dies.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Ids } from "../seams/ids.ts";

export class StateDirectoryInUseError extends Error {
  constructor(directory: string) {
    super(
      `another engine is using the state directory ${directory}; stop it with 'neargate down', ` +
        "or choose another with --state-dir",
    );
    this.name = "StateDirectoryInUseError";
  }
}

export type EngineIdentity = { readonly engineId: string; readonly port: number | undefined };

/** What a running engine tells those who look for it. */
export type EndpointFile = {
  readonly pid: number;
  readonly endpoint: string;
  readonly engineId: string;
};

export type StateDirectory = {
  readonly path: string;
  readonly identity: EngineIdentity;
  rememberPort(port: number): void;
  announce(endpoint: string): void;
  /** Takes the announcement back and gives the directory free. Calling it again does nothing. */
  release(): void;
};

const endpointFile = "endpoint.json";
const identityFile = "identity.json";

/** Takes the directory for this process. Throws `StateDirectoryInUseError`. */
export function takeStateDirectory(directory: string, ids: Ids): StateDirectory {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = takeLock(directory);
  let identity = readIdentity(directory) ?? { engineId: ids.hex(6), port: undefined };
  writeJson(path.join(directory, identityFile), identity);
  return {
    path: directory,
    get identity() {
      return identity;
    },
    rememberPort(port) {
      identity = { ...identity, port };
      writeJson(path.join(directory, identityFile), identity);
    },
    announce(endpoint) {
      const content: EndpointFile = { pid: process.pid, endpoint, engineId: identity.engineId };
      writeJson(path.join(directory, endpointFile), content);
    },
    release() {
      if (!lock.isOpen) return;
      rmSync(path.join(directory, endpointFile), { force: true });
      lock.close();
    },
  };
}

/** Holds the key by which key material in the state is sealed; see `src/seams/sealing.ts`. */
export const sealingFile = (directory: string): string => path.join(directory, "sealing.key");

function takeLock(directory: string): DatabaseSync {
  const lock = new DatabaseSync(path.join(directory, "lock.db"), { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
    return lock;
  } catch {
    lock.close();
    throw new StateDirectoryInUseError(directory);
  }
}

function readIdentity(directory: string): EngineIdentity | undefined {
  try {
    const content = JSON.parse(readFileSync(path.join(directory, identityFile), "utf8"));
    if (!/^[0-9a-f]{6}$/.test(content.engineId)) return undefined;
    return { engineId: content.engineId, port: content.port };
  } catch {
    return undefined;
  }
}

// A file half-written at a crash would lose the identity, and with it what is ours on the host.
function writeJson(file: string, content: unknown): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
