/**
 * Delivers flow logs: once a minute of engine time what each logged interface sent and got, and what was
 * kept from it, to the log's group, a stream an interface. Flows are counted from a log's creation on.
 *
 * A minute is the window of every log, whatever longer one it allows, as on AWS's present instances. An
 * interface that goes within the window is remembered until its last flows are told.
 */
import type { LogStore } from "../dataplane/logs/port.ts";
import type { NetworkFabric } from "../dataplane/network/port.ts";
import { flowRecords, type LoggedInterface, type Window } from "../engine/flow-logs/records.ts";
import { cidrsOf } from "../engine/network-path/records.ts";
import type { Task } from "../model/ecs.ts";
import type { FlowCounts } from "../model/flow-count.ts";
import { logStreamArn } from "../model/logs.ts";
import type { FlowLog, NetworkInterface } from "../model/network.ts";
import { globalRegion } from "../model/scope.ts";
import { type Access, isAllowed, judge } from "../state/authorization.ts";
import { isLoggedBy, loggedVpc } from "../state/flow-logs.ts";
import { ensureLogGroup } from "../state/log-groups.ts";
import { ensureLogStream, logStreamKey } from "../state/log-streams.ts";
import type { ReadTransaction, Store } from "../state/store.ts";
import type { Change } from "../state/table.ts";
import { tasks } from "../state/tables/ecs.ts";
import { roles } from "../state/tables/iam.ts";
import { logGroups } from "../state/tables/logs.ts";
import {
  flowLogs,
  networkInterfaces,
  subnets,
  vpcPeeringConnections,
  vpcs,
} from "../state/tables/network.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

export type FlowLogNeeds = LoopDependencies & {
  readonly fabric: Pick<NetworkFabric, "takeFlows">;
  readonly logs: Pick<LogStore, "append">;
};

const windowMs = 60_000;

export function createFlowLogLoop(needs: FlowLogNeeds): Loop {
  const { store, clock, fabric, logger } = needs;
  /** The end of the last window; undefined while there is no log. */
  let toldUntil: number | undefined;
  let departed: NetworkInterface[] = [];
  let unwatch = (): void => {};

  const remember = (changes: readonly Change[]): void => {
    if (toldUntil === undefined) return;
    for (const { table, before, after } of changes) {
      if (table === networkInterfaces.name && before && !after) {
        departed.push(before as NetworkInterface);
      }
    }
  };

  const tell = async (logs: readonly FlowLog[], start: number, end: number): Promise<void> => {
    const gone = departed;
    departed = [];
    const byVpc = new Map<string, FlowLog[]>();
    for (const log of logs) {
      const vpcId = store.read((tx) => loggedVpc(tx, log));
      if (vpcId !== undefined) byVpc.set(vpcId, [...(byVpc.get(vpcId) ?? []), log]);
    }
    for (const [vpcId, ofVpc] of byVpc) {
      const counts = await fabric.takeFlows(vpcId);
      for (const log of ofVpc) {
        const window = { start: Math.max(start, log.createdAt), end };
        await deliver(needs, log, counts, gone, window).catch((error: unknown) => {
          logger.error("flow-logs: records were not delivered", { log: log.flowLogId, error });
        });
      }
    }
  };

  const loop = createLoop({
    ...needs,
    name: "flow-logs",
    concerns: ({ table }) => table === flowLogs.name,
    async pass() {
      const logs = store.read((tx) => tx.table(flowLogs).all());
      if (logs.length === 0) {
        toldUntil = undefined;
        departed = [];
        return undefined;
      }
      const now = clock.now();
      toldUntil ??= now;
      if (now - toldUntil < windowMs) return toldUntil + windowMs - now;
      const start = toldUntil;
      toldUntil = now;
      await tell(logs, start, now);
      return windowMs;
    },
  });

  return {
    ...loop,
    start() {
      unwatch = store.watch(remember);
      loop.start();
    },
    async stop() {
      unwatch();
      await loop.stop();
    },
  };
}

async function deliver(
  { store, clock, logs }: FlowLogNeeds,
  log: FlowLog,
  counts: FlowCounts,
  gone: readonly NetworkInterface[],
  window: Window,
): Promise<void> {
  const interfaces = store.read((tx) =>
    [...tx.table(networkInterfaces).list(log), ...gone]
      .filter((record) => isSameScope(record, log) && isLoggedBy(log, record))
      .map((record) => factsOf(tx, record)),
  );
  const failure = store.read((tx) => whyNot(tx, log));
  noteFailure(store, log, failure);
  if (failure !== undefined) return;
  const timestamp = clock.now();
  for (const one of interfaces) {
    const messages = flowRecords(log, one, counts, window);
    const stream = `${one.record.networkInterfaceId}-${log.trafficType.toLowerCase()}`;
    const place = { scope: log, group: log.logGroupName };
    store.write((tx) => {
      ensureLogGroup(tx, { ...place, now: timestamp });
      ensureLogStream(tx, { ...place, stream, now: timestamp });
    });
    const events = messages.map((message) => ({ timestamp: window.start, message }));
    await logs.append(logStreamKey(log, log.logGroupName, stream), events, timestamp);
  }
}

function noteFailure(store: Store, log: FlowLog, failure: FlowLog["failure"]): void {
  if (failure === log.failure) return;
  store.write((tx) => {
    const record = tx.table(flowLogs).get(log, log.flowLogId);
    if (!record) return;
    const { failure: _, ...rest } = record;
    tx.table(flowLogs).put(failure === undefined ? rest : { ...rest, failure });
  });
}

const isSameScope = (one: NetworkInterface, other: FlowLog): boolean =>
  one.account === other.account && one.region === other.region;

function factsOf(tx: ReadTransaction, record: NetworkInterface): LoggedInterface {
  const peers = tx
    .table(vpcPeeringConnections)
    .by("vpc", record, record.vpcId)
    .filter(({ status }) => status === "active")
    .map(({ requester, accepter }) => (requester.vpcId === record.vpcId ? accepter : requester));
  const { owner } = record;
  const own = tx.table(vpcs).get(record, record.vpcId);
  return {
    record,
    zoneId: tx.table(subnets).get(record, record.subnetId)?.availabilityZoneId,
    ownCidrs: own ? cidrsOf(own) : [],
    peerCidrs: peers.flatMap((side) => {
      const vpc = tx.table(vpcs).get(side, side.vpcId);
      return vpc ? cidrsOf(vpc) : [];
    }),
    task: owner.type === "ecs-task" ? taskOf(tx, record, owner.taskArn) : undefined,
  };
}

const taskOf = (tx: ReadTransaction, scope: NetworkInterface, arn: string): Task | undefined =>
  tx.table(tasks).get(scope, arn);

const deliverer: Access = {
  principal: { type: "service", name: "vpc-flow-logs.amazonaws.com" },
  identity: [],
  boundary: undefined,
  session: undefined,
  keys: {},
};

/** AWS's word for why records do not come through the role; undefined when they do. */
function whyNot(tx: ReadTransaction, log: FlowLog): "Access error" | undefined {
  const name = log.roleArn.split("/").at(-1) ?? "";
  const account = log.roleArn.split(":")[4] ?? "";
  const role = tx.table(roles).get({ account, region: globalRegion }, name);
  if (role?.arn !== log.roleArn) return "Access error";
  const group = logStreamArn(log, log.logGroupName);
  const may = (action: string, resource: string): boolean =>
    isAllowed(tx, { roleArn: log.roleArn, sessionName: "flow-logs" }, action, resource).type ===
    "allowed";
  const hasGroup = tx.table(logGroups).get(log, log.logGroupName) !== undefined;
  const isFree =
    judge(deliverer, {
      action: "sts:AssumeRole",
      resource: role.arn,
      resourcePolicy: role.trustPolicy,
      resourceMustAllow: true,
      resourceAccount: account,
    }).type === "allowed" &&
    (hasGroup || may("logs:CreateLogGroup", group)) &&
    may("logs:CreateLogStream", group) &&
    may("logs:PutLogEvents", group);
  return isFree ? undefined : "Access error";
}
