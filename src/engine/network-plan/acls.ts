/** Network ACLs as packet rules. One that lets everything through is left out. */
import type { NetworkAcl, NetworkAclEntry } from "../../model/network.ts";
import type { AclPlan, AclRule } from "../../model/vpc-plan.ts";
import { entriesOf } from "../network-path/acls.ts";
import { protocolName } from "../network-path/flow.ts";
import { aclOf } from "../network-path/records.ts";
import { planPorts } from "./groups.ts";

export const planAcls = (acls: readonly NetworkAcl[]): AclPlan[] =>
  acls
    .filter((acl) => acl.associations.length > 0 && !passesAll(acl))
    .map((acl) => ({
      aclId: acl.networkAclId,
      ingress: entriesOf(acl, "in").map(planEntry),
      egress: entriesOf(acl, "out").map(planEntry),
    }));

/** The ACL of a subnet that filters anything. */
export function planAclOf(acls: readonly NetworkAcl[], subnetId: string): string | undefined {
  const acl = aclOf(acls, subnetId);
  return acl && !passesAll(acl) ? acl.networkAclId : undefined;
}

const passesAll = (acl: NetworkAcl): boolean =>
  (["in", "out"] as const).every((direction) => {
    const first = entriesOf(acl, direction)[0];
    return first?.action === "allow" && first.protocol === "-1" && first.cidr === "0.0.0.0/0";
  });

function planEntry(entry: NetworkAclEntry): AclRule {
  const protocol = protocolName(entry.protocol);
  return {
    allows: entry.action === "allow",
    protocol: protocol === "-1" ? "any" : protocol,
    ports: planPorts({ ...entry, protocol }),
    cidr: entry.cidr,
  };
}
