/** Writes XML answers, and the structures of a wire model as XML. */
import type { ListShape, MapShape, Member, Shape, StructureShape } from "../wire/shapes.ts";
import { printBase64, printTimestamp } from "./scalars.ts";

const special = /[&<>"\r]|[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

/** A character that XML cannot hold becomes U+FFFD: strict parsers would refuse the whole answer. */
export function escapeXml(text: string): string {
  return text.replace(special, (character) => escapes[character] ?? "\uFFFD");
}

/** `attributes` is written as it is, with a space before each. */
export function element(name: string, content: string, attributes = ""): string {
  const start = `<${name}${attributes}`;
  return content === "" ? `${start}/>` : `${start}>${content}</${name}>`;
}

/** The members of a structure as elements, in the model's order; absent ones are left out. */
export function encodeMembers(shape: StructureShape, value: unknown): string {
  const content = (value ?? {}) as Readonly<Record<string, unknown>>;
  let xml = "";
  for (const member of shape.members) {
    const held = content[member.name];
    if (held === undefined || held === null || member.http || member.xmlAttribute) continue;
    xml += encodeMember(member, held);
  }
  return xml;
}

function encodeMember(member: Member, value: unknown): string {
  const { shape, outputName, flattened } = member;
  if (flattened && shape.kind === "list") return encodeElements(shape, value, outputName);
  if (flattened && shape.kind === "map") return encodeEntries(shape, value, outputName);
  return element(outputName, encodeContent(shape, value), encodeAttributes(member, value));
}

/** The namespace that a member brings, and the members of its structure that are attributes. */
function encodeAttributes({ shape, xmlNamespace }: Member, value: unknown): string {
  if (shape.kind !== "structure") return "";
  const own = xmlNamespace ? ` xmlns:${xmlNamespace[0]}="${escapeXml(xmlNamespace[1])}"` : "";
  const content = value as Readonly<Record<string, unknown>>;
  return shape.members
    .filter(({ xmlAttribute, name }) => xmlAttribute && content[name] !== undefined)
    .reduce(
      (text, { outputName, name }) => `${text} ${outputName}="${escapeXml(String(content[name]))}"`,
      own,
    );
}

/** What stands between the tags of a value. */
export function encodeContent(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case "structure":
    case "union":
      return encodeMembers(shape, value);
    case "list":
      return encodeElements(shape, value, shape.member.outputName);
    case "map":
      return encodeEntries(shape, value, "entry");
    case "timestamp":
      return printTimestamp(value as Date, shape.format);
    case "blob":
    case "stream":
      return printBase64(value as Uint8Array);
    case "string":
      return escapeXml(value as string);
    default:
      return escapeXml(String(value));
  }
}

function encodeElements(shape: ListShape, value: unknown, name: string): string {
  let xml = "";
  for (const held of value as readonly unknown[]) {
    xml += element(name, encodeContent(shape.member.shape, held));
  }
  return xml;
}

function encodeEntries(shape: MapShape, value: unknown, name: string): string {
  let xml = "";
  for (const [key, held] of Object.entries(value as object)) {
    if (held === undefined) continue;
    const entry = element(shape.key.outputName, escapeXml(key)) + encodeMember(shape.value, held);
    xml += element(name, entry);
  }
  return xml;
}
