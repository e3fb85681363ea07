import { describe, expect, it } from "vitest";
import fc from "../../../../test/builders/properties.ts";
import type { VpcPlan } from "../../../model/vpc-plan.ts";
import { all, anyone, tcp, vpcPlan, wired } from "../conformance.ts";
import { vpcLinkName } from "../names.ts";
import { arriving, incoming, leaving, outgoing, type Ruleset, rulesetOf } from "./ruleset.ts";
import { changeText, wholeText } from "./ruleset-text.ts";

/** As strict as the kernel about what refers to what, for the commands that differences are made of. */
class Kernel {
  readonly sets = new Set<string>([incoming, outgoing]);
  readonly chains = new Map<string, string[]>();
  readonly elements = new Map<string, string>();

  run(text: string | undefined): void {
    for (const line of text?.split("\n") ?? []) this.runLine(line);
  }

  private runLine(line: string): void {
    const match =
      /^(add|delete|flush) (set|chain|rule|element) ip neargate (\S+) ?(?:\{ (.*) \}|(.*))$/.exec(
        line,
      );
    if (!match) throw new Error(`no such command: ${line}`);
    const [, verb, kind, name = "", inside = "", rest = ""] = match;
    const command = `${verb} ${kind}`;
    if (command === "add set") this.sets.add(name);
    else if (command === "add chain") this.chains.set(name, []);
    else if (command === "flush chain") this.chainOf(name).length = 0;
    else if (command === "add rule") this.addRule(name, rest);
    else if (kind === "element")
      for (const one of inside.split(", ")) this.element(verb, name, one);
    else if (command === "delete chain") this.deleteChain(name);
    else if (command === "delete set") this.deleteSet(name);
    else throw new Error(`no such command: ${line}`);
  }

  private chainOf(name: string): string[] {
    const chain = this.chains.get(name);
    if (!chain) throw new Error(`no chain ${name}`);
    return chain;
  }

  private addRule(name: string, rule: string): void {
    this.checkReferences(rule);
    this.chainOf(name).push(rule);
  }

  private checkReferences(text: string): void {
    const jump = /jump (\S+)/.exec(text)?.[1];
    if (jump !== undefined) this.chainOf(jump);
    const set = /@(\S+)/.exec(text)?.[1];
    if (set !== undefined && !this.sets.has(set)) throw new Error(`no set ${set}`);
  }

  private element(verb: string | undefined, set: string, text: string): void {
    const [key = "", value = ""] = text.split(" : ");
    const name = `${set} ${key}`;
    const isThere = this.elements.has(name);
    if (verb === "delete") {
      if (!isThere) throw new Error(`no element ${name}`);
      this.elements.delete(name);
      return;
    }
    if (isThere) throw new Error(`element ${name} exists`);
    if (set.startsWith("members_") && !this.sets.has(set)) throw new Error(`no set ${set}`);
    this.checkReferences(value);
    this.elements.set(name, value);
  }

  private deleteChain(name: string): void {
    if (this.chainOf(name).length > 0) throw new Error(`${name} has rules`);
    if (this.text().includes(`jump ${name}\n`)) throw new Error(`${name} is in use`);
    this.chains.delete(name);
  }

  private deleteSet(name: string): void {
    if (this.text().includes(`@${name} `)) throw new Error(`${name} is in use`);
    this.sets.delete(name);
  }

  private text(): string {
    return [...this.chains.values(), ...this.elements.values()].flat().join("\n").concat("\n");
  }
}

const groupIds = ["sg-0a", "sg-0b", "sg-0c"];
const peers = fc.constantFrom(
  anyone,
  ...groupIds.map((groupId) => ({ type: "group" as const, groupId })),
);
const rules = fc.array(
  peers.map((peer) => tcp(80, peer)),
  { maxLength: 2 },
);
const plans: fc.Arbitrary<VpcPlan> = fc
  .record({
    groups: fc.uniqueArray(
      fc.record({ groupId: fc.constantFrom(...groupIds), ingress: rules, egress: rules }),
      { selector: (group) => group.groupId },
    ),
    holders: fc.uniqueArray(
      fc.record({
        at: fc.integer({ min: 4, max: 7 }),
        holds: fc.subarray(groupIds),
        isPublic: fc.boolean(),
      }),
      { selector: (one) => one.at },
    ),
  })
  .map(({ groups, holders }) =>
    vpcPlan(
      "vpc-1",
      groups,
      holders.map(({ at, holds, isPublic }) => ({
        ...wired(`00000000000${at}`, `10.0.1.${at}`, "/netns", holds),
        hasPublicAddress: isPublic,
      })),
    ),
  );

const nothing: Ruleset = { sets: new Map(), chains: new Map(), elements: new Map() };
const stateOf = ({ sets, chains, elements }: Kernel) => ({
  sets: new Set(sets),
  chains: new Map(chains),
  elements: new Map(elements),
});

describe("packet rules of a VPC", () => {
  it("plans one after another: each difference is valid and leads to the same as the last plan alone", () => {
    fc.assert(
      fc.property(fc.array(plans, { minLength: 1, maxLength: 5 }), (walk) => {
        const walked = new Kernel();
        let before = nothing;
        for (const plan of walk) {
          const next = rulesetOf(plan, "100.64.0.1");
          walked.run(changeText(before, next));
          before = next;
        }
        const direct = new Kernel();
        direct.run(changeText(nothing, before));
        expect(stateOf(walked)).toEqual(stateOf(direct));
      }),
    );
  });

  it("the same plan: nothing to do", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(
          changeText(rulesetOf(plan, "100.64.0.1"), rulesetOf(plan, "100.64.0.1")),
        ).toBeUndefined();
      }),
    );
  });

  it("one more task with groups known already: elements only", () => {
    const groups = [{ groupId: "sg-0a", ingress: [tcp(80, anyone)], egress: [all] }];
    const [first, second] = [4, 5].map((at) =>
      wired(`00000000000${at}`, `10.0.1.${at}`, "/netns", ["sg-0a"]),
    );
    if (!first || !second) throw new Error("two");
    const text = changeText(
      rulesetOf(vpcPlan("vpc-1", groups, [first]), "100.64.0.1"),
      rulesetOf(vpcPlan("vpc-1", groups, [first, second]), "100.64.0.1"),
    );
    const lines = text?.split("\n") ?? [];
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toMatch(/^add element /);
  });

  it.each([
    ["any protocol from anywhere", all, "accept"],
    ["a port", tcp(80, anyone), "tcp dport 80-80 accept"],
    [
      "ports of a block",
      { ...tcp(80, { type: "cidr" as const, cidr: "10.1.0.0/16" }), ports: { from: 80, to: 90 } },
      "ip saddr 10.1.0.0/16 tcp dport 80-90 accept",
    ],
    [
      "all ports of UDP",
      { protocol: "udp", ports: { from: 0, to: 65535 }, peer: anyone },
      "meta l4proto udp accept",
    ],
    [
      "echo requests",
      { protocol: "icmp", ports: { from: 8, to: 0 }, peer: anyone },
      "icmp type 8 icmp code 0 accept",
    ],
    [
      "a type of ICMP",
      { protocol: "icmp", ports: { from: 3, to: -1 }, peer: anyone },
      "icmp type 3 accept",
    ],
    [
      "all of ICMP",
      { protocol: "icmp", ports: undefined, peer: anyone },
      "meta l4proto icmp accept",
    ],
    [
      "a protocol number",
      { protocol: "50", ports: undefined, peer: anyone },
      "meta l4proto 50 accept",
    ],
    [
      "a group",
      tcp(443, { type: "group" as const, groupId: "sg-0a" }),
      "ip saddr @members_0a tcp dport 443-443 accept",
    ],
  ])("%s: as the kernel is told", (_, rule, expected) => {
    const plan = vpcPlan("vpc-1", [{ groupId: "sg-0a", ingress: [rule], egress: [] }], []);
    expect(rulesetOf(plan, "100.64.0.1").chains.get("in_0a")).toEqual([expected]);
  });

  it("a rule that names a group of elsewhere: matches nothing and does no harm", () => {
    const rule = tcp(80, { type: "group", groupId: "sg-0f" });
    const plan = vpcPlan("vpc-1", [{ groupId: "sg-0a", ingress: [rule], egress: [] }], []);
    expect(rulesetOf(plan, "100.64.0.1").chains.get("in_0a")).toEqual([]);
  });

  it("no ACL that filters: what is established passes either side by its first rule", () => {
    const { chains } = rulesetOf(vpcPlan("vpc-1", [], []), "100.64.0.1");
    for (const side of [leaving, arriving]) {
      expect(chains.get(side)?.[0]).toBe("ct state established,related accept");
    }
    expect([...chains.keys()].filter((name) => name.startsWith("subnets_"))).toEqual([]);
  });

  it("an ACL that filters: sees each packet before what is established passes", () => {
    const plan = vpcPlan("vpc-1", [], []);
    const acls = [{ aclId: "acl-0a", ingress: [], egress: [] }];
    const subnets = plan.subnets.map((subnet) => ({ ...subnet, aclId: "acl-0a" }));
    const { chains } = rulesetOf({ ...plan, acls, subnets }, "100.64.0.1");
    expect(chains.get(leaving)?.slice(0, 2)).toEqual([
      'iifname "e*" jump subnets_leaving',
      "ct state established,related accept",
    ]);
    expect(chains.get(arriving)?.slice(0, 2)).toEqual([
      'oifname "e*" jump subnets_entering',
      "ct state established,related accept",
    ]);
  });

  it("who may send: one look, which also marks what the internet gateway serves", () => {
    const planned = {
      ...wired("000000000004", "10.0.1.4", "/netns", []),
      hasPublicAddress: true,
      secondaryAddresses: [{ address: "10.0.1.9", isPublic: false }],
    };
    const { elements } = rulesetOf(vpcPlan("vpc-1", [], [planned]), "100.64.0.1");
    const link = `"${vpcLinkName(planned.interfaceId)}"`;
    expect(elements.get(`senders ${link} . 10.0.1.4`)).toBe("goto public");
    expect(elements.get(`senders ${link} . 10.0.1.9`)).toBe("accept");
  });

  it("the whole table: replaces what there was in the same transaction", () => {
    const text = wholeText(rulesetOf(vpcPlan("vpc-1", [], []), "100.64.0.1"));
    expect(text.split("\n").slice(0, 2)).toEqual([
      "add table ip neargate",
      "delete table ip neargate",
    ]);
  });
});
