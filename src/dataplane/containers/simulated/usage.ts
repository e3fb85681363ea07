/**
 * What a simulated container uses: nothing, until its script says that it computes or holds memory. Its
 * processor time is added up over wall time, so that rates read from the account are those of the script.
 */
import type { Clock } from "../../../seams/clock.ts";
import type { ContainerSpec, ContainerStats } from "../port.ts";

export type Usage = {
  /** The process is there, and does nothing yet. */
  begin(): void;
  /** Percent of one processor from now on. */
  compute(percent: number): void;
  /** MiB from now on. */
  hold(mebibytes: number): void;
  /** MiB on disk from now on, as far as the container's storage goes. */
  store(mebibytes: number): void;
  storedBytes(): number;
  stats(): ContainerStats;
};

const nanosPerMs = 1_000_000;
const cpuUnits = 1024;
const previousMs = 1000;

export function createUsage(
  clock: Clock,
  {
    cpuLimitUnits,
    memoryLimitBytes,
    storageGiB,
  }: Pick<ContainerSpec, "cpuLimitUnits" | "memoryLimitBytes" | "storageGiB">,
): Usage {
  const processors = Math.max(1, Math.ceil((cpuLimitUnits ?? cpuUnits) / cpuUnits));
  let [nanos, since, percent, memory] = [0, clock.wall(), 0, 0];
  // Unlike memory it stays when the process ends.
  let stored = 0;

  /** Nanoseconds of processor time by `wall`, which is not before the last change. */
  const usedBy = (wall: number): number =>
    Math.round(nanos + ((Math.max(wall, since) - since) * nanosPerMs * percent) / 100);
  const settle = (): void => {
    nanos = usedBy(clock.wall());
    since = clock.wall();
  };
  const cpuAt = (wall: number): ContainerStats["cpu_stats"] => ({
    cpu_usage: { total_usage: usedBy(wall) },
    system_cpu_usage: wall * nanosPerMs * processors,
    online_cpus: processors,
  });

  return {
    begin() {
      [nanos, since, percent, memory] = [0, clock.wall(), 0, 0];
    },
    compute(wanted) {
      settle();
      percent = Math.min(wanted, ((cpuLimitUnits ?? processors * cpuUnits) / cpuUnits) * 100);
    },
    hold(mebibytes) {
      const bytes = mebibytes * 1024 * 1024;
      memory = Math.min(bytes, memoryLimitBytes ?? bytes);
    },
    store(mebibytes) {
      const bytes = mebibytes * 1024 * 1024;
      stored = Math.min(bytes, storageGiB === undefined ? bytes : storageGiB * 1024 ** 3);
    },
    storedBytes: () => stored,
    stats() {
      const wall = clock.wall();
      const before = Math.max(since, wall - previousMs);
      return {
        read: new Date(wall).toISOString(),
        preread: new Date(before).toISOString(),
        cpu_stats: cpuAt(wall),
        precpu_stats: cpuAt(before),
        memory_stats: {
          usage: memory,
          ...(memoryLimitBytes !== undefined && { limit: memoryLimitBytes }),
        },
        pids_stats: { current: 1 },
      };
    },
  };
}
