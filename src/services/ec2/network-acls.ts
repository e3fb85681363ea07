/** Network ACLs: making, showing and ending them, and which subnets they stand before. */
import type {
  CreateNetworkAclRequest,
  CreateNetworkAclResult,
  DeleteNetworkAclRequest,
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult,
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult,
} from "@aws-sdk/client-ec2";
import type { NetworkAcl } from "../../model/network.ts";
import { networkAcls } from "../../state/tables/network.ts";
import { acceptsDescribe, chosen, describePage } from "./describe.ts";
import {
  associationNotFound,
  hasDependencies,
  invalidParameterValue,
  missingParameter,
} from "./errors.ts";
import { madeBefore, rememberToken } from "./idempotency.ts";
import { birth } from "./make-vpc.ts";
import { networkAclFilters, toNetworkAclView } from "./network-acl-views.ts";
import { arnOf, operation } from "./operation.ts";
import { type Context, find, findRequired, networkAclKind, newId, vpcKind } from "./resources.ts";
import { tagsFrom } from "./tags.ts";

export const createNetworkAcl = operation<CreateNetworkAclRequest, CreateNetworkAclResult>({
  name: "CreateNetworkAcl",
  resources: (input, scope) => [
    arnOf(scope, "network-acl", undefined),
    arnOf(scope, "vpc", input.VpcId),
  ],
  accepts: { VpcId: true, ClientToken: true, TagSpecifications: true },
  run(context, input) {
    const known = madeBefore(context, "CreateNetworkAcl", input.ClientToken, input);
    const acl = known ? find(context, networkAclKind, known) : makeNetworkAcl(context, input);
    if (!known) {
      rememberToken(context, "CreateNetworkAcl", input.ClientToken, input, acl.networkAclId);
    }
    return { NetworkAcl: toNetworkAclView(acl), ClientToken: input.ClientToken };
  },
});

/** It has no entries, and so lets nothing through. */
function makeNetworkAcl(context: Context, input: CreateNetworkAclRequest): NetworkAcl {
  const { vpcId } = findRequired(context, vpcKind, input.VpcId, "vpcId");
  const acl: NetworkAcl = {
    ...birth(context, tagsFrom(input.TagSpecifications, "network-acl")),
    networkAclId: newId(context, "acl-"),
    vpcId,
    isDefault: false,
    entries: [],
    associations: [],
  };
  context.tx.table(networkAcls).put(acl);
  return acl;
}

export const deleteNetworkAcl = operation<DeleteNetworkAclRequest, Record<string, never>>({
  name: "DeleteNetworkAcl",
  resources: (input, scope) => [arnOf(scope, "network-acl", input.NetworkAclId)],
  accepts: { NetworkAclId: true },
  run(context, input) {
    const acl = findRequired(context, networkAclKind, input.NetworkAclId, "networkAclId");
    if (acl.isDefault) {
      throw invalidParameterValue(`cannot delete default network ACL ${acl.networkAclId}`);
    }
    if (acl.associations.length > 0) throw hasDependencies("networkAcl", acl.networkAclId);
    context.tx.table(networkAcls).delete(context.scope, acl.networkAclId);
    return {};
  },
});

export const replaceNetworkAclAssociation = operation<
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult
>({
  name: "ReplaceNetworkAclAssociation",
  resources: (input, scope) => [arnOf(scope, "network-acl", input.NetworkAclId)],
  accepts: { AssociationId: true, NetworkAclId: true },
  run(context, input) {
    if (!input.AssociationId) throw missingParameter("associationId");
    const { acl, subnetId } = findAssociation(context, input.AssociationId);
    const { networkAclId, vpcId } = findRequired(
      context,
      networkAclKind,
      input.NetworkAclId,
      "networkAclId",
    );
    if (vpcId !== acl.vpcId) {
      throw invalidParameterValue(
        `network acl ${networkAclId} and association ${input.AssociationId} belong to different networks`,
      );
    }
    const table = context.tx.table(networkAcls);
    const associations = acl.associations.filter((other) => other.subnetId !== subnetId);
    table.put({ ...acl, associations });
    // Read again: it may be the ACL that the old association was just taken from.
    const next = find(context, networkAclKind, networkAclId);
    const associationId = newId(context, "aclassoc-");
    table.put({ ...next, associations: [...next.associations, { associationId, subnetId }] });
    return { NewAssociationId: associationId };
  },
});

function findAssociation(
  { tx, scope }: Context,
  associationId: string,
): { acl: NetworkAcl; subnetId: string } {
  for (const acl of tx.table(networkAcls).list(scope)) {
    const found = acl.associations.find((candidate) => candidate.associationId === associationId);
    if (found) return { acl, subnetId: found.subnetId };
  }
  throw associationNotFound(associationId);
}

export const describeNetworkAcls = operation<DescribeNetworkAclsRequest, DescribeNetworkAclsResult>(
  {
    name: "DescribeNetworkAcls",
    accepts: { NetworkAclIds: true, ...acceptsDescribe },
    run(context, input) {
      const { tx, scope } = context;
      const records = chosen(
        input.NetworkAclIds,
        () => tx.table(networkAcls).list(scope),
        (id) => find(context, networkAclKind, id),
      );
      const { items, NextToken } = describePage(records.map(toNetworkAclView), input, {
        operation: "DescribeNetworkAcls",
        keyOf: (acl) => acl.NetworkAclId,
        filters: networkAclFilters,
      });
      return { NetworkAcls: items, NextToken };
    },
  },
);
