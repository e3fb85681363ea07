/** What containers use, as the daemon and the kernel tell it. */
import { readFile } from "node:fs/promises";
import type { ContainerStats, NetworkCounters } from "../port.ts";

/** The daemon has empty statistics for a container that does not run. */
export const isRunning = ({ cpu_stats, memory_stats }: ContainerStats): boolean =>
  cpu_stats.cpu_usage.total_usage > 0 || memory_stats.usage !== undefined;

/** Of the network that a process of this machine is in, loopback apart; undefined when it is gone. */
export async function readCounters(
  pid: number,
): Promise<Record<string, NetworkCounters> | undefined> {
  const text = await readFile(`/proc/${pid}/net/dev`, "utf8").catch(() => undefined);
  return text === undefined ? undefined : parseCounters(text);
}

/** `/proc/<pid>/net/dev` */
export function parseCounters(text: string): Record<string, NetworkCounters> {
  const lines = text.split("\n").flatMap((line) => {
    const [, name, rest = ""] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    return name === undefined || name === "lo"
      ? []
      : [[name, rest.split(/\s+/).map(Number)] as const];
  });
  return Object.fromEntries(lines.map(([name, counts]) => [name, toCounters(counts)]));
}

/** Eight numbers of what came, then eight of what went. */
const toCounters = (counts: readonly number[]): NetworkCounters => ({
  rx_bytes: counts[0] ?? 0,
  rx_packets: counts[1] ?? 0,
  rx_errors: counts[2] ?? 0,
  rx_dropped: counts[3] ?? 0,
  tx_bytes: counts[8] ?? 0,
  tx_packets: counts[9] ?? 0,
  tx_errors: counts[10] ?? 0,
  tx_dropped: counts[11] ?? 0,
});
