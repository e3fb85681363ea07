/**
 * What a task's containers use, as `…/stats` tells it: the runtime's own account of a container, the
 * network of the whole task, and what the last answer knew, from which readers work out rates.
 */
import type {
  ContainerRuntime,
  ContainerStats,
  NetworkCounters,
} from "../../dataplane/containers/port.ts";
import type { Task } from "../../model/ecs.ts";

export type TaskStats = {
  /** Null for a container that does not run. */
  ofContainer(task: Task, name: string): Promise<object | null>;
  /** Forgets the samples of containers that are not among these handles. */
  keep(handles: ReadonlySet<string>): void;
};

type Sample = {
  readonly stats: ContainerStats;
  readonly networks: Readonly<Record<string, NetworkCounters>>;
};

export function createTaskStats(
  runtime: Pick<ContainerRuntime, "networkCounters" | "stats">,
): TaskStats {
  /** By handle. */
  const last = new Map<string, Sample>();
  return {
    async ofContainer(task, name) {
      const container = task.containers.find((one) => one.name === name);
      const handle = container?.handle;
      if (handle === undefined) return null;
      const before = last.get(handle);
      // Without an earlier sample the runtime takes two, a moment apart.
      const stats = await runtime.stats(handle, before === undefined);
      if (!stats) return null;
      const networks = (task.sandbox && (await runtime.networkCounters(task.sandbox))) ?? {};
      last.set(handle, { stats, networks });
      return toDocument(container?.runtimeId, name, { stats, networks }, before);
    },
    keep(handles) {
      for (const handle of last.keys()) if (!handles.has(handle)) last.delete(handle);
    },
  };
}

function toDocument(
  id: string | undefined,
  name: string,
  { stats, networks }: Sample,
  before: Sample | undefined,
): object {
  const previous = before?.stats;
  return {
    ...stats,
    name,
    id,
    ...(previous && { preread: previous.read, precpu_stats: previous.cpu_stats }),
    networks: asOnFargate(networks),
    ...(before && { network_rate_stats: ratesOf({ stats, networks }, before) }),
  };
}

/** There the interface of the VPC is the second one that a task has. */
const asOnFargate = (networks: Sample["networks"]): object =>
  Object.fromEntries(
    Object.entries(networks).map(([name, counters]) => [name === "eth0" ? "eth1" : name, counters]),
  );

function ratesOf(now: Sample, before: Sample): object {
  const seconds = (Date.parse(now.stats.read) - Date.parse(before.stats.read)) / 1000;
  const rate = (member: "rx_bytes" | "tx_bytes"): number => {
    const gained = total(now, member) - total(before, member);
    return seconds > 0 ? Math.max(0, gained / seconds) : 0;
  };
  return { rx_bytes_per_sec: rate("rx_bytes"), tx_bytes_per_sec: rate("tx_bytes") };
}

const total = ({ networks }: Sample, member: "rx_bytes" | "tx_bytes"): number =>
  Object.values(networks).reduce((sum, one) => sum + one[member], 0);
