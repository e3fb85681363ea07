import { expect, it } from "vitest";
import { formatTable } from "./table.ts";

it("a table: columns as wide as the widest cell, no space at the end of a line", () => {
  expect(formatTable(["A", "LONGER"], [["wide cell", "x"]])).toBe(
    "A          LONGER\nwide cell  x",
  );
});
