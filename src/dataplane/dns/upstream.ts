/** The host's own resolvers: a question that is not ours goes to them as it came. */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import type { Clock } from "../../seams/clock.ts";

const port = 53;
const timeoutMs = 2000;

/** The IPv4 name servers in the text of a resolv.conf. */
export const nameServersIn = (text: string): string[] =>
  [...text.matchAll(/^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].flatMap(([, one]) => one ?? []);

/** Read anew each time: hosts that move between networks change it. */
export function hostNameServers(file = "/etc/resolv.conf"): string[] {
  try {
    return nameServersIn(readFileSync(file, "utf8"));
  } catch {
    return [];
  }
}

export type Server = { readonly address: string; readonly port?: number };

/** The answer to a packet; undefined when nobody answers in time. */
export async function ask(
  clock: Clock,
  servers: readonly Server[],
  packet: Buffer,
  transport: "udp" | "tcp",
): Promise<Buffer | undefined> {
  const once = transport === "udp" ? askByUdp : askByTcp;
  for (const server of servers) {
    const answer = await once(clock, server, packet);
    if (answer) return answer;
  }
  return undefined;
}

function askByUdp(clock: Clock, server: Server, packet: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const finish = (answer: Buffer | undefined): void => {
      timer.cancel();
      socket.removeAllListeners().on("error", () => {});
      socket.close();
      resolve(answer);
    };
    const timer = clock.wallAfter(timeoutMs, () => finish(undefined));
    socket.on("error", () => finish(undefined));
    socket.on("message", (answer) => {
      if (answer.length > 1 && answer.readUInt16BE(0) === packet.readUInt16BE(0)) finish(answer);
    });
    // Connected, so that a port where nobody listens is known at once. A host without a way to the
    // server is told to the callback, not to the listeners of errors.
    socket.connect(server.port ?? port, server.address, (error?: Error | null) => {
      if (error) finish(undefined);
      else socket.send(packet);
    });
  });
}

function askByTcp(clock: Clock, server: Server, packet: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(server.port ?? port, server.address);
    let received = Buffer.alloc(0);
    const finish = (answer: Buffer | undefined): void => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = clock.wallAfter(timeoutMs, () => finish(undefined));
    socket.on("error", () => finish(undefined));
    socket.on("close", () => finish(undefined));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      finish(received.subarray(2, 2 + received.readUInt16BE(0)));
    });
    socket.write(framed(packet));
  });
}

/** As TCP carries it: its length before it. */
export function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(packet.length);
  return Buffer.concat([length, packet]);
}
