import { describe, expect, it } from "vitest";
import { anyone, describeFabric, tcp, vpcPlan, wired } from "../conformance.ts";
import { type SimulatedFabric, simulatedFabric } from "./driver.ts";

const fabric = simulatedFabric();

describeFabric("simulated", {
  make: async () => fabric,
  sandbox: async (name) => `/nowhere/${name}`,
  outside: { address: "198.51.100.1", port: 9000 },
  connects: async (_, vpcId, from, to, port) =>
    fabric.reachable(vpcId, { from: from.address, to, protocol: "tcp", port }),
});

describe("simulated fabric", () => {
  it("told to fail: fails once and keeps the plan it had", async () => {
    const fabric: SimulatedFabric = simulatedFabric();
    const first = vpcPlan("vpc-1", [], []);
    await fabric.apply(first);
    fabric.failNext(new Error("enough"));
    await expect(fabric.apply(vpcPlan("vpc-1", [], [], { private: "nat" }))).rejects.toThrow(
      "enough",
    );
    expect(fabric.planOf("vpc-1")).toBe(first);
    await fabric.apply(vpcPlan("vpc-1", [], [], { private: "nat" }));
    expect(fabric.planOf("vpc-1")).not.toBe(first);
  });

  it("a port range and another protocol: matched as the kernel would", async () => {
    const fabric = simulatedFabric();
    const groups = [
      {
        groupId: "sg-1",
        ingress: [{ ...tcp(80, anyone), ports: { from: 80, to: 90 } }],
        egress: [tcp(85, anyone)],
      },
    ];
    const ends = ["10.0.1.4", "10.0.1.5"].map((address, at) =>
      wired(`c0000000000${at}`, address, "/nowhere", ["sg-1"]),
    );
    await fabric.apply(vpcPlan("vpc-1", groups, ends));
    const flow = { from: "10.0.1.4", to: "10.0.1.5", protocol: "tcp" };
    expect(fabric.reachable("vpc-1", { ...flow, port: 85 })).toBe(true);
    expect(fabric.reachable("vpc-1", { ...flow, port: 80 })).toBe(false);
    expect(fabric.reachable("vpc-1", { ...flow, port: 85, protocol: "udp" })).toBe(false);
  });
});
