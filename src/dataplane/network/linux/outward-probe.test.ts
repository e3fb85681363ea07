import { describe, expect, it } from "vitest";
import { refusal } from "./outward-probe.ts";

const chain = (family: string, table: string, name: string, policy: string, hook = "forward") => ({
  chain: { family, table, name, hook, policy },
});
const said = (...listed: readonly object[]): string =>
  refusal("abc123", JSON.stringify({ nftables: [{ metainfo: {} }, ...listed] }));

describe("what is said when a packet does not get out", () => {
  it("a chain whose policy is to drop: named, with rules that let the engine's links through", () => {
    const command = `nft 'insert rule inet fw guard iifname "ngabc123-*" accept; insert rule inet fw guard oifname "ngabc123-*" accept'`;
    const listed = [
      chain("ip", "neargate_abc123", "isolation", "accept"),
      chain("ip", "filter", "FORWARD", "accept"),
      chain("inet", "fw", "in", "drop", "input"),
      chain("inet", "fw", "guard", "drop"),
    ];
    expect(said(...listed)).toContain("(nftables, table inet fw, chain guard)");
    expect(said(...listed).endsWith(command)).toBe(true);
  });

  it("iptables, or nothing that is known: commands of iptables", () => {
    const command =
      "iptables -I FORWARD -i ngabc123-+ -j ACCEPT && iptables -I FORWARD -o ngabc123-+ -j ACCEPT";
    for (const listed of [[], [chain("ip", "filter", "FORWARD", "drop")]]) {
      expect(said(...listed).endsWith(command)).toBe(true);
    }
    expect(refusal("abc123", "").endsWith(command)).toBe(true);
  });
});
