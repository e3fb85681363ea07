/**
 * Requests as an enemy or a broken client sends them: near enough to what an operation wants that they
 * get into it, and wrong somewhere. The same seed makes the same requests.
 */

import { writeCbor } from "../../src/gateway/protocols/cbor.ts";
import { escapeXml } from "../../src/gateway/protocols/xml.ts";
import type { ApiRequest } from "../../src/gateway/request.ts";
import type { LinkedModel, Shape, StructureShape } from "../../src/gateway/wire/shapes.ts";

export type HostileOptions = {
  /** In [0, 1), the source of all chance. */
  readonly fraction: () => number;
  /** Names and identifiers that exist, so that operations find something. */
  readonly words: readonly string[];
};

const evilTexts = [
  "",
  " ",
  "__proto__",
  "constructor",
  "toString",
  "\u0000",
  "\uFFFF\u202E\u{1F600}",
  "../../../../etc/passwd",
  "%s%n{{7*7}}",
  "*",
  "arn:aws:ecs:us-east-1:000000000000:",
  "arn:::::::::",
  "9".repeat(400),
  "a".repeat(5_000),
  "((((((((((a+)+)+)+)+)+)+)+)+)+)!",
  "-1",
  "1e999",
  "NaN",
  "0x10",
  "2026-13-45T99:99:99Z",
  "-----BEGIN CERTIFICATE-----",
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
  '{"Statement":{"Statement":{"Statement":[]}}}',
  "[".repeat(2_000),
  "10.0.0.0/8",
  "0.0.0.0/0",
  "999.999.999.999/99",
  "::/0",
];
const evilNumbers = [
  0,
  -1,
  1,
  -0,
  0.5,
  65_536,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  1e308,
  5e-324,
];
const evilValues: readonly unknown[] = [null, true, "text", 5, [], {}, [[]], [null], { a: {} }];

// Shapes that hold many others would make requests without end.
const mostValues = 300;

class Chance {
  readonly #fraction: () => number;
  /** How many more values this request may have. */
  left = mostValues;

  constructor(fraction: () => number) {
    this.#fraction = fraction;
  }

  below(limit: number): number {
    return Math.floor(this.#fraction() * limit);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  likely(share: number): boolean {
    return this.#fraction() < share;
  }
}

/** One hostile call of an operation, in a protocol that its service speaks. */
export function hostileRequest(
  linked: LinkedModel,
  operation: string,
  options: HostileOptions,
): ApiRequest {
  const chance = new Chance(options.fraction);
  const shape = linked.operation(operation)?.input;
  // How much of a request is wrong: often a little, so that the rest gets through.
  const wrong = chance.of([0, 0.02, 0.1, 0.5]);
  const value = shape ? hostileStructure(shape, 0, { chance, wrong, words: options.words }) : {};
  const request = toRequest(linked, operation, value, chance);
  return chance.likely(0.15) ? { ...request, body: mangle(request.body, chance) } : request;
}

type Recipe = {
  readonly chance: Chance;
  readonly wrong: number;
  readonly words: readonly string[];
};

function hostileStructure(shape: StructureShape, depth: number, recipe: Recipe): unknown {
  const { chance, wrong } = recipe;
  if (chance.likely(wrong / 4)) return chance.of(evilValues);
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    chance.left--;
    const share = chance.left < 0 ? 0 : member.required ? 1 - wrong / 2 : depth > 3 ? 0.1 : 0.35;
    if (chance.likely(share)) result[member.inputName] = hostile(member.shape, depth + 1, recipe);
  }
  if (chance.likely(wrong)) result[chance.of(["__proto__", "constructor", "nonsense"])] = "x";
  return result;
}

function hostile(shape: Shape, depth: number, recipe: Recipe): unknown {
  const { chance, wrong, words } = recipe;
  if (chance.likely(wrong)) return chance.of([...evilValues, deepNest(chance)]);
  switch (shape.kind) {
    case "structure":
    case "union":
      return depth > 8 ? {} : hostileStructure(shape, depth, recipe);
    case "list": {
      const length = chance.likely(0.01) ? 300 : chance.below(3);
      chance.left -= length;
      const element = (): unknown => hostile(shape.member.shape, depth + 1, recipe);
      return depth > 8 || chance.left < 0 ? [] : Array.from({ length }, element);
    }
    case "map":
      return {
        [chance.of([...evilTexts, ...words])]: hostile(shape.value.shape, depth + 1, recipe),
      };
    case "number":
      return chance.likely(0.5) ? chance.below(5_000) : chance.of(evilNumbers);
    case "boolean":
      return chance.likely(0.5);
    case "timestamp":
      return chance.of<unknown>([0, 1_700_000_000, -1e15, 8.64e15, "2026-01-01T00:00:00Z"]);
    case "blob":
    case "stream":
      return chance.of(["", "aGVsbG8=", "not base 64", "A".repeat(4_000)]);
    default:
      return chance.likely(0.75) ? chance.of(words) : chance.of(evilTexts);
  }
}

function deepNest(chance: Chance): unknown {
  let value: unknown = "x";
  const depth = chance.of([70, 200]);
  for (let at = 0; at < depth; at++) value = chance.likely(0.5) ? [value] : { a: value };
  return value;
}

function toRequest(
  linked: LinkedModel,
  operation: string,
  value: unknown,
  chance: Chance,
): ApiRequest {
  const { serviceTarget, signingName, apiVersion } = linked.model.metadata;
  const base = { method: "POST", url: "/" };
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${signingName}/aws4_request, SignedHeaders=host, Signature=0`;
  switch (linked.protocol) {
    case "awsQuery":
    case "ec2Query": {
      const isFlat = (linked.protocol === "ec2Query") !== chance.likely(0.1);
      const parameters = [["Action", operation] as const, ["Version", apiVersion] as const];
      const text = [...parameters, ...toParameters(value, "", isFlat)]
        .map(([name, held]) => `${encodeURIComponent(name)}=${encodeURIComponent(held)}`)
        .join("&");
      const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
      return { ...base, headers, body: Buffer.from(text) };
    }
    case "rpcv2Cbor": {
      const headers = { authorization, "smithy-protocol": "rpc-v2-cbor" };
      const url = `/service/${serviceTarget}/operation/${operation}`;
      return { ...base, url, headers, body: writeCbor(value) };
    }
    case "restXml":
    case "restJson1": {
      const [method, uri] = linked.model.routes?.[operation] ?? ["GET", "/"];
      const url = uri.replace(/\{[^}]+\}/g, () =>
        chance.of(["a", "%00", "..", "%E0", "a%2Fb", ""]),
      );
      const isXml = linked.protocol === "restXml";
      const body = Buffer.from(isXml ? toXml(value, chance) : JSON.stringify(value));
      return { method, url, headers: { authorization }, body };
    }
    default: {
      const headers = {
        authorization,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `${serviceTarget}.${operation}`,
      };
      return { ...base, headers, body: Buffer.from(toHostileJson(value, chance)) };
    }
  }
}

/** JSON can say more wrong things than a value can: numbers out of range, and keys twice. */
function toHostileJson(value: unknown, chance: Chance): string {
  const text = JSON.stringify(value);
  if (!chance.likely(0.1)) return text;
  return chance.of([
    text.replace(/:\d+/, ":1e999"),
    text.replace(/:\d+/, ":-99999999999999999999999999"),
    text.replace(/\{"(\w+)":/, '{"$1":{"a":1},"$1":'),
    text.replace(/\{/, '{"__proto__":{"polluted":true},'),
    `[${text}]`,
    `"${text.length}"`,
  ]);
}

function toParameters(
  value: unknown,
  prefix: string,
  isFlat: boolean,
): (readonly [string, string])[] {
  const join = (step: string): string => (prefix === "" ? step : `${prefix}.${step}`);
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    return value.flatMap((each, at) =>
      toParameters(each, join(isFlat ? String(at + 1) : `member.${at + 1}`), isFlat),
    );
  }
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([name, held]) => toParameters(held, join(name), isFlat));
  }
  return [[prefix, String(value)]];
}

function toXml(value: unknown, chance: Chance): string {
  const bomb = `<!DOCTYPE a [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>`;
  const outside = `<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>`;
  const prefix = chance.likely(0.1) ? chance.of([bomb, outside, "\uFEFF", "<?xml?>"]) : "";
  const content = xmlContent(value);
  return `${prefix}<a>${chance.likely(0.05) ? `${content}&c;&#xFFFFFFFF;` : content}</a>`;
}

function xmlContent(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) {
    return value.map((each) => `<member>${xmlContent(each)}</member>`).join("");
  }
  if (typeof value !== "object") return escapeXml(String(value));
  return Object.entries(value)
    .map(([name, held]) => `<${name}>${xmlContent(held)}</${name}>`)
    .join("");
}

function mangle(body: Buffer, chance: Chance): Buffer {
  const at = chance.below(body.length + 1);
  const [before, after] = [body.subarray(0, at), body.subarray(at)];
  switch (chance.below(5)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, Buffer.from([0xff, 0xc0, 0x80]), after]);
    case 2:
      return Buffer.concat([before, Buffer.from("%%&=;<>{}[]\"'\\"), after]);
    case 3:
      return Buffer.concat([before, before, after]);
    default: {
      const flipped = Buffer.from(body);
      if (at < flipped.length) flipped[at] = chance.below(256);
      return flipped;
    }
  }
}
