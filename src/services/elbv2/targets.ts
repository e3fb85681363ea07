/** Registering, deregistering and the health of targets. */
import type {
  DeregisterTargetsInput,
  DeregisterTargetsOutput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  RegisterTargetsOutput,
  TargetDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { notRegisteredHealth } from "../../engine/targets/health.ts";
import { read, write } from "../../gateway/service.ts";
import { containsAddress, parseAddress, parseCidr } from "../../model/cidr.ts";
import type { TargetGroup } from "../../model/load-balancing.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { subnets, vpcs } from "../../state/tables/network.ts";
import { drainTarget, listTargets, registerTarget } from "../../state/targets.ts";
import { invalidTarget, tooMany, validationError } from "./errors.ts";
import { findGroup } from "./target-groups.ts";
import { inRange } from "./validation.ts";
import { toTargetHealthView } from "./views.ts";

const maxTargets = 1000;
/** Addresses outside the VPC that may be targets: behind a peering, a VPN or shared space. */
const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

export const registerTargets = write<RegisterTargetsInput, RegisterTargetsOutput>({
  action: "elasticloadbalancing:RegisterTargets",
  resources: (input) => [input.TargetGroupArn ?? "*"],
  accepts: { TargetGroupArn: true, Targets: { Id: true, Port: true, AvailabilityZone: true } },
  run({ tx, scope, now }, input) {
    const group = findGroup(tx, scope, input.TargetGroupArn);
    const wanted = (input.Targets ?? []).map((target) => validateTarget(tx, group, target));
    if (wanted.length === 0) throw validationError("At least one target must be specified");
    for (const target of wanted) {
      registerTarget(tx, { ...target, scope, targetGroupArn: group.arn, now });
    }
    if (listTargets(tx, scope, group.arn).length > maxTargets) {
      throw tooMany("Targets", `A target group can have at most ${maxTargets} targets`);
    }
    return {};
  },
});

export const deregisterTargets = write<DeregisterTargetsInput, DeregisterTargetsOutput>({
  action: "elasticloadbalancing:DeregisterTargets",
  resources: (input) => [input.TargetGroupArn ?? "*"],
  accepts: { TargetGroupArn: true, Targets: { Id: true, Port: true, AvailabilityZone: true } },
  run({ tx, scope, now }, input) {
    const group = findGroup(tx, scope, input.TargetGroupArn);
    const wanted = input.Targets ?? [];
    if (wanted.length === 0) throw validationError("At least one target must be specified");
    for (const { Id: id = "", Port: port } of wanted) {
      const named = listTargets(tx, scope, group.arn).filter(
        (target) => target.id === id && (port === undefined || target.port === port),
      );
      for (const target of named) {
        drainTarget(tx, { scope, targetGroupArn: group.arn, id, port: target.port, now });
      }
    }
    return {};
  },
});

export const describeTargetHealth = read<DescribeTargetHealthInput, DescribeTargetHealthOutput>({
  action: "elasticloadbalancing:DescribeTargetHealth",
  resources: () => ["*"],
  accepts: { TargetGroupArn: true, Targets: { Id: true, Port: true, AvailabilityZone: true } },
  run({ tx, scope }, input) {
    const group = findGroup(tx, scope, input.TargetGroupArn);
    const registered = listTargets(tx, scope, group.arn);
    const asked = input.Targets ?? [];
    const shown =
      asked.length === 0
        ? registered
        : asked.map(({ Id: id = "", Port: port = group.port }) => {
            const known = registered.find((target) => target.id === id && target.port === port);
            return known ?? { id, port, availabilityZone: undefined, health: notRegisteredHealth };
          });
    return { TargetHealthDescriptions: shown.map((target) => toTargetHealthView(target, group)) };
  },
});

type CheckedTarget = { id: string; port: number; availabilityZone: string | undefined };

function validateTarget(
  tx: ReadTransaction,
  group: TargetGroup,
  { Id: id = "", Port, AvailabilityZone }: TargetDescription,
): CheckedTarget {
  const address = parseAddress(id);
  if (address === undefined) throw validationError(`'${id}' is not a valid IPv4 address`);
  const port = inRange("targets.1.member.port", Port ?? group.port, 1, 65535);
  if (isInVpc(tx, group, address)) {
    return { id, port, availabilityZone: AvailabilityZone ?? zoneOf(tx, group, address) };
  }
  if (!isWithin(privateBlocks, address)) {
    throw invalidTarget(
      `The IP address '${id}' is not within a VPC CIDR or one of the private ranges that targets may have`,
    );
  }
  if (AvailabilityZone !== "all") {
    throw validationError(
      `You must specify an Availability Zone of 'all' for the IP address '${id}', which is outside the VPC`,
    );
  }
  return { id, port, availabilityZone: "all" };
}

const isWithin = (blocks: readonly string[], address: number): boolean =>
  blocks.some((block) => {
    const cidr = parseCidr(block);
    return cidr !== undefined && containsAddress(cidr, address);
  });

const isInVpc = (tx: ReadTransaction, group: TargetGroup, address: number): boolean =>
  isWithin(
    tx
      .table(vpcs)
      .get(group, group.vpcId)
      ?.cidrBlocks.map((block) => block.cidr) ?? [],
    address,
  );

const zoneOf = (tx: ReadTransaction, group: TargetGroup, address: number): string | undefined =>
  tx
    .table(subnets)
    .by("vpc", group, group.vpcId)
    .find((subnet) => isWithin([subnet.cidr], address))?.availabilityZone;
