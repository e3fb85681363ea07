/**
 * The default VPC that every account has in every region: 172.31.0.0/16, a public /20 subnet in each
 * zone, an internet gateway and a route to it. Made when the region is first used, with ids that
 * follow from account and region; once deleted it comes back only by CreateDefaultVpc.
 */
import { fnv1a } from "../../model/hash.ts";
import type { Vpc } from "../../model/network.ts";
import { zonesOf } from "../../model/regions.ts";
import { sequentialIds } from "../../seams/ids.ts";
import {
  defaultVpcMarks,
  internetGateways,
  routeTables,
  vpcs,
} from "../../state/tables/network.ts";
import { mainRouteTable, makeSubnet, makeVpc } from "./make-vpc.ts";
import { type Context, newId } from "./resources.ts";

const vpcCidr = "172.31.0.0/16";
export const defaultSubnetBits = 20;
const subnetSize = 16;

/** Makes the region's default VPC if the region has never had one. */
export function ensureDefaultVpc(context: Context): void {
  const { tx, scope, now } = context;
  if (tx.table(defaultVpcMarks).get(scope, "default")) return;
  tx.table(defaultVpcMarks).put({ account: scope.account, region: scope.region, madeAt: now });
  makeDefaultVpc({ ...context, ids: sequentialIds(fnv1a(`${scope.account}/${scope.region}`)) });
}

export const findDefaultVpc = ({ tx, scope }: Pick<Context, "tx" | "scope">): Vpc | undefined =>
  tx
    .table(vpcs)
    .list(scope)
    .find((vpc) => vpc.isDefault);

/** There must be none. */
export function makeDefaultVpc(context: Context): Vpc {
  const vpc = makeVpc(context, { cidr: vpcCidr, isDefault: true, instanceTenancy: "default" });
  zonesOf(context.scope.region).forEach((zone, at) => {
    const cidr = `172.31.${at * subnetSize}.0/${defaultSubnetBits}`;
    makeSubnet(context, { vpcId: vpc.vpcId, cidr, zone, isDefault: true });
  });
  makePublic(context, vpc);
  return vpc;
}

function makePublic(context: Context, vpc: Vpc): void {
  const { tx, scope, now } = context;
  const internetGatewayId = newId(context, "igw-");
  tx.table(internetGateways).put({
    account: scope.account,
    region: scope.region,
    internetGatewayId,
    vpcId: vpc.vpcId,
    tags: [],
    createdAt: now,
  });
  const main = mainRouteTable(context, vpc.vpcId);
  const toInternet = {
    destinationCidr: "0.0.0.0/0",
    target: { type: "internet-gateway", id: internetGatewayId },
    origin: "CreateRoute",
  } as const;
  tx.table(routeTables).put({ ...main, routes: [...main.routes, toInternet] });
}
