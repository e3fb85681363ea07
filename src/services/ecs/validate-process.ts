/** Settings of a container's process: its limits, capabilities, kernel parameters, terminal, labels. */
import type {
  ContainerDefinition as Input,
  LinuxParameters as LinuxInput,
  Tmpfs as TmpfsInput,
} from "@aws-sdk/client-ecs";
import type { LinuxParameters, ProcessSettings, Tmpfs, Ulimit } from "../../model/ecs.ts";
import { checkEnum } from "./checks.ts";
import { clientError } from "./errors.ts";
import { pickEmptyLists, pickSettings, refuseSettings } from "./instance-settings.ts";

const ulimitNames = [
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
];

export function readProcess(input: Input, forFargate: boolean): ProcessSettings {
  return {
    linuxParameters: readLinuxParameters(input.linuxParameters, forFargate),
    readonlyRootFilesystem: input.readonlyRootFilesystem,
    pseudoTerminal: input.pseudoTerminal,
    interactive: input.interactive,
    ulimits: readUlimits(input.ulimits),
    systemControls: readSystemControls(input.systemControls),
    dockerLabels: input.dockerLabels,
  };
}

const instanceOnly = ["devices", "maxSwap", "sharedMemorySize", "swappiness"];

const capabilityNames = [
  ...["ALL", "AUDIT_CONTROL", "AUDIT_WRITE", "BLOCK_SUSPEND", "CHOWN", "DAC_OVERRIDE"],
  ...["DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE"],
  ...["LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE"],
  ...["NET_BROADCAST", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN"],
  ...["SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO"],
  ...["SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM"],
];

function readLinuxParameters(
  input: LinuxInput | undefined,
  forFargate: boolean,
): LinuxParameters | undefined {
  if (!input) return undefined;
  if (forFargate) {
    refuseSettings(input, instanceOnly, (member) =>
      clientError(`Fargate compatible task definitions do not support ${member}`),
    );
  }
  const { initProcessEnabled, capabilities } = input;
  const { add, drop } = capabilities ?? {};
  for (const capability of add ?? []) {
    if (!forFargate || capability === "SYS_PTRACE") continue;
    throw clientError(`${capability} is not allowed on Fargate.`);
  }
  for (const capability of [...(add ?? []), ...(drop ?? [])]) {
    if (!capabilityNames.includes(capability)) {
      throw clientError(`Invalid value '${capability}' for linuxParameters.capabilities`);
    }
  }
  const onInstances = {
    ...pickSettings(input, instanceOnly),
    ...pickEmptyLists(input, ["devices"]),
  };
  return {
    initProcessEnabled,
    capabilities: capabilities && { add, drop },
    ...(input.tmpfs && { tmpfs: input.tmpfs.map(readTmpfs) }),
    ...(Object.keys(onInstances).length > 0 && { onInstances }),
  };
}

/** What a mount in memory can be told; those of the second list take a value after an equals sign. */
const mountFlags = [
  ...["defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async"],
  ...["dirsync", "remount", "mand", "nomand", "atime", "noatime", "diratime", "nodiratime"],
  ...["bind", "rbind", "unbindable", "runbindable", "private", "rprivate", "shared", "rshared"],
  ...["slave", "rslave", "relatime", "norelatime", "strictatime", "nostrictatime"],
];
const mountValues = ["mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"];

function readTmpfs({ containerPath = "", size, mountOptions }: TmpfsInput): Tmpfs {
  if (!containerPath.startsWith("/")) {
    throw clientError(`Invalid container path '${containerPath}': it must be absolute.`);
  }
  if (!size || size < 1) {
    throw clientError(`Invalid 'size' setting for tmpfs '${containerPath}': it must be positive.`);
  }
  for (const option of mountOptions ?? []) {
    const isKnown = mountFlags.includes(option) || mountValues.includes(option.split("=")[0] ?? "");
    if (!isKnown) throw clientError(`Invalid value '${option}' for tmpfs mountOptions`);
  }
  return { containerPath, size, ...(mountOptions && { mountOptions }) };
}

const unlimited = -1;

const amountOf = (limit: number): number =>
  limit === unlimited ? Number.POSITIVE_INFINITY : limit;

function readUlimits(inputs: Input["ulimits"]): Ulimit[] | undefined {
  if (!inputs?.length) return undefined;
  return inputs.map(({ name = "", softLimit = 0, hardLimit = 0 }) => {
    checkEnum("ulimits.name", name, ulimitNames);
    if (softLimit < unlimited || hardLimit < unlimited) {
      throw clientError(`Limits must be ${unlimited} or greater for ulimit ${name}`);
    }
    if (amountOf(softLimit) > amountOf(hardLimit)) {
      throw clientError(`Soft limit exceeds hard limit for ulimit ${name}`);
    }
    return { name, softLimit, hardLimit };
  });
}

/** The kernel parameters that belong to a task's own namespaces. */
const ownParameter = /^(?:net\.|fs\.mqueue\.|kernel\.(?:msg|sem$|shm))/;

function readSystemControls(inputs: Input["systemControls"]): ProcessSettings["systemControls"] {
  if (!inputs?.length) return undefined;
  return inputs.map(({ namespace = "", value = "" }) => {
    if (!ownParameter.test(namespace)) {
      throw clientError(`Invalid systemControls namespace '${namespace}'.`);
    }
    return { namespace, value };
  });
}
