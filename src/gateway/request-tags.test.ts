import { describe, expect, it } from "vitest";
import { readRequestTags } from "./request-tags.ts";

const expected = {
  "aws:RequestTag/team": "a",
  "aws:RequestTag/cost": "",
  "aws:TagKeys": ["team", "cost"],
};

describe("tags of a request", () => {
  it.each([
    ["a list in upper case", { Tags: [{ Key: "team", Value: "a" }, { Key: "cost" }] }],
    ["a list in lower case", { tags: [{ key: "team", value: "a" }, { key: "cost" }] }],
    [
      "KMS's own names",
      {
        Tags: [
          { TagKey: "team", TagValue: "a" },
          { TagKey: "cost", TagValue: "" },
        ],
      },
    ],
    ["a map", { tags: { team: "a", cost: "" } }],
    [
      "EC2's specifications",
      {
        TagSpecifications: [
          { ResourceType: "vpc", Tags: [{ Key: "team", Value: "a" }] },
          { ResourceType: "subnet", Tags: [{ Key: "cost" }] },
        ],
      },
    ],
  ])("%s: each tag and the keys", (_, input) => {
    expect(readRequestTags(input)).toEqual(expected);
  });

  it("keys alone, to take tags away: the keys", () => {
    expect(readRequestTags({ tagKeys: ["team"] })).toEqual({ "aws:TagKeys": ["team"] });
    expect(readRequestTags({ TagKeys: ["team"] })).toEqual({ "aws:TagKeys": ["team"] });
  });

  it("no tags: no keys at all", () => {
    expect(readRequestTags({ name: "web", tags: [] })).toEqual({});
  });
});
