/** What a VPC's resolver is asked and answers. */

/** A name in lower case without the last dot, and a record type such as `A`. */
export type DnsQuestion = { readonly name: string; readonly type: string };

export type DnsRecord =
  | { readonly type: "A"; readonly ttl: number; readonly address: string }
  | { readonly type: "PTR"; readonly ttl: number; readonly target: string }
  | { readonly type: "CNAME"; readonly ttl: number; readonly target: string }
  | { readonly type: "TXT"; readonly ttl: number; readonly texts: readonly string[] }
  | {
      readonly type: "SRV";
      readonly ttl: number;
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    };

export type DnsAnswer =
  /** The name exists; no records when it has none of the type. */
  | { readonly type: "records"; readonly records: readonly DnsRecord[] }
  | { readonly type: "no-such-name" }
  /** Not ours: the host's resolver knows. */
  | { readonly type: "forward" };
