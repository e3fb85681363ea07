import { describe, expect, it } from "vitest";
import {
  flowsOf,
  growth,
  isFull,
  type OnTheirWay,
  parseTotals,
  type Totals,
} from "./flow-counting.ts";

const key = "10.0.0.4 10.0.0.5 6 40000 80";
const listed = (counts: Readonly<Record<string, number>>): Totals =>
  parseTotals(
    JSON.stringify({
      nftables: Object.entries(counts).map(([name, packets]) => {
        const concat = key.split(" ").map((part) => (part.includes(".") ? part : Number(part)));
        const elem = { val: { concat }, expires: 600, counter: { packets, bytes: packets * 100 } };
        return { set: { name, elem: [{ elem }] } };
      }),
    }),
  );
const nothing: Totals = new Map();
const sides = (grown: Totals, onTheirWay: OnTheirWay = new Map()) =>
  flowsOf(grown, true, onTheirWay).flows.map(({ sent, received }) => [
    sent.accepted.packets,
    sent.rejected.packets,
    received.accepted.packets,
    received.rejected.packets,
  ]);

describe("flows out of counts", () => {
  it("what is missing at the next place was rejected at this one", () => {
    const grown = growth(nothing, listed({ tried: 9, between: 7, arrived: 4, syn: 9 }));
    expect(sides(grown)).toEqual([[7, 2, 4, 3]]);
    expect(flowsOf(grown, true, new Map()).flows[0]).toMatchObject({
      source: "10.0.0.4",
      destination: "10.0.0.5",
      protocol: 6,
      sourcePort: 40000,
      destinationPort: 80,
      sent: { rejected: { packets: 2, bytes: 200 } },
      tcpFlags: 2,
    });
  });

  it("only what came since the last reading counts; a count that began anew counts whole", () => {
    const first = listed({ tried: 5, between: 5, arrived: 5 });
    expect(sides(growth(first, listed({ tried: 8, between: 8, arrived: 8 })))).toEqual([
      [3, 0, 3, 0],
    ]);
    expect(sides(growth(first, listed({ tried: 2, between: 2, arrived: 2 })))).toEqual([
      [2, 0, 2, 0],
    ]);
    expect(sides(growth(first, first))).toEqual([]);
  });

  it("packets on their way while the counts were read: not rejected, then or the next time", () => {
    const onTheirWay: OnTheirWay = new Map();
    const first = listed({ tried: 3, between: 5, arrived: 5 });
    const second = listed({ tried: 10, between: 10, arrived: 9 });
    expect(sides(growth(nothing, first), onTheirWay)).toEqual([[5, 0, 5, 0]]);
    expect(sides(growth(first, second), onTheirWay)).toEqual([[5, 0, 4, 1]]);
  });

  it("protocols without ports: both are 0", () => {
    const set = {
      name: "tried_plain",
      elem: [
        {
          elem: {
            val: { concat: ["10.0.0.4", "10.0.0.5", 1] },
            counter: { packets: 1, bytes: 84 },
          },
        },
      ],
    };
    const totals = parseTotals(JSON.stringify({ nftables: [{ set }] }));
    expect(flowsOf(growth(nothing, totals), true, new Map()).flows[0]).toMatchObject({
      protocol: 1,
      sourcePort: 0,
      destinationPort: 0,
    });
    expect(isFull(totals)).toBe(false);
  });
});
