/**
 * One VPC on the host: its namespace brought from what it is to what the plan says, in one go.
 *
 * What was applied last is remembered. When it is not known (a fresh engine, or after a failure), links
 * and routes are read back and the packet rules replaced as a whole; neither disturbs connections.
 */
import { existsSync, statfsSync } from "node:fs";
import type { FlowCounts } from "../../../model/flow-count.ts";
import type { VpcPlan } from "../../../model/vpc-plan.ts";
import type { Logger } from "../../../seams/logger.ts";
import { DriverError } from "../../errors.ts";
import { deltaOf } from "../delta.ts";
import { routerAddress, vpcLinkName, vpcNamespace } from "../names.ts";
import { UnwiredError } from "../port.ts";
import type { Edge } from "./edge.ts";
import { flowTable, flowTableText } from "./flow-counting.ts";
import { createFlowMeter } from "./flow-meter.ts";
import { ensureNamespace, settingsOf } from "./namespaces.ts";
import {
  parseRouting,
  type Routing,
  routeAdding,
  routeRemoving,
  routingOf,
  secondaryAddressOf,
  secondaryRoutes,
  uplinkDevice,
} from "./routing.ts";
import { type Ruleset, rulesetOf } from "./ruleset.ts";
import { changeText, wholeText } from "./ruleset-text.ts";
import { type SectionResult, type Shell, withInput } from "./shell.ts";
import type { Uplinks } from "./uplinks.ts";
import {
  aliasOf,
  edgeLines,
  edgeRuleRemovals,
  interfaceWire,
  metadataWire,
  namespaceArgument,
  parseWires,
  peerEndLines,
  peerLink,
  peerWire,
  sandboxAddress,
  sandboxLines,
  vpcLines,
  type Wire,
} from "./wiring.ts";

export type VpcNamespace = {
  apply(plan: VpcPlan): Promise<void>;
  takeFlows(): Promise<FlowCounts>;
  remove(): Promise<void>;
};

export type VpcNamespaceOptions = {
  readonly engineId: string;
  readonly vpcId: string;
  readonly shell: Shell;
  readonly edge: Edge;
  readonly uplinks: Uplinks;
  readonly logger: Logger;
  /** Whether the kernel has IPv6. */
  readonly ipv6: boolean;
};

const nsfsMagic = 0x6e736673;

/** What the namespace holds. Wires by link, as their aliases. */
type Actual = {
  readonly wires: ReadonlyMap<string, string>;
  readonly routing: Routing;
  /** Undefined when not known. */
  readonly ruleset: Ruleset | undefined;
  readonly countsFlows: boolean;
};

/** A part of an apply, and the interface's link where that is all it makes. */
type Section = { readonly text: string; readonly link?: string };

type Desired = {
  readonly wires: ReadonlyMap<string, Wire>;
  readonly routing: Routing;
  readonly ruleset: Ruleset;
  readonly countsFlows: boolean;
};

export function createVpcNamespace(options: VpcNamespaceOptions): VpcNamespace {
  const { engineId, vpcId, shell, edge, uplinks, logger, ipv6 } = options;
  const name = vpcNamespace(engineId, vpcId);
  const meter = createFlowMeter(shell, name);
  const nft = `nsenter --net=/run/netns/${name} nft`;
  let actual: Actual | undefined;

  const prepare = async (): Promise<Actual> => {
    if (!isNamespace(`/run/netns/${name}`)) await uplinks.remove(vpcId);
    await setUp();
    if (!uplinks.of(vpcId)) {
      await shell.run([`ip -n ${name} link del ${uplinkDevice}`]);
      await uplinks.create(vpcId, name);
    }
    return readBack();
  };

  /** Idempotent: what is there may have been left half-made. */
  const setUp = async (): Promise<void> => {
    await shell.runOk(ensureNamespace(name));
    await shell.runOk(settingsOf(name, true));
    const loopback = [`addr replace ${routerAddress}/32 dev lo`, "link set lo up"];
    await shell.runOk(withInput(`ip -n ${name} -batch -`, loopback));
  };

  const readBack = async (): Promise<Actual> => {
    const [links, rules, routes, counting] = await shell.run([
      `ip -n ${name} -j link`,
      `ip -n ${name} -j rule`,
      `ip -n ${name} -j -4 route show table all`,
      `${nft} list tables | grep -qx 'table ${flowTable}'`,
    ]);
    const wires = parseWires(okOutput(links));
    const primaries = new Set([...wires.values()].map((alias) => alias.split(" ")[0] ?? ""));
    return {
      wires,
      routing: parseRouting(okOutput(rules), okOutput(routes), primaries),
      ruleset: undefined,
      countsFlows: counting?.code === 0,
    };
  };

  const desiredOf = (plan: VpcPlan, now: Actual): Desired => {
    const gateway = uplinks.of(vpcId)?.hostAddress;
    if (gateway === undefined) throw new DriverError("fatal", `${vpcId} has no uplink`);
    const peers = plan.peerings.map(({ peeringId, peerVpcId }) =>
      peerWire(peeringId, vpcNamespace(engineId, peerVpcId)),
    );
    const wires = [metadataWire(vpcId), ...peers, ...plan.interfaces.map(interfaceWire)].filter(
      (wire) => now.wires.has(wire.link) || hasEnd(wire),
    );
    const links = new Set(wires.map(({ link }) => link));
    const wired = plan.interfaces.filter(({ interfaceId }) => links.has(vpcLinkName(interfaceId)));
    const { rules, routes } = routingOf(plan, gateway);
    return {
      wires: new Map(wires.map((wire) => [wire.link, wire])),
      routing: { rules, routes: new Map([...routes, ...secondaryRoutes(wired)]) },
      ruleset: rulesetOf(plan, gateway),
      countsFlows: plan.countsFlows,
    };
  };

  /** A sandbox that has gone takes its interface with it; its task is about to end. */
  const hasEnd = ({ link, end }: Wire): boolean => {
    if (end.type !== "sandbox" || isNamespace(end.netns)) return true;
    logger.warn("network: an interface is left out, its sandbox is gone", { vpcId, link });
    return false;
  };

  const rulesSection = (known: Ruleset | undefined, desired: Ruleset): string[] => {
    const text = known ? changeText(known, desired) : wholeText(desired);
    return text === undefined ? [] : [withInput(`${nft} -f -`, [text])];
  };

  const countingSection = (now: Actual, desired: Desired): string[] => {
    if (now.countsFlows === desired.countsFlows) return [];
    if (!desired.countsFlows) {
      meter.end();
      return [`${nft} delete table ${flowTable}`];
    }
    meter.begin();
    return [withInput(`${nft} -f -`, [flowTableText])];
  };

  /** Each by itself, so that one that cannot be made keeps no other from it. */
  const wireSection = (wire: Wire): string =>
    wire.end.type === "peer" ? peerSection(wire, wire.end.namespace) : interfaceSection(wire);

  /** Whichever VPC comes first makes the link for both. */
  const peerSection = (wire: Wire, other: string): string => {
    const present = (namespace: string): string =>
      `ip -n ${namespace} link show ${wire.link} >/dev/null 2>&1`;
    const there: Wire = { ...wire, end: { type: "peer", namespace: name } };
    return `${ensureNamespace(other)}
${settingsOf(other, true)}
if ! { ${present(name)} && ${present(other)}; }; then
  ip -n ${name} link del ${wire.link} 2>/dev/null
  ip -n ${other} link del ${wire.link} 2>/dev/null
  ip -n ${name} ${peerLink(wire, other)}
fi
${withInput(`ip -n ${other} -batch -`, peerEndLines(there))}
${withInput(`ip -n ${name} -batch -`, peerEndLines(wire))}`;
  };

  const interfaceSection = (wire: Wire): string =>
    [
      ...(wire.end.type === "edge" ? edgeLeftovers(wire.end.link) : []),
      `${farEndCommand(wire)} && ${withInput(`ip -n ${name} -batch -`, vpcLines(wire))}`,
    ].join("\n");

  const farEndCommand = (wire: Wire): string => {
    const { end } = wire;
    if (end.type !== "edge") {
      const netns = end.type === "sandbox" ? end.netns : end.namespace;
      const command = `ip -n ${namespaceArgument(netns)} -batch -`;
      return inBraces(withInput(command, sandboxLines(wire, name, ipv6)));
    }
    const lines = edgeLines(wire, end.link, name, edge.tableFor(end.link));
    return inBraces(withInput(`ip -n ${edge.namespace} -batch -`, lines));
  };

  /** Addresses that come to and go from sandboxes whose links stay: there before their routes, and longer. */
  const addressSections = (
    verb: "replace" | "del",
    routes: readonly (readonly [string, string])[],
    now: Actual,
    desired: Desired,
  ): string[] =>
    routes.flatMap(([key, target]) => {
      const secondary = secondaryAddressOf(key, target);
      if (!secondary) return [];
      const alias = now.wires.get(secondary.link);
      const wire = desired.wires.get(secondary.link);
      if (wire?.end.type !== "sandbox" || alias !== aliasOf(wire)) return [];
      const command = `ip -n ${namespaceArgument(wire.end.netns)}`;
      const line = sandboxAddress(verb, secondary.address);
      return verb === "del"
        ? tolerant(command, [line])
        : [withInput(`${command} -batch -`, [line])];
    });

  const edgeLeftovers = (link: string): string[] =>
    tolerant(`ip -n ${edge.namespace}`, [
      `link del ${link}`,
      ...edgeRuleRemovals(link, edge.tableFor(link)),
    ]);

  /** The whole of an apply: what closes first, then what goes, then what comes. */
  const sectionsFor = (now: Actual, desired: Desired): Section[] => {
    const aliases = new Map([...desired.wires].map(([link, wire]) => [link, aliasOf(wire)]));
    const wires = deltaOf(now.wires, aliases);
    const rules = deltaOf(now.routing.rules, desired.routing.rules);
    const routes = deltaOf(now.routing.routes, desired.routing.routes);
    const gone = [...wires.remove, ...wires.change].map(([link]) => link);
    const released = gone.flatMap((link) => edge.release(edgeLinkIn(now.wires.get(link) ?? "")));
    const made = [...wires.add.keys(), ...wires.change.keys()].flatMap(
      (link) => desired.wires.get(link) ?? [],
    );
    const going = [
      ...[...rules.remove.keys()].map((rule) => `rule del ${rule}`),
      ...[...routes.remove].map(([key, target]) => routeRemoving(key, target)),
    ];
    // A route by a link goes with it: whenever links come, all of these are said again.
    const byLink =
      made.length === 0
        ? []
        : [...desired.routing.routes].filter(([, target]) => isByLink(target)).map(adding);
    const coming = [...routes.add, ...routes.change];
    const changed = [...routes.change.keys()].map((key): [string, string] => [
      key,
      now.routing.routes.get(key) ?? "",
    ]);
    const lines = [
      ...coming.filter(([, target]) => !isByLink(target)).map(adding),
      ...[...rules.add.keys()].map((rule) => `rule add ${rule}`),
    ];
    const late = new Set([
      ...byLink,
      ...coming.filter(([, target]) => isByLink(target)).map(adding),
    ]);
    const first = [
      ...rulesSection(now.ruleset, desired.ruleset),
      ...countingSection(now, desired),
      ...addressSections("del", [...routes.remove, ...changed], now, desired),
      ...tolerant(`ip -n ${name}`, [...gone.map((link) => `link del ${link}`), ...going]),
      ...tolerant(`ip -n ${edge.namespace}`, released),
      ...addressSections("replace", coming, now, desired),
      ...batch(lines),
    ];
    return [
      ...first.map((text) => ({ text })),
      ...made.map((wire) => ({ text: wireSection(wire), link: wire.link })),
      ...batch([...late]).map((text) => ({ text })),
    ];
  };

  const batch = (lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [withInput(`ip -n ${name} -batch -`, lines)];

  return {
    async apply(plan) {
      const now = actual ?? (await prepare());
      const desired = desiredOf(plan, now);
      const sections = sectionsFor(now, desired);
      actual = undefined;
      throwFailures(plan, sections, await shell.run(sections.map(({ text }) => text)));
      const wires = [...desired.wires].map(([link, wire]): [string, string] => [
        link,
        aliasOf(wire),
      ]);
      actual = { ...desired, wires: new Map(wires) };
    },
    takeFlows: meter.take,
    async remove() {
      const present = existsSync(`/run/netns/${name}`);
      const wires = present ? (await readBack()).wires : new Map<string, string>();
      actual = undefined;
      meter.end();
      await uplinks.remove(vpcId);
      const released = [...wires.values()].flatMap((alias) => edge.release(edgeLinkIn(alias)));
      // Links go one by one first: a namespace's own end is not waited for.
      await shell.run([
        ...tolerant(
          `ip -n ${name}`,
          [...wires.keys()].map((link) => `link del ${link}`),
        ),
        ...tolerant(`ip -n ${edge.namespace}`, released),
      ]);
      if (present) await shell.runOk(`ip netns del ${name}`);
    },
  };
}

const adding = ([key, target]: readonly [string, string]): string => routeAdding(key, target);

/** Whether the route needs a link other than the uplink. */
const isByLink = (target: string): boolean =>
  target.includes("dev ") && !target.endsWith(`dev ${uplinkDevice}`);

/** The edge's end of the wire with this alias; no link has an empty name. */
const edgeLinkIn = (alias: string): string => {
  const [, , type, link] = alias.split(" ");
  return type === "edge" && link !== undefined ? link : "";
};

/** The file of a namespace that has ended may stay for a moment, as an ordinary file. */
function isNamespace(file: string): boolean {
  try {
    return statfsSync(file).type === nsfsMagic;
  } catch {
    return false;
  }
}

const inBraces = (command: string): string => `{ ${command}\n}`;

/** What may be gone already. */
const tolerant = (command: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`${withInput(`${command} -force -batch - 2>/dev/null`, lines)}\ntrue`];

function okOutput(result: SectionResult | undefined): string {
  if (result?.code === 0) return result.output;
  throw new DriverError("unavailable", `reading a VPC back: ${result?.output.trim()}`);
}

/** Throws `UnwiredError` when nothing failed but the making of interfaces. */
function throwFailures(
  { vpcId, interfaces }: VpcPlan,
  sections: readonly Section[],
  results: readonly SectionResult[],
): void {
  const failures = results.flatMap(({ code, output }, at) => {
    const section = sections[at];
    if (code === 0 || !section) return [];
    const { interfaceId } =
      interfaces.find((one) => vpcLinkName(one.interfaceId) === section.link) ?? {};
    return [{ interfaceId, text: `${output.trim()} (in: ${section.text})` }];
  });
  if (failures.length === 0) return;
  const message = `${vpcId}: ${failures.map(({ text }) => text).join("; ")}`;
  const unwired = failures.flatMap(({ interfaceId }) => interfaceId ?? []);
  throw unwired.length === failures.length
    ? new UnwiredError(unwired, message)
    : new DriverError("unavailable", message);
}
