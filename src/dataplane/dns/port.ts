/** The resolver of VPCs: listens at the host's end of each uplink, and so knows who asks. */
import type { DnsAnswer, DnsQuestion } from "../../model/dns.ts";

/** What a VPC's own names are. Must not throw. */
export type Answerer = (vpcId: string, question: DnsQuestion) => DnsAnswer;

export type Resolver = {
  /** Listens for the VPC at the address; a VPC that has one already moves. Rejects with `DriverError`. */
  listen(vpcId: string, address: string): Promise<void>;
  leave(vpcId: string): Promise<void>;
  stop(): Promise<void>;
};
