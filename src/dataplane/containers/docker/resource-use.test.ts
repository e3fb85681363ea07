import { describe, expect, it } from "vitest";
import { parseCounters, readCounters } from "./resource-use.ts";

const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:   10       1    0    0    0     0          0         0      10       1    0    0    0     0       0          0
  eth0: 1500      12    1    2    0     0          0         0     900       9    3    4    0     0       0          0
`;

describe("counters of a network namespace", () => {
  it("each interface but the loopback: what came and what went", () => {
    expect(parseCounters(text)).toEqual({
      eth0: {
        rx_bytes: 1500,
        rx_packets: 12,
        rx_errors: 1,
        rx_dropped: 2,
        tx_bytes: 900,
        tx_packets: 9,
        tx_errors: 3,
        tx_dropped: 4,
      },
    });
  });

  it("a process that is gone: none", async () => {
    expect(await readCounters(999_999_999)).toBeUndefined();
  });
});
