/** DNS packets in and out. The codec is loaded with the first question. */
import type { DnsAnswer, DnsQuestion, DnsRecord } from "../../model/dns.ts";

type Codec = typeof import("dns-packet");
let codec: Promise<Codec> | undefined;
export const loadCodec = (): Promise<Codec> => {
  codec ??= import("dns-packet").then((module) => module.default as unknown as Codec);
  return codec;
};

export type Query = { readonly id: number; readonly question: DnsQuestion; readonly shown: string };

/** Undefined for what is no question. */
export function readQuery(dns: Codec, packet: Buffer): Query | undefined {
  try {
    const { type, id, questions } = dns.decode(packet);
    const question = questions?.[0];
    if (type !== "query" || !question) return undefined;
    const name = question.name.toLowerCase().replace(/\.$/, "");
    return { id: id ?? 0, question: { name, type: question.type }, shown: question.name };
  } catch {
    return undefined;
  }
}

const recursionDesired = 0x0100;
const recursionAvailable = 0x0080;
const authoritative = 0x0400;
const codes = { ok: 0, serverFailure: 2, noSuchName: 3 } as const;

export function writeAnswer(
  dns: Codec,
  { id, question, shown }: Query,
  answer: Exclude<DnsAnswer, { type: "forward" }> | { readonly type: "failure" },
): Buffer {
  return dns.encode({
    id,
    type: "response",
    flags: recursionDesired | recursionAvailable | authoritative | codeOf(answer.type),
    questions: [{ name: shown, type: question.type as "A", class: "IN" }],
    answers: answer.type === "records" ? answer.records.map((record) => toWire(shown, record)) : [],
  });
}

function codeOf(type: "records" | "no-such-name" | "failure"): number {
  switch (type) {
    case "records":
      return codes.ok;
    case "no-such-name":
      return codes.noSuchName;
    case "failure":
      return codes.serverFailure;
  }
}

type WireAnswer = import("dns-packet").Answer;

function toWire(name: string, record: DnsRecord): WireAnswer {
  const common = { name, ttl: record.ttl, class: "IN" } as const;
  switch (record.type) {
    case "A":
      return { ...common, type: "A", data: record.address };
    case "PTR":
      return { ...common, type: "PTR", data: record.target };
    case "CNAME":
      return { ...common, type: "CNAME", data: record.target };
    case "TXT":
      return { ...common, type: "TXT", data: [...record.texts] };
    case "SRV": {
      const { priority, weight, port, target } = record;
      return { ...common, type: "SRV", data: { priority, weight, port, target } };
    }
  }
}
