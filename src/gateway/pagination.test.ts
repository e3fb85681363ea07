import { describe, expect, it } from "vitest";
import fc from "../../test/builders/properties.ts";
import { ApiError } from "./api-error.ts";
import { paginate } from "./pagination.ts";

const page = (items: readonly string[], limit: number, token?: string, operation = "x:ListY") =>
  paginate({
    items,
    keyOf: (item) => item,
    limit,
    token,
    operation,
    explainToken: () => new ApiError("InvalidNextToken", "no"),
  });

function all(items: readonly string[], limit: number): string[][] {
  const pages: string[][] = [];
  let token: string | undefined;
  do {
    const next = page(items, limit, token);
    pages.push(next.items);
    token = next.nextToken;
  } while (token !== undefined);
  return pages;
}

const names = fc.uniqueArray(fc.string(), { maxLength: 30 });
const limits = fc.integer({ min: 1, max: 10 });

describe("paginate", () => {
  it("page after page: every item once, in order, no page over the limit", () => {
    fc.assert(
      fc.property(names, limits, (items, limit) => {
        const pages = all(items, limit);
        expect(pages.flat()).toEqual(items.toSorted((a, b) => (a < b ? -1 : 1)));
        expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(limit);
        expect(pages.length).toBe(Math.max(1, Math.ceil(items.length / limit)));
      }),
    );
  });

  it("items that come and go between pages: those that stay are neither repeated nor missed", () => {
    fc.assert(
      fc.property(names, names, limits, (before, others, limit) => {
        const first = page(before, limit);
        if (first.nextToken === undefined) return;
        const stays = before.filter((item) => !others.includes(item));
        const second = page(
          [...stays, ...others.filter((o) => !before.includes(o))],
          100,
          first.nextToken,
        );
        const seen = [...first.items, ...second.items];
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual(expect.arrayContaining(stays));
      }),
    );
  });

  it("the last item of a page deleted: the next page goes on after it", () => {
    const { nextToken } = page(["a", "b", "c", "d"], 2);
    expect(page(["a", "c", "d"], 2, nextToken).items).toEqual(["c", "d"]);
  });

  it.each(["", "nonsense", "W10", "bnVsbA", Buffer.from('["x:ListY",1]').toString("base64url")])(
    "a token that was never given out, %j: the service's error",
    (token) => {
      expect(() => page(["a", "b"], 1, token)).toThrow(ApiError);
    },
  );

  it("a token of another operation: the service's error", () => {
    const { nextToken } = page(["a", "b"], 1, undefined, "x:ListZ");
    expect(() => page(["a", "b"], 1, nextToken)).toThrow(ApiError);
  });
});
