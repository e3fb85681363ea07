/**
 * Names of links that two drivers must agree on. At most 15 characters, never used twice because the
 * AWS ids they are cut from are random and never reused (a deleted namespace lingers for a moment).
 */
import { taskEndpointAddress } from "../../model/task-endpoint.ts";

const cut = (id: string): string => id.replace(/^[a-z]+-/, "").slice(0, 12);

/** The VPC's end of an interface. */
export const vpcLinkName = (interfaceId: string): string => `e${cut(interfaceId)}`;

/** Both ends of a peering connection, each in the namespace of its VPC. */
export const peeringLinkName = (peeringId: string): string => `p${cut(peeringId)}`;
export const isPeeringLink = (name: string | undefined): boolean =>
  name !== undefined && /^p[0-9a-f]{12}$/.test(name);

/** The edge namespace's end of a balancer node's interface. */
export const edgeLinkName = (interfaceId: string): string => `b${cut(interfaceId)}`;

/** The edge namespace's end of the link by which a VPC reaches 169.254.170.2. */
export const metadataLinkName = (vpcId: string): string => `m${cut(vpcId)}`;

/** Namespaces and host links of one engine, recognised by its id (6 hex digits). */
export const edgeNamespace = (engineId: string): string => `ng${engineId}-edge`;
export const hostNamespace = (engineId: string): string => `ng${engineId}-host`;
export const vpcNamespace = (engineId: string, vpcId: string): string =>
  `ng${engineId}-${vpcId.replace(/^vpc-/, "")}`;

/** Link-local addresses that every VPC has. */
export const metadataAddress = taskEndpointAddress;
export const routerAddress = "169.254.1.1";

/** Where the engine's resolver listens at the host's end of an uplink: 53 may be the host's own. */
export const resolverPort = 1053;

/** The host's end of a VPC's link to the outside, and what all of an engine's begin with. */
export const uplinkPrefix = (engineId: string): string => `ng${engineId}-`;
export const uplinkName = (engineId: string, slot: number): string =>
  `${uplinkPrefix(engineId)}${slot}`;

/** The packet rules of one engine on the host. */
export const hostTable = (engineId: string): string => `neargate_${engineId}`;
