/**
 * Every member that an operation accepts, nested ones too, does something: a test runs a request with it and without
 * and gets another answer, another record or a refusal (`npm run members` finds them by running all tests so,
 * and writes down which shows what); or it is declared as only kept; or it is on the reviewed list. One that is
 * too new for what was written down is at least named by the code that its operation reaches.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { declaredMembers } from "../../../test/builders/declared-members.ts";
import { readDeclared, serviceNames } from "../../../test/builders/generic-calls.ts";
import { reviewed } from "../../../test/builders/reviewed-members.ts";
import { readShown } from "../../../tools/members.ts";

const sources = path.join(import.meta.dirname, "../..");
const shown = readShown();

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(
      (entry) =>
        entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name) && !entry.name.startsWith("testing"),
    )
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Without comments, imports and what `accepts` and `stored` declare. */
function codeOf(file: string): string {
  let text = readFileSync(file, "utf8")
    .replaceAll(/^\s*\/\*\*[\s\S]*?\*\//gm, "")
    .replaceAll(/(^|\s)\/\/.*$/gm, "")
    .replaceAll(/^import type [\s\S]*?;$/gm, "");
  for (let at = text.search(declaration); at >= 0; at = text.search(declaration)) {
    text = text.slice(0, at) + text.slice(endOf(text, at));
  }
  return text;
}

const declaration = /\b(?:accepts|stored|acceptsDescribe)\b\s*(?::|=)\s*[{[]/;

/** Behind the bracket that closes the first one after `at`. */
function endOf(text: string, at: number): number {
  let depth = 0;
  for (let end = text.slice(at).search(/[{[]/) + at; end < text.length; end++) {
    if ("{[(".includes(text[end] ?? "")) depth++;
    if ("}])".includes(text[end] ?? "") && --depth === 0) return end + 1;
  }
  return text.length;
}

const shared = ["state", "engine", "model"].flatMap((room) => filesIn(path.join(sources, room)));
const words = (files: readonly string[]): Set<string> =>
  new Set(files.flatMap((file) => codeOf(file).match(/[A-Za-z_$][\w$]*/g) ?? []));

async function declaredOf(service: (typeof serviceNames)[number]) {
  const { operations } = await readDeclared(service);
  return operations.flatMap((operation) => {
    const name = `${service} ${operation.name}`;
    return declaredMembers(operation).map((member) => ({ name, member }));
  });
}

type Declared = { readonly name: string; readonly member: string };

const isShown = ({ name, member }: Declared): boolean =>
  shown[name]?.[member] !== undefined || reviewed(name, member);

describe.each(serviceNames)("%s", (service) => {
  it("what its operations accept: shown to do something, reviewed, or new and named by its code", async () => {
    const own = filesIn(path.join(sources, "services", service));
    const named = words([...own, ...shared]);
    const idle = (await declaredOf(service))
      .filter((each) => !isShown(each) && !named.has(each.member.split(".").at(-1) ?? ""))
      .map(({ name, member }) => `${name} ${member}`);
    expect(idle).toEqual([]);
  });
});

it("what all operations accept: nearly all of it shown by tests or reviewed", async () => {
  const declared = (await Promise.all(serviceNames.map(declaredOf))).flat();
  const known = declared.filter(isShown);
  expect(known.length / declared.length).toBeGreaterThan(0.9);
});
