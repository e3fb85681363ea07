/**
 * How many open files a container may be allowed on this machine. Without CAP_SYS_RESOURCE (an engine
 * that itself runs in a container) no limit can be raised above the one there is, and a container that
 * asks for more does not start; it gets what there is, and that is said.
 */
import { readFileSync } from "node:fs";
import type { Logger } from "../../../seams/logger.ts";
import type { ContainerSpec } from "../port.ts";

/** The highest limit that can be given, by what `/proc/self/limits` and `/proc/self/status` say. */
export function largestOpenFiles(limits: string, status: string): number {
  const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  if ((capabilities & sysResource) !== 0n) return Number.POSITIVE_INFINITY;
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
}

const sysResource = 1n << 24n;

export type OpenFiles = (spec: ContainerSpec) => ContainerSpec;

/** Lowers what a container asks for to what it can have. */
export function openFilesWithin(logger: Logger, largest = readLargest()): OpenFiles {
  let isTold = false;
  return (spec) => {
    const asked = spec.ulimits?.find(({ name }) => name === "nofile");
    if (!asked || Math.max(asked.hard, asked.soft) <= largest) return spec;
    if (!isTold) logger.warn("containers may have fewer open files than they ask for", { largest });
    isTold = true;
    const lowered = {
      ...asked,
      soft: Math.min(asked.soft, largest),
      hard: Math.min(asked.hard, largest),
    };
    return {
      ...spec,
      ulimits: (spec.ulimits ?? []).map((limit) => (limit === asked ? lowered : limit)),
    };
  };
}

const readLargest = (): number =>
  largestOpenFiles(
    readFileSync("/proc/self/limits", "utf8"),
    readFileSync("/proc/self/status", "utf8"),
  );
