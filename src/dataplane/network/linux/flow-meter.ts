/** Reads a VPC's flow counts, and gives what came since the last reading. */
import { type FlowCounts, noFlows } from "../../../model/flow-count.ts";
import {
  flowListing,
  flowsOf,
  growth,
  isFull,
  type OnTheirWay,
  parseTotals,
  type Totals,
} from "./flow-counting.ts";
import type { Shell } from "./shell.ts";

export type FlowMeter = {
  /** Counting has begun from nothing. */
  begin(): void;
  end(): void;
  /** What an earlier engine has counted is taken as told: it is where the first reading begins. */
  take(): Promise<FlowCounts>;
};

export function createFlowMeter(shell: Shell, namespace: string): FlowMeter {
  let last: Totals | undefined;
  const onTheirWay: OnTheirWay = new Map();
  return {
    begin() {
      last = new Map();
      onTheirWay.clear();
    },
    end() {
      last = undefined;
    },
    async take() {
      const command = `nsenter --net=/run/netns/${namespace} nft ${flowListing}`;
      const [listed] = await shell.run([command]);
      if (listed?.code !== 0) return noFlows;
      const now = parseTotals(listed.output);
      const before = last;
      last = now;
      return before ? flowsOf(growth(before, now), !isFull(now), onTheirWay) : noFlows;
    },
  };
}
