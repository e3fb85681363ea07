import { expect, it } from "vitest";
import { randomIds } from "./ids.ts";

it("many UUIDs: of version 4, no two alike", () => {
  const { uuid } = randomIds();
  const drawn = Array.from({ length: 1_000 }, uuid);
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(drawn.filter((one) => !form.test(one))).toEqual([]);
  expect(new Set(drawn).size).toBe(drawn.length);
});
