import { X509Certificate } from "node:crypto";
import { connect, createServer, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { certify, makeAuthority } from "./certificates.ts";

const now = Date.parse("2026-03-04T05:06:07Z");
const name = "ssm.eu-west-1.amazonaws.com";
const authority = await makeAuthority("An authority", now);
const server = await certify(authority, "An authority", name, now);

describe("certificates", () => {
  it("an authority and a name that it certifies: read by OpenSSL as what they are", () => {
    const [root, leaf] = [authority, server].map((one) => new X509Certificate(one.certificate));
    if (!root || !leaf) throw new Error("two");
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkHost(name)).toBe(name);
    expect(leaf.checkHost("sqs.eu-west-1.amazonaws.com")).toBeUndefined();
    expect(leaf.validFrom).toBe("Mar  3 05:06:07 2026 GMT");
    expect(leaf.validTo).toBe("Apr  5 05:06:07 2027 GMT");
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(root.serialNumber).not.toBe(leaf.serialNumber);
  });

  it("a client that trusts the authority: shakes hands; one that does not: refuses", async () => {
    const fresh = await makeAuthority("An authority", Date.now());
    const own = await certify(fresh, "An authority", name, Date.now());
    const listening = createServer({ cert: own.certificate, key: own.key }, (socket) => {
      socket.on("error", () => {}).end("hello");
    });
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    const address = listening.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const shake = (ca: string | undefined): Promise<string> =>
      new Promise((resolve) => {
        const socket: TLSSocket = connect({ port, host: "127.0.0.1", servername: name, ca });
        socket.once("data", (data) => resolve(data.toString()));
        socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
      });
    expect(await shake(fresh.certificate)).toBe("hello");
    expect(await shake(undefined)).toBe("SELF_SIGNED_CERT_IN_CHAIN");
    listening.close();
  });

  it("a name longer than a common name may be: certified all the same", async () => {
    const long = `vpce-${"0".repeat(60)}.ssm.eu-west-1.vpce.amazonaws.com`;
    const { certificate } = await certify(authority, "An authority", long, now);
    expect(new X509Certificate(certificate).checkHost(long)).toBe(long);
  });
});
