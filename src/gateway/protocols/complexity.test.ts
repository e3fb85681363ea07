import { describe, expect, it } from "vitest";
import { readCbor } from "./cbor.ts";
import { hasTooManyValues, mostValues } from "./complexity.ts";
import { readXml } from "./xml-reader.ts";

const bytes = (text: string) => Buffer.from(text);

describe("the values of a document", () => {
  it("of log events, as many as AWS takes, with texts full of signs: not too many", () => {
    const message = `[{"a":"\\\\\\"${",:[{".repeat(50)}"}]`;
    const logEvents = Array.from({ length: 10_000 }, () => ({ timestamp: 1, message }));
    const body = JSON.stringify({ logGroupName: "a", logStreamName: "b", logEvents });
    expect(hasTooManyValues(bytes(body))).toBe(false);
  });

  it.each([
    ["elements of a list", `[${"1,".repeat(mostValues)}1]`],
    ["empty objects", `[${"{},".repeat(mostValues)}{}]`],
    ["members", `{${Array.from({ length: mostValues }, (_, at) => `"${at}":1`).join()}}`],
    ["lists in lists", "[".repeat(mostValues * 2)],
  ])("JSON, many %s: too many", (_what, text) => {
    expect(hasTooManyValues(bytes(text))).toBe(true);
  });

  it("a long text, even one that does not end: one value", () => {
    expect(hasTooManyValues(bytes(`{"a":"${"a,".repeat(mostValues * 2)}"}`))).toBe(false);
    expect(hasTooManyValues(bytes(`"${",".repeat(mostValues * 2)}\\`))).toBe(false);
  });

  it("CBOR and XML: counted as they are read", () => {
    const list = Buffer.alloc(mostValues + 1);
    expect(() => readCbor(Buffer.concat([Buffer.from([0x9f]), list]))).toThrow("too many values");
    expect(() => readXml(`<a>${"<b/>".repeat(mostValues + 1)}</a>`)).toThrow("too many elements");
  });
});
