import { describe, expect, it } from "vitest";
import { explainInvalidLifecyclePolicy } from "./lifecycle-policy.ts";

const rule = (changes: object = {}, selection: object = {}) => ({
  rulePriority: 1,
  selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 5, ...selection },
  action: { type: "expire" },
  ...changes,
});
const explain = (...rules: unknown[]) => explainInvalidLifecyclePolicy(JSON.stringify({ rules }));

describe("lifecycle policies", () => {
  it("what ECR's guide shows: taken", () => {
    const tagged = { tagStatus: "tagged", tagPatternList: ["prod*"] };
    const untagged = { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days" };
    const description = "keep five";
    expect(
      explain(
        rule({ description }, tagged),
        rule({ rulePriority: 2 }, untagged),
        rule({ rulePriority: 9 }),
      ),
    ).toBeUndefined();
  });

  it.each([
    ["not an object", "5", "not a JSON object"],
    ["no rules", "{}", "at least one rule"],
    ["not JSON", "{", "not a JSON object"],
  ])("%s: refused", (_, text, reason) => {
    expect(explainInvalidLifecyclePolicy(text)).toContain(reason);
  });

  it.each([
    ["priority zero", rule({ rulePriority: 0 }), "rulePriority"],
    ["no count", rule({}, { countNumber: 0 }), "countNumber"],
    ["a unit that does not go with a count", rule({}, { countUnit: "days" }), "countUnit"],
    ["an age without a unit", rule({}, { countType: "sinceImagePushed" }), "countUnit"],
    ["tagged without a list", rule({}, { tagStatus: "tagged" }), "tagPrefixList"],
    ["any with a list", rule({}, { tagPrefixList: ["a"] }), "neither"],
    ["an empty list", rule({}, { tagStatus: "tagged", tagPrefixList: [] }), "at least one"],
    ["five stars", rule({}, { tagStatus: "tagged", tagPatternList: ["*a*b*c*d*"] }), "four"],
    ["another action", rule({ action: { type: "hide" } }), "expire, transition"],
    [
      "expiry by pull time",
      rule({}, { countType: "sinceImagePulled", countUnit: "days" }),
      "trans",
    ],
    ["an unknown member", rule({ priority: 1 }), "'priority'"],
  ])("%s: refused with the rule named", (_, bad, reason) => {
    expect(explain(bad)).toMatch(/^rule 1: /);
    expect(explain(bad)).toContain(reason);
  });

  it("two rules with one priority: refused", () => {
    expect(explain(rule(), rule({}, { tagStatus: "untagged" }))).toContain("unique");
  });

  it("two rules for the same tags in another order: refused", () => {
    const tags = (...list: string[]) => ({ tagStatus: "tagged", tagPrefixList: list });
    const second = rule({ rulePriority: 2 }, tags("b", "a"));
    expect(explain(rule({}, tags("a", "b")), second)).toContain("same set");
  });

  it("the rule for any image not last: refused", () => {
    expect(explain(rule(), rule({ rulePriority: 2 }, { tagStatus: "untagged" }))).toContain("any");
  });
});
