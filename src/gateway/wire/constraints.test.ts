import { describe, expect, it } from "vitest";
import { explainBroken } from "../constraints.ts";
import { findBroken, linkConstraints } from "./constraints.ts";
import { linkModel } from "./shapes.ts";

const model = linkModel({
  metadata: {
    protocol: "awsJson1_1",
    serviceId: "Test",
    signingName: "test",
    apiVersion: "2026-01-01",
    serviceTarget: "Test",
    xmlNamespace: "",
  },
  operationNames: ["Make"],
  operations: { Make: { input: "MakeRequest" } },
  errors: {},
  shapes: {
    MakeRequest: {
      kind: "structure",
      members: {
        Name: "$string",
        Count: "$number",
        Tags: "Tags",
        Groups: "Names",
        Map: "Map",
        Data: "$blob",
      },
    },
    Tags: { kind: "list", member: "Tag" },
    Tag: { kind: "structure", members: { Key: "$string" } },
    Names: { kind: "list", member: "$string" },
    Map: { kind: "map", key: "$string", value: "$string" },
  },
});

const constraints = linkConstraints({
  kinds: {
    name: { length: [1, 3], pattern: "[a-z]+" },
    count: { range: [1, null] },
    few: { length: [1, 2] },
    secret: { length: [2, null], hidden: true },
    state: { oneOf: ["on", "off"] },
  },
  structures: {
    MakeRequest: {
      Name: "name",
      Count: "count",
      Tags: "few",
      Groups: { own: "few", each: "state" },
      Map: { key: "name", each: "state" },
      Data: "secret",
    },
    Tag: { Key: "name" },
  },
});

const input = model.operation("Make")?.input;

function tell(value: Record<string, unknown>): string {
  if (!input) throw new Error("no input");
  const broken = findBroken(input, value, constraints);
  return broken.length === 0 ? "none" : explainBroken("V", broken).message;
}

describe("findBroken", () => {
  it("what holds, and what is absent: nothing", () => {
    expect(tell({ Name: "abc", Count: 1, Groups: ["on"], Map: { a: "off" }, Tags: [{}] })).toBe(
      "none",
    );
  });

  it.each([
    [
      { Name: "" },
      "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      { Name: "abcd" },
      "Value 'abcd' at 'name' failed to satisfy constraint: Member must have length less than or equal to 3",
    ],
    [
      { Name: "A" },
      "Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
    ],
    [
      { Name: "aA" },
      "Value 'aA' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
    ],
    [
      { Count: 0 },
      "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { Tags: [{}, { Key: "1" }] },
      "Value '1' at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+",
    ],
    [
      { Groups: [] },
      "Value '[]' at 'groups' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      { Groups: ["on", "up"] },
      "Value '[on, up]' at 'groups' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [on, off]]",
    ],
    [
      { Map: { A: "on" } },
      "Value '{A=on}' at 'map' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 3, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]+]",
    ],
    [
      { Map: { a: "up" } },
      "Value '{a=up}' at 'map' failed to satisfy constraint: Map value must satisfy constraint: [Member must satisfy enum value set: [on, off]]",
    ],
    [
      { Data: new Uint8Array(1) },
      "Value at 'data' failed to satisfy constraint: Member must have length greater than or equal to 2",
    ],
  ])("%j: told in AWS's words", (value, sentence) => {
    expect(tell(value)).toBe(`1 validation error detected: ${sentence}`);
  });

  it("several: told together, and no more than a client can read", () => {
    expect(tell({ Name: "", Count: 0 })).toMatch(
      /^2 validation errors detected: .*'name'.*; .*'count'/,
    );
    const many = Array.from({ length: 500 }, () => ({ Key: "1" }));
    const told = tell({ Tags: many });
    expect(told).toMatch(/^501 validation errors detected: /);
    expect(told.length).toBeLessThan(20_000);
  });
});
