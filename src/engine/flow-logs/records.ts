/**
 * What a flow log says of an interface for one window of time (pure): a record for each flow and action,
 * or one that says that there was none, or that not all were counted.
 */
import type { Task } from "../../model/ecs.ts";
import type { FlowCount, FlowCounts, Traffic } from "../../model/flow-count.ts";
import { fieldsOf, flowLogFields } from "../../model/flow-log-fields.ts";
import { addressesOf, type FlowLog, type NetworkInterface } from "../../model/network.ts";
import { contains } from "../network-path/records.ts";

export type LoggedInterface = {
  readonly record: NetworkInterface;
  readonly zoneId: string | undefined;
  /** Blocks of its VPC, and of the VPCs that are peered with it. */
  readonly ownCidrs: readonly string[];
  readonly peerCidrs: readonly string[];
  /** When it is a task's. */
  readonly task: Task | undefined;
};

/** Engine time, in milliseconds. */
export type Window = { readonly start: number; readonly end: number };

type Action = "ACCEPT" | "REJECT";
type Values = Readonly<Record<string, string | number | undefined>>;

export function flowRecords(
  log: Pick<FlowLog, "logFormat" | "trafficType">,
  of: LoggedInterface,
  { flows, isWhole }: FlowCounts,
  window: Window,
): string[] {
  const fields = fieldsOf(log.logFormat);
  const common = { ...identity(of, fields), ...timesOf(window) };
  const seen = flows
    .flatMap((flow) => entriesOf(of, flow))
    .filter(({ action }) => log.trafficType === "ALL" || log.trafficType === action)
    .map((values) => ({ ...common, ...values, "log-status": "OK" }));
  const about = isWhole ? [] : [{ ...common, "log-status": "SKIPDATA" }];
  const all: readonly Values[] = [...seen, ...about];
  const said = all.length > 0 ? all : [{ ...common, "log-status": "NODATA" }];
  return said.map((values) => fields.map((field) => values[field] ?? "-").join(" "));
}

const timesOf = ({ start, end }: Window): Values => ({
  start: Math.floor(start / 1000),
  end: Math.floor(end / 1000),
});

function identity(of: LoggedInterface, fields: readonly string[]): Values {
  const { record, zoneId, task } = of;
  return {
    version: Math.max(...fields.map((field) => flowLogFields[field] ?? 2)),
    "account-id": record.account,
    "interface-id": record.networkInterfaceId,
    "vpc-id": record.vpcId,
    "subnet-id": record.subnetId,
    region: record.region,
    "az-id": zoneId,
    ...(task && taskFields(task)),
  };
}

const taskFields = (task: Task): Values => ({
  "ecs-cluster-arn": task.clusterArn,
  "ecs-cluster-name": lastOf(task.clusterArn),
  "ecs-service-name": task.serviceArn === undefined ? undefined : lastOf(task.serviceArn),
  "ecs-task-definition-arn": task.taskDefinitionArn,
  "ecs-task-arn": task.arn,
  "ecs-task-id": task.id,
});

const lastOf = (arn: string): string | undefined => arn.split("/").at(-1);

type Entry = Values & { readonly action: Action };

/**
 * A flow within the interface's own addresses is both: what it sends and what it gets. As on AWS its end
 * is said to be its primary address, and only the packets' fields tell a secondary one.
 */
function entriesOf(of: LoggedInterface, flow: FlowCount): Entry[] {
  const { privateIp } = of.record;
  const own = addressesOf(of.record).map((one) => one.privateIp);
  const outward = own.includes(flow.source) ? sidesOf(flow.sent) : [];
  const inward = own.includes(flow.destination) ? sidesOf(flow.received) : [];
  return [
    ...outward.map(([action, traffic]) => ({
      ...valuesOf(flow, action, traffic),
      srcaddr: privateIp,
      "flow-direction": "egress",
      "traffic-path": pathOf(of, flow.destination),
    })),
    ...inward.map(([action, traffic]) => ({
      ...valuesOf(flow, action, traffic),
      dstaddr: privateIp,
      "flow-direction": "ingress",
    })),
  ];
}

const sidesOf = ({ accepted, rejected }: FlowCount["sent"]): [Action, Traffic][] =>
  (
    [
      ["ACCEPT", accepted],
      ["REJECT", rejected],
    ] as [Action, Traffic][]
  ).filter(([, { packets }]) => packets > 0);

const valuesOf = (flow: FlowCount, action: Action, { packets, bytes }: Traffic): Entry => ({
  srcaddr: flow.source,
  dstaddr: flow.destination,
  "pkt-srcaddr": flow.source,
  "pkt-dstaddr": flow.destination,
  srcport: flow.sourcePort,
  dstport: flow.destinationPort,
  protocol: flow.protocol,
  packets,
  bytes,
  action,
  "tcp-flags": flow.protocol === 6 ? flow.tcpFlags : 0,
  type: "IPv4",
});

/** AWS's numbers: inside the VPC, by a peering within the region, by an internet gateway. */
function pathOf({ ownCidrs, peerCidrs }: LoggedInterface, address: string): number {
  if (ownCidrs.some((cidr) => contains(cidr, address))) return 1;
  return peerCidrs.some((cidr) => contains(cidr, address)) ? 4 : 8;
}
