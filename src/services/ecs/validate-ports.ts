/** The ports that a container listens on, one by one or in ranges. */
import type { PortMapping as PortInput } from "@aws-sdk/client-ecs";
import type { PortMapping, TaskDefinition } from "../../model/ecs.ts";
import { checkEnum } from "./checks.ts";
import { clientError } from "./errors.ts";

export function readPorts(
  name: string,
  inputs: readonly PortInput[] | undefined,
  networkMode: TaskDefinition["networkMode"],
): PortMapping[] {
  const mappings = (inputs ?? []).map((mapping) => readPortMapping(name, mapping, networkMode));
  checkPorts(name, mappings);
  return mappings;
}

function readPortMapping(
  name: string,
  mapping: PortInput,
  networkMode: TaskDefinition["networkMode"],
): PortMapping {
  const { containerPort, hostPort, protocol = "tcp", containerPortRange } = mapping;
  if (containerPortRange !== undefined) return readPortRange(name, mapping, containerPortRange);
  if (!containerPort || !isPort(containerPort)) {
    throw clientError(`Invalid 'containerPort' setting for container '${name}'.`);
  }
  const isShared = networkMode === "awsvpc" || networkMode === "host";
  if (isShared && hostPort && hostPort !== containerPort) {
    throw clientError(
      `When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`,
    );
  }
  if (hostPort && !isPort(hostPort)) {
    throw clientError(`Invalid 'hostPort' setting for container '${name}'.`);
  }
  checkEnum("portMappings.protocol", protocol, ["tcp", "udp"]);
  checkEnum("portMappings.appProtocol", mapping.appProtocol, ["http", "http2", "grpc"]);
  if (mapping.name !== undefined && !/^[a-z0-9_][a-z0-9_-]{0,63}$/.test(mapping.name)) {
    throw clientError(`Port mapping name '${mapping.name}' contains invalid characters.`);
  }
  if (mapping.appProtocol && !mapping.name) {
    throw clientError("appProtocol can only be specified for a port mapping that has a name.");
  }
  const { name: portName, appProtocol } = mapping;
  // On a bridge the instance chooses a port where none is named.
  const onHost = isShared ? containerPort : (hostPort ?? 0);
  return { containerPort, hostPort: onHost, protocol, name: portName, appProtocol };
}

/** On Fargate a task has all its ports to itself, so a range is shown and opens nothing. */
function readPortRange(name: string, mapping: PortInput, containerPortRange: string): PortMapping {
  const invalid = `Invalid 'containerPortRange' setting for container '${name}'.`;
  if (mapping.containerPort || mapping.hostPort) {
    throw clientError(`${invalid} You cannot specify both single port and port range.`);
  }
  const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(containerPortRange) ?? [];
  if (!isPort(Number(from)) || !isPort(Number(to)) || Number(from) > Number(to)) {
    throw clientError(
      `${invalid} It must be two ports with a hyphen between, the lower one first.`,
    );
  }
  const { name: portName, protocol = "tcp" } = mapping;
  if (portName !== undefined || mapping.appProtocol !== undefined) {
    throw clientError(`${invalid} A port range has neither a name nor an appProtocol.`);
  }
  checkEnum("portMappings.protocol", protocol, ["tcp", "udp"]);
  return {
    ...{ containerPort: 0, hostPort: 0, protocol, containerPortRange },
    ...{ name: undefined, appProtocol: undefined },
  };
}

const mostRanges = 100;

/** Throws when two of the container's mappings want the same port. */
function checkPorts(name: string, mappings: readonly PortMapping[]): void {
  const ranges = mappings.filter((mapping) => mapping.containerPortRange !== undefined);
  if (ranges.length > mostRanges) {
    throw clientError(`Container '${name}' can have at most ${mostRanges} port ranges.`);
  }
  const spans = mappings.map(({ containerPort, containerPortRange, protocol }) => {
    const [from = containerPort, to = containerPort] =
      containerPortRange?.split("-").map(Number) ?? [];
    return { from, to, protocol };
  });
  const overlaps =
    ranges.length > 0 &&
    spans.some((one, at) =>
      spans
        .slice(at + 1)
        .some(
          (other) =>
            other.protocol === one.protocol && other.from <= one.to && one.from <= other.to,
        ),
    );
  if (overlaps) throw clientError(`Container '${name}' has port mappings that overlap.`);
}

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65535;
