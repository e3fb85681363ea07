/**
 * What the engine does on a task's behalf goes by the task's own interface: the path model says
 * whether a registry, a log group or a secret could be reached from there.
 */
import { publicServiceAddress } from "../../engine/network-path/services.ts";
import { internetAddress, type PathEnd, walk } from "../../engine/network-path/walk.ts";
import type { Task } from "../../model/ecs.ts";
import { readNetworkRecords } from "../../state/network-records.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { networkInterfaces } from "../../state/tables/network.ts";

export type Destination =
  /** An AWS service, by the last part of its endpoints' name: `ecr.api`, `logs`. */
  | { readonly type: "service"; readonly service: string; readonly region: string }
  | { readonly type: "internet" };

/** The address that does not answer; undefined when the way is open. */
export type Blocked = { readonly address: string } | undefined;

const https = { protocol: "tcp", port: 443 };

export function taskPath(tx: ReadTransaction, task: Task, destination: Destination): Blocked {
  const { networkInterfaceId } = task.attachment;
  if (networkInterfaceId === undefined) return undefined;
  const record = tx.table(networkInterfaces).get(task, networkInterfaceId);
  if (!record) return undefined;
  const to: PathEnd = destination;
  const { open } = walk(readNetworkRecords(tx), { type: "interface", record }, to, https);
  return open ? undefined : { address: addressOf(destination) };
}

const addressOf = (destination: Destination): string =>
  destination.type === "internet"
    ? internetAddress
    : publicServiceAddress(destination.region, destination.service);
