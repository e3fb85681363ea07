/**
 * The edge namespace, where the balancer runs: its links' routing tables. Which link has which table
 * is read back from the namespace's own rules, so that a fresh engine goes on where the last one was.
 */
import { awsBlocks } from "../../../model/aws-addresses.ts";
import { edgeNamespace } from "../names.ts";
import { ensureNamespace, settingsOf } from "./namespaces.ts";
import { type Shell, withInput } from "./shell.ts";
import { edgeRuleRemovals } from "./wiring.ts";

export type Edge = {
  readonly namespace: string;
  /** Makes the namespace, or reads back the one there is; forgets rules of links that are gone. */
  start(): Promise<void>;
  /** The link's table, a free one when it has none yet. */
  tableFor(link: string): number;
  /** Gives the table back; the lines take its rules away. */
  release(link: string): readonly string[];
};

const firstTable = 1000;

/** AWS's addresses are here, whatever link asks for them. */
const setUp = [
  "link set lo up",
  ...awsBlocks.map((block) => `route replace local ${block} dev lo table local`),
];

type KernelRule = { readonly iif?: string; readonly oif?: string; readonly table?: string };

export function createEdge(shell: Shell, engineId: string): Edge {
  const namespace = edgeNamespace(engineId);
  const tables = new Map<string, number>();

  const release = (link: string): readonly string[] => {
    const table = tables.get(link);
    tables.delete(link);
    return table === undefined ? [] : edgeRuleRemovals(link, table);
  };

  return {
    namespace,
    async start() {
      // Nothing is forwarded here, whatever the host does: VPCs do not meet in the edge.
      await shell.runOk(ensureNamespace(namespace));
      await shell.runOk(settingsOf(namespace, false));
      await shell.runOk(withInput(`ip -n ${namespace} -batch -`, setUp));
      const [rules, links] = await shell.run([
        `ip -n ${namespace} -j rule`,
        `ip -n ${namespace} -j link`,
      ]);
      tables.clear();
      for (const [link, table] of parseTables(rules?.output ?? "")) tables.set(link, table);
      const present = new Set(parseNames(links?.output ?? ""));
      const stale = [...tables.keys()].filter((link) => !present.has(link)).flatMap(release);
      if (stale.length > 0) {
        await shell.run([withInput(`ip -n ${namespace} -force -batch -`, stale)]);
      }
    },
    tableFor(link) {
      const known = tables.get(link);
      if (known !== undefined) return known;
      const used = new Set(tables.values());
      let table = firstTable;
      while (used.has(table)) table += 1;
      tables.set(link, table);
      return table;
    },
    release,
  };
}

function parseTables(json: string): [string, number][] {
  const rules = json.trim() === "" ? [] : (JSON.parse(json) as KernelRule[]);
  return rules.flatMap(({ iif, oif, table }): [string, number][] => {
    const link = oif ?? iif;
    return link === undefined || link === "lo" ? [] : [[link, Number(table)]];
  });
}

const parseNames = (json: string): string[] =>
  json.trim() === ""
    ? []
    : (JSON.parse(json) as { readonly ifname: string }[]).map((link) => link.ifname);
