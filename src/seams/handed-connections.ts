/**
 * HTTP servers that do not listen and are handed connections. Node cuts off clients that are slow with
 * their headers (and bodies) only from when a server begins to listen, which these never do.
 */
import type { Server } from "node:http";

/** Makes the server's time limits hold. `server.close` ends it. */
export const keepTimeLimits = (server: Server): void => {
  // All that this event does besides telling others is to start the look at slow connections.
  server.emit("listening");
};
