/** Bare IO: HAProxy's admin socket, its process, and what the host has. */
import { readdirSync, readFileSync } from "node:fs";
import net from "node:net";
import type { Exec } from "../../../seams/exec.ts";
import { DriverError } from "../../errors.ts";
import type { Files } from "./names.ts";

/** Runs commands one after another in one connection; the answers follow each other. */
export function runCommands(socket: string, commands: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const connection = net.connect(socket, () => connection.write(`${commands.join("; ")}\n`));
    connection.setEncoding("utf8");
    connection.setTimeout(5000, () => connection.destroy(new Error("no answer within 5 s")));
    connection.on("data", (text: string) => {
      answer += text;
    });
    connection.on("error", (error) =>
      reject(new DriverError("unavailable", `HAProxy does not answer: ${error.message}`)),
    );
    connection.on("end", () => resolve(answer));
  });
}

/** Starts HAProxy in the edge namespace; it takes over from `old`, which ends its last requests. */
export async function startProcess(
  exec: Exec,
  options: { readonly namespace: string; readonly files: Files; readonly old: number | undefined },
): Promise<void> {
  const { namespace, files, old } = options;
  const takeOver = old === undefined ? [] : ["-x", files.adminSocket, "-sf", String(old)];
  const result = await exec.run(
    "nsenter",
    [
      `--net=/run/netns/${namespace}`,
      "haproxy",
      "-D",
      "-p",
      files.pid,
      "-f",
      files.configuration,
      ...takeOver,
    ],
    { timeoutMs: 30_000 },
  );
  if (result.code === 0) return;
  const words = result.stderr
    .split("\n")
    .filter((line) => /ALERT|nsenter/.test(line))
    .join("; ");
  throw new DriverError("fatal", `HAProxy did not start: ${words || result.stderr.trim()}`);
}

/** Links of the namespace with their IPv4 addresses: `<link> <address>`. */
export async function readLinks(exec: Exec, namespace: string): Promise<Set<string>> {
  const result = await exec.run("ip", ["-n", namespace, "-j", "-4", "addr", "show"]);
  if (result.code !== 0) {
    throw new DriverError("unavailable", `no namespace ${namespace}: ${result.stderr.trim()}`);
  }
  type Link = { ifname: string; addr_info?: readonly { local?: string }[] };
  const links: readonly Link[] = JSON.parse(result.stdout || "[]");
  return new Set(
    links.flatMap((link) =>
      (link.addr_info ?? []).flatMap(({ local }) => (local ? `${link.ifname} ${local}` : [])),
    ),
  );
}

/** Why the port cannot be bound on the host's loopback, or undefined when it can. */
export function explainPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(portReason(error, port)));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(undefined)));
  });
}

function portReason(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === "EADDRINUSE") return `port ${port} is taken by another process`;
  if (error.code === "EACCES") return `port ${port} needs root`;
  return `port ${port} cannot be bound: ${error.message}`;
}

/** Processes that run this configuration, ends of earlier ones included: they are ours by its path. */
export function findProcesses(files: Files): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isOurs(pid, files));
}

function isOurs(pid: number, { configuration }: Files): boolean {
  const words = commandLine(pid);
  return /(^|\/)haproxy$/.test(words[0] ?? "") && words.includes(configuration);
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    // It ended meanwhile.
    return [];
  }
}

export function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

/** The pid that the file names, when it is a process of ours. */
export function readPid(files: Files): number | undefined {
  try {
    const pid = Number(readFileSync(files.pid, "utf8").trim().split("\n").at(-1));
    return isOurs(pid, files) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** File descriptors that a process started from here may have. */
export function descriptorLimit(): number {
  const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
  const hard = Number(line?.[1]);
  return Number.isNaN(hard) ? 1_000_000 : hard;
}
