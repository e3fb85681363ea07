/** Addresses that groups, ACLs and routes have no say in: link-local ones, and the VPC's resolver. */
import { taskEndpointAddress } from "../../model/task-endpoint.ts";
import { dnsServerOf } from "../task-lifecycle/addresses.ts";
import type { NetworkRecords } from "./records.ts";
import { type Hop, pass, type Step, stop } from "./steps.ts";

/** The VPC's resolver by its link-local address. */
export const linkLocalDnsAddress = "169.254.169.253";

/** Undefined for every other address. */
export function linkLocalStep(
  { vpcs }: Pick<NetworkRecords, "vpcs">,
  { sender, address, flow }: Hop,
): Step | undefined {
  const vpc = vpcs.find((one) => one.vpcId === sender.vpcId);
  const isResolver =
    address === linkLocalDnsAddress || address === dnsServerOf(vpc?.cidrBlocks[0]?.cidr ?? "");
  if (isResolver && flow.port === 53 && (flow.protocol === "tcp" || flow.protocol === "udp")) {
    return vpc?.enableDnsSupport
      ? pass("receiver", sender.vpcId, `${address} is the VPC's resolver, which nothing filters`)
      : stop(
          "receiver",
          sender.vpcId,
          `${sender.vpcId} has no DNS support`,
          `Set enableDnsSupport of ${sender.vpcId}.`,
        );
  }
  if (address === taskEndpointAddress && flow.protocol === "icmp") {
    return stop("receiver", address, "it answers no pings here", "Ask for TCP.");
  }
  if (address === taskEndpointAddress) {
    return pass("receiver", address, "a task's own endpoint, which nothing filters");
  }
  if (!address.startsWith("169.254.")) return undefined;
  return stop(
    "route",
    sender.subnetId,
    `${address} is link-local, and no route leads to such addresses`,
    "Ask for an address that routes can lead to.",
  );
}
