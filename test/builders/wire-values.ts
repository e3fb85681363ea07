/** Random values of the shapes of a wire model: such as can be said in a protocol and a place. */
import fc, { type Arbitrary } from "fast-check";
import { setEntry } from "../../src/gateway/wire/entries.ts";
import type { HttpBinding, Protocol } from "../../src/gateway/wire/model.ts";
import type { Member, Shape, StructureShape } from "../../src/gateway/wire/shapes.ts";

export type Values = Record<string, unknown>;

/** Values for members that a client checks or rewrites, by name; undefined leaves the member out. */
export type Overrides = Readonly<Record<string, Arbitrary<unknown> | undefined>>;

// What XML 1.0 can hold; line ends, spaces at the ends and characters beyond the first plane included.
// Of blank text with a line end in it the SDK's parser makes the empty string, however it is escaped.
const xmlText = fc
  .string({ unit: "binary", maxLength: 12 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that XML cannot hold
  .map((value) => value.replace(/[\x00-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/g, ""))
  .map((value) => (value.trim() === "" ? value.replace(/[\r\n]/g, " ") : value));
const anyText = fc.string({ unit: "binary", maxLength: 12 });

// The SDK makes a BigInt of a whole number that a double cannot hold exactly.
const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => (Number.isInteger(value) && !Number.isSafeInteger(value) ? 0.5 : value || 0)),
);
const date = fc.date({ min: new Date(0), max: new Date("9999-01-01"), noInvalidDate: true });
const wholeSeconds = date.map((each) => new Date(Math.floor(each.getTime() / 1000) * 1000));
const headerText = fc.stringMatching(/^[!-~](?:[ -~]{0,8}[!-~])?$/);
const labelText = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });

const deepest = 4;

/** A structure of a protocol's input or output. */
export function structureOf(
  shape: StructureShape,
  protocol: Protocol,
  overrides: Overrides = {},
): Arbitrary<Values> {
  const isXml = ["restXml", "awsQuery", "ec2Query"].includes(protocol);
  return new Generator(isXml ? xmlText : anyText).whole(shape, overrides);
}

class Generator {
  readonly #text: Arbitrary<string>;

  constructor(text: Arbitrary<string>) {
    this.#text = text;
  }

  whole(shape: StructureShape, overrides: Overrides): Arbitrary<Values> {
    const members = shape.members.filter(
      ({ name }) => !Object.hasOwn(overrides, name) || overrides[name] !== undefined,
    );
    const model = members.map((member) => [
      member.name,
      overrides[member.name] ??
        fc
          .constant(undefined)
          .chain(() =>
            member.http ? this.#bound(member, member.http) : this.#of(member.shape, 1),
          ),
    ]);
    const needed = members.filter(({ http, required }) => required && http !== undefined);
    const requiredKeys = needed.map(({ name }) => name);
    return fc.record(Object.fromEntries(model), { requiredKeys });
  }

  #bound({ shape }: Member, binding: HttpBinding): Arbitrary<unknown> {
    if (binding === "status") return fc.integer({ min: 200, max: 299 });
    if (binding === "label") return shape.kind === "string" ? labelText : this.#inHeader(shape);
    if (binding === "payload") return this.#payload(shape);
    if (binding === "query-params") {
      return fc.dictionary(fc.stringMatching(/^[a-z]{1,6}-x$/), anyText, {
        minKeys: 1,
        maxKeys: 3,
      });
    }
    if ("header" in binding) return this.#inHeader(shape);
    if ("prefix" in binding) {
      const key = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);
      return fc.dictionary(key, headerText, { minKeys: 1, maxKeys: 3 });
    }
    if (shape.kind !== "list") return this.#of(shape, deepest);
    return fc.array(this.#of(shape.member.shape, deepest), { minLength: 1, maxLength: 3 });
  }

  #inHeader(shape: Shape): Arbitrary<unknown> {
    if (shape.kind === "string") return headerText;
    if (shape.kind === "timestamp") return wholeSeconds;
    if (shape.kind !== "list") return this.#of(shape, deepest);
    return fc.array(this.#inHeader(shape.member.shape), { minLength: 1, maxLength: 3 });
  }

  #payload(shape: Shape): Arbitrary<unknown> {
    if (shape.kind === "string") return fc.string({ minLength: 1, maxLength: 12 });
    if (shape.kind === "structure" || shape.kind === "union") return this.#structure(shape, 1);
    return fc.uint8Array({ minLength: 1, maxLength: 16 });
  }

  #of(shape: Shape, depth: number): Arbitrary<unknown> {
    switch (shape.kind) {
      case "string":
        return this.#text;
      case "number":
        return number;
      case "boolean":
        return fc.boolean();
      case "timestamp":
        return shape.format === "http-date" ? wholeSeconds : date;
      case "blob":
      case "stream":
        return fc.uint8Array({ maxLength: 16 });
      case "document":
        return this.#document();
      case "list":
        return fc.array(this.#of(shape.member.shape, depth + 1), { maxLength: 3 });
      case "map":
        return fc
          .array(fc.tuple(this.#text, this.#of(shape.value.shape, depth + 1)), { maxLength: 3 })
          .map((entries) => {
            const result: Values = {};
            for (const [key, value] of entries) setEntry(result, key, value);
            return result;
          });
      case "structure":
      case "union":
        return this.#structure(shape, depth);
    }
  }

  #document(): Arbitrary<unknown> {
    const text = this.#text;
    const scalar = fc.oneof(text, number, fc.boolean());
    const values = [text, number, fc.boolean(), fc.constant(null)];
    return fc.oneof(scalar, fc.array(scalar), fc.object({ key: text, values, maxDepth: 3 }));
  }

  #structure(shape: StructureShape, depth: number): Arbitrary<Values> {
    const members = shape.members.filter((member) => depth < deepest || isScalar(member.shape));
    const model = Object.fromEntries(
      members.map((member) => [
        member.name,
        fc.constant(undefined).chain(() => this.#of(member.shape, depth + 1)),
      ]),
    );
    if (shape.kind === "union" && members.length > 0) {
      const one = members.map(({ name }) => fc.record({ [name]: model[name] ?? fc.constant(0) }));
      return fc.oneof(...one);
    }
    return fc.record(model, { requiredKeys: [] });
  }
}

const isScalar = (shape: Shape): boolean =>
  !["list", "map", "structure", "union"].includes(shape.kind);

/** `value` as it arrives: without what the protocol has no way to say. */
export function arriving(shape: StructureShape, value: Values, protocol: Protocol): Values {
  if (protocol === "restXml") return (pruneXml(shape, value) ?? {}) as Values;
  const isQuery = protocol === "awsQuery" || protocol === "ec2Query";
  return isQuery ? ((pruneQuery(value, protocol) ?? {}) as Values) : value;
}

/** A query cannot say that a structure or, in EC2, a list is there and has nothing in it. */
function pruneQuery(value: unknown, protocol: Protocol): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    if (value.length === 0) return protocol === "awsQuery" ? value : undefined;
    const kept = value.map((each) => pruneQuery(each, protocol)).filter((e) => e !== undefined);
    return kept.length > 0 ? kept : undefined;
  }
  const kept = Object.entries(value)
    .map(([key, held]): [string, unknown] => [key, pruneQuery(held, protocol)])
    .filter(([, held]) => held !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** Lists and maps without an element around them cannot be there and empty. */
function pruneXml(shape: Shape, value: unknown): unknown {
  if (shape.kind === "list") {
    return (value as unknown[]).map((each) => pruneXml(shape.member.shape, each));
  }
  if (shape.kind === "map") {
    const entries = Object.entries(value as object);
    return Object.fromEntries(
      entries.map(([key, held]) => [key, pruneXml(shape.value.shape, held)]),
    );
  }
  if (shape.kind !== "structure" && shape.kind !== "union") return value;
  const [only] = shape.members;
  // At the root of an answer, an empty text is no text.
  if (shape.unwrapped && only && (value as Values)[only.name] === "") return {};
  const result: Values = {};
  for (const { name, shape: below, flattened } of shape.members) {
    const held = (value as Values)[name];
    if (held === undefined) continue;
    const isEmpty = flattened && Object.keys(held as object).length === 0;
    if (!isEmpty) result[name] = pruneXml(below, held);
  }
  return result;
}
