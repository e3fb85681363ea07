/**
 * From the picture of the balancers to HAProxy's terms. Pure.
 *
 * The structure (frontends, rules, backends) is what a reload is needed for. The servers of a backend
 * are kept apart, since they come and go at run time; the file has them too, so that a reload agrees.
 */
import type {
  BalancerPlan,
  EdgePlan,
  ListenerPlan,
  MetadataPlan,
} from "../../../model/edge-plan.ts";
import { taskApiPort } from "../../../model/task-endpoint.ts";
import {
  edgeLinkName,
  hostNamespace,
  metadataAddress,
  metadataLinkName,
} from "../../network/names.ts";
import { groupSections, type ServerPlan, serversOf } from "./groups.ts";
import { type Files, listenerName } from "./names.ts";
import { listenerRules } from "./rules.ts";
import { type Section, section } from "./section.ts";
import { page, type reasons, serverHeader, when, word } from "./text.ts";

/** The address that a client of the host is shown to have. */
const hostClientAddress = "203.0.113.1";

export type TranslateOptions = {
  readonly engineId: string;
  readonly files: Files;
  readonly metadataSocket: string;
  readonly maxConnections: number;
  /** Ports of the host that can be bound. */
  readonly hostPorts: ReadonlySet<number>;
  /** Links of the edge namespace that are there, with their addresses: `<link> <address>`. */
  readonly links: ReadonlySet<string>;
};

export type Translation = {
  readonly sections: readonly Section[];
  readonly servers: readonly ServerPlan[];
  /** The map of host names: `<name>:<port> <listener>` and `<name> <listener>`. */
  readonly hosts: string;
  /** Links that are planned and not there yet: the driver looks again. */
  readonly missingLinks: readonly string[];
};

export function translate(plan: EdgePlan, options: TranslateOptions): Translation {
  const missing = new Set<string>();
  const hasLink = (link: string, address: string): boolean => {
    const there = options.links.has(`${link} ${address}`);
    if (!there) missing.add(link);
    return there;
  };
  const reachable = plan.balancers.map((balancer) => ({
    ...balancer,
    nodes: balancer.nodes.filter((node) => hasLink(edgeLinkName(node.interfaceId), node.address)),
  }));
  const metadata = plan.metadata
    .filter(({ vpcId }) => hasLink(metadataLinkName(vpcId), metadataAddress))
    .map(({ vpcId, endpoints }) => ({
      vpcId,
      endpoints: endpoints.filter((one) => hasLink(edgeLinkName(one.interfaceId), one.address)),
    }));
  return {
    sections: [
      globalSection(options),
      defaultsSection(),
      ...hostSections(reachable, options),
      ...reachable.flatMap(nodeSections),
      ...plan.targetGroups.flatMap((group) => groupSections(group, reachable)),
      ...metadata.map(metadataSection),
      metadataBackend(options),
    ],
    servers: plan.targetGroups.flatMap((group) => serversOf(group, reachable)),
    hosts: hostsMap(reachable),
    missingLinks: [...missing],
  };
}

/** The whole file, with the servers that `isPresent` picks. */
export function renderConfiguration(
  translation: Translation,
  isPresent: (server: ServerPlan) => boolean,
): string {
  return translation.sections
    .map(({ backend, lines }) => {
      const servers = translation.servers
        .filter((server) => server.backend === backend && isPresent(server))
        .map((server) => `  server ${server.name} ${server.text}`);
      return [...lines, ...servers, ""].join("\n");
    })
    .join("\n");
}

/** Ports that the plan wants on the host. */
export const hostPortsOf = (plan: EdgePlan): number[] => [
  ...new Set(plan.balancers.flatMap(({ listeners }) => listeners.map(({ port }) => port))),
];

function globalSection({ files, maxConnections }: TranslateOptions): Section {
  return section(undefined, "global", [
    `stats socket ${word(files.adminSocket)} mode 600 level admin expose-fd listeners`,
    `server-state-file ${word(files.states)}`,
    `maxconn ${maxConnections}`,
    // A new target's first check is made at once, not after an interval.
    "max-spread-checks 100",
    // The longest deregistration delay: by then nothing of an earlier configuration may be under way.
    "hard-stop-after 3600s",
  ]);
}

function defaultsSection(): Section {
  const pages = (
    [400, 405, 408, 500, 502, 503, 504] as const satisfies (keyof typeof reasons)[]
  ).map(
    (status) =>
      `http-error status ${status} content-type text/html string ${word(page(status))} ${serverHeader}`,
  );
  const hex = "%[rand,hex,lower,bytes(8,8)]";
  return section(undefined, "defaults", [
    "mode http",
    "load-server-state-from-file global",
    "retries 0",
    "timeout connect 10s",
    "timeout client 60s",
    "timeout server 60s",
    `unique-id-format 1-%[date,hex,lower,bytes(8,8)]-${hex}${hex}${hex}`,
    ...pages,
  ]);
}

type OpenListener = { readonly balancer: BalancerPlan; readonly listener: ListenerPlan };

/** What the host reaches: one frontend a port, and one socket for every port. */
function hostSections(balancers: readonly BalancerPlan[], options: TranslateOptions): Section[] {
  const all = balancers.flatMap((balancer) =>
    balancer.listeners.map((listener) => ({ balancer, listener })),
  );
  const ports = [...new Set(all.map(({ listener }) => listener.port))];
  const namespace = hostNamespace(options.engineId);
  return [
    ...ports
      .filter((port) => options.hostPorts.has(port))
      .map((port) =>
        section(undefined, `frontend host_${port}`, [
          `bind 127.0.0.1:${port} namespace ${namespace}`,
          `http-request set-var(txn.port) str(${port})`,
          ...hostRules(
            all.filter(({ listener }) => listener.port === port),
            options,
          ),
        ]),
      ),
    section(undefined, "frontend gateway", [
      `bind unix@${word(options.files.gatewaySocket)} mode 600`,
      "http-request set-var(txn.port) req.hdr(x-neargate-port)",
      "http-request del-header X-Neargate-Port",
      ...hostRules(all, options),
    ]),
  ];
}

function hostRules(served: readonly OpenListener[], { files }: TranslateOptions): string[] {
  const map = word(files.hosts);
  const name = "req.hdr(host),host_only,lower";
  const closed = served.filter(({ listener }) => !listener.openToHost);
  const isChosen = ({ listener }: OpenListener): string =>
    `{ var(txn.listener) -m str ${listenerName(listener.arn)} }`;
  const idle = Math.max(60, ...served.map(({ balancer }) => balancer.idleTimeoutSeconds));
  return [
    ...clientTimeouts(idle),
    `http-request set-src str(${hostClientAddress})`,
    `http-request set-var(txn.listener) ${name},concat(:,txn.port),map_str(${map})`,
    `http-request set-var(txn.listener) ${name},map_str(${map})${when(
      "!{ var(txn.listener) -m found }",
      "!{ var(txn.port) -m found }",
    )}`,
    `http-request return status 404 content-type text/plain string ${word(unknownHost)}${when(
      "!{ var(txn.listener) -m found }",
    )}`,
    ...closed.map((one) => `http-request silent-drop${when(isChosen(one))}`),
    ...served
      .filter(({ listener }) => listener.openToHost)
      .flatMap((one) => listenerRules(one.balancer, one.listener, isChosen(one))),
    "use_backend %[var(txn.backend)] if { var(txn.backend) -m found }",
  ];
}

const unknownHost = "Neargate has no load balancer with a listener for this name and port.\n";

const clientTimeouts = (idleSeconds: number): string[] => [
  `timeout client ${idleSeconds}s`,
  `timeout http-request ${idleSeconds}s`,
  `timeout http-keep-alive ${idleSeconds}s`,
];

/** What clients inside the VPC reach: the balancer's own addresses. */
function nodeSections(balancer: BalancerPlan): Section[] {
  if (balancer.nodes.length === 0) return [];
  return balancer.listeners.map((listener) =>
    section(undefined, `frontend ${listenerName(listener.arn)}`, [
      ...balancer.nodes.map(
        (node) =>
          `bind ${node.address}:${listener.port} interface ${edgeLinkName(node.interfaceId)}`,
      ),
      ...clientTimeouts(balancer.idleTimeoutSeconds),
      ...listenerRules(balancer, listener, undefined),
      "use_backend %[var(txn.backend)] if { var(txn.backend) -m found }",
    ]),
  );
}

/** Without a port a name leads to the listener on port 80, else to the one on the lowest port. */
function hostsMap(balancers: readonly BalancerPlan[]): string {
  const lines = balancers.flatMap(({ hostNames, listeners }) => {
    const sorted = listeners.toSorted((a, b) => a.port - b.port);
    const first = sorted.find(({ port }) => port === 80) ?? sorted[0];
    return hostNames.flatMap((name) => [
      ...sorted.map(({ port, arn }) => `${name}:${port} ${listenerName(arn)}`),
      ...(first ? [`${name} ${listenerName(first.arn)}`] : []),
    ]);
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** What tasks ask: at their own endpoint, at AWS's public addresses and at those of VPC endpoints. */
const metadataSection = ({ vpcId, endpoints }: MetadataPlan): Section =>
  section(undefined, `frontend metadata_${vpcId}`, [
    "mode tcp",
    `bind ${metadataAddress}:${taskApiPort} interface ${metadataLinkName(vpcId)}`,
    ...awsPorts.flatMap((port) => [
      `bind 0.0.0.0:${port} interface ${metadataLinkName(vpcId)}`,
      ...endpoints.map(
        ({ interfaceId, address }) =>
          `bind ${address}:${port} interface ${edgeLinkName(interfaceId)}`,
      ),
    ]),
    `timeout client ${taskIdleSeconds}s`,
    // Which VPC the task is in: two may have the same addresses.
    `unique-id-format ${vpcId}`,
    "default_backend metadata",
  ]);

/** Plain, and with TLS. */
const awsPorts = [80, 443];

/** Longer than the engine keeps a connection: it is never the balancer that closes under a client. */
const taskIdleSeconds = 300;

const metadataBackend = ({ metadataSocket }: TranslateOptions): Section =>
  section(undefined, "backend metadata", [
    "mode tcp",
    `timeout server ${taskIdleSeconds}s`,
    `server engine unix@${word(metadataSocket)} send-proxy-v2 proxy-v2-options unique-id`,
  ]);
