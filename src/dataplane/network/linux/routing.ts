/**
 * Routes of a VPC in the kernel's terms (pure).
 *
 * The main table knows each interface's own address and nothing else. What it does not know is looked
 * up in the table of the sender's subnet; interfaces with a public address (marked by the packet
 * rules) have a table of their own where the internet gateway's routes lead out. What leads out to AWS's
 * addresses leads to the edge, where the engine answers for them. What no table knows is dropped without
 * a word, as on AWS.
 *
 * Two things are looked up before the main table: routes to parts of the VPC itself, which lead traffic
 * between its subnets elsewhere, and what an interface passes on for others, which takes the routes of
 * that interface's subnet.
 */
import { awsBlocks } from "../../../model/aws-addresses.ts";
import { containsCidr, networkOf, overlaps, parseCidr } from "../../../model/cidr.ts";
import type { InterfacePlan, RoutePlan, SubnetPlan, VpcPlan } from "../../../model/vpc-plan.ts";
import { isPeeringLink, metadataAddress, peeringLinkName, vpcLinkName } from "../names.ts";

/** Routing rules by their text, and routes by `<table> <destination>`; both as `ip` takes them. */
export type Routing = {
  readonly rules: ReadonlyMap<string, true>;
  readonly routes: ReadonlyMap<string, string>;
};

/** The VPC's end of the uplink. */
export const uplinkDevice = "up0";
/** The VPC's end of the link to 169.254.170.2. */
export const metadataDevice = "meta0";
/** Put on packets of interfaces with a public address. */
export const publicMark = 1;
/** Put on what is asked of the VPC's resolver, which is at the host's end of the uplink. */
export const resolverMark = 2;
const resolverTable = 2;

/** Places of the rules among each other; the main table's is 32766. */
const pref = {
  resolver: 30000,
  forwarded: 30100,
  withinSubnet: 31000,
  withinVpc: 32000,
  public: 33000,
  subnet: 34000,
} as const;
const lastRule = "pref 40000 blackhole";
const blackhole = "blackhole";

export function routingOf(plan: VpcPlan, gateway: string): Routing {
  const rules = new Map<string, true>([[lastRule, true]]);
  // Link-local addresses that nobody has must not leave by a default route.
  const routes = new Map<string, string>([["main 169.254.0.0/16", blackhole]]);
  if (plan.dnsAddresses.length > 0) {
    rules.set(`pref ${pref.resolver} fwmark ${resolverMark} lookup ${resolverTable}`, true);
    routes.set(`${resolverTable} ${gateway}`, `via ${gateway} dev ${uplinkDevice}`);
  }
  for (const subnet of plan.subnets) {
    const table = tableOf(subnet);
    for (const rule of rulesOf(plan, subnet)) rules.set(rule, true);
    addRoutes(routes, table, subnet.routes, targetsOf(plan, gateway, ["nat"]));
    if (!subnet.routes.some((route) => route.via === "internet")) continue;
    const publicTable = publicTableOf(subnet);
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

/** The next number is free: no subnet is smaller than 16 addresses. */
const publicTableOf = (subnet: SubnetPlan): number => tableOf(subnet) + 1;

function rulesOf(plan: VpcPlan, subnet: SubnetPlan): string[] {
  const from = `from ${subnet.cidr}`;
  const table = tableOf(subnet);
  const within = subnet.routes
    .filter(({ destination, via }) => via !== "local" && isWithin(plan.cidrs, destination))
    .map(({ destination }) => `to ${destination} lookup ${table}`);
  const ways = (at: { readonly public: number; readonly subnet: number }, which: string) => [
    ...(subnet.routes.some(({ via }) => via === "internet")
      ? [`pref ${at.public} ${which} fwmark ${publicMark} lookup ${publicTableOf(subnet)}`]
      : []),
    `pref ${at.subnet} ${which} lookup ${table}`,
  ];
  // What stays in its subnet is not routed, whatever routes say.
  const own = (first: number, which: string): string[] =>
    within.length === 0
      ? []
      : [
          `pref ${first} ${which} to ${subnet.cidr} lookup main`,
          `pref ${first + 1} ${which} to ${subnet.cidr} blackhole`,
        ];
  const routers = plan.interfaces
    .filter(({ subnetId, forwards }) => subnetId === subnet.subnetId && forwards)
    .map(({ interfaceId }) => `iif ${vpcLinkName(interfaceId)}`);
  const first = pref.forwarded;
  return [
    ...own(pref.withinSubnet, from),
    ...within.map((rule) => `pref ${pref.withinVpc} ${from} ${rule}`),
    ...ways(pref, from),
    ...routers.flatMap((which) => [
      ...own(first, which),
      ...within.map((rule) => `pref ${first + 2} ${which} ${rule}`),
      `pref ${first + 3} ${which} lookup main`,
      ...ways({ public: first + 4, subnet: first + 5 }, which),
      `pref ${first + 6} ${which} blackhole`,
    ]),
  ];
}

function isWithin(cidrs: readonly string[], destination: string): boolean {
  const inner = parseCidr(destination);
  return cidrs.some((cidr) => {
    const outer = parseCidr(cidr);
    return inner !== undefined && outer !== undefined && containsCidr(outer, inner);
  });
}

type Target = (route: RoutePlan) => string;

const toAws = `via ${metadataAddress} dev ${metadataDevice}`;

/** What a route of the plan is to the kernel; `out` are the ways that lead to the uplink. */
const targetsOf =
  (plan: VpcPlan, gateway: string, out: readonly RoutePlan["via"][]): Target =>
  ({ destination, via, through }) => {
    if (via === "endpoint") return toAws;
    if (out.includes(via)) {
      return isOfAws(destination) ? toAws : `via ${gateway} dev ${uplinkDevice}`;
    }
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
  for (const destination of awsBlocks) {
    const around = longestAround(routes, destination);
    if (!around || around.destination === destination) continue;
    const target = targetOf({ ...around, destination });
    if (target === toAws) into.set(`${table} ${destination}`, target);
  }
}

const isOfAws = (destination: string): boolean =>
  awsBlocks.some((block) => bitsOf(destination) >= bitsOf(block) && areAlike(destination, block));

/** The route that decides for a whole block; longer ones decide for parts of it. */
const longestAround = (routes: readonly RoutePlan[], block: string): RoutePlan | undefined =>
  routes
    .filter(
      ({ destination }) => bitsOf(destination) <= bitsOf(block) && areAlike(destination, block),
    )
    .toSorted((a, b) => bitsOf(b.destination) - bitsOf(a.destination))[0];

const bitsOf = (cidr: string): number => parseCidr(cidr)?.bits ?? 0;

function areAlike(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  return a !== undefined && b !== undefined && overlaps(a, b);
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
  readonly dst?: string;
  readonly dstlen?: number;
  readonly iif?: string;
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

const isOurs = ({ priority }: KernelRule): boolean => ![0, 32766, 32767].includes(priority);

function ruleText(rule: KernelRule): string {
  const { priority, src, srclen, dst, dstlen, iif, fwmark, table, action } = rule;
  return [
    `pref ${priority}`,
    ...(iif === undefined ? [] : [`iif ${iif}`]),
    ...(src === "all" ? [] : [`from ${src}/${srclen ?? 32}`]),
    ...(dst === undefined ? [] : [`to ${dst}/${dstlen ?? 32}`]),
    ...(fwmark === undefined ? [] : [`fwmark ${Number(fwmark)}`]),
    action === blackhole ? blackhole : `lookup ${table}`,
  ].join(" ");
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
