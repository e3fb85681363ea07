/** What a person calls the ends of a path, found in the records. */
import { parseAddress } from "../../model/cidr.ts";
import type { Task } from "../../model/ecs.ts";
import type { LoadBalancer } from "../../model/load-balancing.ts";
import { addressesOf, type NetworkInterface } from "../../model/network.ts";
import type { NetworkRecords } from "./records.ts";
import { serviceOfHost } from "./services.ts";
import type { PathEnd } from "./walk.ts";

export type EndRecords = NetworkRecords & {
  readonly tasks: readonly Pick<Task, "id" | "arn" | "attachment" | "group" | "lastStatus">[];
  readonly loadBalancers: readonly Pick<LoadBalancer, "arn" | "name" | "dnsName" | "nodes">[];
};

export type FoundEnd =
  | { readonly type: "found"; readonly end: PathEnd; readonly shown: string }
  | { readonly type: "unknown"; readonly message: string };

/** Names of services that AWS's SDKs and Fargate itself call. */
const services: readonly string[] = [
  "ecr.api",
  "ecr.dkr",
  "s3",
  "logs",
  "ssm",
  "ssmmessages",
  "secretsmanager",
  "kms",
  "sts",
  "ecs",
  "dynamodb",
  "monitoring",
  "sqs",
  "sns",
];

/**
 * A task (its id, ARN, or a service's name as `service:web`), an interface, a balancer by name or DNS
 * name, an address, `internet`, or an AWS service (`s3`, `logs.us-east-1.amazonaws.com`). `near` is the
 * other end: its VPC, region and zone decide where a name is ambiguous.
 */
export function findEnd(
  records: EndRecords,
  text: string,
  near: NetworkInterface | undefined,
): FoundEnd {
  const name = text.trim();
  if (name === "internet") return found({ type: "internet" }, "the internet");
  if (parseAddress(name) !== undefined) return addressEnd(records, name, near);
  const record =
    records.networkInterfaces.find((one) => one.networkInterfaceId === name) ??
    taskInterface(records, name) ??
    nodeInterface(records, name, near);
  if (record) {
    const shown = `${name} (${record.networkInterfaceId}, ${record.privateIp})`;
    return found({ type: "interface", record }, shown);
  }
  return serviceEnd(name, near);
}

const found = (end: PathEnd, shown: string): FoundEnd => ({ type: "found", end, shown });

/** The interface that has the address, in the other end's VPC if several do. */
function addressEnd(
  { networkInterfaces }: EndRecords,
  address: string,
  near: NetworkInterface | undefined,
): FoundEnd {
  if (near) return found({ type: "address", address }, address);
  const holders = networkInterfaces.flatMap((one) => {
    const found = addressesOf(one).find(
      ({ privateIp, publicIp }) => privateIp === address || publicIp === address,
    );
    return found ? [{ ...one, ...found }] : [];
  });
  const [record, ...others] = holders;
  if (!record) return found({ type: "address", address }, address);
  if (others.length > 0) {
    const ids = holders.map((one) => `${one.networkInterfaceId} (${one.vpcId})`).join(", ");
    return { type: "unknown", message: `several interfaces have ${address}: ${ids}` };
  }
  return found({ type: "interface", record }, `${address} (${record.networkInterfaceId})`);
}

function taskInterface(
  { tasks, networkInterfaces }: EndRecords,
  name: string,
): NetworkInterface | undefined {
  const task = tasks.find(
    (one) =>
      one.lastStatus !== "STOPPED" &&
      (one.id === name ||
        one.arn === name ||
        one.group === name ||
        one.group === `service:${name}`),
  );
  const id = task?.attachment.networkInterfaceId;
  return id === undefined
    ? undefined
    : networkInterfaces.find((one) => one.networkInterfaceId === id);
}

/** The balancer's node in the other end's zone, else its first. */
function nodeInterface(
  { loadBalancers, networkInterfaces }: EndRecords,
  name: string,
  near: NetworkInterface | undefined,
): NetworkInterface | undefined {
  const lower = name.toLowerCase().replace(/\.elb\.amazonaws\.com$/, ".elb.localhost");
  const balancer = loadBalancers.find(
    (one) => one.name === name || one.arn === name || one.dnsName.toLowerCase() === lower,
  );
  const node =
    balancer?.nodes.find((one) => one.availabilityZone === near?.availabilityZone) ??
    balancer?.nodes[0];
  return networkInterfaces.find((one) => one.networkInterfaceId === node?.networkInterfaceId);
}

function serviceEnd(name: string, near: NetworkInterface | undefined): FoundEnd {
  const known = serviceOfHost(name);
  if (known) return found({ type: "service", ...known }, name);
  const service = name.replace(/^com\.amazonaws\.[^.]+\./, "");
  if (near && services.includes(service)) {
    return found({ type: "service", service, region: near.region }, `${service} (${near.region})`);
  }
  return {
    type: "unknown",
    message: `nothing here is called '${name}': name a task, a service, an interface, a load balancer, an address, 'internet' or an AWS service such as s3`,
  };
}
