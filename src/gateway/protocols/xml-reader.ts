/**
 * Reads XML as requests have it: elements, attributes, text. Document types are refused, and with them
 * every entity of the sender's own: there is nothing that could expand or be fetched.
 */
import { mostValues } from "./complexity.ts";

export class XmlError extends Error {}

export type XmlElement = {
  /** Without its prefix. */
  readonly name: string;
  /** As written, prefix included. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
};

type Open = {
  readonly rawName: string;
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
};

const deepest = 64;
const namePattern = /[A-Za-z_:][\w:.-]*/y;
const attributePattern = /\s+([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagEnd = /\s*(\/?)>/y;

/** The root element. Throws an `XmlError`. */
export function readXml(text: string): XmlElement {
  const reader = new Reader(text);
  return reader.document();
}

class Reader {
  readonly #text: string;
  readonly #open: Open[] = [];
  #root: XmlElement | undefined;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text.startsWith("\uFEFF") ? text.slice(1) : text;
  }

  document(): XmlElement {
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf("<", this.#at);
      this.#content(this.#text.slice(this.#at, next < 0 ? undefined : next));
      if (next < 0) break;
      this.#at = next;
      this.#markup();
    }
    if (this.#open.length > 0 || !this.#root) throw new XmlError("cut off");
    return this.#root;
  }

  #content(raw: string): void {
    const top = this.#open.at(-1);
    if (top) top.text += unescapeXml(raw.replace(/\r\n?/g, "\n"));
    else if (raw.trim() !== "") throw new XmlError("text outside the root element");
  }

  #markup(): void {
    if (this.#skip("<?", "?>") || this.#skip("<!--", "-->")) return;
    if (this.#text.startsWith("<![CDATA[", this.#at)) {
      const end = this.#find("]]>");
      const top = this.#open.at(-1);
      if (!top) throw new XmlError("text outside the root element");
      top.text += this.#text.slice(this.#at + 9, end);
      this.#at = end + 3;
      return;
    }
    if (this.#text.startsWith("<!", this.#at)) throw new XmlError("a document type");
    if (this.#text.startsWith("</", this.#at)) this.#close();
    else this.#start();
  }

  #skip(begin: string, end: string): boolean {
    if (!this.#text.startsWith(begin, this.#at)) return false;
    this.#at = this.#find(end) + end.length;
    return true;
  }

  #find(end: string): number {
    const found = this.#text.indexOf(end, this.#at);
    if (found < 0) throw new XmlError("cut off");
    return found;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match ?? undefined;
  }

  #name(): string {
    const name = this.#match(namePattern)?.[0];
    if (name === undefined) throw new XmlError("a tag without a name");
    return name;
  }

  #start(): void {
    if (this.#open.length >= deepest) throw new XmlError("nested too deeply");
    if (this.#root) throw new XmlError("more than one root element");
    this.#at++;
    this.#count();
    const rawName = this.#name();
    const attributes = new Map<string, string>();
    for (let found = this.#match(attributePattern); found; found = this.#match(attributePattern)) {
      this.#count();
      attributes.set(found[1] ?? "", unescapeXml(found[2] ?? found[3] ?? ""));
    }
    const end = this.#match(tagEnd);
    if (!end) throw new XmlError("a tag that does not end");
    const name = rawName.slice(rawName.indexOf(":") + 1);
    this.#open.push({ rawName, name, attributes, children: [], text: "" });
    if (end[1]) this.#pop();
  }

  #count(): void {
    if (++this.#values > mostValues) throw new XmlError("too many elements");
  }

  #close(): void {
    this.#at += 2;
    const rawName = this.#name();
    const end = this.#match(tagEnd);
    if (!end || end[1] || this.#open.at(-1)?.rawName !== rawName) {
      throw new XmlError("an end tag that ends nothing");
    }
    this.#pop();
  }

  #pop(): void {
    const closed = this.#open.pop();
    const parent = this.#open.at(-1);
    if (!closed) return;
    if (parent) parent.children.push(closed);
    else this.#root = closed;
  }
}

const named: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

function unescapeXml(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&([^;&]{0,12});?/g, (whole, reference: string) => {
    const known = Object.hasOwn(named, reference) ? named[reference] : undefined;
    if (known !== undefined && whole.endsWith(";")) return known;
    const digits = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(reference);
    const code = digits?.[1] ? Number.parseInt(digits[1], 16) : Number(digits?.[2] ?? -1);
    const isCharacter = code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    if (!isCharacter || !whole.endsWith(";")) throw new XmlError("an unknown entity");
    return String.fromCodePoint(code);
  });
}
