/**
 * The network on Linux: a namespace a VPC, a veth an interface, nftables for the groups.
 *
 * Ours on a host are namespaces and links named `ng<engine>-…` (links inside the VPCs aside, which go
 * with their namespace) and the table `neargate_<engine>`. All of it outlives the engine.
 */
import { existsSync, readdirSync } from "node:fs";
import { noFlows } from "../../../model/flow-count.ts";
import type { Clock } from "../../../seams/clock.ts";
import type { Exec } from "../../../seams/exec.ts";
import type { Logger } from "../../../seams/logger.ts";
import { DriverError, PrerequisiteError } from "../../errors.ts";
import { edgeNamespace, hostNamespace, uplinkPrefix, vpcNamespace } from "../names.ts";
import type { NetworkFabric } from "../port.ts";
import { createEdge } from "./edge.ts";
import { createHost } from "./host.ts";
import { probeOutward } from "./outward-probe.ts";
import { checkRights, notAllowed } from "./rights.ts";
import { openShell } from "./shell.ts";
import { createUplinks } from "./uplinks.ts";
import { createVpcNamespace, type VpcNamespace } from "./vpc-namespace.ts";

export type LinuxFabricOptions = {
  /** 6 hex digits. */
  readonly engineId: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly logger: Logger;
};

const tools = [
  ["ip", "iproute2"],
  ["nft", "nftables"],
  ["nsenter", "util-linux"],
] as const;

export function linuxFabric({ engineId, exec, clock, logger }: LinuxFabricOptions): NetworkFabric {
  const shell = openShell({ exec, clock });
  const ipv6 = existsSync("/proc/sys/net/ipv6");
  const edge = createEdge(shell, engineId);
  const host = createHost(shell, engineId);
  const uplinks = createUplinks(shell, engineId, ipv6);
  const vpcs = new Map<string, VpcNamespace>();

  let last: Promise<unknown> = Promise.resolve();

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };

  const vpcOf = (vpcId: string): VpcNamespace => {
    const known = vpcs.get(vpcId);
    if (known) return known;
    const made = createVpcNamespace({ engineId, vpcId, shell, edge, uplinks, logger, ipv6 });
    vpcs.set(vpcId, made);
    return made;
  };

  const removeVpc = async (vpcId: string): Promise<void> => {
    await vpcOf(vpcId).remove();
    vpcs.delete(vpcId);
  };

  const removeAll = async (): Promise<void> => {
    if (process.getuid?.() !== 0) return;
    for (const vpcId of vpcsOnHost(engineId)) await removeVpc(vpcId);
    await shell.run([
      `for link in $(ip -o link | sed -n 's/^[0-9]*: \\(${uplinkPrefix(engineId)}[0-9]*\\)@.*/\\1/p'); do ip link del $link; done`,
      `ip netns del ${edgeNamespace(engineId)}`,
    ]);
    await host.removeAll();
  };

  return {
    kind: "linux",
    async start() {
      checkRights();
      await checkTools();
      try {
        await edge.start();
        await uplinks.start();
        await host.start(uplinks.range());
      } catch (error) {
        throw error instanceof DriverError ? new PrerequisiteError(notAllowed(error)) : error;
      }
      await probeOutward(shell, engineId, uplinks.range());
    },
    async stop(options) {
      if (options.removeAll) await inTurn(removeAll);
      await shell.close();
    },
    apply: (plan) => inTurn(() => vpcOf(plan.vpcId).apply(plan)),
    removeVpc: (vpcId) => inTurn(() => removeVpc(vpcId)),
    inventory: async () => vpcsOnHost(engineId),
    uplinkOf: uplinks.of,
    takeFlows: async (vpcId) => (await vpcs.get(vpcId)?.takeFlows()) ?? noFlows,
  };

  async function checkTools(): Promise<void> {
    const results = await shell.run(tools.map(([tool]) => `command -v ${tool}`));
    const missing = tools
      .filter((_, at) => results[at]?.code !== 0)
      .map(([, packaged]) => packaged);
    if (missing.length === 0) return;
    throw new PrerequisiteError(
      `The network needs programs that are missing here: apt-get install ${missing.join(" ")}; without containers: --runtime simulated.`,
    );
  }
}

function vpcsOnHost(engineId: string): string[] {
  if (!existsSync("/run/netns")) return [];
  const prefix = vpcNamespace(engineId, "");
  const others = [edgeNamespace(engineId), hostNamespace(engineId)];
  return readdirSync("/run/netns")
    .filter((name) => name.startsWith(prefix) && !others.includes(name))
    .map((name) => `vpc-${name.slice(prefix.length)}`);
}
