import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * A port of the host's loopback that is free, and that the kernel gives to nobody by itself: it can be
 * left and taken again.
 */
export function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_000);
  return new Promise((resolve) => {
    const probe = createServer().listen(port, "127.0.0.1", () => {
      probe.close(() => resolve(port));
    });
    probe.once("error", () => resolve(freePort()));
  });
}
