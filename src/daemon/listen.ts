/** Taking the port of the endpoint, with a sentence when somebody else has it. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export class PortTakenError extends Error {
  constructor(host: string, port: number, code: string | undefined) {
    super(
      code === "EACCES"
        ? `port ${port} may only be taken by root; choose another with --port`
        : `port ${port} of ${host} is taken by another program; choose another with --port, or --port 0 for any`,
    );
    this.name = "PortTakenError";
  }
}

/** Resolves with the port it listens on. Throws `PortTakenError`. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      const taken = error.code === "EADDRINUSE" || error.code === "EACCES";
      reject(taken ? new PortTakenError(host, port, error.code) : error);
    };
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Stops taking requests and ends the connections that are open. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
