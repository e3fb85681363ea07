import { expect, it } from "vitest";
import { deepFreeze } from "../../model/deep-freeze.ts";
import type { WireModel } from "../wire/model.ts";
import { linkModel } from "../wire/shapes.ts";
import { encodeMembers } from "./xml.ts";

const metadata = {
  serviceId: "Test",
  protocol: "awsQuery",
  signingName: "test",
  apiVersion: "2026-01-01",
  xmlNamespace: "https://example.com/",
} as unknown as WireModel["metadata"];

const model = {
  metadata,
  operationNames: ["List"],
  operations: { List: { output: "Listed" } },
  shapes: {
    Listed: { kind: "structure", members: { Things: "Things" } },
    Things: { kind: "list", member: "Thing" },
    Thing: {
      kind: "structure",
      members: { Name: "$string", Open: "$boolean", Size: "$number", Made: "$timestamp" },
    },
  },
} as unknown as WireModel;

function write(...things: readonly object[]): string {
  const output = shape();
  return encodeMembers(output, { Things: things });
}

const linked = linkModel(model);
function shape() {
  const output = linked.operation("List")?.output;
  if (!output) throw new Error("the model has no output");
  return output;
}

const wrapped = (...members: string[]): string =>
  `<Things>${members.map((inner) => (inner === "" ? "<member/>" : `<member>${inner}</member>`)).join("")}</Things>`;

it("the same text in a row, then others: each as it is", () => {
  const names = ["a&b", "a&b", "", "c", "", "a&b"];
  const expected = ["a&amp;b", "a&amp;b", "", "c", "", "a&amp;b"];
  expect(write(...names.map((Name) => ({ Name })))).toBe(
    wrapped(...expected.map((text) => (text === "" ? "<Name/>" : `<Name>${text}</Name>`))),
  );
});

it("truth, numbers and times: by their values, absent ones left out", () => {
  const Made = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
  expect(write({ Open: true, Size: 0 }, { Open: false, Size: 1.5, Made }, { Open: true }, {})).toBe(
    wrapped(
      "<Open>true</Open><Size>0</Size>",
      "<Open>false</Open><Size>1.5</Size><Made>2026-01-02T03:04:05Z</Made>",
      "<Open>true</Open>",
      "",
    ),
  );
});

it("an element that is changed between two answers: told as it is now; a frozen one stays", () => {
  const [open, frozen] = [{ Name: "one" }, deepFreeze({ Name: "two" })];
  expect(write(open, frozen)).toBe(wrapped("<Name>one</Name>", "<Name>two</Name>"));
  open.Name = "three";
  expect(write(open, frozen)).toBe(wrapped("<Name>three</Name>", "<Name>two</Name>"));
});
