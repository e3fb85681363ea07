/** What lies outside of every VPC: an address on the host's loopback, where the test itself listens. */
import { createServer, type Server, type Socket } from "node:net";
import { runOk } from "./live-engine.ts";

export type Outside = {
  /** Greets who connects; the port, a free one when none is given. `on` is another address of the host. */
  listen(
    greet: (socket: Socket) => void,
    where?: { readonly port?: number; readonly on?: string },
  ): Promise<number>;
  close(): Promise<void>;
};

export async function openOutside(address: string): Promise<Outside> {
  const servers: Server[] = [];
  await runOk("ip", ["addr", "replace", `${address}/32`, "dev", "lo"]);
  return {
    async listen(greet, { port = 0, on = address } = {}) {
      const server = createServer((socket) => greet(socket.on("error", () => {})));
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(port, on, resolve));
      const at = server.address();
      if (at === null || typeof at === "string") throw new Error("no port");
      return at.port;
    },
    async close() {
      for (const server of servers) server.close();
      await runOk("ip", ["addr", "del", `${address}/32`, "dev", "lo"]);
    },
  };
}
