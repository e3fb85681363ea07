/**
 * Routes of a VPC in the kernel's terms (pure).
 *
 * The main table knows each interface's own address and nothing else. What it does not know is looked
 * up in the table of the sender's subnet; interfaces with a public address (marked by the packet
 * rules) have a table of their own where the internet gateway's routes lead out. What no table knows
 * is dropped without a word, as on AWS.
 */
import { networkOf, parseCidr } from "../../../model/cidr.ts";
import type { InterfacePlan, RoutePlan, SubnetPlan, VpcPlan } from "../../../model/vpc-plan.ts";
import { isPeeringLink, peeringLinkName, vpcLinkName } from "../names.ts";

/** Routing rules by their text, and routes by `<table> <destination>`; both as `ip` takes them. */
export type Routing = {
  readonly rules: ReadonlyMap<string, true>;
  readonly routes: ReadonlyMap<string, string>;
};

/** The VPC's end of the uplink. */
export const uplinkDevice = "up0";
/** Put on packets of interfaces with a public address. */
export const publicMark = 1;
/** Put on what is asked of the VPC's resolver, which is at the host's end of the uplink. */
export const resolverMark = 2;
const resolverTable = 2;

const lastRule = "pref 40000 blackhole";
const blackhole = "blackhole";

export function routingOf(plan: VpcPlan, gateway: string): Routing {
  const rules = new Map<string, true>([[lastRule, true]]);
  // Link-local addresses that nobody has must not leave by a default route.
  const routes = new Map<string, string>([["main 169.254.0.0/16", blackhole]]);
  if (plan.dnsAddresses.length > 0) {
    rules.set(`pref 32900 fwmark ${resolverMark} lookup ${resolverTable}`, true);
    routes.set(`${resolverTable} ${gateway}`, `via ${gateway} dev ${uplinkDevice}`);
  }
  for (const subnet of plan.subnets) {
    const table = tableOf(subnet);
    rules.set(`pref 34000 from ${subnet.cidr} lookup ${table}`, true);
    addRoutes(routes, table, subnet.routes, targetsOf(plan, gateway, ["nat"]));
    if (!subnet.routes.some((route) => route.via === "internet")) continue;
    // The next number is free: no subnet is smaller than 16 addresses.
    const publicTable = table + 1;
    rules.set(`pref 33000 from ${subnet.cidr} fwmark ${publicMark} lookup ${publicTable}`, true);
    addRoutes(routes, publicTable, subnet.routes, targetsOf(plan, gateway, ["nat", "internet"]));
  }
  return { rules, routes };
}

/** Routes to the interfaces' secondary addresses; the primary ones are made with the links. */
export const secondaryRoutes = (interfaces: readonly InterfacePlan[]): Map<string, string> =>
  new Map(
    interfaces.flatMap(({ interfaceId, secondaryAddresses }) =>
      secondaryAddresses.map(({ address }): [string, string] => [
        `main ${address}`,
        `dev ${vpcLinkName(interfaceId)}`,
      ]),
    ),
  );

/** The address and the link that a route of these leads to; undefined for another route. */
export function secondaryAddressOf(
  key: string,
  target: string,
): { readonly address: string; readonly link: string } | undefined {
  const [, link] = /^dev (e[0-9a-f]{12})$/.exec(target) ?? [];
  const [, address] = /^main (\S+)$/.exec(key) ?? [];
  return link !== undefined && address !== undefined ? { address, link } : undefined;
}

/** The subnet's first address as a number: unique in its VPC and the same after a restart. */
const tableOf = (subnet: SubnetPlan): number => {
  const cidr = parseCidr(subnet.cidr);
  return cidr ? networkOf(cidr) : 0;
};

type Target = (route: RoutePlan) => string;

/** What a route of the plan is to the kernel; `out` are the ways that lead to the uplink. */
const targetsOf =
  (plan: VpcPlan, gateway: string, out: readonly RoutePlan["via"][]): Target =>
  ({ via, through }) => {
    if (out.includes(via)) return `via ${gateway} dev ${uplinkDevice}`;
    if (via === "peering" && through !== undefined) return `dev ${peeringLinkName(through)}`;
    const router = plan.interfaces.find((one) => one.interfaceId === through);
    if (via !== "interface" || !router) return blackhole;
    return `via ${router.address} dev ${vpcLinkName(router.interfaceId)}`;
  };

function addRoutes(
  into: Map<string, string>,
  table: number,
  routes: readonly RoutePlan[],
  targetOf: Target,
): void {
  for (const route of routes) into.set(`${table} ${route.destination}`, targetOf(route));
}

export const routeAdding = (key: string, target: string): string => {
  const [table, destination] = splitKey(key);
  if (target === blackhole) return `route replace blackhole ${destination} table ${table}`;
  const onlink = target.startsWith("via ") ? " onlink" : "";
  return `route replace ${destination} ${target}${onlink} table ${table}`;
};

export const routeRemoving = (key: string, target: string): string => {
  const [table, destination] = splitKey(key);
  return `route del ${target === blackhole ? "blackhole " : ""}${destination} table ${table}`;
};

const splitKey = (key: string): [string, string] => {
  const at = key.indexOf(" ");
  return [key.slice(0, at), key.slice(at + 1)];
};

type KernelRule = {
  readonly priority: number;
  readonly src: string;
  readonly srclen?: number;
  readonly fwmark?: string;
  readonly table?: string;
  readonly action?: string;
};

type KernelRoute = {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly table?: string;
  readonly protocol?: string;
};

/**
 * What `ip -j rule` and `ip -j -4 route show table all` say there is of ours. `primaries` are the links'
 * own addresses, whose routes come and go with the links.
 */
export function parseRouting(
  rulesJson: string,
  routesJson: string,
  primaries: ReadonlySet<string>,
): Routing {
  const rules = parseJson<KernelRule>(rulesJson).filter(isOurs).map(ruleText);
  const routes = parseJson<KernelRoute>(routesJson)
    .filter(({ dst }) => !primaries.has(dst))
    .flatMap(routeEntry);
  return { rules: new Map(rules.map((rule) => [rule, true])), routes: new Map(routes) };
}

/** `ip -j` prints nothing at all where there is nothing to print. */
const parseJson = <T>(text: string): T[] => (text.trim() === "" ? [] : (JSON.parse(text) as T[]));

const isOurs = (rule: KernelRule): boolean => rule.priority > 32767;

function ruleText({ priority, src, srclen, fwmark, table, action }: KernelRule): string {
  if (action === blackhole) return `pref ${priority} blackhole`;
  const marked = fwmark === undefined ? "" : ` fwmark ${Number(fwmark)}`;
  const from = src === "all" ? "" : ` from ${src}/${srclen ?? 32}`;
  return `pref ${priority}${from}${marked} lookup ${table}`;
}

function routeEntry(route: KernelRoute): [string, string][] {
  const table = route.table ?? "main";
  if (table === "local") return [];
  const destination = route.dst === "default" ? "0.0.0.0/0" : route.dst;
  if (route.type === blackhole) return [[`${table} ${destination}`, blackhole]];
  if (route.gateway === undefined) {
    const [key, target] = [`${table} ${destination}`, `dev ${route.dev}`];
    const isOurs = isPeeringLink(route.dev) || secondaryAddressOf(key, target) !== undefined;
    return isOurs ? [[key, target]] : [];
  }
  return [[`${table} ${destination}`, `via ${route.gateway} dev ${route.dev}`]];
}
