/** Network ACLs: numbered entries, the first that matches decides, in each direction by itself. */
import { isIpv6Entry, type NetworkAcl, type NetworkAclEntry } from "../../model/network.ts";
import { answersOf, covers, type Flow } from "./flow.ts";
import { contains } from "./records.ts";

export type AclDirection = "in" | "out";

/** The entries of a direction in the order in which they are tried, IPv4 only. */
export const entriesOf = (acl: NetworkAcl, direction: AclDirection): NetworkAclEntry[] =>
  acl.entries
    .filter((entry) => entry.egress === (direction === "out") && !isIpv6Entry(entry))
    .toSorted((a, b) => a.ruleNumber - b.ruleNumber);

/** The entry that decides; undefined when none matches, which denies. */
const decidingEntry = (
  acl: NetworkAcl,
  direction: AclDirection,
  peer: string,
  flow: Flow,
): NetworkAclEntry | undefined =>
  entriesOf(acl, direction).find((entry) => contains(entry.cidr, peer) && covers(entry, flow));

export type AclVerdict = {
  readonly passes: boolean;
  /** What decided; undefined for the last, unnumbered rule. */
  readonly entry: NetworkAclEntry | undefined;
};

export function judge(
  acl: NetworkAcl,
  direction: AclDirection,
  peer: string,
  flow: Flow,
): AclVerdict {
  const entry = decidingEntry(acl, direction, peer, flow);
  return { passes: entry?.action === "allow", entry };
}

/** Judges what comes back of a flow: every port that an answer may go to has to be open. */
export function judgeAnswers(
  acl: NetworkAcl,
  direction: AclDirection,
  peer: string,
  flow: Flow,
): AclVerdict {
  const boundaries = entriesOf(acl, direction).flatMap(({ fromPort, toPort }) =>
    fromPort === undefined
      ? []
      : [fromPort - 1, fromPort, toPort ?? fromPort, (toPort ?? fromPort) + 1],
  );
  const verdicts = answersOf(flow, boundaries).map((answer) => judge(acl, direction, peer, answer));
  return (
    verdicts.find(({ passes }) => !passes) ?? verdicts[0] ?? { passes: true, entry: undefined }
  );
}
