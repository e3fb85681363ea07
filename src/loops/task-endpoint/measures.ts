/**
 * What the task's document of metadata version 4 tells of measurements: the clock that its processes see
 * and the ephemeral storage in use. Taken when somebody asks, and kept for a moment, since finding out what
 * is stored means walking through it.
 */
import type { ContainerRuntime } from "../../dataplane/containers/port.ts";
import type { Task } from "../../model/ecs.ts";
import type { Clock } from "../../seams/clock.ts";

export type TaskMeasures = {
  /** Members for the document, those apart that cannot be measured. */
  ofTask(task: Task, document: Json): Promise<Json>;
  /** Forgets what was measured of tasks that are not among these ARNs. */
  keep(taskArns: ReadonlySet<string>): void;
};

type Json = Readonly<Record<string, unknown>>;
type Kept<T> = { readonly at: number; readonly value: Promise<T> };

const storageMs = 5000;
const clockMs = 60_000;
const mebibyte = 1024 * 1024;
/** A clock that is further away than requests may be dated cannot be called synchronised. */
const synchronizedMs = 1000;

export function createTaskMeasures(
  runtime: Pick<ContainerRuntime, "clockErrorMs" | "storageBytes">,
  clock: Pick<Clock, "wall">,
): TaskMeasures {
  const storage = new Map<string, Kept<number | undefined>>();
  let drift: Kept<Json> | undefined;

  const storageOf = (task: Task): Promise<number | undefined> => {
    const known = storage.get(task.arn);
    if (known && clock.wall() - known.at < storageMs) return known.value;
    const handles = task.containers.flatMap(({ handle }) => handle ?? []);
    const value = runtime.storageBytes(task.id, handles).catch(() => undefined);
    storage.set(task.arn, { at: clock.wall(), value });
    return value;
  };

  const measureClock = async (at: number): Promise<Json> => {
    const errorMs = await runtime.clockErrorMs().catch(() => undefined);
    if (errorMs === undefined) return {};
    const ClockSynchronizationStatus =
      errorMs <= synchronizedMs ? "SYNCHRONIZED" : "NOT_SYNCHRONIZED";
    const ReferenceTimestamp = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
    const ClockDrift = { ClockErrorBound: errorMs, ReferenceTimestamp, ClockSynchronizationStatus };
    return { ClockDrift };
  };

  const driftNow = (): Promise<Json> => {
    const at = clock.wall();
    if (!drift || at - drift.at >= clockMs) drift = { at, value: measureClock(at) };
    return drift.value;
  };

  return {
    async ofTask(task, document) {
      const [clockDrift, bytes] = await Promise.all([driftNow(), storageOf(task)]);
      const { EphemeralStorageMetrics: reserved, ...others } = document;
      const used = bytes === undefined ? {} : { Utilized: Math.ceil(bytes / mebibyte) };
      return {
        ...others,
        ...clockDrift,
        EphemeralStorageMetrics: { ...used, ...(reserved as Json | undefined) },
      };
    },
    keep(taskArns) {
      for (const arn of storage.keys()) if (!taskArns.has(arn)) storage.delete(arn);
    },
  };
}
