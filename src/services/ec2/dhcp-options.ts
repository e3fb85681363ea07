/** DHCP options: the sets of them, and which one a VPC has. */
import type {
  AssociateDhcpOptionsRequest,
  CreateDhcpOptionsRequest,
  CreateDhcpOptionsResult,
  DeleteDhcpOptionsRequest,
  DescribeDhcpOptionsRequest,
  DescribeDhcpOptionsResult,
  DhcpOptions as DhcpOptionsView,
  NewDhcpConfiguration,
} from "@aws-sdk/client-ec2";
import { parseAddress } from "../../model/cidr.ts";
import type { DhcpOptions } from "../../model/network.ts";
import { dhcpOptions, vpcs } from "../../state/tables/network.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import {
  hasDependencies,
  invalidParameterValue,
  invalidValue,
  missingParameter,
} from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { birth } from "./make-vpc.ts";
import { arnOf, operation } from "./operation.ts";
import { dhcpOptionsKind, find, findRequired, newId, vpcKind } from "./resources.ts";
import { tagsFrom, toTagViews } from "./tags.ts";

const mostServers = 4;
const isServer = (value: string): boolean =>
  value === "AmazonProvidedDNS" || parseAddress(value) !== undefined;
const isAddress = (value: string): boolean => parseAddress(value) !== undefined;

/** What the values of a key must be, and how many there may be. */
const keys: Readonly<Record<string, { most: number; isValid: (value: string) => boolean }>> = {
  "domain-name": { most: 1, isValid: (value) => value !== "" },
  "domain-name-servers": { most: mostServers, isValid: isServer },
  "ntp-servers": { most: mostServers, isValid: isAddress },
  "netbios-name-servers": { most: mostServers, isValid: isAddress },
  "netbios-node-type": { most: 1, isValid: (value) => ["1", "2", "4", "8"].includes(value) },
};

export const createDhcpOptions = operation<CreateDhcpOptionsRequest, CreateDhcpOptionsResult>({
  name: "CreateDhcpOptions",
  resources: (_, scope) => [arnOf(scope, "dhcp-options", undefined)],
  accepts: { DhcpConfigurations: true, TagSpecifications: true },
  run(context, input) {
    if (!input.DhcpConfigurations?.length) throw missingParameter("dhcpConfiguration");
    const configurations = input.DhcpConfigurations.map(configurationOf);
    configurations.forEach(({ key }, at) => {
      if (configurations.findIndex((other) => other.key === key) === at) return;
      throw invalidParameterValue(`Duplicate DHCP option key '${key}' specified.`);
    });
    const options: DhcpOptions = {
      ...birth(context, tagsFrom(input.TagSpecifications, "dhcp-options")),
      dhcpOptionsId: newId(context, "dopt-"),
      isDefault: false,
      configurations,
    };
    context.tx.table(dhcpOptions).put(options);
    return { DhcpOptions: toDhcpOptionsView(options) };
  },
});

function configurationOf({
  Key = "",
  Values = [],
}: NewDhcpConfiguration): DhcpOptions["configurations"][number] {
  const rule = Object.hasOwn(keys, Key) ? keys[Key] : undefined;
  if (!rule) {
    throw invalidValue("dhcpConfigurationKey", Key, "It is not a supported DHCP option.");
  }
  if (Values.length === 0) throw missingParameter(`value of ${Key}`);
  if (Values.length > rule.most) {
    throw invalidParameterValue(`DHCP option ${Key} can have at most ${rule.most} values`);
  }
  const wrong = Values.find((value) => !rule.isValid(value));
  if (wrong !== undefined) throw invalidValue(Key, wrong, "Invalid DHCP option value.");
  return { key: Key, values: Values };
}

export const associateDhcpOptions = operation<AssociateDhcpOptionsRequest, Record<string, never>>({
  name: "AssociateDhcpOptions",
  resources: (input, scope) => [
    arnOf(scope, "dhcp-options", input.DhcpOptionsId),
    arnOf(scope, "vpc", input.VpcId),
  ],
  accepts: { DhcpOptionsId: true, VpcId: true },
  run(context, input) {
    const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
    const id = input.DhcpOptionsId;
    const dhcpOptionsId =
      id === "default"
        ? id
        : findRequired(context, dhcpOptionsKind, id, "dhcpOptionsId").dhcpOptionsId;
    context.tx.table(vpcs).put({ ...vpc, dhcpOptionsId });
    return {};
  },
});

export const deleteDhcpOptions = operation<DeleteDhcpOptionsRequest, Record<string, never>>({
  name: "DeleteDhcpOptions",
  resources: (input, scope) => [arnOf(scope, "dhcp-options", input.DhcpOptionsId)],
  accepts: { DhcpOptionsId: true },
  run(context, input) {
    const { tx, scope } = context;
    const { dhcpOptionsId } = findRequired(
      context,
      dhcpOptionsKind,
      input.DhcpOptionsId,
      "dhcpOptionsId",
    );
    const users = tx.table(vpcs).list(scope);
    if (users.some((vpc) => vpc.dhcpOptionsId === dhcpOptionsId)) {
      throw hasDependencies("dhcpOptions", dhcpOptionsId);
    }
    tx.table(dhcpOptions).delete(scope, dhcpOptionsId);
    return {};
  },
});

const filters: FilterTable<DhcpOptionsView> = {
  "dhcp-options-id": (options) => options.DhcpOptionsId,
  key: (options) => options.DhcpConfigurations?.map(({ Key }) => Key) ?? [],
  "owner-id": (options) => options.OwnerId,
  value: (options) =>
    options.DhcpConfigurations?.flatMap(({ Values }) => Values?.map(({ Value }) => Value)) ?? [],
};

export const describeDhcpOptions = operation<DescribeDhcpOptionsRequest, DescribeDhcpOptionsResult>(
  {
    name: "DescribeDhcpOptions",
    accepts: { DhcpOptionsIds: true, ...acceptsDescribe },
    run(context, input) {
      const { tx, scope } = context;
      const records = chosen(
        input.DhcpOptionsIds,
        () => tx.table(dhcpOptions).list(scope),
        (id) => find(context, dhcpOptionsKind, id),
      );
      const { items, NextToken } = describePage(records.map(toDhcpOptionsView), input, {
        operation: "DescribeDhcpOptions",
        keyOf: (options) => options.DhcpOptionsId,
        filters,
      });
      return { DhcpOptions: items, NextToken };
    },
  },
);

const toDhcpOptionsView = (options: DhcpOptions): DhcpOptionsView => ({
  DhcpOptionsId: options.dhcpOptionsId,
  OwnerId: options.account,
  DhcpConfigurations: options.configurations.map(({ key, values }) => ({
    Key: key,
    Values: values.map((Value) => ({ Value })),
  })),
  Tags: toTagViews(options.tags),
});
