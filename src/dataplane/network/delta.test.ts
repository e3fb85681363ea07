import { describe, expect, it } from "vitest";
import fc from "../../../test/builders/properties.ts";
import { type Delta, deltaOf, isEmpty } from "./delta.ts";

const states = fc
  .dictionary(fc.constantFrom("a", "b", "c", "d"), fc.record({ n: fc.integer({ max: 2, min: 0 }) }))
  .map((entries) => new Map(Object.entries(entries)));

function applied<V>(actual: ReadonlyMap<string, V>, delta: Delta<V>): Map<string, V> {
  const result = new Map([...actual, ...delta.add, ...delta.change]);
  for (const key of delta.remove.keys()) result.delete(key);
  return result;
}

describe("delta", () => {
  it("one of each kind: told apart, the unchanged left out", () => {
    const delta = deltaOf(
      new Map([
        ["kept", { n: 1 }],
        ["changed", { n: 1 }],
        ["gone", { n: 1 }],
      ]),
      new Map([
        ["kept", { n: 1 }],
        ["changed", { n: 2 }],
        ["new", { n: 3 }],
      ]),
    );
    expect([...delta.add]).toEqual([["new", { n: 3 }]]);
    expect([...delta.change]).toEqual([["changed", { n: 2 }]]);
    expect([...delta.remove]).toEqual([["gone", { n: 1 }]]);
  });

  it("any two states: the difference leads from one to the other and is minimal", () => {
    fc.assert(
      fc.property(states, states, (actual, desired) => {
        const delta = deltaOf(actual, desired);
        expect(applied(actual, delta)).toEqual(desired);
        expect(isEmpty(deltaOf(desired, desired))).toBe(true);
        for (const key of delta.add.keys()) expect(actual.has(key)).toBe(false);
        for (const [key, value] of delta.change) expect(actual.get(key)).not.toEqual(value);
      }),
    );
  });

  it("a state passed on the way: makes no difference to where it ends", () => {
    fc.assert(
      fc.property(states, states, states, (from, between, to) => {
        const there = applied(from, deltaOf(from, between));
        expect(applied(there, deltaOf(there, to))).toEqual(to);
      }),
    );
  });
});
