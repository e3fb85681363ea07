/** What DOCKER_HOST and its companions say about where the daemon is. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { PrerequisiteError } from "../../errors.ts";

export type DaemonEndpoint =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number; readonly tls: TlsFiles | undefined };

type TlsFiles = { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `PrerequisiteError` for an address that cannot be used. */
export function parseDockerHost(host: string, environment: Environment): DaemonEndpoint {
  const [, scheme = "tcp", rest = ""] = /^(?:([a-z]+):\/\/)?(.+)$/.exec(host) ?? [];
  if (scheme === "unix") return { socketPath: rest };
  const address = /^\[?([^\]/]+?)\]?(?::(\d+))?\/?$/.exec(rest);
  if (!["tcp", "http", "https"].includes(scheme) || !address?.[1]) {
    throw new PrerequisiteError(
      `DOCKER_HOST=${host} is not understood; use unix://<socket> or tcp://<host>:<port> ` +
        "(for a daemon behind SSH: `ssh -L <socket>:/var/run/docker.sock <host>`).",
    );
  }
  const wantsTls = scheme === "https" || Boolean(environment["DOCKER_TLS_VERIFY"]);
  const port = Number(address[2] ?? (wantsTls ? 2376 : 2375));
  return { host: address[1], port, tls: wantsTls ? readTlsFiles(environment) : undefined };
}

function readTlsFiles(environment: Environment): TlsFiles {
  const home = environment["HOME"] ?? "/root";
  const directory = environment["DOCKER_CERT_PATH"] ?? path.join(home, ".docker");
  const read = (name: string): Buffer => readFileSync(path.join(directory, name));
  try {
    return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PrerequisiteError(`DOCKER_TLS_VERIFY is set, but its certificates are not: ${why}`);
  }
}
