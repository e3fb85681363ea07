/**
 * What the containers of a task take on disk: their images, each once, what they have written, and their
 * volumes. The daemon walks through the files, so it is asked only when somebody wants to know.
 */
import type { DockerCalls } from "./calls.ts";
import { taskLabel } from "./names.ts";

export async function taskStorageBytes(
  calls: Pick<DockerCalls, "inspectSize" | "listVolumes" | "volumeSizes">,
  engineId: string,
  taskId: string,
  containerIds: readonly string[],
): Promise<number> {
  const sizes = await Promise.all(containerIds.map((id) => calls.inspectSize(id)));
  const images = new Map<string, number>();
  let written = 0;
  for (const size of sizes) {
    if (!size) continue;
    // The one includes the other.
    images.set(size.Image, size.SizeRootFs - size.SizeRw);
    written += size.SizeRw;
  }
  const ofImages = [...images.values()].reduce((sum, bytes) => sum + bytes, 0);
  return ofImages + written + (await volumeBytes(calls, engineId, taskId));
}

async function volumeBytes(
  calls: Pick<DockerCalls, "listVolumes" | "volumeSizes">,
  engineId: string,
  taskId: string,
): Promise<number> {
  const names = await calls.listVolumes(engineId, taskId);
  if (names.length === 0) return 0;
  const own = (await calls.volumeSizes()).filter(({ Labels }) => Labels?.[taskLabel] === taskId);
  // Negative where the daemon does not know it.
  return own.reduce((sum, { UsageData }) => sum + Math.max(0, UsageData?.Size ?? 0), 0);
}
