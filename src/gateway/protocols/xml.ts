/**
 * Writes XML answers, and the structures of a wire model as XML. Each shape is made into a function once,
 * when it is first written, which has the tags of its members ready.
 */
import type { ListShape, MapShape, Member, Shape, StructureShape } from "../wire/shapes.ts";
import { printBase64, printTimestamp } from "./scalars.ts";

const special = /[&<>"\r]|[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
// What is most often all there is.
const plain = /^[\t\n !#-%'-;=?-~]*$/;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

/** A character that XML cannot hold becomes U+FFFD: strict parsers would refuse the whole answer. */
export function escapeXml(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(special, (character) => escapes[character] ?? "\uFFFD");
}

/** `attributes` is written as it is, with a space before each. */
export function element(name: string, content: string, attributes = ""): string {
  const start = `<${name}${attributes}`;
  return content === "" ? `${start}/>` : `${start}>${content}</${name}>`;
}

/** The members of a structure as elements, in the model's order; absent ones are left out. */
export const encodeMembers = (shape: StructureShape, value: unknown): string =>
  writerOf(shape)(value);

/** What stands between the tags of a value. */
export const encodeContent = (shape: Shape, value: unknown): string => writerOf(shape)(value);

type Writer = (value: unknown) => string;

const writers = new WeakMap<Shape, Writer>();

function writerOf(shape: Shape): Writer {
  const known = writers.get(shape);
  if (known) return known;
  const writer = makeWriter(shape);
  writers.set(shape, writer);
  return writer;
}

function makeWriter(shape: Shape): Writer {
  switch (shape.kind) {
    case "structure":
    case "union":
      return membersWriter(shape);
    case "list":
      return elementsWriter(shape, shape.member.outputName);
    case "map":
      return entriesWriter(shape, "entry");
    case "timestamp":
      return (value) => printTimestamp(value as Date, shape.format);
    case "blob":
    case "stream":
      return (value) => printBase64(value as Uint8Array);
    case "string":
      return (value) => escapeXml(value as string);
    case "number":
    case "boolean":
      return printPlain;
    default:
      return (value) => escapeXml(String(value));
  }
}

const printPlain: Writer = (value) =>
  typeof value === "string" ? escapeXml(value) : String(value);

function membersWriter({ members }: StructureShape): Writer {
  // A structure may hold itself, so its members are made when one is first written.
  let made: readonly { readonly name: string; readonly write: Writer }[] | undefined;
  const make = () =>
    members
      .filter(({ http, xmlAttribute }) => !http && !xmlAttribute)
      .map((member) => ({ name: member.name, write: memberWriter(member) }));
  return (value) => {
    const content = (value ?? {}) as Readonly<Record<string, unknown>>;
    made ??= make();
    let xml = "";
    for (const { name, write } of made) {
      const held = content[name];
      if (held !== undefined && held !== null) xml += write(held);
    }
    return xml;
  };
}

function memberWriter(member: Member): Writer {
  const { shape, outputName, flattened } = member;
  if (flattened && shape.kind === "list") return elementsWriter(shape, outputName);
  if (flattened && shape.kind === "map") return entriesWriter(shape, outputName);
  const content = writerOf(shape);
  if (shape.kind === "structure" && (member.xmlNamespace || shape.members.some(isAttribute))) {
    return (value) => element(outputName, content(value), encodeAttributes(member, shape, value));
  }
  if (shape.kind === "string") return repeating(elementWriter(outputName, content));
  return shape.kind === "boolean"
    ? booleanWriter(outputName, content)
    : elementWriter(outputName, content);
}

// Of what is written in a row much is the same: who owns it, where it is, in which state.
function repeating(write: Writer): Writer {
  let last: unknown;
  let written = "";
  return (value) => {
    if (value === last) return written;
    written = write(value);
    last = value;
    return written;
  };
}

// What a service freezes it freezes whole, and gives again for as long as it stays the same.
function keeping(shape: Shape, write: Writer): Writer {
  if (shape.kind !== "structure") return write;
  const kept = new WeakMap<object, string>();
  return (value) => {
    if (typeof value !== "object" || value === null || !Object.isFrozen(value)) return write(value);
    const known = kept.get(value);
    if (known !== undefined) return known;
    const written = inOnePiece(write(value));
    kept.set(value, written);
    return written;
  };
}

// What was put together from pieces stays so inside until it is read, each time anew.
const inOnePiece = (text: string): string => Buffer.from(text).toString();

function booleanWriter(name: string, content: Writer): Writer {
  const write = elementWriter(name, content);
  const [yes, no] = [write(true), write(false)];
  return (value) => (value === true ? yes : value === false ? no : write(value));
}

function elementWriter(name: string, content: Writer): Writer {
  const [open, close, empty] = [`<${name}>`, `</${name}>`, `<${name}/>`];
  return (value) => {
    const inner = content(value);
    return inner === "" ? empty : open + inner + close;
  };
}

const isAttribute = ({ xmlAttribute }: Member): boolean => xmlAttribute;

/** The namespace that a member brings, and the members of its structure that are attributes. */
function encodeAttributes(
  { xmlNamespace }: Member,
  { members }: StructureShape,
  value: unknown,
): string {
  const own = xmlNamespace ? ` xmlns:${xmlNamespace[0]}="${escapeXml(xmlNamespace[1])}"` : "";
  const content = value as Readonly<Record<string, unknown>>;
  return members
    .filter((member) => isAttribute(member) && content[member.name] !== undefined)
    .reduce(
      (text, { outputName, name }) => `${text} ${outputName}="${escapeXml(String(content[name]))}"`,
      own,
    );
}

function elementsWriter({ member }: ListShape, name: string): Writer {
  let write: Writer | undefined;
  return (value) => {
    write ??= keeping(member.shape, elementWriter(name, writerOf(member.shape)));
    let xml = "";
    for (const held of value as readonly unknown[]) xml += write(held);
    return xml;
  };
}

function entriesWriter({ key, value }: MapShape, name: string): Writer {
  let write: Writer | undefined;
  return (entries) => {
    write ??= memberWriter(value);
    let xml = "";
    for (const [text, held] of Object.entries(entries as object)) {
      if (held !== undefined)
        xml += element(name, element(key.outputName, escapeXml(text)) + write(held));
    }
    return xml;
  };
}
