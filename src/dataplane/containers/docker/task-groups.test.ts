import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { recordingLogger } from "../../../seams/logger.ts";
import { type DaemonInfo, taskGroups } from "./task-groups.ts";

const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Directories that look like mounted control groups, and the groups of an engine in them. */
function setUp(kind: "unified" | "apart", info: Partial<DaemonInfo> = {}, isLocal = true) {
  const root = mkdtempSync(path.join(tmpdir(), "ng-groups-"));
  made.push(root);
  if (kind === "unified") writeFileSync(path.join(root, "cgroup.controllers"), "cpu memory");
  else for (const name of ["memory", "cpu", "pids"]) mkdirSync(path.join(root, name));
  const logger = recordingLogger();
  const groups = taskGroups({
    engineId: "abc123",
    logger,
    info: async () => ({ Name: hostname(), CgroupDriver: "cgroupfs", ...info }),
    isLocal,
    root,
  });
  const text = (...parts: string[]): string => readFileSync(path.join(root, ...parts), "utf8");
  return { root, groups, logger, text };
}

const limits = { cpuUnits: 512, memoryBytes: 1_000_000 };
const group = "neargate-abc123/t1";
const asRoot = it.skipIf(process.getuid?.() !== 0);

describe("the control group of a task", () => {
  asRoot("hierarchies apart: memory and processor time limited in theirs", async () => {
    const { groups, text } = setUp("apart");
    expect(await groups.ensure("t1", limits)).toBe(`/${group}`);
    expect(text("memory", group, "memory.limit_in_bytes")).toBe("1000000");
    expect(text("cpu", group, "cpu.cfs_quota_us")).toBe("50000");
  });

  asRoot("one hierarchy: limited there, its controllers passed on", async () => {
    const { groups, text } = setUp("unified");
    expect(await groups.ensure("t1", limits)).toBe(`/${group}`);
    expect(text(group, "memory.max")).toBe("1000000");
    expect(text(group, "cpu.max")).toBe("50000 100000");
    expect(text("neargate-abc123", "cgroup.subtree_control")).toBe("+cpu +memory");
  });

  asRoot("swept: empty groups go but those to keep, and the top with the last", async () => {
    const { root, groups } = setUp("apart");
    for (const name of ["t1", "t2"]) {
      for (const controller of ["memory", "pids"]) {
        mkdirSync(path.join(root, controller, "neargate-abc123", name), { recursive: true });
      }
    }
    await groups.sweep(new Set(["t2"]));
    const isThere = (...parts: string[]): boolean => existsSync(path.join(root, ...parts));
    expect([isThere("pids", group), isThere("pids/neargate-abc123/t2")]).toEqual([false, true]);
    await groups.remove("t2");
    await groups.sweep(new Set());
    expect(["memory", "pids"].map((name) => isThere(name, "neargate-abc123"))).toEqual([
      false,
      false,
    ]);
  });

  asRoot("a daemon elsewhere, or whose groups systemd makes: no group, said once", async () => {
    for (const world of [
      setUp("apart", {}, false),
      setUp("apart", { Name: "another-machine" }),
      setUp("apart", { CgroupDriver: "systemd" }),
    ]) {
      expect(await world.groups.ensure("t1", limits)).toBeUndefined();
      expect(await world.groups.ensure("t2", limits)).toBeUndefined();
      expect(world.logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    }
  });
});
