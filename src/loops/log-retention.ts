/**
 * Deletes what logs no longer hold: once an hour the events that have outlived their group's
 * retention, and at the first look the streams whose deletion a crash cut short. The first look is a
 * minute after the start, and there is none without log groups, so that the log store need not start.
 */
import type { LogStore } from "../dataplane/logs/port.ts";
import { retentionHorizon } from "../model/logs.ts";
import { logStreamKey } from "../state/log-streams.ts";
import { logGroups, logStreams } from "../state/tables/logs.ts";
import { createLoop, type Loop, type LoopDependencies } from "./loop.ts";

const minute = 60_000;
const hour = 60 * minute;

export function createLogRetentionLoop(
  dependencies: LoopDependencies & {
    readonly logs: Pick<LogStore, "streams" | "deleteStream" | "deleteBefore">;
  },
): Loop {
  const { store, clock, logs } = dependencies;
  let looks = 0;
  const hasGroups = (): boolean => store.read((tx) => tx.table(logGroups).all().length > 0);

  const deleteUnknown = async (): Promise<void> => {
    const present = await logs.streams();
    const known = store.read((tx) => {
      const streams = tx.table(logStreams).all();
      return new Set(streams.map((stream) => logStreamKey(stream, stream.group, stream.name)));
    });
    await Promise.all(present.filter((key) => !known.has(key)).map(logs.deleteStream));
  };

  const deleteExpired = async (): Promise<void> => {
    const expired = store.read((tx) =>
      tx
        .table(logGroups)
        .all()
        .flatMap((group) => {
          const horizon = retentionHorizon(group, clock.now());
          const streams = tx.table(logStreams).by("group", group, group.name);
          const keys = streams.map((stream) => logStreamKey(group, group.name, stream.name));
          return horizon === undefined || keys.length === 0 ? [] : [{ keys, horizon }];
        }),
    );
    await Promise.all(expired.map(({ keys, horizon }) => logs.deleteBefore(keys, horizon)));
  };

  return createLoop({
    ...dependencies,
    name: "log-retention",
    // A retention that is set takes effect within the hour; answers follow it at once.
    concerns: () => false,
    async pass() {
      if (looks > 0 && hasGroups()) {
        if (looks === 1) await deleteUnknown();
        await deleteExpired();
      }
      looks += 1;
      return looks === 1 ? minute : hour;
    },
  });
}
