import { describe, expect, it } from "vitest";
import { aFlow, aNetwork, snapshotOf, vpcIds } from "../../../test/builders/networks.ts";
import fc from "../../../test/builders/properties.ts";
import { simulatedFabric } from "../../dataplane/network/simulated/driver.ts";
import { addressesOf, type NetworkInterface } from "../../model/network.ts";
import { planVpc } from "../network-plan/plan-vpc.ts";
import { walk } from "./walk.ts";

/** The interface as it is at its first or its last address. */
const end = (
  record: NetworkInterface | undefined,
  isLast: boolean,
): NetworkInterface | undefined => {
  const address = record && addressesOf(record).at(isLast ? -1 : 0);
  return record && address && { ...record, ...address };
};

describe("the path model and the plan", () => {
  it("any network, any flow: the walk ends as the planned packets do", async () => {
    const seen = { open: 0, closed: 0 };
    await fc.assert(
      fc.asyncProperty(
        aNetwork,
        fc.array(aFlow, { minLength: 1, maxLength: 8 }),
        async (records, all) => {
          const fabric = simulatedFabric();
          for (const vpcId of vpcIds) {
            await fabric.apply(planVpc(snapshotOf(records, vpcId, (id) => `/netns/${id}`)));
          }
          for (const { from, fromLast, to, protocol, port } of all) {
            const sender = end(records.networkInterfaces[from], fromLast);
            if (!sender || addressesOf(sender).some(({ privateIp }) => privateIp === to)) continue;
            const flow = { protocol, port: protocol === "icmp" ? 8 : port };
            const target = { type: "address", address: to } as const;
            const path = walk(records, { type: "interface", record: sender }, target, flow);
            // Plans do not hold the public addresses themselves.
            if (path.stoppedBy?.says.includes("is a public address")) continue;
            const arrives = fabric.reachable(sender.vpcId, {
              from: sender.privateIp,
              to,
              ...flow,
            });
            seen[arrives ? "open" : "closed"] += 1;
            expect({ open: path.open, by: path.stoppedBy }).toEqual({
              open: arrives,
              by: arrives ? undefined : path.stoppedBy,
            });
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(Math.min(seen.open, seen.closed)).toBeGreaterThan(50);
  });
});
