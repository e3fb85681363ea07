/** The numbered entries of network ACLs. Those of IPv6 are kept and shown; no packet meets them. */
import type {
  CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntryRequest,
  ReplaceNetworkAclEntryRequest,
} from "@aws-sdk/client-ec2";
import { formatCidr, parseCidr } from "../../model/cidr.ts";
import { canonicalIpv6Cidr } from "../../model/ipv6.ts";
import { isIpv6Entry, type NetworkAcl, type NetworkAclEntry } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { networkAcls } from "../../state/tables/network.ts";
import {
  aclEntryExists,
  aclEntryNotFound,
  invalidParameterCombination,
  invalidParameterValue,
  invalidValue,
  missingParameter,
  tooManyAclEntries,
} from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { portsOf, protocolNumberOf, protocolOf } from "./protocols.ts";
import { findRequired, networkAclKind } from "./resources.ts";

const highestRuleNumber = 32766;
const mostEntries = 20;

const acceptsEntry = {
  NetworkAclId: true,
  RuleNumber: true,
  Egress: true,
  Protocol: true,
  RuleAction: true,
  CidrBlock: true,
  Ipv6CidrBlock: true,
  PortRange: true,
  IcmpTypeCode: true,
} as const;

const aclArn = (input: { NetworkAclId: string | undefined }, scope: Scope): string[] => [
  arnOf(scope, "network-acl", input.NetworkAclId),
];

export const createNetworkAclEntry = operation<CreateNetworkAclEntryRequest, Record<string, never>>(
  {
    name: "CreateNetworkAclEntry",
    resources: aclArn,
    accepts: acceptsEntry,
    run(context, input) {
      const acl = findRequired(context, networkAclKind, input.NetworkAclId, "networkAclId");
      const entry = entryOf(input);
      if (findEntry(acl, entry.ruleNumber, entry.egress)) {
        throw aclEntryExists(entry.ruleNumber);
      }
      checkRoom(acl, entry);
      context.tx.table(networkAcls).put({ ...acl, entries: [...acl.entries, entry] });
      return {};
    },
  },
);

export const replaceNetworkAclEntry = operation<
  ReplaceNetworkAclEntryRequest,
  Record<string, never>
>({
  name: "ReplaceNetworkAclEntry",
  resources: aclArn,
  accepts: acceptsEntry,
  run(context, input) {
    const acl = findRequired(context, networkAclKind, input.NetworkAclId, "networkAclId");
    const entry = entryOf(input);
    const old = requireEntry(acl, entry.ruleNumber, entry.egress);
    if (isIpv6Entry(entry) !== isIpv6Entry(old)) checkRoom(acl, entry);
    const entries = acl.entries.map((other) => (other === old ? entry : other));
    context.tx.table(networkAcls).put({ ...acl, entries });
    return {};
  },
});

export const deleteNetworkAclEntry = operation<DeleteNetworkAclEntryRequest, Record<string, never>>(
  {
    name: "DeleteNetworkAclEntry",
    resources: aclArn,
    accepts: { NetworkAclId: true, RuleNumber: true, Egress: true },
    run(context, input) {
      const acl = findRequired(context, networkAclKind, input.NetworkAclId, "networkAclId");
      const old = requireEntry(acl, ruleNumberOf(input.RuleNumber), input.Egress ?? false);
      const entries = acl.entries.filter((entry) => entry !== old);
      context.tx.table(networkAcls).put({ ...acl, entries });
      return {};
    },
  },
);

const findEntry = (
  acl: NetworkAcl,
  ruleNumber: number,
  egress: boolean,
): NetworkAclEntry | undefined =>
  acl.entries.find((entry) => entry.ruleNumber === ruleNumber && entry.egress === egress);

function requireEntry(acl: NetworkAcl, ruleNumber: number, egress: boolean): NetworkAclEntry {
  const entry = findEntry(acl, ruleNumber, egress);
  if (entry) return entry;
  throw aclEntryNotFound(ruleNumber, egress, acl.networkAclId);
}

/** Each direction has room for so many entries of IPv4 and as many of IPv6. */
function checkRoom(acl: NetworkAcl, { egress, ...entry }: NetworkAclEntry): void {
  const others = acl.entries.filter(
    (other) => other.egress === egress && isIpv6Entry(other) === isIpv6Entry(entry),
  );
  if (others.length >= mostEntries) throw tooManyAclEntries();
}

function entryOf(input: CreateNetworkAclEntryRequest): NetworkAclEntry {
  const protocol = protocolNumberOf(input.Protocol);
  return {
    ruleNumber: ruleNumberOf(input.RuleNumber),
    egress: input.Egress ?? false,
    protocol,
    action: actionOf(input.RuleAction),
    cidr: cidrOf(input),
    ...entryPorts(protocolOf(protocol), input),
  };
}

function ruleNumberOf(ruleNumber: number | undefined): number {
  if (ruleNumber === undefined) throw missingParameter("ruleNumber");
  if (ruleNumber >= 1 && ruleNumber <= highestRuleNumber) return ruleNumber;
  throw invalidValue("ruleNumber", ruleNumber, `Expecting 1 to ${highestRuleNumber}.`);
}

function actionOf(action: string | undefined): "allow" | "deny" {
  if (!action) throw missingParameter("ruleAction");
  // Its case does not matter to EC2, which tells it in lower case.
  const known = action.toLowerCase();
  if (known === "allow" || known === "deny") return known;
  throw invalidValue("ruleAction", action, "Expecting allow or deny.");
}

function cidrOf({ CidrBlock, Ipv6CidrBlock }: CreateNetworkAclEntryRequest): string {
  if (CidrBlock && Ipv6CidrBlock) {
    throw invalidParameterCombination(
      "The parameters cidrBlock and ipv6CidrBlock cannot be used together",
    );
  }
  const text = CidrBlock || Ipv6CidrBlock;
  if (!text) throw missingParameter("cidrBlock or ipv6CidrBlock");
  const cidr = CidrBlock ? ipv4Of(text) : canonicalIpv6Cidr(text);
  if (!cidr) throw invalidParameterValue(`CIDR block ${text} is malformed`);
  return cidr;
}

function ipv4Of(text: string): string | undefined {
  const cidr = parseCidr(text);
  return cidr && formatCidr(cidr);
}

function entryPorts(
  protocol: string,
  { PortRange, IcmpTypeCode: icmp, Ipv6CidrBlock }: CreateNetworkAclEntryRequest,
): Pick<NetworkAclEntry, "fromPort" | "toPort"> {
  if (protocol !== "icmp" && protocol !== "icmpv6") {
    return portsOf(protocol, PortRange?.From, PortRange?.To);
  }
  // ICMPv6 from IPv4 blocks stands for all types, whichever are named.
  if (protocol === "icmp" || Ipv6CidrBlock) {
    if (icmp?.Type === undefined) throw missingParameter("icmpTypeCode.type");
    if (icmp.Code === undefined) throw missingParameter("icmpTypeCode.code");
  }
  return portsOf(protocol, icmp?.Type, icmp?.Code);
}
