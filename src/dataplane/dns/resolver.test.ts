import { createSocket } from "node:dgram";
import dns from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DnsAnswer, DnsQuestion } from "../../model/dns.ts";
import { manualClock } from "../../seams/clock.ts";
import { recordingLogger } from "../../seams/logger.ts";
import { createResolver } from "./resolver.ts";
import { ask, nameServersIn } from "./upstream.ts";

/** Of this process alone, should another run the same test. */
const own = `${(process.pid >> 8) & 0xff}.${process.pid & 0xff}`;
const address = `127.53.${own}`;
const upstream = `127.54.${own}`;
const port = 20_531;
/** It stands still: however slow the machine, an answer comes in time. */
const clock = manualClock();
const asked: { vpcId: string; question: DnsQuestion }[] = [];

function answer(vpcId: string, question: DnsQuestion): DnsAnswer {
  asked.push({ vpcId, question });
  if (question.name.endsWith("example.com")) return { type: "forward" };
  if (question.name === "none.internal") return { type: "no-such-name" };
  const count = question.name === "many.internal" ? 60 : 1;
  return {
    type: "records",
    records: Array.from({ length: count }, (_, at) => ({
      type: "A",
      ttl: 60,
      address: `10.0.0.${at}`,
    })),
  };
}

const resolver = createResolver({
  answer,
  clock,
  logger: recordingLogger(),
  port,
  nameServers: () => [{ address: upstream, port }],
});
const theirs = createSocket("udp4");

beforeAll(async () => {
  await resolver.listen("vpc-1", address);
  theirs.on("message", (packet, from) => {
    const { id, questions } = dns.decode(packet);
    const name = questions?.[0]?.name ?? "";
    const answers: dns.Answer[] = [{ type: "A", name, ttl: 1, data: "192.0.2.9" }];
    const response = { ...(id !== undefined && { id }), type: "response", answers } as const;
    theirs.send(
      dns.encode({ ...response, ...(questions && { questions }) }),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) => theirs.bind(port, upstream, resolve));
});
afterAll(async () => {
  await resolver.stop();
  theirs.close();
});

async function query(name: string, type: "A" | "AAAA" = "A", by: "udp" | "tcp" = "udp") {
  const packet = dns.encode({ id: 7, type: "query", flags: 0x100, questions: [{ name, type }] });
  const reply = await ask(clock, [{ address, port }], packet, by);
  if (!reply) return "silence";
  const decoded = dns.decode(reply) as dns.DecodedPacket & { rcode: string };
  return {
    code: decoded.rcode,
    truncated: decoded.flag_tc,
    addresses: decoded.answers?.map((one) => ("data" in one ? one.data : undefined)),
  };
}

describe("resolver", () => {
  it.each(["udp", "tcp"] as const)(
    "a name of the VPC by %s: its address, and who asked is known",
    async (by) => {
      expect(await query("Web.internal", "A", by)).toMatchObject({
        code: "NOERROR",
        addresses: ["10.0.0.0"],
      });
      expect(asked.at(-1)).toEqual({
        vpcId: "vpc-1",
        question: { name: "web.internal", type: "A" },
      });
    },
  );

  it("no such name: said so", async () => {
    expect(await query("none.internal")).toMatchObject({ code: "NXDOMAIN", addresses: [] });
  });

  it("a name of the world: the host's resolver answers; IPv6 there is none of", async () => {
    expect(await query("www.example.com")).toMatchObject({ addresses: ["192.0.2.9"] });
    expect(await query("www.example.com", "AAAA")).toMatchObject({
      code: "NOERROR",
      addresses: [],
    });
  });

  it("nobody to ask: a server failure at once", async () => {
    const lonely = createResolver({
      answer,
      clock,
      logger: recordingLogger(),
      port: port + 1,
      nameServers: () => [],
    });
    await lonely.listen("vpc-2", address);
    const packet = dns.encode({
      id: 9,
      type: "query",
      questions: [{ name: "a.example.com", type: "A" }],
    });
    const reply = await ask(clock, [{ address, port: port + 1 }], packet, "udp");
    expect(reply && (dns.decode(reply) as unknown as { rcode: string }).rcode).toBe("SERVFAIL");
    await lonely.stop();
  });

  it("a name server that the host cannot reach: the next one is asked", async () => {
    const packet = dns.encode({ id: 7, questions: [{ name: "example.com", type: "A" }] });
    for (const transport of ["udp", "tcp"] as const) {
      // Nothing leads to a broadcast address, as nothing leads anywhere on a host that is off the net.
      const servers = [{ address: "255.255.255.255" }, { address, port }];
      const reply = await ask(clock, servers, packet, transport);
      expect(reply && dns.decode(reply).id).toBe(7);
    }
  });

  it("more than a datagram holds: truncated by UDP, whole by TCP", async () => {
    expect(await query("many.internal")).toMatchObject({ truncated: true, addresses: [] });
    const whole = await query("many.internal", "A", "tcp");
    expect(typeof whole === "string" ? [] : whole.addresses).toHaveLength(60);
  });

  it("what is no question: silence, and the next one is answered", async () => {
    const garbage = createSocket("udp4");
    await new Promise((resolve) => garbage.send("no packet", port, address, resolve));
    garbage.close();
    expect(await query("web.internal")).toMatchObject({ code: "NOERROR" });
  });

  it("an address that is taken: a driver's error, and nothing is left open", async () => {
    const second = createResolver({ answer, clock, logger: recordingLogger(), port });
    await expect(second.listen("vpc-3", address)).rejects.toThrow("cannot listen at");
  });

  it("name servers of a resolv.conf: the IPv4 ones, in order", () => {
    const text =
      "search a\nnameserver 192.0.2.1\n# nameserver 192.0.2.2\nnameserver ::1\n nameserver 192.0.2.3 \n";
    expect(nameServersIn(text)).toEqual(["192.0.2.1", "192.0.2.3"]);
  });
});
