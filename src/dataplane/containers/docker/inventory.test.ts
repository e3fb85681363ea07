import { describe, expect, it } from "vitest";
import { type ListedContainer, toInventory } from "./inventory.ts";
import { taskOfSandbox } from "./names.ts";

describe("reading back what the daemon has", () => {
  it("a sandbox's name: its task, none while it is free or another engine's", () => {
    expect(taskOfSandbox("abc123", "ngabc123-0f0f")).toBe("0f0f");
    expect(taskOfSandbox("abc123", "ngabc123-pool-00")).toBeUndefined();
    expect(taskOfSandbox("abc123", "ngffffff-0f0f")).toBeUndefined();
  });

  it("the inventory: free sandboxes left out, a container removed meanwhile too", () => {
    const entry = (Id: string, name: string, role: string): ListedContainer => ({
      Id,
      Names: [`/${name}`],
      State: "running",
      Status: "Up 2 minutes",
      Labels: { "neargate.role": role, "neargate.task": "t1", "neargate.container": "app" },
    });
    const listed = [
      entry("1", "ngabc123-t1", "sandbox"),
      entry("2", "ngabc123-pool-00", "sandbox"),
      entry("3", "ngabc123-t1-app", "container"),
      entry("4", "ngabc123-t1-gone", "container"),
    ];
    const states = new Map([["3", { status: "running" } as const]]);
    expect(toInventory("abc123", listed, states)).toEqual({
      sandboxes: [{ id: "1", taskId: "t1", running: true }],
      containers: [{ id: "3", taskId: "t1", name: "app", state: { status: "running" } }],
    });
  });
});
