import { describe, expect, it } from "vitest";
import { applyFilters } from "./filters.ts";
import { refusal } from "./testing.ts";

const views = [
  { id: "vpc-1", Tags: [{ Key: "Name", Value: "blue" }] },
  {
    id: "vpc-22",
    Tags: [
      { Key: "Name", Value: "green" },
      { Key: "owner", Value: "" },
    ],
  },
  { id: "subnet-1", Tags: [{ Key: "Name", Value: "50%*" }] },
];
const table = { id: (view: { id: string }) => view.id, never: () => [] };

const idsFor = (...filters: { Name: string; Values?: string[] }[]): string[] =>
  applyFilters(views, filters, table).map((view) => view.id);

const cases: readonly (readonly [string, { Name: string; Values: string[] }[], string[]])[] = [
  ["no filter", [], ["vpc-1", "vpc-22", "subnet-1"]],
  ["one value", [{ Name: "id", Values: ["vpc-1"] }], ["vpc-1"]],
  ["several values are ORed", [{ Name: "id", Values: ["vpc-1", "vpc-22"] }], ["vpc-1", "vpc-22"]],
  ["a star stands for any text", [{ Name: "id", Values: ["vpc-*"] }], ["vpc-1", "vpc-22"]],
  ["a question mark stands for one character", [{ Name: "id", Values: ["vpc-?"] }], ["vpc-1"]],
  ["a whole value must match", [{ Name: "id", Values: ["vpc"] }], []],
  ["a dot is a dot", [{ Name: "id", Values: ["vpc.1"] }], []],
  ["case counts", [{ Name: "id", Values: ["VPC-1"] }], []],
  ["a tag by its value", [{ Name: "tag:Name", Values: ["gr*"] }], ["vpc-22"]],
  ["a tag with an empty value", [{ Name: "tag:owner", Values: [""] }], ["vpc-22"]],
  ["a tag's value, whatever its key", [{ Name: "tag-value", Values: ["green"] }], ["vpc-22"]],
  ["a tag key", [{ Name: "tag-key", Values: ["owner"] }], ["vpc-22"]],
  ["an escaped star is a star", [{ Name: "tag:Name", Values: ["50%\\*"] }], ["subnet-1"]],
  ["a filter on what is never there", [{ Name: "never", Values: ["*"] }], []],
  [
    "several filters are ANDed",
    [
      { Name: "id", Values: ["vpc-*"] },
      { Name: "tag:Name", Values: ["green"] },
    ],
    ["vpc-22"],
  ],
];

describe("applyFilters", () => {
  for (const [title, filters, ids] of cases) {
    it(`${title}: ${ids.join(", ") || "nothing"}`, () => {
      expect(idsFor(...filters)).toEqual(ids);
    });
  }

  it("a filter that the resource does not have: refused by name, never skipped", () => {
    expect(refusal(() => idsFor({ Name: "colour", Values: ["red"] }))).toBe(
      "InvalidParameterValue: The filter 'colour' is invalid",
    );
    expect(refusal(() => idsFor({ Name: "constructor", Values: ["red"] }))).toBe(
      "InvalidParameterValue: The filter 'constructor' is invalid",
    );
  });

  it("a filter without a value: refused", () => {
    expect(refusal(() => idsFor({ Name: "id" }))).toContain("InvalidParameterValue");
  });
});
