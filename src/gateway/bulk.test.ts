import { describe, expect, it } from "vitest";
import { decodeEncoded, EncodedJson, joinEncoded, partEncoded, peekRest } from "./bulk.ts";

const list = Array.from({ length: 500 }, (_, n) => ({ n, text: `"],"name":"${n}"}` }));
const peek = (text: string) => peekRest(Buffer.from(text), "items");

describe("a list that is left as it came", () => {
  it("the other members before it, after it, or on both sides: seen", () => {
    const items = JSON.stringify(list);
    const rest = { name: 'a "b" {c}', note: null, count: 3 };
    const [name, note, count] = Object.entries(rest).map((one) =>
      JSON.stringify(Object.fromEntries([one])).slice(1, -1),
    );
    expect(peek(`{${name},${note},${count},"items":${items}}`)).toEqual(rest);
    expect(peek(`{"items":${items},${name},${note},${count}}`)).toEqual(rest);
    expect(peek(` { ${name} ,\n "items" : ${items} , ${note},${count} } `)).toEqual(rest);
    expect(peek(`{"items":${items}}`)).toEqual({});
  });

  it.each([
    ["short", JSON.stringify({ name: "a", items: [] })],
    ["not an object", JSON.stringify(list)],
    ["cut off", JSON.stringify({ name: "a", items: list }).slice(0, -1)],
    ["without the list", JSON.stringify({ name: "a", others: list })],
    ["with something else that is long", JSON.stringify({ name: "a".repeat(9_000), items: [] })],
    ["with a structure beside it", JSON.stringify({ name: { first: "a" }, items: list })],
  ])("%s: decoded as ever", (_, text) => {
    expect(peek(text)).toBeUndefined();
  });
});

it("a member that is written already: joined to the others, or read for those who write otherwise", () => {
  const items = new EncodedJson(Buffer.from('[{"n":1}]'));
  const joined = (output: object): unknown => {
    const parted = partEncoded(output);
    return JSON.parse(Buffer.from(joinEncoded(JSON.stringify(parted.plain), parted)).toString());
  };
  expect(joined({ items, name: "a" })).toEqual({ items: [{ n: 1 }], name: "a" });
  expect(joined({ items })).toEqual({ items: [{ n: 1 }] });
  expect(decodeEncoded({ items, name: "a" })).toEqual({ items: [{ n: 1 }], name: "a" });
  expect(decodeEncoded({ name: "a" })).toEqual({ name: "a" });
});
