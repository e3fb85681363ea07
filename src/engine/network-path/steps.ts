/** The steps of a path: what each looks at, whether it lets the flow through, and what would. */
import type { NetworkInterface } from "../../model/network.ts";
import { type AclDirection, type AclVerdict, judge } from "./acls.ts";
import { type Flow, flowText } from "./flow.ts";
import { admission, type Peer } from "./groups.ts";
import { aclOf, type NetworkRecords } from "./records.ts";

export type Stage =
  | "security groups, out"
  | "network ACL, out"
  | "route"
  | "network ACL, in"
  | "security groups, in"
  | "receiver"
  | "answer";

export type Step = {
  readonly stage: Stage;
  /** The resource that decides. */
  readonly at: string;
  readonly passes: boolean;
  /** What was found, in one clause. */
  readonly says: string;
  /** What would let it through, in one sentence; undefined where it passes. */
  readonly remedy: string | undefined;
};

/** A flow that sets out from an interface. `receiver` is the interface meant, if it is one. */
export type Hop = {
  readonly sender: NetworkInterface;
  readonly receiver: NetworkInterface | undefined;
  readonly address: string;
  readonly flow: Flow;
};

export const pass = (stage: Stage, at: string, says: string): Step => ({
  stage,
  at,
  passes: true,
  says,
  remedy: undefined,
});

export const stop = (stage: Stage, at: string, says: string, remedy: string): Step => ({
  stage,
  at,
  passes: false,
  says,
  remedy,
});

export function groupStep(
  records: NetworkRecords,
  record: NetworkInterface,
  direction: "ingress" | "egress",
  peer: Peer,
  flow: Flow,
): Step {
  const [stage, preposition] =
    direction === "egress"
      ? (["security groups, out", "to"] as const)
      : (["security groups, in", "from"] as const);
  const found = admission(records, record, direction, peer, flow);
  const groups = record.groupIds.join(", ") || "no group";
  if (found) {
    const { group, rule } = found;
    return pass(stage, group.groupId, `${group.groupName}: ${rule.ruleId} lets it through`);
  }
  const what = `${flowText(flow)} ${preposition} ${peer.address}`;
  return stop(
    stage,
    groups,
    `no ${direction} rule lets ${what} through`,
    `Add an ${direction} rule for ${what} to ${record.groupIds[0] ?? "a security group"}.`,
  );
}

export function aclStep(
  records: NetworkRecords,
  subnetId: string,
  direction: AclDirection,
  peer: string,
  flow: Flow,
): Step {
  const acl = aclOf(records.networkAcls, subnetId);
  const stage: Stage = direction === "out" ? "network ACL, out" : "network ACL, in";
  if (!acl) return pass(stage, subnetId, "no ACL");
  return verdictStep(stage, acl.networkAclId, judge(acl, direction, peer, flow), {
    direction,
    peer,
    what: flowText(flow),
  });
}

export function verdictStep(
  stage: Stage,
  aclId: string,
  { passes, entry }: AclVerdict,
  said: { readonly direction: AclDirection; readonly peer: string; readonly what: string },
): Step {
  const rule = entry ? `rule ${entry.ruleNumber}` : "the last rule (*)";
  if (passes) return pass(stage, aclId, `${rule} allows it`);
  const { direction, peer, what } = said;
  const way = direction === "out" ? "outbound" : "inbound";
  const before = entry ? ` with a number below ${entry.ruleNumber}` : "";
  return stop(
    stage,
    aclId,
    `${rule} denies ${what} ${direction === "out" ? "to" : "from"} ${peer}`,
    `Add an ${way} rule to ${aclId}${before} that allows ${what} ${direction === "out" ? "to" : "from"} ${peer}.`,
  );
}
