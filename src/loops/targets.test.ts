import { describe, expect, it } from "vitest";
import { simulatedBalancer } from "../dataplane/loadbalancer/simulated/driver.ts";
import type { Listener, LoadBalancer, TargetGroup } from "../model/load-balancing.ts";
import { manualClock } from "../seams/clock.ts";
import { sequentialIds } from "../seams/ids.ts";
import { recordingLogger } from "../seams/logger.ts";
import { openStore } from "../state/store.ts";
import { listeners, loadBalancers, targetGroups } from "../state/tables/load-balancing.ts";
import { networkInterfaces } from "../state/tables/network.ts";
import { drainTarget, listTargets, registerTarget } from "../state/targets.ts";
import { balancersLoop } from "./balancers.ts";
import { targetsLoop } from "./targets.ts";

const scope = { account: "000000000000", region: "eu-west-1" };
const common = { ...scope, tags: [], createdAt: 0 };
const name = { scope, targetGroupArn: "group", id: "10.0.0.9", port: 80 };
const second = 1000;

const balancer: LoadBalancer = {
  ...common,
  arn: "balancer",
  name: "web",
  type: "application",
  scheme: "internal",
  ipAddressType: "ipv4",
  vpcId: "vpc-1",
  nodes: [{ subnetId: "subnet-a", availabilityZone: "eu-west-1a", networkInterfaceId: "eni-a" }],
  securityGroupIds: [],
  dnsName: "internal-web-1.eu-west-1.elb.localhost",
  attributes: {},
};

const listener: Listener = {
  ...common,
  arn: "listener",
  loadBalancerArn: "balancer",
  port: 80,
  protocol: "HTTP",
  defaultAction: {
    type: "forward",
    targets: [{ targetGroupArn: "group", weight: 1 }],
    stickinessSeconds: undefined,
  },
  attributes: {},
};

const group: TargetGroup = {
  ...common,
  arn: "group",
  name: "app",
  targetType: "ip",
  protocol: "HTTP",
  protocolVersion: "HTTP1",
  port: 80,
  vpcId: "vpc-1",
  ipAddressType: "ipv4",
  healthCheck: {
    enabled: true,
    protocol: "HTTP",
    port: "traffic-port",
    path: "/",
    intervalSeconds: 10,
    timeoutSeconds: 5,
    healthyThreshold: 3,
    unhealthyThreshold: 2,
    matcher: "200",
  },
  attributes: { "deregistration_delay.timeout_seconds": "60" },
};

/** Both loops over a simulated balancer; `state` is the target's, `undefined` once it is gone. */
function openWorld(options: { inUse: boolean } = { inUse: true }) {
  const store = openStore(undefined);
  const clock = manualClock();
  const balancers = simulatedBalancer({ clock });
  const dependencies = { store, clock, ids: sequentialIds(), logger: recordingLogger(), balancers };
  store.write((tx) => {
    tx.table(loadBalancers).put(balancer);
    tx.table(targetGroups).put(group);
    if (options.inUse) tx.table(listeners).put(listener);
    tx.table(networkInterfaces).put({
      ...common,
      networkInterfaceId: "eni-a",
      vpcId: "vpc-1",
      subnetId: "subnet-a",
      availabilityZone: "eu-west-1a",
      privateIp: "10.0.0.5",
      macAddress: "0a:00:00:00:00:01",
      groupIds: [],
      description: "",
      owner: { type: "load-balancer", loadBalancerArn: "balancer" },
      publicIp: undefined,
      sourceDestCheck: true,
      status: "in-use",
      attachmentId: undefined,
    });
  });
  const loops = [targetsLoop(dependencies), balancersLoop(dependencies)];
  const start = (): void => {
    for (const loop of loops) loop.start();
  };
  const stop = (): Promise<unknown> => Promise.all(loops.map((loop) => loop.stop()));
  const health = () => store.read((tx) => listTargets(tx, scope, "group"))[0]?.health;
  const register = (availabilityZone = "eu-west-1a"): void => {
    store.write((tx) => registerTarget(tx, { ...name, availabilityZone, now: clock.now() }));
  };
  const drain = (): void => store.write((tx) => drainTarget(tx, { ...name, now: clock.now() }));
  start();
  return { store, clock, balancers, health, register, drain, stop };
}

const duties = (world: ReturnType<typeof openWorld>): string[] =>
  world.balancers.plan().targetGroups.flatMap(({ targets }) => targets.map(({ duty }) => duty));

describe("targets and balancers", () => {
  it("a target's life: initial, healthy, draining for the whole delay, gone", async () => {
    const world = openWorld();
    world.register();
    await world.clock.advance(1 * second);
    expect(world.health()).toMatchObject({ state: "initial", reason: "Elb.InitialHealthChecking" });
    expect(duties(world)).toEqual(["waiting"]);
    await world.clock.advance(10 * second);
    expect(world.health()?.state).toBe("healthy");
    expect(duties(world)).toEqual(["serving"]);
    world.drain();
    await world.clock.advance(59 * second);
    expect(world.health()?.reason).toBe("Target.DeregistrationInProgress");
    expect(duties(world)).toEqual(["draining"]);
    await world.clock.advance(2 * second);
    expect(world.health()).toBeUndefined();
    expect(duties(world)).toEqual([]);
    await world.stop();
  });

  it("failing, then well again: the thresholds count, the reason is AWS's", async () => {
    const world = openWorld();
    world.register();
    await world.clock.advance(11 * second);
    world.balancers.answer("10.0.0.9", { type: "failing", cause: "code", code: 503 });
    await world.clock.advance(10 * second);
    expect(world.health()?.state).toBe("healthy");
    await world.clock.advance(10 * second);
    expect(world.health()).toEqual({
      state: "unhealthy",
      reason: "Target.ResponseCodeMismatch",
      description: "Health checks failed with these codes: [503]",
    });
    world.balancers.answer("10.0.0.9", { type: "passing" });
    await world.clock.advance(20 * second);
    expect(world.health()?.state).toBe("unhealthy");
    await world.clock.advance(10 * second);
    expect(world.health()?.state).toBe("healthy");
    await world.stop();
  });

  it("no listener: unused and not planned; one comes, goes and comes again: checked anew each time", async () => {
    const world = openWorld({ inUse: false });
    world.register();
    await world.clock.advance(11 * second);
    expect(world.health()?.state).toBe("unused");
    expect(world.balancers.plan().targetGroups).toEqual([]);
    for (let turn = 0; turn < 2; turn++) {
      world.store.write((tx) => tx.table(listeners).put(listener));
      await world.clock.advance(1 * second);
      expect(world.health()?.state).toBe("initial");
      await world.clock.advance(11 * second);
      expect(world.health()?.state).toBe("healthy");
      world.store.write((tx) => tx.table(listeners).delete(scope, "listener"));
      await world.clock.advance(1 * second);
      expect(world.health()?.state).toBe("unused");
    }
    await world.stop();
  });

  it("a zone without a node: unused, in AWS's words", async () => {
    const world = openWorld();
    world.register("eu-west-1b");
    await world.clock.advance(1 * second);
    expect(world.health()).toEqual({
      state: "unused",
      reason: "Target.NotInUse",
      description: "Target is in an Availability Zone that is not enabled for the load balancer",
    });
    await world.stop();
  });

  it("registered anew while it drains: what was said of the old registration does not count", async () => {
    const world = openWorld();
    world.register();
    await world.clock.advance(11 * second);
    world.drain();
    await world.clock.advance(1 * second);
    world.register();
    await world.clock.advance(1 * second);
    expect(world.health()?.state).toBe("initial");
    await world.clock.advance(10 * second);
    expect(world.health()?.state).toBe("healthy");
    await world.stop();
  });

  it("a new engine on the same state: a healthy target stays healthy, an overdue drain ends", async () => {
    const world = openWorld();
    world.register();
    await world.clock.advance(11 * second);
    await world.stop();
    const dependencies = {
      store: world.store,
      clock: world.clock,
      ids: sequentialIds(),
      logger: recordingLogger(),
      balancers: simulatedBalancer({ clock: world.clock }),
    };
    const loops = [targetsLoop(dependencies), balancersLoop(dependencies)];
    for (const loop of loops) loop.start();
    await world.clock.advance(5 * second);
    expect(world.health()?.state).toBe("healthy");
    world.drain();
    await Promise.all(loops.map((loop) => loop.stop()));
    await world.clock.advance(100 * second);
    const late = targetsLoop(dependencies);
    late.start();
    await world.clock.advance(1 * second);
    expect(world.health()).toBeUndefined();
    await late.stop();
  });
});
