/** A namespace that plays the host, so that the real one keeps its settings. */
import { linuxFabric } from "../../../src/dataplane/network/linux/driver.ts";
import type { NetworkFabric } from "../../../src/dataplane/network/port.ts";
import { recordingLogger } from "../../../src/seams/logger.ts";
import { clock, exec, runOk } from "./live-engine.ts";

export type HostNamespace = {
  /** Runs a script of the shell on it. */
  run(script: string): Promise<string>;
  /** The fabric of an engine that runs on it. */
  fabric(engineId: string): NetworkFabric;
  make(): Promise<void>;
  /** Takes it away, with all that the engines' fabrics may have left. */
  remove(engineIds: readonly string[]): Promise<void>;
};

export function hostNamespace(name: string): HostNamespace {
  const inside = `--net=/run/netns/${name}`;
  const host: HostNamespace = {
    run: (script) => runOk("nsenter", [inside, "sh", "-c", script]),
    fabric: (engineId) =>
      linuxFabric({
        engineId,
        exec: {
          ...exec,
          start: (program, args, options) =>
            exec.start("nsenter", [inside, program, ...args], options),
        },
        clock,
        logger: recordingLogger(),
      }),
    async make() {
      await runOk("ip", ["netns", "add", name]);
      await host.run("ip link set lo up");
    },
    async remove(engineIds) {
      for (const id of engineIds) await host.fabric(id).stop({ removeAll: true });
      await runOk("ip", ["netns", "del", name]);
    },
  };
  return host;
}
