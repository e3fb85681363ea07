import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import fc from "../../test/builders/properties.ts";
import { NewerStateError } from "./migrations.ts";
import { openStore } from "./store.ts";
import { type Change, defineTable } from "./table.ts";

type Thing = { account: string; region: string; id: string; colour: string };
const things = defineTable<Thing, "colour">({
  name: "things",
  key: (thing) => thing.id,
  indexes: { colour: (thing) => [thing.colour] },
});

const tokyo = { account: "000000000000", region: "ap-northeast-1" };
const dublin = { account: "000000000000", region: "eu-west-1" };
const thing = (id: string, colour = "red", scope = tokyo): Thing => ({ ...scope, id, colour });

describe("store", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "neargate-store-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("the same key in two regions: two records", () => {
    const store = openStore(undefined);
    store.write((tx) => {
      tx.table(things).put(thing("a", "red", tokyo));
      tx.table(things).put(thing("a", "blue", dublin));
    });
    store.read((tx) => {
      expect(tx.table(things).get(tokyo, "a")?.colour).toBe("red");
      expect(tx.table(things).get(dublin, "a")?.colour).toBe("blue");
      expect(tx.table(things).list(tokyo)).toHaveLength(1);
      expect(tx.table(things).all()).toHaveLength(2);
    });
  });

  it("a record whose indexed field changes: found under the new value only", () => {
    const store = openStore(undefined);
    store.write((tx) => tx.table(things).put(thing("a", "red")));
    store.write((tx) => tx.table(things).put(thing("a", "blue")));
    store.read((tx) => {
      expect(tx.table(things).by("colour", tokyo, "red")).toEqual([]);
      expect(tx.table(things).by("colour", tokyo, "blue")).toHaveLength(1);
    });
  });

  it("a transaction that throws: nothing has happened, the order included", () => {
    const store = openStore(undefined);
    store.write((tx) => {
      for (const id of ["a", "b", "c"]) tx.table(things).put(thing(id));
    });
    const heard: (readonly Change[])[] = [];
    store.watch((changes) => heard.push(changes));
    expect(() =>
      store.write((tx) => {
        tx.table(things).delete(tokyo, "a");
        tx.table(things).put(thing("b", "blue"));
        tx.table(things).put(thing("d"));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(heard).toEqual([]);
    store.read((tx) => {
      const ids = tx.table(things).by("colour", tokyo, "red");
      expect(ids.map((one) => one.id)).toEqual(["a", "b", "c"]);
    });
  });

  it("closed and opened again: the same records in the same order", () => {
    const store = openStore(directory);
    store.write((tx) => {
      for (const id of ["c", "a", "b"]) tx.table(things).put(thing(id));
    });
    store.write((tx) => tx.table(things).delete(tokyo, "a"));
    store.write((tx) => tx.table(things).put(thing("a", "blue")));
    store.close();
    const again = openStore(directory);
    again.read((tx) => {
      expect(
        tx
          .table(things)
          .list(tokyo)
          .map((one) => one.id),
      ).toEqual(["c", "b", "a"]);
      expect(tx.table(things).by("colour", tokyo, "blue")).toHaveLength(1);
    });
    again.close();
  });

  it("a listener: hears of each commit once, with first and last value of each record", () => {
    const store = openStore(undefined);
    store.write((tx) => tx.table(things).put(thing("a")));
    const heard: (readonly Change[])[] = [];
    store.watch((changes) => heard.push(changes));
    store.write((tx) => {
      tx.table(things).put(thing("a", "green"));
      tx.table(things).put(thing("a", "blue"));
      tx.table(things).put(thing("b"));
      tx.table(things).delete(tokyo, "b");
    });
    store.write(() => {});
    expect(heard).toEqual([
      [{ table: "things", before: thing("a", "red"), after: thing("a", "blue") }],
    ]);
  });

  it("a transaction inside another: refused", () => {
    const store = openStore(undefined);
    expect(() => store.write(() => store.write(() => {}))).toThrow("inside another");
    expect(store.write(() => 1)).toBe(1);
  });

  it("state of a newer version: refused with a sentence", () => {
    openStore(directory).close();
    const database = new DatabaseSync(path.join(directory, "state.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();
    expect(() => openStore(directory)).toThrow(NewerStateError);
  });

  it("cleared: no records, meta values stay", () => {
    const store = openStore(directory);
    store.setMeta("engine", "abc");
    store.write((tx) => tx.table(things).put(thing("a")));
    store.clear();
    expect(store.read((tx) => tx.table(things).all())).toEqual([]);
    expect(store.getMeta("engine")).toBe("abc");
    store.close();
    const again = openStore(directory);
    expect(again.read((tx) => tx.table(things).all())).toEqual([]);
    again.close();
  });

  it("any sequence of writes, failures and reopenings: equals a plain map", () => {
    const step = fc.record({
      id: fc.constantFrom("a", "b", "c", "d"),
      colour: fc.option(fc.constantFrom("red", "blue")),
      fails: fc.boolean(),
      reopens: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const home = mkdtempSync(path.join(directory, "run-"));
        let store = openStore(home);
        const model = new Map<string, string>();
        for (const { id, colour, fails, reopens } of steps) {
          try {
            store.write((tx) => {
              if (colour) tx.table(things).put(thing(id, colour));
              else tx.table(things).delete(tokyo, id);
              if (fails) throw new Error("fails");
            });
            if (colour) model.set(id, colour);
            else model.delete(id);
          } catch {}
          if (reopens) {
            store.close();
            store = openStore(home);
          }
        }
        const found = store.read((tx) => tx.table(things).list(tokyo));
        expect(new Map(found.map((one) => [one.id, one.colour]))).toEqual(model);
        store.close();
      }),
      { numRuns: 40 },
    );
  });
});
