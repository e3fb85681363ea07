/** What the answer to a flow meets: groups let it pass, the network ACLs of the way do not know it. */
import type { NetworkInterface } from "../../model/network.ts";
import { type AclDirection, judgeAnswers } from "./acls.ts";
import { ephemeralPorts, type Flow, protocolName } from "./flow.ts";
import { aclOf, type NetworkRecords } from "./records.ts";
import { type Hop, pass, type Step, verdictStep } from "./steps.ts";

/** From an interface of one subnet back to one of another. */
export function* answerSteps(
  records: NetworkRecords,
  sender: NetworkInterface,
  receiver: NetworkInterface,
  flow: Flow,
): Generator<Step> {
  yield answerStep(records, receiver.subnetId, "out", sender.privateIp, flow);
  yield answerStep(records, sender.subnetId, "in", receiver.privateIp, flow);
}

/**
 * Between an interface and the world outside, by way of the subnets `through`. `direction` is that of
 * the answer at the interface's own subnet.
 */
export function* outsideAnswerSteps(
  records: NetworkRecords,
  { sender, address, flow }: Hop,
  through: readonly string[],
  direction: AclDirection = "in",
): Generator<Step> {
  for (const subnetId of through) {
    if (subnetId === sender.subnetId) continue;
    yield answerStep(records, subnetId, "in", address, flow);
    yield answerStep(records, subnetId, "out", sender.privateIp, flow);
  }
  yield answerStep(records, sender.subnetId, direction, address, flow);
}

function answerStep(
  records: NetworkRecords,
  subnetId: string,
  direction: AclDirection,
  peer: string,
  flow: Flow,
): Step {
  const acl = aclOf(records.networkAcls, subnetId);
  if (!acl) return pass("answer", subnetId, "no ACL");
  const verdict = judgeAnswers(acl, direction, peer, flow);
  return verdictStep("answer", acl.networkAclId, verdict, {
    direction,
    peer,
    what: answerText(flow),
  });
}

function answerText({ protocol }: Flow): string {
  const name = protocolName(protocol);
  return name === "tcp" || name === "udp"
    ? `${name} ${ephemeralPorts.from}-${ephemeralPorts.to} (the answer)`
    : `${name} (the answer)`;
}
