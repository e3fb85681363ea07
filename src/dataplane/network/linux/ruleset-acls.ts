/**
 * Network ACLs as chains (pure). They stand before the groups and know no connections: each packet is
 * judged by itself, where it leaves its subnet and where it enters another. Neither metadata nor what is
 * asked of the resolver is.
 *
 * A subnet's chain lets traffic of the subnet itself go and hands the rest to the ACL's. What goes by a
 * NAT gateway crosses that one's subnet as well. Only subnets whose ACL filters anything have a chain.
 */
import { parseCidr } from "../../../model/cidr.ts";
import type { AclPlan, AclRule, RoutePlan, SubnetPlan, VpcPlan } from "../../../model/vpc-plan.ts";
import { metadataAddress } from "../names.ts";
import { metadataDevice, uplinkDevice } from "./routing.ts";
import { cidrMatch, portMatch } from "./ruleset-matches.ts";

/** Chains that lead to those of the subnets. */
const subnetsLeaving = "subnets_leaving";
const subnetsEntering = "subnets_entering";

type Chains = Map<string, readonly string[]>;

const short = (id: string): string => id.replace(/^[a-z]+-/, "");
const leaveChain = (aclId: string): string => `acl_out_${short(aclId)}`;
const enterChain = (aclId: string): string => `acl_in_${short(aclId)}`;
const crossChain = (aclId: string): string => `acl_cross_${short(aclId)}`;

/** What leads to the ACLs from the hooks of either side: nothing at all where none filters. */
export type AclJumps = {
  readonly leaving: readonly string[];
  readonly entering: readonly string[];
};

export function addAcls(chains: Chains, plan: VpcPlan): AclJumps {
  for (const acl of plan.acls) addAcl(chains, acl);
  const leaving: string[] = [];
  const entering: string[] = [];
  for (const subnet of plan.subnets) {
    const gateways = gatewaysOf(plan, subnet);
    if (subnet.aclId === undefined && gateways.length === 0) continue;
    addSubnet(chains, subnet, gateways);
    leaving.push(`ip saddr ${subnet.cidr} jump leave_${short(subnet.subnetId)}`);
    entering.push(`ip daddr ${subnet.cidr} jump enter_${short(subnet.subnetId)}`);
  }
  if (leaving.length === 0) return { leaving: [], entering: [] };
  const metadata = (name: string, address: string): string =>
    `${name} "${metadataDevice}" ip ${address} ${metadataAddress} return`;
  const asked = "ct status dnat return";
  chains.set(subnetsLeaving, [metadata("oifname", "daddr"), asked, ...leaving]);
  chains.set(subnetsEntering, [metadata("iifname", "saddr"), asked, ...entering]);
  return {
    leaving: [`iifname "e*" jump ${subnetsLeaving}`],
    entering: [`oifname "e*" jump ${subnetsEntering}`],
  };
}

function addAcl(chains: Chains, { aclId, ingress, egress }: AclPlan): void {
  chains.set(enterChain(aclId), aclRules("ip saddr", ingress));
  chains.set(leaveChain(aclId), aclRules("ip daddr", egress));
  chains.set(crossChain(aclId), [`jump ${enterChain(aclId)}`, `jump ${leaveChain(aclId)}`]);
}

const aclRules = (field: "ip saddr" | "ip daddr", rules: readonly AclRule[]): string[] => [
  ...rules.map((rule) =>
    [...cidrMatch(field, rule.cidr), ...portMatch(rule), rule.allows ? "return" : "drop"].join(" "),
  ),
  "drop",
];

function addSubnet(
  chains: Chains,
  { subnetId, cidr, aclId }: SubnetPlan,
  gateways: readonly Gateway[],
): void {
  const name = short(subnetId);
  const towards = gateways.length > 0 ? [`oifname ${waysOut} jump towards_${name}`] : [];
  const back = gateways.length > 0 ? [`iifname ${waysOut} jump back_${name}`] : [];
  const own = (chain: (id: string) => string): string[] =>
    aclId === undefined ? [] : [`jump ${chain(aclId)}`];
  chains.set(`leave_${name}`, [`ip daddr ${cidr} return`, ...own(leaveChain), ...towards]);
  chains.set(`enter_${name}`, [`ip saddr ${cidr} return`, ...back, ...own(enterChain)]);
  if (gateways.length === 0) return;
  chains.set(`towards_${name}`, crossings("ip daddr", gateways));
  chains.set(`back_${name}`, crossings("ip saddr", gateways));
}

/** AWS's own addresses are beyond the second. */
const waysOut = `{ "${uplinkDevice}", "${metadataDevice}" }`;

/** A route out; with the ACL that is crossed on the way, if that filters. */
type Gateway = { readonly destination: string; readonly aclId: string | undefined };

/** Routes out, the longest prefix first; none at all where no way crosses an ACL. */
function gatewaysOf(plan: VpcPlan, { subnetId, routes }: SubnetPlan): Gateway[] {
  const out = routes
    .filter(({ via }) => via === "nat" || via === "internet" || via === "endpoint")
    .toSorted((a, b) => bitsOf(b) - bitsOf(a))
    .map(({ destination, via, through }) => {
      const crossed = via === "nat" && through !== subnetId ? through : undefined;
      const gateway = plan.subnets.find((subnet) => subnet.subnetId === crossed);
      return { destination, aclId: gateway?.aclId };
    });
  return out.some(({ aclId }) => aclId !== undefined) ? out : [];
}

const bitsOf = ({ destination }: Pick<RoutePlan, "destination">): number =>
  parseCidr(destination)?.bits ?? 0;

const crossings = (field: "ip saddr" | "ip daddr", gateways: readonly Gateway[]): string[] =>
  gateways.map(({ destination, aclId }) =>
    [
      ...cidrMatch(field, destination),
      aclId === undefined ? "return" : `goto ${crossChain(aclId)}`,
    ].join(" "),
  );
