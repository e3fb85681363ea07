import { describe, expect, it } from "vitest";
import { readJsonKey } from "./json-key.ts";

describe("a value out of a secret's JSON", () => {
  it.each([
    ["a text", '{"user":"neo"}', "neo"],
    ["an empty text", '{"user":""}', ""],
    ["a whole number", '{"user":5432}', "5432"],
    ["a fraction", '{"user":0.5}', "0.5"],
    ["a number from a million on", '{"user":1500000}', "1.5e+06"],
    ["a tiny number", '{"user":0.00001}', "1e-05"],
    ["a negative number", '{"user":-12}', "-12"],
    ["a boolean", '{"user":true}', "true"],
    ["null", '{"user":null}', "<nil>"],
    ["a list", '{"user":[1,"a"]}', "[1 a]"],
    ["an object", '{"user":{"b":2,"a":"x"}}', "map[a:x b:2]"],
  ])("%s: printed as Go prints it", (_, text, value) => {
    expect(readJsonKey(text, "user")).toEqual({ type: "value", value });
  });

  it.each([
    ["another key", '{"name":"neo"}'],
    ["a name that every object has", '{"x":1}'],
    ["nothing at all", "null"],
  ])("%s: no such key", (_, text) => {
    expect(readJsonKey(text, "constructor")).toEqual({ type: "no-such-key" });
  });

  it.each([
    ["tpassword", "invalid character 'p' in literal true (expecting 'r')"],
    ["secret", "invalid character 's' looking for beginning of value"],
    ["truest", "invalid character 's' after top-level value"],
    ["tr", "unexpected end of JSON input"],
    ["", "unexpected end of JSON input"],
    ["[1]", "json: cannot unmarshal array into Go value of type map[string]interface {}"],
    ["12", "json: cannot unmarshal number into Go value of type map[string]interface {}"],
  ])("%s: told in Go's words", (text, message) => {
    expect(readJsonKey(text, "user")).toEqual({ type: "not-an-object", message });
  });
});
