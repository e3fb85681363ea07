/** Secondary blocks of a VPC. Each makes a local route in every route table of the VPC. */
import type {
  AssociateVpcCidrBlockRequest,
  AssociateVpcCidrBlockResult,
  DisassociateVpcCidrBlockRequest,
  DisassociateVpcCidrBlockResult,
} from "@aws-sdk/client-ec2";
import { type Cidr, containsCidr, formatCidr, overlaps } from "../../model/cidr.ts";
import type { Route, RouteTable, Vpc } from "../../model/network.ts";
import { routeTables, subnets, vpcPeeringConnections, vpcs } from "../../state/tables/network.ts";
import { checkVpcBlock, parseBlock, requireBlock } from "./cidr-blocks.ts";
import { missingParameter } from "./errors.ts";
import {
  cidrAssociationNotFound,
  cidrConflicts,
  cidrInUse,
  cidrRestricted,
  primaryCidr,
  tooManyCidrs,
} from "./link-errors.ts";
import { arnOf, operation } from "./operation.ts";
import { farSideOf } from "./peering-sides.ts";
import { type Context, findRequired, newId, vpcKind } from "./resources.ts";

const mostBlocks = 5;
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

export const associateVpcCidrBlock = operation<
  AssociateVpcCidrBlockRequest & { DryRun?: boolean },
  AssociateVpcCidrBlockResult
>({
  name: "AssociateVpcCidrBlock",
  resources: (input, scope) => [arnOf(scope, "vpc", input.VpcId)],
  accepts: { VpcId: true, CidrBlock: true },
  run(context, input) {
    const vpc = findRequired(context, vpcKind, input.VpcId, "vpcId");
    const block = parseBlock(input.CidrBlock, "cidrBlock");
    checkVpcBlock(block);
    checkSecondary(context, vpc, block);
    const cidr = formatCidr(block);
    const associationId = newId(context, "vpc-cidr-assoc-");
    const cidrBlocks = [...vpc.cidrBlocks, { associationId, cidr }];
    context.tx.table(vpcs).put({ ...vpc, cidrBlocks });
    changeRoutes(context, vpc, (table) => [...table.routes, localRoute(cidr)]);
    return {
      VpcId: vpc.vpcId,
      CidrBlockAssociation: {
        AssociationId: associationId,
        CidrBlock: cidr,
        CidrBlockState: { State: "associating" },
      },
    };
  },
});

function checkSecondary(context: Context, vpc: Vpc, block: Cidr): void {
  const cidr = formatCidr(block);
  if (isRestricted(vpc, block)) throw cidrRestricted(cidr);
  const isTaken = blocksInReach(context, vpc).some((own) => overlaps(requireBlock(own), block));
  if (isTaken) throw cidrConflicts(cidr);
  const routes = context.tx.table(routeTables).by("vpc", context.scope, vpc.vpcId);
  if (routes.some((table) => hasRouteTo(table, block))) throw cidrConflicts(cidr);
  if (vpc.cidrBlocks.length >= mostBlocks) throw tooManyCidrs(vpc.vpcId, mostBlocks);
}

/** A VPC does not have blocks of two of the private ranges. */
function isRestricted(vpc: Vpc, block: Cidr): boolean {
  const range = (cidr: Cidr): string | undefined =>
    privateRanges.find((candidate) => overlaps(requireBlock(candidate), cidr));
  const wanted = range(block);
  const primary = vpc.cidrBlocks[0];
  return (
    wanted !== undefined && primary !== undefined && range(requireBlock(primary.cidr)) !== wanted
  );
}

/** The blocks of the VPC, and those of VPCs that it has active peering connections with. */
function blocksInReach(context: Context, vpc: Vpc): string[] {
  const { tx, scope } = context;
  const peers = tx
    .table(vpcPeeringConnections)
    .by("vpc", scope, vpc.vpcId)
    .filter((connection) => connection.status === "active")
    .flatMap((connection) => {
      const side = farSideOf(connection, vpc.vpcId);
      return tx.table(vpcs).get(side, side.vpcId) ?? [];
    });
  return [vpc, ...peers].flatMap(({ cidrBlocks }) => cidrBlocks.map(({ cidr }) => cidr));
}

/** No route may already lead what the block contains, or more, away from the VPC. */
const hasRouteTo = (table: RouteTable, block: Cidr): boolean =>
  table.routes.some(
    ({ destinationCidr, target }) =>
      destinationCidr !== undefined &&
      target.type !== "local" &&
      destinationCidr !== "0.0.0.0/0" &&
      containsCidr(requireBlock(destinationCidr), block),
  );

export const disassociateVpcCidrBlock = operation<
  DisassociateVpcCidrBlockRequest & { DryRun?: boolean },
  DisassociateVpcCidrBlockResult
>({
  name: "DisassociateVpcCidrBlock",
  accepts: { AssociationId: true },
  run(context, input) {
    const { tx, scope } = context;
    const id = input.AssociationId;
    if (!id) throw missingParameter("associationId");
    const has = (vpc: Vpc): boolean => vpc.cidrBlocks.some((block) => block.associationId === id);
    const vpc = tx.table(vpcs).list(scope).find(has);
    const association = vpc?.cidrBlocks.find((block) => block.associationId === id);
    if (!vpc || !association) throw cidrAssociationNotFound(id);
    if (association === vpc.cidrBlocks[0]) throw primaryCidr(id);
    checkUnused(context, vpc, association.cidr);
    const cidrBlocks = vpc.cidrBlocks.filter((block) => block !== association);
    tx.table(vpcs).put({ ...vpc, cidrBlocks });
    changeRoutes(context, vpc, (table) =>
      table.routes.filter(
        (route) =>
          route.origin !== "CreateRouteTable" || route.destinationCidr !== association.cidr,
      ),
    );
    return {
      VpcId: vpc.vpcId,
      CidrBlockAssociation: {
        AssociationId: id,
        CidrBlock: association.cidr,
        CidrBlockState: { State: "disassociating" },
      },
    };
  },
});

function checkUnused({ tx, scope }: Context, vpc: Vpc, cidr: string): void {
  const inside = tx.table(subnets).by("vpc", scope, vpc.vpcId);
  if (inside.some((subnet) => containsCidr(requireBlock(cidr), requireBlock(subnet.cidr)))) {
    throw cidrInUse(vpc.vpcId, cidr);
  }
}

const localRoute = (cidr: string): Route => ({
  destinationCidr: cidr,
  target: { type: "local" },
  origin: "CreateRouteTable",
});

function changeRoutes(
  { tx, scope }: Context,
  { vpcId }: Vpc,
  change: (table: RouteTable) => readonly Route[],
): void {
  const tables = tx.table(routeTables);
  for (const table of tables.by("vpc", scope, vpcId)) {
    tables.put({ ...table, routes: change(table) });
  }
}
