import { describe, expect, it } from "vitest";
import type { CapacityProviderStrategyItem } from "../model/ecs.ts";
import { distributeTasks } from "./capacity.ts";

const item = (
  capacityProvider: string,
  weight: number,
  base = 0,
): CapacityProviderStrategyItem => ({
  capacityProvider,
  weight,
  base,
});
const none = new Map<string, number>();
const share = (count: number, ...strategy: CapacityProviderStrategyItem[]): string =>
  distributeTasks(count, strategy, none).join("");

describe("sharing tasks out among capacity providers", () => {
  it.each([
    [
      "equal weights, three tasks: the first listed has the odd one",
      [item("F", 1), item("S", 1)],
      3,
      "FSF",
    ],
    ["the other order: so has the other", [item("S", 1), item("F", 1)], 3, "SFS"],
    ["equal weights, four tasks: two each", [item("F", 1), item("S", 1)], 4, "FSFS"],
    ["a weight of zero: none", [item("F", 1), item("S", 0)], 3, "FFF"],
    ["one to four, five tasks: one and four", [item("F", 1), item("S", 4)], 5, "SSSFS"],
    ["a base: filled first", [item("F", 1, 2), item("S", 3)], 6, "FFSSFS"],
    ["nothing but zero weights: nobody", [item("F", 0)], 2, ""],
  ] as const)("%s", (_, strategy, count, expected) => {
    expect(share(count, ...strategy)).toBe(expected);
  });

  it("tasks that are there already: count", () => {
    const strategy = [item("F", 1, 1), item("S", 1)];
    expect(distributeTasks(2, strategy, new Map([["F", 3]]))).toEqual(["S", "S"]);
  });
});
