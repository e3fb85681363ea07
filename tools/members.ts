/**
 * `npm run members [test files]`: runs the unit layer so that every request in it shows what its members do, and
 * writes which test shows which member of which operation to `test/fixtures/shown-members.json`. Fails, and
 * names them, when members are left that no test shows to do anything.
 *
 * With test files it only adds what those show.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startVitest } from "vitest/node";
import { declaredMembers } from "../test/builders/declared-members.ts";
import { readDeclared, serviceNames } from "../test/builders/generic-calls.ts";
import { reviewed, reviewedMembers } from "../test/builders/reviewed-members.ts";

/** By service and operation, by member: the effect that a test shows, and the test. */
export type ShownMembers = {
  readonly [operation: string]: { readonly [member: string]: string };
};

export const shownFile = new URL("../test/fixtures/shown-members.json", import.meta.url);
export const readShown = (): ShownMembers => JSON.parse(readFileSync(shownFile, "utf8"));

/** From what is told best to what is told least. */
const effects = ["answer", "needed", "state", "other", "asked"];

function gather(folder: string, known: ShownMembers): ShownMembers {
  const best = new Map<string, string>();
  const rank = (told: string): number => effects.indexOf(told.split(" ")[0] ?? "");
  const note = (key: string, told: string): void => {
    const other = best.get(key);
    if (other === undefined || rank(told) < rank(other)) best.set(key, told);
    else if (rank(told) === rank(other) && told < other) best.set(key, told);
  };
  for (const [operation, members] of Object.entries(known)) {
    for (const [member, told] of Object.entries(members)) note(`${operation}\t${member}`, told);
  }
  for (const file of readdirSync(folder)) {
    for (const line of readFileSync(path.join(folder, file), "utf8").split("\n")) {
      const [operation, member, effect, test] = line.split("\t");
      if (test !== undefined) note(`${operation}\t${member}`, `${effect} ${test}`);
    }
  }
  return byOperation(best);
}

function byOperation(best: ReadonlyMap<string, string>): ShownMembers {
  const shown: Record<string, Record<string, string>> = {};
  for (const key of [...best.keys()].toSorted()) {
    const [operation = "", member = ""] = key.split("\t");
    shown[operation] = { ...shown[operation], [member]: best.get(key) ?? "" };
  }
  return shown;
}

/**
 * What tests show of what is declared, and what neither they nor the review know; `stale` is what the review need not
 * know, since a test shows it or no operation takes it.
 */
async function compare(found: ShownMembers) {
  const shown: Record<string, Record<string, string>> = {};
  const lacking: string[] = [];
  const all: string[] = [];
  const tested = new Set<string>();
  for (const service of serviceNames) {
    const { operations } = await readDeclared(service);
    for (const operation of operations) {
      const name = `${service} ${operation.name}`;
      for (const member of declaredMembers(operation)) {
        const told = found[name]?.[member];
        all.push(`${name} ${member}`);
        if (told !== undefined) tested.add(`${name} ${member}`);
        if (told !== undefined) shown[name] = { ...shown[name], [member]: told };
        else if (!reviewed(name, member)) lacking.push(`${name} ${member}`);
      }
    }
  }
  const declared = new Set(all);
  const stale = reviewedMembers.filter((each) => !declared.has(each) || tested.has(each));
  return { shown, lacking, stale };
}

if (import.meta.main) {
  const files = process.argv.slice(2);
  const folder = mkdtempSync(path.join(tmpdir(), "neargate-members-"));
  process.env["NEARGATE_MEMBERS"] = folder;
  // Each request is run many times, so everything takes longer; whether tests pass is another command's matter.
  const limits = { testTimeout: 300_000, hookTimeout: 300_000 };
  const vitest = await startVitest(
    "test",
    files,
    { project: ["unit"], watch: false, reporters: ["dot"], ...limits },
    {},
  );
  await vitest.close();
  const { shown, lacking, stale } = await compare(
    gather(folder, files.length > 0 ? readShown() : {}),
  );
  rmSync(folder, { recursive: true });
  writeFileSync(shownFile, `${JSON.stringify(shown, null, 2)}\n`);
  for (const member of lacking) process.stdout.write(`nothing shows: ${member}\n`);
  for (const member of stale) process.stdout.write(`reviewed, but shown or gone: ${member}\n`);
  process.exit(lacking.length + stale.length === 0 ? 0 : 1);
}
