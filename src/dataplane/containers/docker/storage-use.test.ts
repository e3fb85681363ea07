import { describe, expect, it } from "vitest";
import { taskLabel } from "./names.ts";
import { taskStorageBytes } from "./storage-use.ts";

const sizes = {
  a: { Image: "one", SizeRw: 5, SizeRootFs: 105 },
  b: { Image: "one", SizeRw: 7, SizeRootFs: 107 },
  c: { Image: "two", SizeRw: 0, SizeRootFs: 50 },
};

const callsWith = (volumes: { task: string; size: number }[]) => ({
  inspectSize: async (id: string) => sizes[id as keyof typeof sizes],
  listVolumes: async () => volumes.map((_, at) => `v${at}`),
  volumeSizes: async () =>
    volumes.map(({ task, size }) => ({ Labels: { [taskLabel]: task }, UsageData: { Size: size } })),
});

describe("what a task takes on disk", () => {
  it("two containers of one image and one of another: images once, what each has written", async () => {
    expect(await taskStorageBytes(callsWith([]), "e", "t", ["a", "b", "c"])).toBe(100 + 50 + 12);
  });

  it("volumes: the task's own, as far as the daemon knows them", async () => {
    const calls = callsWith([
      { task: "t", size: 30 },
      { task: "other", size: 1000 },
      { task: "t", size: -1 },
    ]);
    expect(await taskStorageBytes(calls, "e", "t", ["a"])).toBe(135);
  });

  it("a container that is gone: nothing", async () => {
    expect(await taskStorageBytes(callsWith([]), "e", "t", ["gone"])).toBe(0);
  });
});
