/**
 * TLS for AWS's APIs inside a VPC: an authority of the engine's own, kept in a file, that certifies any of
 * AWS's names when a client asks for it. A client trusts it when it is given the authority's certificate.
 * What is ours after a crash: the file, which is written whole or not at all.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { type Certified, certify, makeAuthority } from "../../seams/certificates.ts";
import type { Clock } from "../../seams/clock.ts";

export type Authority = {
  /** PEM, for clients that are to trust it. */
  certificate(): Promise<string>;
  /** Resolves when the client has shaken hands; rejects when it would not. */
  secure(socket: Socket): Promise<Socket>;
};

const authorityName = "Neargate on this machine";
/** For clients that name no host, or none of AWS's. */
const anyName = "amazonaws.com";
const isOfAws = /^(?:[a-z0-9-]+\.)*(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;
/** More than an account's services and endpoints have; the one not asked for the longest goes. */
const mostNames = 200;
const handshakeMs = 10_000;

/** `file` holds its key and certificate, and is made when it is first needed. */
export function createAuthority({
  file,
  clock,
}: {
  readonly file: string;
  readonly clock: Clock;
}): Authority {
  let kept: Promise<Certified> | undefined;
  const contexts = new Map<string, Promise<SecureContext>>();

  const own = (): Promise<Certified> => {
    kept ??= readOrMake(file, clock.wall()).catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
  const makeContext = async (name: string): Promise<SecureContext> => {
    const { createSecureContext } = await import("node:tls");
    const { certificate, key } = await certify(await own(), authorityName, name, clock.wall());
    return createSecureContext({ cert: certificate, key });
  };
  const contextFor = (asked: string): Promise<SecureContext> => {
    const lower = asked.toLowerCase();
    const name = isOfAws.test(lower) ? lower : anyName;
    const context = contexts.get(name) ?? makeContext(name);
    contexts.delete(name);
    contexts.set(name, context);
    context.catch(() => contexts.delete(name));
    const [oldest] = contexts.keys();
    if (contexts.size > mostNames && oldest !== undefined) contexts.delete(oldest);
    return context;
  };

  return {
    certificate: async () => (await own()).certificate,
    async secure(socket) {
      const { TLSSocket } = await import("node:tls");
      const opened = new TLSSocket(socket, {
        isServer: true,
        ALPNProtocols: ["http/1.1"],
        secureContext: await contextFor(anyName),
        SNICallback: (name, done) => {
          contextFor(name).then((context) => done(null, context), done);
        },
      });
      const { promise, resolve, reject } = Promise.withResolvers<Socket>();
      const timer = clock.wallAfter(handshakeMs, () => opened.destroy(new Error("no handshake")));
      opened.once("secure", () => resolve(opened));
      opened.on("error", reject);
      opened.once("close", () => {
        socket.destroy();
        reject(new Error("closed before the end of the handshake"));
      });
      return promise.finally(() => timer.cancel());
    },
  };
}

async function readOrMake(file: string, now: number): Promise<Certified> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Certified;
  const made = await makeAuthority(authorityName, now);
  writeFileSync(`${file}.new`, JSON.stringify(made), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return made;
}
