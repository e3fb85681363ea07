/** The numbered entries of network ACLs. */
import type {
  CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntryRequest,
  ReplaceNetworkAclEntryRequest,
} from "@aws-sdk/client-ec2";
import { formatCidr, parseCidr } from "../../model/cidr.ts";
import type { NetworkAcl, NetworkAclEntry } from "../../model/network.ts";
import type { Scope } from "../../model/scope.ts";
import { networkAcls } from "../../state/tables/network.ts";
import {
  aclEntryExists,
  aclEntryNotFound,
  invalidParameterValue,
  invalidValue,
  missingParameter,
} from "./errors.ts";
import { arnOf, operation } from "./operation.ts";
import { portsOf, protocolNumberOf, protocolOf } from "./protocols.ts";
import { findRequired, networkAclKind } from "./resources.ts";

const highestRuleNumber = 32766;

const acceptsEntry = {
  NetworkAclId: true,
  RuleNumber: true,
  Egress: true,
  Protocol: true,
  RuleAction: true,
  CidrBlock: true,
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

function entryOf(input: CreateNetworkAclEntryRequest): NetworkAclEntry {
  const protocol = protocolNumberOf(input.Protocol);
  return {
    ruleNumber: ruleNumberOf(input.RuleNumber),
    egress: input.Egress ?? false,
    protocol,
    action: actionOf(input.RuleAction),
    cidr: cidrOf(input.CidrBlock),
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
  if (action === "allow" || action === "deny") return action;
  throw invalidValue("ruleAction", action, "Expecting allow or deny.");
}

function cidrOf(text: string | undefined): string {
  if (!text) throw missingParameter("cidrBlock");
  const cidr = parseCidr(text);
  if (!cidr) throw invalidParameterValue(`CIDR block ${text} is malformed`);
  return formatCidr(cidr);
}

function entryPorts(
  protocol: string,
  { PortRange, IcmpTypeCode }: CreateNetworkAclEntryRequest,
): Pick<NetworkAclEntry, "fromPort" | "toPort"> {
  return protocol === "icmp" || protocol === "icmpv6"
    ? portsOf(protocol, IcmpTypeCode?.Type, IcmpTypeCode?.Code)
    : portsOf(protocol, PortRange?.From, PortRange?.To);
}
