/** Traffic of one kind between two addresses of a VPC's network, as it was counted on the host. */

export type Traffic = { readonly packets: number; readonly bytes: number };

export type FlowCount = {
  readonly source: string;
  readonly destination: string;
  /** IANA's number. */
  readonly protocol: number;
  /** 0 where the protocol has none. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** At the sender's interface, when that is one of the VPC: what its subnet and groups let out, and not. */
  readonly sent: { readonly accepted: Traffic; readonly rejected: Traffic };
  /** At the receiver's. */
  readonly received: { readonly accepted: Traffic; readonly rejected: Traffic };
  /** FIN 1, SYN 2, RST 4, and 18 for SYN with ACK, added up as bits. */
  readonly tcpFlags: number;
};

export type FlowCounts = {
  readonly flows: readonly FlowCount[];
  /** False when there were more flows than the host keeps count of. */
  readonly isWhole: boolean;
};

export const noFlows: FlowCounts = { flows: [], isWhole: true };
