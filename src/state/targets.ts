/**
 * Registering and draining targets, for every writer that does: Elastic Load Balancing itself and
 * the loop that runs ECS services.
 */
import { drainingHealth, registeringHealth, unusedHealth } from "../engine/targets/health.ts";
import type { Target } from "../model/load-balancing.ts";
import type { Scope } from "../model/scope.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { listeners, targets } from "./tables/load-balancing.ts";

export type TargetName = {
  readonly scope: Scope;
  readonly targetGroupArn: string;
  /** The address. */
  readonly id: string;
  readonly port: number;
  readonly now: number;
};

export type NewTarget = TargetName & {
  /** The zone of the address; undefined for one outside the VPC (`all`). */
  readonly availabilityZone: string | undefined;
};

/**
 * Registers the target; one that is registered stays as it is, one that drains begins anew. The group
 * must exist.
 */
export function registerTarget(tx: WriteTransaction, input: NewTarget): Target {
  const { scope, targetGroupArn, id, port } = input;
  const known = findTarget(tx, input);
  if (known?.registration === "registered") return known;
  const record: Target = {
    account: scope.account,
    region: scope.region,
    targetGroupArn,
    id,
    port,
    availabilityZone: input.availabilityZone,
    registration: "registered",
    registeredAt: input.now,
    drainingSince: undefined,
    health: isGroupInUse(tx, scope, targetGroupArn) ? registeringHealth : unusedHealth,
  };
  tx.table(targets).put(record);
  return record;
}

/**
 * Takes the target out of service: `draining` for the group's delay, after which the target loop
 * deletes it; at once where no listener uses the group. Unknown targets are passed over.
 */
export function drainTarget(tx: WriteTransaction, input: TargetName): void {
  const known = findTarget(tx, input);
  if (!known || known.registration === "draining") return;
  if (!isGroupInUse(tx, input.scope, input.targetGroupArn)) {
    tx.table(targets).delete(input.scope, targets.key(known));
    return;
  }
  tx.table(targets).put({
    ...known,
    registration: "draining",
    drainingSince: input.now,
    health: drainingHealth,
  });
}

/** The group's targets, draining ones included, in order of registration. */
export function listTargets(tx: ReadTransaction, scope: Scope, targetGroupArn: string): Target[] {
  return tx.table(targets).by("targetGroup", scope, targetGroupArn);
}

/** Whether a listener forwards to the group. */
export function isGroupInUse(tx: ReadTransaction, scope: Scope, targetGroupArn: string): boolean {
  return tx.table(listeners).by("targetGroup", scope, targetGroupArn).length > 0;
}

const findTarget = (tx: ReadTransaction, name: Omit<TargetName, "now">): Target | undefined =>
  tx.table(targets).get(name.scope, `${name.targetGroupArn}|${name.id}|${name.port}`);
