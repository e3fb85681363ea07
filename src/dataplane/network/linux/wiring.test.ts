import { describe, expect, it } from "vitest";
import { wired } from "../conformance.ts";
import {
  aliasOf,
  edgeLines,
  edgeRuleRemovals,
  interfaceWire,
  metadataWire,
  namespaceArgument,
  parseWires,
  sandboxLines,
  vpcLines,
} from "./wiring.ts";

const planned = wired("0123456789abcdef0", "10.0.1.4", "/run/docker/netns/abc", ["sg-1"]);

describe("wires of a VPC", () => {
  it("an interface in a sandbox: named after its id, in 15 characters, eth0 inside", () => {
    const wire = interfaceWire(planned);
    expect(wire.link).toBe("e0123456789ab");
    expect(wire.link.length).toBeLessThanOrEqual(15);
    expect(sandboxLines(wire, "ng1-vpc", true)[0]).toBe(
      "link add eth0 address 0a:01:23:45:67:89 type veth peer name e0123456789ab netns ng1-vpc",
    );
  });

  it("a kernel without IPv6: is not asked about its addresses", () => {
    const lines = sandboxLines(interfaceWire(planned), "ng1-vpc", false);
    expect(lines.filter((line) => line.includes("addrgenmode"))).toEqual([]);
  });

  it("an edge interface: a table of its own, and every rule made is taken away again", () => {
    const wire = interfaceWire({ ...planned, place: { type: "edge" } });
    const made = edgeLines(wire, "b0123456789ab", "ng1-vpc", 1007).filter((line) =>
      line.startsWith("rule add "),
    );
    expect(
      edgeRuleRemovals("b0123456789ab", 1007).map((line) => line.replace("del", "add")),
    ).toEqual(made);
  });

  it("aliases: tell whatever a wire was made from apart, and are written last", () => {
    const wires = [
      planned,
      { ...planned, address: "10.0.1.5" },
      { ...planned, macAddress: "0a:00:00:00:00:09" },
      { ...planned, place: { type: "edge" as const } },
      { ...planned, place: { type: "sandbox" as const, netns: "/run/docker/netns/other" } },
    ].map(interfaceWire);
    const aliases = [...wires, metadataWire("vpc-1")].map(aliasOf);
    expect(new Set(aliases).size).toBe(aliases.length);
    expect(vpcLines(interfaceWire(planned)).at(-1)).toContain(` alias "${aliases[0]}"`);
  });

  it("read back: aliases as written, half-made links without, others left out", () => {
    const links = [
      { ifname: "lo" },
      { ifname: "up0" },
      { ifname: "e0123456789ab", ifalias: aliasOf(interfaceWire(planned)) },
      { ifname: "e0123456789ac" },
      { ifname: "meta0", ifalias: "x" },
      { ifname: "eth0" },
    ];
    expect([...parseWires(JSON.stringify(links))]).toEqual([
      ["e0123456789ab", aliasOf(interfaceWire(planned))],
      ["e0123456789ac", ""],
      ["meta0", "x"],
    ]);
  });

  it("a namespace by path or by name: as `ip -n` takes it", () => {
    expect(namespaceArgument("/run/docker/netns/abc")).toBe("../../run/docker/netns/abc");
    expect(namespaceArgument("sandbox")).toBe("sandbox");
  });
});
