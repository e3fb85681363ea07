/**
 * What an engine could leave on a host, as lines that can be compared before and after. Numbers that
 * change by themselves (interface indexes, counters, ids of processes) are left out.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { processExec } from "../src/seams/exec.ts";

export type HostSnapshot = Readonly<Record<string, readonly string[]>>;

const exec = processExec();

export async function takeHostSnapshot(): Promise<HostSnapshot> {
  return {
    "network namespaces": networkNamespaces(),
    "named namespaces": namedNamespaces(),
    links: await output("ip", ["-o", "link"], (line) => /^\d+: ([^:@]+)/.exec(line)?.[1]),
    addresses: await output("ip", ["-o", "addr"], (line) => / inet6? (\S+)/.exec(line)?.[1]),
    routes: await output("ip", ["route"], (line) => line.trim()),
    "packet rules": await output("nft", ["list", "ruleset"], withoutCounters),
    "iptables rules": await output("iptables-save", [], (line) =>
      /^-/.exec(line) ? withoutCounters(line) : undefined,
    ),
    mounts: mounts(),
    processes: processes(),
    forwarding: isForwarding() ? ["on"] : [],
    "runtime directories": runDirectories(),
    "control groups": controlGroups(),
  };
}

/** One line for each object of either kind. */
export type HostChanges = {
  readonly leftBehind: readonly string[];
  readonly gone: readonly string[];
};

export const compareSnapshots = (before: HostSnapshot, after: HostSnapshot): HostChanges => ({
  leftBehind: surplus(after, before),
  gone: surplus(before, after),
});

function surplus(of: HostSnapshot, over: HostSnapshot): string[] {
  return Object.keys(of).flatMap((kind) => {
    const known = counted(over[kind] ?? []);
    return [...counted(of[kind] ?? [])].flatMap(([line, count]) =>
      count > (known.get(line) ?? 0) ? [`${kind}: ${line}`] : [],
    );
  });
}

/** Whether an engine, alive or killed, has its network on the host. */
export const hasEngine = (snapshot: HostSnapshot): boolean =>
  (snapshot["named namespaces"] ?? []).some((name) => /^ng[0-9a-f]{6}-/.test(name));

function counted(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

const withoutCounters = (line: string): string | undefined =>
  line
    .replace(/counter packets \d+ bytes \d+/g, "counter")
    .replace(/\[\d+:\d+\]/g, "")
    .trim() || undefined;

async function output(
  program: string,
  args: readonly string[],
  pick: (line: string) => string | undefined,
): Promise<string[]> {
  try {
    const result = await exec.run(program, args);
    return result.stdout.split("\n").flatMap((line) => (line ? (pick(line) ?? []) : []));
  } catch {
    return [];
  }
}

const isForwarding = (): boolean =>
  readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim() === "1";

function processIds(): string[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
}

/** How many there are, by the processes in them; their numbers change. */
function networkNamespaces(): string[] {
  const seen = new Set<string>();
  for (const pid of processIds()) {
    try {
      seen.add(readlinkSync(`/proc/${pid}/ns/net`));
    } catch {}
  }
  return [...seen].map(() => "a network namespace with processes");
}

function namedNamespaces(): string[] {
  try {
    return readdirSync("/run/netns");
  } catch {
    return [];
  }
}

// The directory of names itself becomes a mount of iproute2's with the first name that a host ever has.
const ours = /neargate|docker|containerd|haproxy|\/run\/netns\//;

function mounts(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.flatMap((line) => {
    const target = line.split(" ")[4];
    return target && ours.test(target) ? [target] : [];
  });
}

const watched =
  /^(dockerd|containerd|containerd-shim.*|docker-proxy|docker-init|runc|haproxy|pause|nsenter|sh)$/;

function processes(): string[] {
  return processIds().flatMap((pid) => {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      // An ended process that nobody has reaped yet has no command line; it is not left behind.
      if (words.join("") === "") return [];
      if (name === "sh" || name === "nsenter") return words.includes("--net") ? [name] : [];
      return watched.test(name) ? [name] : [];
    } catch {
      return [];
    }
  });
}

function runDirectories(): string[] {
  return readdirSync("/run").filter((name) => name.startsWith("neargate"));
}

/** At the top of each hierarchy, wherever this machine mounts them. */
function controlGroups(): string[] {
  const root = "/sys/fs/cgroup";
  const names = (directory: string): string[] => {
    try {
      return readdirSync(directory);
    } catch {
      return [];
    }
  };
  return [root, ...names(root).map((name) => `${root}/${name}`)].flatMap((directory) =>
    names(directory)
      .filter((name) => name.startsWith("neargate"))
      .map((name) => `${directory}/${name}`),
  );
}
