/**
 * The way of a packet through the records, step by step: sender's groups, ACL, route, ACL, receiver's
 * groups, and what the answer meets. The first step that stops it is the last one walked.
 */
import { awsBlocks } from "../../model/aws-addresses.ts";
import { addressesOf, interfaceAt, type NetworkInterface } from "../../model/network.ts";
import { answerSteps, outsideAnswerSteps } from "./answers.ts";
import { type Flow, protocolName } from "./flow.ts";
import { linkLocalStep } from "./link-local.ts";
import { contains, type NetworkRecords } from "./records.ts";
import { routeTo, wayOf } from "./routes.ts";
import { endpointFor, endpointInterface, publicServiceAddress } from "./services.ts";
import { aclStep, groupStep, type Hop, pass, type Step, stop } from "./steps.ts";

/** An address for clients of the host, which stands for the internet: of a block kept for documentation. */
export const internetAddress = "203.0.113.1";

export type PathEnd =
  | { readonly type: "interface"; readonly record: NetworkInterface }
  /** Whatever has the address, in the VPC or outside. */
  | { readonly type: "address"; readonly address: string }
  | { readonly type: "internet" }
  /** An AWS service, by the last part of its endpoints' name: `ecr.api`, `s3`. */
  | { readonly type: "service"; readonly service: string; readonly region: string };

export type Path = {
  readonly open: boolean;
  readonly steps: readonly Step[];
  /** The last step of a path that is not open. */
  readonly stoppedBy: Step | undefined;
};

/** Whether a new flow gets through and is answered. */
export function walk(records: NetworkRecords, from: PathEnd, to: PathEnd, flow: Flow): Path {
  const steps: Step[] = [];
  for (const step of stepsOf(records, from, to, flow)) {
    steps.push(step);
    if (!step.passes) return { open: false, steps, stoppedBy: step };
  }
  return { open: true, steps, stoppedBy: undefined };
}

function* stepsOf(
  records: NetworkRecords,
  from: PathEnd,
  to: PathEnd,
  flow: Flow,
): Generator<Step> {
  const sender = from.type === "interface" ? from.record : undefined;
  if (!sender) {
    yield* fromOutside(records, addressOf(from), to, flow);
    return;
  }
  const receiver = receiverOf(records, sender, to);
  const address = receiver?.privateIp ?? addressOf(to);
  yield* senderSteps(records, { sender, receiver, address, flow });
}

const addressOf = (end: PathEnd): string => {
  switch (end.type) {
    case "interface":
      return end.record.privateIp;
    case "address":
      return end.address;
    case "internet":
      return internetAddress;
    case "service":
      return publicServiceAddress(end.region, end.service);
  }
};

/** The interface that is meant: by itself, by its address in the VPC or a peered one, or as an endpoint's. */
function receiverOf(
  records: NetworkRecords,
  sender: NetworkInterface,
  to: PathEnd,
): NetworkInterface | undefined {
  switch (to.type) {
    case "interface":
      return to.record;
    case "address":
      return (
        holderOf(records, sender.vpcId, to.address) ?? peeredInterface(records, sender, to.address)
      );
    case "internet":
      return undefined;
    case "service": {
      const endpoint = endpointFor(records, sender.vpcId, to.region, to.service);
      return endpoint && endpointInterface(records, endpoint, sender.availabilityZone);
    }
  }
}

/** As it is at that address, which may be a secondary one. */
function holderOf(
  { networkInterfaces }: NetworkRecords,
  vpcId: string,
  address: string,
): NetworkInterface | undefined {
  for (const one of networkInterfaces) {
    const found = one.vpcId === vpcId ? interfaceAt(one, address) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** Of a peered VPC, whose groups rules may name. */
const peeredInterface = (
  records: NetworkRecords,
  { vpcId }: NetworkInterface,
  address: string,
): NetworkInterface | undefined =>
  records.vpcPeeringConnections
    .filter(({ status }) => status === "active")
    .flatMap(({ requester, accepter }) => {
      if (requester.vpcId === vpcId) return [accepter.vpcId];
      return accepter.vpcId === vpcId ? [requester.vpcId] : [];
    })
    .flatMap((peer) => holderOf(records, peer, address) ?? [])[0];

function* senderSteps(records: NetworkRecords, hop: Hop): Generator<Step> {
  const { sender, receiver, address, flow } = hop;
  const unfiltered = linkLocalStep(records, hop);
  if (unfiltered) {
    yield unfiltered;
    return;
  }
  const peer = { address, interface: receiver };
  yield groupStep(records, sender, "egress", peer, flow);
  if (receiver && receiver.subnetId === sender.subnetId) {
    yield* arrivalSteps(records, receiver, sender, flow);
    return;
  }
  yield aclStep(records, sender.subnetId, "out", address, flow);
  const found = routeTo(records, sender, address);
  if (!found) {
    yield stop(
      "route",
      sender.subnetId,
      `no route of ${sender.subnetId} leads to ${address}`,
      `Add a route to ${address} to the route table of ${sender.subnetId}.`,
    );
    return;
  }
  const way = wayOf(records, sender.vpcId, found.route);
  const at = `${found.destination} -> ${targetText(found.route)}`;
  switch (way.type) {
    case "local":
      yield pass("route", sender.subnetId, at);
      yield* localSteps(records, hop);
      return;
    case "blackhole":
      yield stop(
        "route",
        sender.subnetId,
        `${at} is a blackhole: ${way.because}`,
        `Lead the route to ${found.destination} somewhere that exists, or mend it: ${way.because}.`,
      );
      return;
    case "internet":
      yield sender.publicIp === undefined
        ? stop(
            "route",
            sender.subnetId,
            `${at}, but ${sender.networkInterfaceId} has no public address`,
            "Give the interface a public address (assignPublicIp ENABLED), or route its subnet to a NAT gateway.",
          )
        : pass("route", sender.subnetId, at);
      yield* outsideSteps(records, hop, []);
      return;
    case "nat":
      yield pass("route", sender.subnetId, at);
      yield* outsideSteps(records, hop, [way.gateway.subnetId]);
      return;
    case "endpoint":
      yield pass("route", sender.subnetId, at);
      yield* outsideAnswerSteps(records, hop, []);
      yield* awsSteps(hop);
      return;
    case "peering":
      yield pass("route", sender.subnetId, at);
      yield* peeringSteps(records, hop, way.vpcId);
      return;
    case "interface":
      yield stop(
        "route",
        sender.subnetId,
        `${at}: what lies beyond that interface is not known here`,
        `Route ${found.destination} to a gateway.`,
      );
  }
}

const targetText = ({ target }: { readonly target: { readonly type: string } }): string =>
  "id" in target ? String(target.id) : "local";

function* localSteps(records: NetworkRecords, { sender, receiver, address, flow }: Hop) {
  if (!receiver || receiver.vpcId !== sender.vpcId) {
    yield stop(
      "receiver",
      address,
      `no interface of ${sender.vpcId} has ${address}`,
      "Ask for the address of an interface that exists.",
    );
    return;
  }
  yield aclStep(records, receiver.subnetId, "in", sender.privateIp, flow);
  yield* arrivalSteps(records, receiver, sender, flow);
  yield* answerSteps(records, sender, receiver, flow);
}

function* arrivalSteps(
  records: NetworkRecords,
  receiver: NetworkInterface,
  sender: NetworkInterface,
  flow: Flow,
): Generator<Step> {
  const peer = { address: sender.privateIp, interface: sender };
  yield groupStep(records, receiver, "ingress", peer, flow);
  const silence = silenceOf(receiver, flow);
  if (silence === undefined) return;
  yield stop(
    "receiver",
    receiver.networkInterfaceId,
    silence,
    "Ask for an interface of a task or a load balancer, with TCP.",
  );
}

/** Why nobody answers at the interface, whatever lets the flow through. */
function silenceOf({ owner }: NetworkInterface, { protocol }: Flow): string | undefined {
  switch (owner.type) {
    case "user":
      return "nothing is attached to it";
    case "nat-gateway":
      return "a NAT gateway accepts no connections";
    case "load-balancer":
    case "vpc-endpoint":
      return protocolName(protocol) === "icmp" ? "it answers no pings here" : undefined;
    case "ecs-task":
      return undefined;
  }
}

/** Out by a gateway; a NAT gateway's subnet has an ACL of its own. */
function* outsideSteps(
  records: NetworkRecords,
  hop: Hop,
  through: readonly string[],
): Generator<Step> {
  const { sender, address, flow } = hop;
  const receiver = hop.receiver ?? elsewhere(records, address);
  if (receiver) {
    const kind = receiver.privateIp === address ? "private" : "public";
    yield stop(
      "receiver",
      receiver.networkInterfaceId,
      kind === "private"
        ? `${address} is a private address of ${receiver.vpcId}, which no gateway leads to`
        : `${address} is a public address of ${receiver.vpcId}, which this machine alone reaches, at its own`,
      receiver.vpcId === sender.vpcId
        ? `Use its private address, ${receiver.privateIp}.`
        : `Peer ${sender.vpcId} with ${receiver.vpcId}, route both ways and use the private address.`,
    );
    return;
  }
  for (const subnetId of through) {
    if (subnetId === sender.subnetId) continue;
    yield aclStep(records, subnetId, "in", sender.privateIp, flow);
    yield aclStep(records, subnetId, "out", address, flow);
  }
  yield* outsideAnswerSteps(records, hop, through);
  yield* awsSteps(hop);
}

/** An interface of any VPC that has the address; a machine of the local network may have it, too. */
const elsewhere = (
  { networkInterfaces }: NetworkRecords,
  address: string,
): NetworkInterface | undefined =>
  networkInterfaces
    .flatMap((one) => addressesOf(one).map((own) => ({ ...one, ...own })))
    .find((one) => one.privateIp === address || one.publicIp === address);

/** AWS's APIs, which the engine answers for. */
function* awsSteps({ address, flow }: Hop): Generator<Step> {
  if (protocolName(flow.protocol) !== "icmp" || !awsBlocks.some((one) => contains(one, address))) {
    return;
  }
  yield stop("receiver", address, "AWS's APIs answer no pings here", "Ask for TCP.");
}

function* peeringSteps(records: NetworkRecords, hop: Hop, vpcId: string): Generator<Step> {
  const { sender, address, flow } = hop;
  const receiver = holderOf(records, vpcId, address);
  if (!receiver) {
    yield stop(
      "receiver",
      address,
      `no interface of ${vpcId} has ${address}`,
      "Ask for the address of an interface that exists.",
    );
    return;
  }
  yield aclStep(records, receiver.subnetId, "in", sender.privateIp, flow);
  yield* arrivalSteps(records, receiver, sender, flow);
  const back = routeTo(records, receiver, sender.privateIp);
  const way = back && wayOf(records, vpcId, back.route);
  if (way?.type !== "peering" || way.vpcId !== sender.vpcId) {
    yield stop(
      "answer",
      receiver.subnetId,
      `no route of ${receiver.subnetId} leads back to ${sender.privateIp} by the peering`,
      `Add a route to ${sender.vpcId}'s block by the peering connection to the route table of ${receiver.subnetId}.`,
    );
    return;
  }
  yield* answerSteps(records, sender, receiver, flow);
}

/** In by the internet gateway. Only load balancers are served from outside. */
function* fromOutside(
  records: NetworkRecords,
  source: string,
  to: PathEnd,
  flow: Flow,
): Generator<Step> {
  if (to.type !== "interface") {
    yield stop("receiver", addressOf(to), "both ends are outside", "Name an interface as one end.");
    return;
  }
  const { record } = to;
  yield entryStep(records, record, source);
  yield aclStep(records, record.subnetId, "in", source, flow);
  yield groupStep(records, record, "ingress", { address: source, interface: undefined }, flow);
  if (record.owner.type !== "load-balancer") {
    yield stop(
      "receiver",
      record.networkInterfaceId,
      "this machine passes requests from outside to load balancers only",
      "Put a load balancer in front of it.",
    );
    return;
  }
  const hop = { sender: record, receiver: undefined, address: source, flow };
  yield* outsideAnswerSteps(records, hop, [], "out");
}

function entryStep(records: NetworkRecords, record: NetworkInterface, source: string): Step {
  const back = routeTo(records, record, source);
  const way = back && wayOf(records, record.vpcId, back.route);
  if (way?.type !== "internet") {
    return stop(
      "route",
      record.subnetId,
      `${record.subnetId} has no route to an internet gateway`,
      `Route 0.0.0.0/0 of ${record.subnetId} to an internet gateway of ${record.vpcId}.`,
    );
  }
  if (record.publicIp === undefined) {
    return stop(
      "route",
      record.networkInterfaceId,
      `${record.networkInterfaceId} has no public address`,
      "Give it a public address: an internet-facing load balancer has one.",
    );
  }
  return pass("route", record.subnetId, `in by ${way.gateway.internetGatewayId}`);
}
