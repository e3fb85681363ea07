/** The task loop's reading and writing of state. */
import { balancersOf } from "../../engine/deployment/task-health.ts";
import {
  type NameServing,
  nameServing,
  privateDnsName,
} from "../../engine/task-lifecycle/addresses.ts";
import { deprovisioning, interfaceAttached } from "../../engine/task-lifecycle/outcomes.ts";
import { interfaceNotCreated } from "../../engine/task-lifecycle/reasons.ts";
import type { Task, TaskDefinition } from "../../model/ecs.ts";
import type { Subnet } from "../../model/network.ts";
import {
  createNetworkInterface,
  deleteNetworkInterface,
  SubnetFullError,
} from "../../state/network-interfaces.ts";
import { allocatePublicAddress } from "../../state/public-addresses.ts";
import type { ReadTransaction, WriteTransaction } from "../../state/store.ts";
import { services, tasks } from "../../state/tables/ecs.ts";
import { targets } from "../../state/tables/load-balancing.ts";
import { dhcpOptions, securityGroups, subnets, vpcs } from "../../state/tables/network.ts";
import { findDefinition } from "../find-definition.ts";
import type { LoopDependencies } from "../loop.ts";
import { TaskFailure } from "./needs.ts";

export type TaskRecords = {
  read(): Task | undefined;
  definition(task: Task): TaskDefinition | undefined;
  /** Whether a target group still knows the task. */
  hasTargets(task: Task): boolean;
  /** Applies `change` to the task as it is now; a task that is gone stays gone. */
  commit(change: (task: Task) => Task): void;
  /** Creates the task's interface with its record. Throws `TaskFailure`. */
  attachInterface(): void;
  /** Deletes it, with the task's move to DEPROVISIONING. */
  detachInterface(): void;
  /** The VPC of the task's subnet, and where its tasks ask for names. */
  network(task: Task): { readonly vpcId: string; readonly names: NameServing } | undefined;
};

export function createTaskRecords(
  { store, ids, clock }: LoopDependencies,
  scope: { readonly account: string; readonly region: string },
  arn: string,
): TaskRecords {
  const read = (): Task | undefined => store.read((tx) => tx.table(tasks).get(scope, arn));
  const change = (work: (tx: WriteTransaction, task: Task) => Task): void =>
    store.write((tx) => {
      const task = tx.table(tasks).get(scope, arn);
      if (!task) return;
      const changed = work(tx, task);
      if (changed !== task) tx.table(tasks).put(changed);
    });
  return {
    read,
    definition: (task) => store.read((tx) => findDefinition(tx, task, task.taskDefinitionArn)),
    hasTargets: (task) => store.read((tx) => hasTargets(tx, task)),
    commit: (work) => change((_, task) => work(task)),
    attachInterface: () =>
      change((tx, task) => {
        const subnet = tx.table(subnets).get(task, task.attachment.subnetId);
        if (!subnet) throw interfaceFailure(task, "InvalidSubnetID.NotFound");
        const { privateIp, networkInterfaceId, macAddress } = makeInterface(tx, task, subnet);
        return interfaceAttached(task, {
          networkInterfaceId,
          macAddress,
          privateIp,
          privateDnsName: privateDnsName(task.region, privateIp),
        });
      }),
    detachInterface: () =>
      change((tx, task) => {
        const { networkInterfaceId } = task.attachment;
        if (networkInterfaceId) deleteNetworkInterface(tx, task, networkInterfaceId);
        return deprovisioning(task);
      }),
    network: (task) => store.read((tx) => findNetwork(tx, task)),
  };

  function makeInterface(tx: WriteTransaction, task: Task, subnet: Subnet) {
    const { attachment, network } = task;
    try {
      return createNetworkInterface(tx, ids, {
        scope: task,
        subnetId: subnet.subnetId,
        groupIds: groupsOf(tx, task, subnet),
        description: `arn:aws:ecs:${task.region}:${task.account}:attachment/${attachment.id}`,
        owner: { type: "ecs-task", taskArn: task.arn, attachmentId: attachment.id },
        // Those that ECS manages, and no others, go on to what it makes for the task.
        tags: task.tags.filter(({ key }) => key.startsWith("aws:ecs:")),
        ...(network.assignPublicIp === "ENABLED" && { publicIp: allocatePublicAddress(tx, ids) }),
        now: clock.now(),
      });
    } catch (error) {
      if (!(error instanceof SubnetFullError)) throw error;
      throw interfaceFailure(task, "InsufficientFreeAddressesInSubnet");
    }
  }
}

const interfaceFailure = (task: Task, code: string): TaskFailure =>
  new TaskFailure(interfaceNotCreated(task.attachment.subnetId, task.network.assignPublicIp, code));

/** The VPC's default group where the task names none. */
function groupsOf(tx: ReadTransaction, task: Task, subnet: Subnet): readonly string[] {
  if (task.network.securityGroups.length > 0) return task.network.securityGroups;
  const groups = tx.table(securityGroups).by("vpc", task, subnet.vpcId);
  return groups.filter((group) => group.groupName === "default").map((group) => group.groupId);
}

function hasTargets(tx: ReadTransaction, task: Task): boolean {
  const { serviceArn, attachment, startedAt } = task;
  if (serviceArn === undefined || startedAt === undefined) return false;
  const service = tx.table(services).get(task, serviceArn);
  if (!service) return false;
  return balancersOf(service, task).some(({ targetGroupArn, containerPort }) => {
    const key = `${targetGroupArn}|${attachment.privateIp}|${containerPort}`;
    const target = tx.table(targets).get(task, key);
    return target !== undefined && target.registeredAt >= startedAt;
  });
}

function findNetwork(tx: ReadTransaction, task: Task): ReturnType<TaskRecords["network"]> {
  const subnet = tx.table(subnets).get(task, task.attachment.subnetId);
  const vpc = subnet && tx.table(vpcs).get(task, subnet.vpcId);
  if (!vpc) return undefined;
  const options = tx.table(dhcpOptions).get(task, vpc.dhcpOptionsId);
  return { vpcId: vpc.vpcId, names: nameServing(vpc, options) };
}
