import { describe, expect, it } from "vitest";
import { chooseSubnet, countTasksPerZone } from "./placement.ts";

const a1 = { subnetId: "subnet-a1", availabilityZone: "zone-a" };
const a2 = { subnetId: "subnet-a2", availabilityZone: "zone-a" };
const c1 = { subnetId: "subnet-c1", availabilityZone: "zone-c" };

describe("chooseSubnet", () => {
  it("no tasks yet: the subnet listed first", () => {
    expect(chooseSubnet([c1, a1], new Map())).toBe(c1);
  });

  it("one zone has more tasks: the other zone", () => {
    expect(chooseSubnet([a1, c1], new Map([["zone-a", 1]]))).toBe(c1);
  });

  it("the fuller zone is listed with two subnets: the emptier zone all the same", () => {
    const tasks = new Map([
      ["zone-a", 2],
      ["zone-c", 1],
    ]);
    expect(chooseSubnet([a1, a2, c1], tasks)).toBe(c1);
  });

  it("no candidates: undefined", () => {
    expect(chooseSubnet([], new Map())).toBeUndefined();
  });

  it("tasks placed one by one: zones never differ by more than one", () => {
    const placed: { availabilityZone: string }[] = [];
    for (let task = 0; task < 7; task++) {
      const subnet = chooseSubnet([a1, a2, c1], countTasksPerZone(placed));
      if (subnet) placed.push(subnet);
    }
    expect([...countTasksPerZone(placed).values()].sort()).toEqual([3, 4]);
  });
});
