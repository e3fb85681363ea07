import { describe, expect, it } from "vitest";
import { createTurnEnd } from "./turn.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the end of a turn", () => {
  it("a few things to do: done together, in order, after what was going on", async () => {
    const end = createTurnEnd();
    const done: string[] = [];
    end.add(() => done.push("first"));
    end.add(() => done.push("second"));
    await Promise.resolve();
    expect(done).toEqual([]);
    await nextTurn();
    expect(done).toEqual(["first", "second"]);
  });

  it("many: none waits for more than a few others, and each is done once", async () => {
    const end = createTurnEnd();
    const done: number[] = [];
    const all = Array.from({ length: 20 }, (_, at) => at);
    for (const at of all) end.add(() => done.push(at));
    expect(done).toEqual(all.slice(0, 16));
    await nextTurn();
    expect(done).toEqual(all);
    await nextTurn();
    expect(done).toEqual(all);
  });

  it("something added while it is done: done in the next turn", async () => {
    const end = createTurnEnd();
    const done: string[] = [];
    end.add(() => end.add(() => done.push("later")));
    await nextTurn();
    await nextTurn();
    expect(done).toEqual(["later"]);
  });
});
