/** Whether this process may make networks, and what to say when it may not. */
import { readFileSync } from "node:fs";
import { PrerequisiteError } from "../../errors.ts";

/** Numbers of the capabilities in the kernel's masks. */
const needed = [
  ["CAP_NET_ADMIN", 12n],
  ["CAP_SYS_ADMIN", 21n],
] as const;

const otherwise = "or do without containers: --runtime simulated";

export type Rights = {
  readonly platform: string;
  readonly uid: number | undefined;
  /** `/proc/self/status`; empty where there is none. */
  readonly status: string;
};

/** Throws `PrerequisiteError`. */
export function checkRights(rights: Rights = ownRights()): void {
  const lack = lackOf(rights);
  if (lack !== undefined) throw new PrerequisiteError(`${lack}, ${otherwise}.`);
}

function lackOf({ platform, uid, status }: Rights): string | undefined {
  if (platform !== "linux") {
    return `The network needs Linux, and this is ${platform}: start neargate on a Linux machine`;
  }
  if (uid !== 0) return "The network needs root: start neargate with sudo";
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (mask === undefined) return undefined;
  const held = BigInt(`0x${mask}`);
  const missing = needed.flatMap(([name, at]) => ((held >> at) % 2n === 1n ? [] : [name]));
  if (missing.length === 0) return undefined;
  return `The network needs ${missing.join(" and ")}, which this root has not: start neargate with all rights (in a container: --privileged)`;
}

function ownRights(): Rights {
  const { platform } = process;
  const status = platform === "linux" ? read("/proc/self/status") : "";
  return { platform, uid: process.getuid?.(), status };
}

/** The root of a user namespace has every capability by name, and none over the host's network. */
export function notAllowed(error: Error): string {
  const [first = ""] = error.message.split("\n");
  const cause = first.replace(/ \(in: .*$/, "");
  const whose = isWholeRoot(read("/proc/self/uid_map"))
    ? "The network cannot be set up on this host"
    : "The network needs root of the machine itself, and this is root of a user namespace";
  return `${whose} (${cause}): start neargate as root, in a container with --privileged, ${otherwise}.`;
}

export const isWholeRoot = (uidMap: string): boolean => /^\s*0\s+0\s+4294967295\s*$/.test(uidMap);

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
