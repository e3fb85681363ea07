/** What every data plane of balancers says of its targets. Called from each driver's own test. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EdgePlan, TargetPlan } from "../../model/edge-plan.ts";
import type { CheckVerdict, HealthCheck } from "../../model/load-balancing.ts";
import type { LoadBalancerDataplane, TargetObservation } from "./port.ts";

export type BalancerHarness = {
  /** A started driver. */
  make(): Promise<LoadBalancerDataplane>;
  /** The balancers of a plan, whose names and addresses are the harness's. */
  readonly balancers: EdgePlan["balancers"];
  /** An address behind which targets answer as told. */
  readonly address: string;
  /** How the target answers its checks from now on. */
  answer(answer: "200" | "503"): Promise<void>;
  /** Lets things happen that take `ms` in real life. */
  pass(ms: number): Promise<void>;
};

const targetGroupArn =
  "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/conform/00000000000000cc";
/** Milliseconds. */
const interval = 1000;
const check: HealthCheck = {
  enabled: true,
  protocol: "HTTP",
  port: "traffic-port",
  path: "/",
  intervalSeconds: interval / 1000,
  timeoutSeconds: 1,
  healthyThreshold: 8,
  unhealthyThreshold: 2,
  matcher: "200",
};

export function balancerConformance(name: string, harness: BalancerHarness): void {
  describe(`${name}: the balancers' data plane`, () => {
    let driver: LoadBalancerDataplane;
    let said: CheckVerdict[] = [];
    const plan = (registeredAt: number, duty: TargetPlan["duty"]): EdgePlan => ({
      balancers: harness.balancers,
      targetGroups: [
        {
          arn: targetGroupArn,
          balancerArn: harness.balancers[0]?.arn ?? "",
          healthCheck: check,
          algorithm: "round_robin",
          targets: [
            {
              address: harness.address,
              port: 80,
              availabilityZone: undefined,
              registeredAt,
              duty,
              failing: false,
            },
          ],
        },
      ],
      metadata: [],
    });
    const types = (): string[] => said.map((verdict) => verdict.type);
    const note = (observations: readonly TargetObservation[]): void => {
      said.push(...observations.map((observation) => observation.verdict));
    };

    /** Waits until that is said, on a busy machine for long; how long it was asked to pass. */
    const untilSaid = async (type: CheckVerdict["type"]): Promise<number> => {
      for (let passed = 0; passed < 60 * interval; passed += interval / 10) {
        if (types().includes(type)) return passed;
        await harness.pass(interval / 10);
      }
      throw new Error(`not said: ${type}, but ${types()}`);
    };

    beforeAll(async () => {
      driver = await harness.make();
      driver.watch(note);
    });
    afterAll(() => driver.stop({ removeAll: true }));

    it("a new registration: checking is said once, and one success is enough", async () => {
      await harness.answer("200");
      await driver.apply(plan(1, "waiting"));
      expect(await untilSaid("passing")).toBeLessThan(4 * interval);
      expect(types()).toEqual(["checking", "passing"]);
    });

    it("applied again, now serving: nothing new is said", async () => {
      said = [];
      await driver.apply(plan(1, "serving"));
      await driver.apply(plan(1, "serving"));
      await harness.pass(1.5 * interval);
      expect(said).toEqual([]);
    });

    it("failing: said after all its failures, with the code", async () => {
      await harness.answer("503");
      await untilSaid("failing");
      expect(said).toEqual([{ type: "failing", cause: "code", code: 503 }]);
    });

    it("passing again: said after the healthy threshold and not before", async () => {
      said = [];
      await harness.answer("200");
      await harness.pass(interval);
      expect(said).toEqual([]);
      await untilSaid("passing");
      expect(types()).toEqual(["passing"]);
    });

    it("draining: nothing more is said of it", async () => {
      said = [];
      await driver.apply(plan(1, "draining"));
      await harness.answer("503");
      await harness.pass(3.5 * interval);
      expect(said).toEqual([]);
    });

    it("the address registered anew and failing from the start: unhealthy after its failures", async () => {
      await driver.apply(plan(2, "waiting"));
      await untilSaid("failing");
      expect(types()).toEqual(["checking", "failing"]);
    });
  });
}
