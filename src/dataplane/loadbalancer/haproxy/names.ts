/** How things are called in HAProxy's configuration, and which files there are. */
import path from "node:path";
import type { TargetPlan } from "../../../model/edge-plan.ts";

/** The random part of an ARN; unique in the engine. */
const idOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

export const listenerName = (arn: string): string => `listener_${idOf(arn)}`;
export const groupBackend = (arn: string): string => `group_${idOf(arn)}`;
export const isGroupBackend = (name: string): boolean => name.startsWith("group_");
/** Where requests go while no target of the group passes its checks. */
export const failOpenBackend = (arn: string): string => `${groupBackend(arn)}_open`;

/** A registration's server: a new registration of the same address is a new server, unchecked. */
export const serverName = (target: TargetPlan): string =>
  `${target.address}_${target.port}_${target.registeredAt.toString(36)}`;

export type Files = {
  readonly directory: string;
  readonly configuration: string;
  /** What the running process was started with: a digest, and the host's ports that it holds. */
  readonly started: string;
  readonly hosts: string;
  readonly states: string;
  readonly pid: string;
  readonly adminSocket: string;
  /** Takes requests for any balancer by its Host header; the gateway port forwards to it. */
  readonly gatewaySocket: string;
};

export function filesIn(stateDir: string): Files {
  const directory = path.join(stateDir, "haproxy");
  return {
    directory,
    configuration: path.join(directory, "haproxy.cfg"),
    started: path.join(directory, "started.json"),
    hosts: path.join(directory, "hosts.map"),
    states: path.join(directory, "servers.state"),
    pid: path.join(directory, "haproxy.pid"),
    adminSocket: path.join(directory, "admin.sock"),
    gatewaySocket: gatewaySocketPath(stateDir),
  };
}

/** The socket that serves every balancer by Host; `X-Neargate-Port` chooses among its listeners. */
export const gatewaySocketPath = (stateDir: string): string =>
  path.join(stateDir, "haproxy", "lb.sock");
