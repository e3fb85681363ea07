import { describe, expect, it } from "vitest";
import type { RoutePlan } from "../../../model/vpc-plan.ts";
import { vpcPlan, wired } from "../conformance.ts";
import { parseRouting, routeAdding, routeRemoving, routingOf, secondaryRoutes } from "./routing.ts";

const privateTable = 10 * 2 ** 24 + 256;
const publicTable = 10 * 2 ** 24 + 512;

describe("routing of a VPC", () => {
  it("NAT for one subnet, the internet gateway for the other: only public interfaces take the latter", () => {
    const { rules, routes } = routingOf(
      vpcPlan("vpc-1", [], [], { private: "nat", public: "internet" }),
      "100.64.0.1",
    );
    expect([...rules.keys()].toSorted()).toEqual([
      `pref 33000 from 10.0.2.0/24 fwmark 1 lookup ${publicTable + 1}`,
      `pref 34000 from 10.0.1.0/24 lookup ${privateTable}`,
      `pref 34000 from 10.0.2.0/24 lookup ${publicTable}`,
      "pref 40000 blackhole",
    ]);
    expect(routes.get(`${privateTable} 0.0.0.0/0`)).toBe("via 100.64.0.1 dev up0");
    expect(routes.get(`${publicTable} 0.0.0.0/0`)).toBe("blackhole");
    expect(routes.get(`${publicTable + 1} 0.0.0.0/0`)).toBe("via 100.64.0.1 dev up0");
    expect(routes.get(`${privateTable} 10.0.0.0/16`)).toBe("blackhole");
  });

  it("AWS's addresses: to the edge by every way that leads out, and by an endpoint; else as routed", () => {
    const planOf = (...routes: RoutePlan[]) => {
      const base = vpcPlan("vpc-1", [], []);
      const [subnet] = base.subnets;
      return routingOf({ ...base, subnets: subnet ? [{ ...subnet, routes }] : [] }, "100.64.0.1");
    };
    const [toEdge, out] = ["via 169.254.170.2 dev meta0", "via 100.64.0.1 dev up0"];
    const of = ({ routes }: ReturnType<typeof planOf>, destination: string) =>
      routes.get(`${privateTable} ${destination}`);
    const open = planOf(
      { destination: "0.0.0.0/0", via: "nat" },
      { destination: "203.0.113.128/25", via: "blackhole" },
      { destination: "203.0.113.0/26", via: "nat" },
    );
    expect(of(open, "0.0.0.0/0")).toBe(out);
    expect(of(open, "203.0.113.0/24")).toBe(toEdge);
    expect(of(open, "203.0.113.128/25")).toBe("blackhole");
    expect(of(open, "203.0.113.0/26")).toBe(toEdge);
    const sealed = planOf({ destination: "198.51.100.0/25", via: "endpoint" });
    expect(of(sealed, "198.51.100.0/25")).toBe(toEdge);
    expect(of(sealed, "203.0.113.0/24")).toBeUndefined();
    const closed = planOf(
      { destination: "0.0.0.0/0", via: "nat" },
      { destination: "203.0.0.0/16", via: "blackhole" },
    );
    expect(of(closed, "203.0.113.0/24")).toBeUndefined();
    const own = planOf({ destination: "203.0.113.0/24", via: "local" });
    expect(of(own, "203.0.113.0/24")).toBe("blackhole");
  });

  it("a route between the VPC's own subnets: looked up before the interfaces' own addresses", () => {
    const base = vpcPlan(
      "vpc-1",
      [],
      [{ ...wired("e00000000001", "10.0.1.4", "/n", []), forwards: true }],
    );
    const [subnet] = base.subnets;
    if (!subnet) throw new Error("no subnet");
    const inner = { destination: "10.0.2.0/24", via: "blackhole" } as const;
    const subnets = [{ ...subnet, routes: [...subnet.routes, inner] }];
    const { rules } = routingOf({ ...base, subnets }, "100.64.0.1");
    const link = "iif ee00000000001";
    expect([...rules.keys()].toSorted()).toEqual([
      `pref 30100 ${link} to 10.0.1.0/24 lookup main`,
      `pref 30101 ${link} to 10.0.1.0/24 blackhole`,
      `pref 30102 ${link} to 10.0.2.0/24 lookup ${privateTable}`,
      `pref 30103 ${link} lookup main`,
      `pref 30105 ${link} lookup ${privateTable}`,
      `pref 30106 ${link} blackhole`,
      "pref 31000 from 10.0.1.0/24 to 10.0.1.0/24 lookup main",
      "pref 31001 from 10.0.1.0/24 to 10.0.1.0/24 blackhole",
      `pref 32000 from 10.0.1.0/24 to 10.0.2.0/24 lookup ${privateTable}`,
      `pref 34000 from 10.0.1.0/24 lookup ${privateTable}`,
      "pref 40000 blackhole",
    ]);
  });

  it("no default route: none, and what nobody routes is dropped", () => {
    const { rules, routes } = routingOf(vpcPlan("vpc-1", [], []), "100.64.0.1");
    expect([...routes.keys()].filter((key) => key.endsWith(" 0.0.0.0/0"))).toEqual([]);
    expect(rules.has("pref 40000 blackhole")).toBe(true);
  });

  it("read back from a kernel that has it: the same, and what is not ours is left out", () => {
    const rules = [
      { priority: 0, src: "all", table: "local" },
      { priority: 32766, src: "all", table: "main" },
      { priority: 32767, src: "all", table: "default" },
      {
        priority: 33000,
        src: "10.0.2.0",
        srclen: 24,
        fwmark: "0x1",
        table: String(publicTable + 1),
      },
      { priority: 34000, src: "10.0.1.0", srclen: 24, table: String(privateTable) },
      { priority: 34000, src: "10.0.2.0", srclen: 24, table: String(publicTable) },
      { priority: 40000, src: "all", action: "blackhole" },
    ];
    const out = { dst: "default", gateway: "100.64.0.1", dev: "up0", flags: ["onlink"] };
    const aws = (table: number) =>
      ["198.51.100.0/24", "203.0.113.0/24"].map((dst) => ({
        dst,
        gateway: "169.254.170.2",
        dev: "meta0",
        flags: ["onlink"],
        table: String(table),
      }));
    const drop = (dst: string, table?: number) => ({
      type: "blackhole",
      dst,
      ...(table !== undefined && { table: String(table) }),
      flags: [],
    });
    const routes = [
      { ...out, table: String(privateTable) },
      ...aws(privateTable),
      drop("10.0.0.0/16", privateTable),
      drop("default", publicTable),
      drop("10.0.0.0/16", publicTable),
      { ...out, table: String(publicTable + 1) },
      ...aws(publicTable + 1),
      drop("10.0.0.0/16", publicTable + 1),
      { dst: "10.0.1.12", dev: "e000000000001", scope: "link", flags: [] },
      { dst: "10.0.1.112", dev: "e000000000001", scope: "link", flags: [] },
      drop("169.254.0.0/16"),
      { type: "local", dst: "169.254.1.1", dev: "lo", table: "local", protocol: "kernel" },
    ];
    const wanted = routingOf(
      vpcPlan("vpc-1", [], [], { private: "nat", public: "internet" }),
      "100.64.0.1",
    );
    const read = parseRouting(
      JSON.stringify(rules),
      JSON.stringify(routes),
      new Set(["10.0.1.12"]),
    );
    const secondaryAddresses = [{ address: "10.0.1.112", isPublic: false }];
    const own = { ...wired("0000000000010", "10.0.1.12", "", []), secondaryAddresses };
    const wantedRoutes = [...wanted.routes, ...secondaryRoutes([own])];
    expect(new Map([...read.rules].toSorted())).toEqual(new Map([...wanted.rules].toSorted()));
    expect(new Map([...read.routes].toSorted())).toEqual(new Map(wantedRoutes.toSorted()));
  });

  it("a namespace without routes: ip prints nothing, and so is nothing found", () => {
    expect(parseRouting("\n", "", new Set())).toEqual({ rules: new Map(), routes: new Map() });
  });

  it("routes as commands: blackholes and ways out", () => {
    expect(routeAdding("7 10.0.0.0/16", "blackhole")).toBe(
      "route replace blackhole 10.0.0.0/16 table 7",
    );
    expect(routeAdding("7 0.0.0.0/0", "via 100.64.0.1 dev up0")).toBe(
      "route replace 0.0.0.0/0 via 100.64.0.1 dev up0 onlink table 7",
    );
    expect(routeAdding("main 10.0.1.112", "dev e000000000001")).toBe(
      "route replace 10.0.1.112 dev e000000000001 table main",
    );
    expect(routeRemoving("7 10.0.0.0/16", "blackhole")).toBe(
      "route del blackhole 10.0.0.0/16 table 7",
    );
  });
});
