import { describe, expect, it } from "vitest";
import type { RuntimeInventory } from "../../dataplane/containers/port.ts";
import { createRuntimeView, type RuntimeView } from "./runtime-view.ts";

const running = { status: "running" } as const;
const exit = {
  type: "container-exited",
  taskId: "t1",
  containerId: "c1",
  exitCode: 3,
  oomKilled: false,
} as const;
const full: RuntimeInventory = {
  sandboxes: [{ id: "s1", taskId: "t1", running: true }],
  containers: [{ id: "c1", taskId: "t1", name: "app", state: running }],
};
const empty: RuntimeInventory = { sandboxes: [], containers: [] };

/** A view whose inventory is answered by the test. */
function viewWith(): { view: RuntimeView; answer: (inventory: RuntimeInventory) => void } {
  let asked = Promise.withResolvers<RuntimeInventory>();
  const view = createRuntimeView({
    inventory: () => {
      asked = Promise.withResolvers();
      return asked.promise;
    },
  });
  return { view, answer: (inventory) => asked.resolve(inventory) };
}

const stateOf = (view: RuntimeView) => view.containersOf("t1").get("app")?.state;

describe("what the runtime has", () => {
  it("after an inventory: its sandboxes that run, and its containers", async () => {
    const { view, answer } = viewWith();
    const refreshed = view.refresh();
    answer({ ...full, sandboxes: [...full.sandboxes, { id: "s2", taskId: "t2", running: false }] });
    await refreshed;
    expect([view.sandboxOf("t1"), view.sandboxOf("t2")]).toEqual(["s1", undefined]);
    expect(stateOf(view)).toEqual(running);
  });

  it("gone from the next inventory: gone from the view", async () => {
    const { view, answer } = viewWith();
    for (const inventory of [full, empty]) {
      const refreshed = view.refresh();
      answer(inventory);
      await refreshed;
    }
    expect(view.taskIds()).toEqual([]);
  });

  it("made while the inventory was read: stays", async () => {
    const { view, answer } = viewWith();
    const refreshed = view.refresh();
    view.noteSandbox("t1", "s1");
    view.noteContainer("t1", "app", "c1", { status: "created" });
    answer(empty);
    await refreshed;
    expect(view.sandboxOf("t1")).toBe("s1");
    expect(stateOf(view)).toEqual({ status: "created" });
  });

  it("started while the inventory was read: runs", async () => {
    const { view, answer } = viewWith();
    view.noteContainer("t1", "app", "c1", { status: "created" });
    const refreshed = view.refresh();
    view.noteContainer("t1", "app", "c1", running);
    answer({
      ...full,
      containers: [{ id: "c1", taskId: "t1", name: "app", state: { status: "created" } }],
    });
    await refreshed;
    expect(stateOf(view)).toEqual(running);
  });

  it("ended while the inventory was read: has ended", async () => {
    const { view, answer } = viewWith();
    view.noteContainer("t1", "app", "c1", running);
    const refreshed = view.refresh();
    view.take(exit);
    answer(full);
    await refreshed;
    expect(stateOf(view)).toEqual({ status: "exited", exitCode: 3, oomKilled: false });
  });

  it("ended while the first inventory was read, so unknown until then: has ended", async () => {
    const { view, answer } = viewWith();
    const refreshed = view.refresh();
    view.take(exit);
    view.take({ type: "sandbox-exited", taskId: "t1", sandboxId: "s1" });
    answer(full);
    await refreshed;
    expect(stateOf(view)).toEqual({ status: "exited", exitCode: 3, oomKilled: false });
    expect(view.sandboxOf("t1")).toBeUndefined();
  });

  it("asked for again before the first answer: the second is read after it", async () => {
    const answers = [full, empty];
    let open = 0;
    const view = createRuntimeView({
      inventory: async () => {
        open += 1;
        expect(open).toBe(1);
        await Promise.resolve();
        open -= 1;
        return answers.shift() ?? empty;
      },
    });
    await Promise.all([view.refresh(), view.refresh()]);
    expect([answers, view.taskIds()]).toEqual([[], []]);
  });

  it("ended before the call that started it returned: has ended", () => {
    const { view } = viewWith();
    view.noteContainer("t1", "app", "c1", { status: "created" });
    view.take(exit);
    view.noteContainer("t1", "app", "c1", running);
    expect(stateOf(view)).toMatchObject({ status: "exited" });
  });

  it("an event of something unknown: nothing", () => {
    const { view } = viewWith();
    view.take(exit);
    expect(view.taskIds()).toEqual([]);
  });
});
