/** The resolver on sockets: UDP and TCP at the host's end of each VPC's uplink. */
import { createSocket, type Socket as Datagrams } from "node:dgram";
import { createServer, type Socket, type Server as TcpServer } from "node:net";
import type { Clock } from "../../seams/clock.ts";
import type { Logger } from "../../seams/logger.ts";
import { DriverError } from "../errors.ts";
import { resolverPort } from "../network/names.ts";
import { loadCodec, readQuery, writeAnswer } from "./message.ts";
import type { Answerer, Resolver } from "./port.ts";
import { ask, framed, hostNameServers, type Server } from "./upstream.ts";

/** What a client that says nothing else takes. */
const largestDatagram = 512;
const truncated = 0x02;
const idleMs = 5000;

export type ResolverOptions = {
  readonly answer: Answerer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: those of the host. */
  readonly nameServers?: () => readonly Server[];
  readonly port?: number;
};

type Listening = { readonly address: string; close(): void };

export function createResolver(options: ResolverOptions): Resolver {
  const { answer, clock, logger, port = resolverPort } = options;
  const nameServers =
    options.nameServers ?? (() => hostNameServers().map((address): Server => ({ address })));
  const listening = new Map<string, Listening>();

  const respond = async (
    vpcId: string,
    packet: Buffer,
    transport: "udp" | "tcp",
  ): Promise<Buffer | undefined> => {
    const dns = await loadCodec();
    const query = readQuery(dns, packet);
    if (!query) return undefined;
    const known = answer(vpcId, query.question);
    if (known.type !== "forward") return writeAnswer(dns, query, known);
    // VPCs have no IPv6 here: an address of it would only be tried in vain.
    if (query.question.type === "AAAA") {
      return writeAnswer(dns, query, { type: "records", records: [] });
    }
    const theirs = await ask(clock, nameServers(), packet, transport);
    return theirs ?? writeAnswer(dns, query, { type: "failure" });
  };

  const leave = async (vpcId: string): Promise<void> => {
    listening.get(vpcId)?.close();
    listening.delete(vpcId);
  };

  return {
    async listen(vpcId, address) {
      if (listening.get(vpcId)?.address === address) return;
      await leave(vpcId);
      const take = (packet: Buffer, transport: "udp" | "tcp"): Promise<Buffer | undefined> =>
        respond(vpcId, packet, transport).catch((error) => {
          logger.warn("dns: a question could not be answered", { vpcId, error });
          return undefined;
        });
      const datagrams = await listenUdp(address, port, (packet) => take(packet, "udp"));
      const streams = await listenTcp(address, port, clock, (packet) => take(packet, "tcp")).catch(
        (error) => {
          datagrams.close();
          throw error;
        },
      );
      const close = (): void => {
        datagrams.close();
        streams.close();
      };
      listening.set(vpcId, { address, close });
    },
    leave,
    async stop() {
      for (const vpcId of [...listening.keys()]) await leave(vpcId);
    },
  };
}

type Take = (packet: Buffer) => Promise<Buffer | undefined>;

function listenUdp(address: string, port: number, take: Take): Promise<Datagrams> {
  const socket = createSocket("udp4");
  socket.on("message", async (packet, from) => {
    const answer = await take(packet);
    if (answer) socket.send(fitted(answer), from.port, from.address, () => {});
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => reject(unavailable(address, port, error)));
    socket.bind(port, address, () => {
      socket.removeAllListeners("error").on("error", () => {});
      resolve(socket);
    });
  });
}

/** Too long for a datagram: the head alone, which says that there is more by TCP. */
function fitted(answer: Buffer): Buffer {
  if (answer.length <= largestDatagram) return answer;
  const head = Buffer.from(answer.subarray(0, 12));
  head[2] = (head[2] ?? 0) | truncated;
  // No question, answers or anything else follows.
  head.fill(0, 4);
  return head;
}

function listenTcp(address: string, port: number, clock: Clock, take: Take): Promise<TcpServer> {
  const server = createServer((socket) => serve(socket, clock, take));
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(unavailable(address, port, error)));
    server.listen(port, address, () => {
      server.removeAllListeners("error").on("error", () => {});
      resolve(server);
    });
  });
}

function serve(socket: Socket, clock: Clock, take: Take): void {
  let received = Buffer.alloc(0);
  const idle = clock.wallAfter(idleMs, () => socket.destroy());
  socket.on("error", () => {});
  socket.on("close", () => idle.cancel());
  socket.on("data", async (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const packet = received.subarray(2, end);
      received = received.subarray(end);
      const answer = await take(packet);
      if (answer && socket.writable) socket.write(framed(answer));
    }
  });
}

const unavailable = (address: string, port: number, error: Error): DriverError =>
  new DriverError(
    "unavailable",
    `the resolver cannot listen at ${address}:${port}: ${error.message}`,
  );
