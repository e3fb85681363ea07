/** Who knows a name inside a VPC: sources are asked in turn, the first that knows it answers. */
import { vpcName } from "../engine/dns/vpc-names.ts";
import type { DnsAnswer, DnsQuestion } from "../model/dns.ts";
import { readNetworkRecords } from "./network-records.ts";
import type { ReadTransaction } from "./store.ts";
import { loadBalancers } from "./tables/load-balancing.ts";

/** Answers `forward` for what it does not know. */
export type DnsSource = (tx: ReadTransaction, vpcId: string, question: DnsQuestion) => DnsAnswer;

/** The VPC's own names. Zones and registries of names are sources to be asked before it. */
const vpcSource: DnsSource = (tx, vpcId, question) =>
  vpcName(
    { ...readNetworkRecords(tx), loadBalancers: tx.table(loadBalancers).all() },
    vpcId,
    question,
  );

export const dnsSources: readonly DnsSource[] = [vpcSource];

export function resolveInVpc(
  tx: ReadTransaction,
  sources: readonly DnsSource[],
  vpcId: string,
  question: DnsQuestion,
): DnsAnswer {
  for (const source of sources) {
    const answer = source(tx, vpcId, question);
    if (answer.type !== "forward") return answer;
  }
  return { type: "forward" };
}
