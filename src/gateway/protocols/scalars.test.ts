import fc from "fast-check";
import { expect, it } from "vitest";
import { printTimestamp } from "./scalars.ts";

it("any time as a date and time: as JavaScript prints it, whole seconds without a fraction", () => {
  const date = fc.date({ noInvalidDate: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(date, fc.boolean()), { minLength: 1 }), (dates) => {
      for (const [drawn, isWhole] of dates) {
        const time = drawn.getTime();
        const one = new Date(isWhole ? time - (time % 1000) : time);
        const expected = one.toISOString().replace(".000Z", "Z");
        expect(printTimestamp(one, "date-time")).toBe(expected);
      }
    }),
  );
});
