import { describe, expect, it } from "vitest";
import { manualClock } from "../../../seams/clock.ts";
import { balancerConformance } from "../conformance.ts";
import { simulatedBalancer } from "./driver.ts";

const clock = manualClock();
const balancer = simulatedBalancer({ clock });

balancerConformance("simulated", {
  make: async () => balancer,
  balancers: [
    {
      arn: "arn:aws:elasticloadbalancing:eu-west-1:000000000000:loadbalancer/app/web/0000000000000001",
      vpcId: "vpc-1",
      hostNames: [],
      nodes: [],
      listeners: [],
      idleTimeoutSeconds: 60,
      forwardedFor: "append",
      forwardedClientPort: false,
      dropInvalidHeaders: false,
    },
  ],
  address: "10.0.0.9",
  async answer(answer) {
    balancer.answer(
      "10.0.0.9",
      answer === "200" ? { type: "passing" } : { type: "failing", cause: "code", code: 503 },
    );
  },
  pass: (ms) => clock.advance(ms),
});

describe("simulated balancers", () => {
  it("the plan applied last: there to look at", async () => {
    const plan = { balancers: [], targetGroups: [], metadata: [{ vpcId: "vpc-1", endpoints: [] }] };
    await balancer.apply(plan);
    expect(balancer.plan()).toBe(plan);
  });
});
