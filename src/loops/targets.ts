/**
 * The targets' observed side: what the checks say becomes `Target.health`, and a target whose
 * deregistration delay is over ceases to be.
 */
import type { LoadBalancerDataplane } from "../dataplane/loadbalancer/port.ts";
import { isZoneEnabled } from "../engine/targets/edge-plan.ts";
import { drainEndsAt, nextTargetHealth } from "../engine/targets/health.ts";
import type { CheckVerdict, LoadBalancer, Target } from "../model/load-balancing.ts";
import type { ReadTransaction, WriteTransaction } from "../state/store.ts";
import { listeners, loadBalancers, targetGroups, targets } from "../state/tables/load-balancing.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

const concerning: ReadonlySet<string> = new Set(
  [listeners, loadBalancers, targetGroups, targets].map((table) => table.name),
);

const defaultDelaySeconds = 300;

/** What was said last of each registration. */
type Verdicts = Map<string, CheckVerdict>;

export function targetsLoop(
  dependencies: LoopDependencies & { readonly balancers: LoadBalancerDataplane },
): Loop {
  const { store, clock, balancers } = dependencies;
  const observed: Verdicts = new Map();
  let unwatch = (): void => {};
  const loop = createLoop({
    ...dependencies,
    name: "targets",
    concerns: (change) => concerning.has(change.table),
    async pass() {
      forgetUnregistered(
        observed,
        store.read((tx) => tx.table(targets).all()),
      );
      return store.write((tx) => updateTargets(tx, observed, clock.now()));
    },
  });
  return {
    ...loop,
    start() {
      unwatch = balancers.watch((observations) => {
        for (const one of observations) observed.set(registrationKey(one), one.verdict);
        loop.wake();
      });
      loop.start();
    },
    async stop() {
      unwatch();
      await loop.stop();
    },
  };
}

const registrationKey = (registration: {
  readonly targetGroupArn: string;
  readonly address: string;
  readonly port: number;
  readonly registeredAt: number;
}): string =>
  `${registration.targetGroupArn}|${registration.address}|${registration.port}|${registration.registeredAt}`;

const keyOf = (target: Target): string =>
  registrationKey({
    targetGroupArn: target.targetGroupArn,
    address: target.id,
    port: target.port,
    registeredAt: target.registeredAt,
  });

/** What was said of a registration that is over must not be kept for ever. */
function forgetUnregistered(observed: Verdicts, present: readonly Target[]): void {
  const keys = new Set(present.map(keyOf));
  for (const key of observed.keys()) if (!keys.has(key)) observed.delete(key);
}

/** Writes what changed; returns the milliseconds until the next drain ends. */
function updateTargets(tx: WriteTransaction, observed: Verdicts, now: number): number | undefined {
  const balancers = balancersOfGroups(tx);
  let wait: number | undefined;
  for (const target of tx.table(targets).all()) {
    const endsAt = drainEndsAt(target, delaySecondsOf(tx, target));
    if (endsAt !== undefined && endsAt <= now) {
      tx.table(targets).delete(target, targets.key(target));
      continue;
    }
    if (endsAt !== undefined) wait = Math.min(wait ?? Number.POSITIVE_INFINITY, endsAt - now);
    const balancer = balancers.get(target.targetGroupArn);
    // A group that is put to use again is checked anew.
    if (!balancer) observed.delete(keyOf(target));
    const health = nextTargetHealth(target, {
      groupInUse: balancer !== undefined,
      zoneEnabled: balancer !== undefined && isZoneEnabled(balancer, target),
      verdict: observed.get(keyOf(target)),
    });
    if (health !== target.health) tx.table(targets).put({ ...target, health });
  }
  return wait;
}

/** The balancer of each group that a listener forwards to. */
function balancersOfGroups(tx: ReadTransaction): ReadonlyMap<string, LoadBalancer> {
  const found = new Map<string, LoadBalancer>();
  for (const listener of tx.table(listeners).all()) {
    const balancer = tx.table(loadBalancers).get(listener, listener.loadBalancerArn);
    if (!balancer || listener.defaultAction.type !== "forward") continue;
    for (const { targetGroupArn } of listener.defaultAction.targets) {
      found.set(targetGroupArn, balancer);
    }
  }
  return found;
}

function delaySecondsOf(tx: WriteTransaction, target: Target): number {
  const group = tx.table(targetGroups).get(target, target.targetGroupArn);
  const value = group?.attributes["deregistration_delay.timeout_seconds"];
  return value === undefined ? defaultDelaySeconds : Number(value);
}
