/** Default subnets that are made again: one a zone, in the default VPC. */
import type { CreateDefaultSubnetRequest, CreateDefaultSubnetResult } from "@aws-sdk/client-ec2";
import { type Cidr, cidrSize, formatCidr, networkOf, overlaps } from "../../model/cidr.ts";
import type { Vpc } from "../../model/network.ts";
import { subnets } from "../../state/tables/network.ts";
import { requireBlock } from "./cidr-blocks.ts";
import { defaultSubnetBits, findDefaultVpc } from "./default-vpc.ts";
import {
  defaultSubnetExists,
  defaultVpcDoesNotExist,
  missingParameter,
  subnetConflict,
} from "./errors.ts";
import { makeSubnet } from "./make-vpc.ts";
import { operation } from "./operation.ts";
import type { Context } from "./resources.ts";
import { toSubnetView, zoneOf } from "./subnets.ts";

export const createDefaultSubnet = operation<CreateDefaultSubnetRequest, CreateDefaultSubnetResult>(
  {
    name: "CreateDefaultSubnet",
    accepts: { AvailabilityZone: true, AvailabilityZoneId: true },
    run(context, input) {
      if (!input.AvailabilityZone && !input.AvailabilityZoneId) {
        throw missingParameter("availabilityZone");
      }
      const zone = zoneOf(context, input);
      const vpc = findDefaultVpc(context);
      if (!vpc) throw defaultVpcDoesNotExist();
      const { vpcId } = vpc;
      const others = context.tx.table(subnets).by("vpc", context.scope, vpcId);
      const there = others.find(
        (other) => other.defaultForAz && other.availabilityZone === zone.name,
      );
      if (there) throw defaultSubnetExists(there.subnetId, zone.name);
      const cidr = formatCidr(freeBlock(context, vpc));
      const subnet = makeSubnet(context, { vpcId, cidr, zone, isDefault: true });
      return { Subnet: toSubnetView(context, subnet) };
    },
  },
);

/** The first block of a default subnet's size that no subnet of the VPC has a part of. */
function freeBlock({ tx, scope }: Context, vpc: Vpc): Cidr {
  const taken = tx
    .table(subnets)
    .by("vpc", scope, vpc.vpcId)
    .map((subnet) => requireBlock(subnet.cidr));
  for (const block of vpc.cidrBlocks) {
    const free = slotsOf(requireBlock(block.cidr)).find(
      (slot) => !taken.some((other) => overlaps(other, slot)),
    );
    if (free) return free;
  }
  throw subnetConflict(vpc.cidrBlocks[0]?.cidr ?? "");
}

/** The blocks of a default subnet's size that `block` is made of. */
function slotsOf(block: Cidr): Cidr[] {
  const size = cidrSize({ base: 0, bits: defaultSubnetBits });
  return Array.from({ length: Math.floor(cidrSize(block) / size) }, (_, at) => ({
    base: networkOf(block) + at * size,
    bits: defaultSubnetBits,
  }));
}
