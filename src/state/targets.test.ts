import { describe, expect, it } from "vitest";
import { openStore } from "./store.ts";
import { listeners } from "./tables/load-balancing.ts";
import { drainTarget, listTargets, registerTarget } from "./targets.ts";

const scope = { account: "000000000000", region: "eu-west-1" };
const group =
  "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/app/0123456789abcdef";
const name = { scope, targetGroupArn: group, id: "10.0.0.9", port: 80 };
const zone = "eu-west-1a";

function storeWithListener(inUse: boolean) {
  const store = openStore(undefined);
  if (inUse) {
    store.write((tx) =>
      tx.table(listeners).put({
        ...scope,
        arn: "listener",
        loadBalancerArn: "balancer",
        port: 80,
        protocol: "HTTP",
        defaultAction: {
          type: "forward",
          targets: [{ targetGroupArn: group, weight: 1 }],
          stickinessSeconds: undefined,
        },
        attributes: {},
        createdAt: 1,
        tags: [],
      }),
    );
  }
  return store;
}

describe("registerTarget", () => {
  it("a group no listener uses: the target is unused", () => {
    const store = storeWithListener(false);
    store.write((tx) => registerTarget(tx, { ...name, availabilityZone: zone, now: 5 }));
    const [target] = store.read((tx) => listTargets(tx, scope, group));
    expect(target?.health).toMatchObject({ state: "unused", reason: "Target.NotInUse" });
  });

  it("a group in use: the target is initial, and registering it again changes nothing", () => {
    const store = storeWithListener(true);
    store.write((tx) => registerTarget(tx, { ...name, availabilityZone: zone, now: 5 }));
    store.write((tx) => registerTarget(tx, { ...name, availabilityZone: zone, now: 9 }));
    const [target] = store.read((tx) => listTargets(tx, scope, group));
    expect(target?.registeredAt).toBe(5);
    expect(target?.health.reason).toBe("Elb.RegistrationInProgress");
  });

  it("a draining target: it begins anew", () => {
    const store = storeWithListener(true);
    store.write((tx) => registerTarget(tx, { ...name, availabilityZone: zone, now: 5 }));
    store.write((tx) => drainTarget(tx, { ...name, now: 6 }));
    store.write((tx) => registerTarget(tx, { ...name, availabilityZone: zone, now: 9 }));
    const [target] = store.read((tx) => listTargets(tx, scope, group));
    expect(target).toMatchObject({ registration: "registered", registeredAt: 9 });
    expect(target?.drainingSince).toBeUndefined();
    expect(target?.health.state).toBe("initial");
  });
});

describe("drainTarget", () => {
  it("a target in use: it drains from the first call on", () => {
    const store = storeWithListener(true);
    store.write((tx) => registerTarget(tx, { ...name, availabilityZone: zone, now: 5 }));
    store.write((tx) => drainTarget(tx, { ...name, now: 6 }));
    store.write((tx) => drainTarget(tx, { ...name, now: 7 }));
    const [target] = store.read((tx) => listTargets(tx, scope, group));
    expect(target).toMatchObject({ drainingSince: 6, health: { state: "draining" } });
  });

  it("a group no listener uses, or an unknown target: it is gone at once", () => {
    const store = storeWithListener(false);
    store.write((tx) => registerTarget(tx, { ...name, availabilityZone: zone, now: 5 }));
    store.write((tx) => drainTarget(tx, { ...name, now: 6 }));
    store.write((tx) => drainTarget(tx, { ...name, id: "10.0.0.77", now: 6 }));
    expect(store.read((tx) => listTargets(tx, scope, group))).toEqual([]);
  });
});
