/**
 * Resources by ARN, with their tags, for conditions on `aws:ResourceTag/…`. What is in no table here
 * has no tags as far as policies can tell.
 */
import type { ConditionValues } from "../engine/policy/condition-keys.ts";
import { parseArn } from "../model/arn.ts";
import { globalRegion, type Scope, type Tag } from "../model/scope.ts";
import * as ec2 from "./ec2-resource-keys.ts";
import { findSecret } from "./secrets.ts";
import type { ReadTransaction } from "./store.ts";
import type { TableDefinition } from "./table.ts";
import { repositories } from "./tables/ecr.ts";
import { clusters, services, taskDefinitions, tasks } from "./tables/ecs.ts";
import {
  groups,
  instanceProfiles,
  managedPolicies,
  mfaDevices,
  oidcProviders,
  roles,
  samlProviders,
  serverCertificates,
  users,
} from "./tables/iam.ts";
import { kmsKeys } from "./tables/kms.ts";
import { listeners, loadBalancers, targetGroups } from "./tables/load-balancing.ts";
import { logGroups } from "./tables/logs.ts";
import {
  dhcpOptions,
  elasticIps,
  flowLogs,
  internetGateways,
  natGateways,
  networkAcls,
  networkInterfaces,
  prefixLists,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcPeeringConnections,
  vpcs,
} from "./tables/network.ts";
import { parameters } from "./tables/ssm.ts";

export type TaggedResource = {
  /** As the resource is called, where what was asked for is called otherwise: without its path. */
  readonly arn: string;
  readonly tags: readonly Tag[];
  /** What else it tells conditions of itself. */
  readonly keys?: ConditionValues;
};

/** Undefined when there is no such resource, or `arn` means several. */
export function findTaggedResource(
  tx: ReadTransaction,
  scope: Scope,
  arn: string,
): TaggedResource | undefined {
  const parts = parseArn(arn);
  if (!parts) return undefined;
  const [, type = "", id = ""] = /^([^/:]+)[/:](.*)$/.exec(parts.resource) ?? [];
  return finders.get(`${parts.service}:${type}`)?.({ tx, scope, arn, id });
}

/** Under the name that all services have for them, and under the service's own. */
export function resourceTagKeys(action: string, tags: readonly Tag[]): ConditionValues {
  const service = action.split(":")[0] ?? "";
  const pairs = ["aws", service].flatMap((prefix) =>
    tags.map(({ key, value }) => [`${prefix}:ResourceTag/${key}`, value] as const),
  );
  return Object.fromEntries(pairs);
}

type Sought = {
  readonly tx: ReadTransaction;
  readonly scope: Scope;
  readonly arn: string;
  /** What follows the type in the ARN. */
  readonly id: string;
};

type Finder = (sought: Sought) => TaggedResource | undefined;
type Tagged = Scope & { readonly tags: readonly Tag[] };

const keyedBy =
  <T extends Tagged>(table: TableDefinition<T>, keyOf: (sought: Sought) => string): Finder =>
  (sought) => {
    const record = sought.tx.table(table).get(sought.scope, keyOf(sought));
    return record && { arn: sought.arn, tags: record.tags };
  };

const byId = <T extends Tagged>(
  table: TableDefinition<T>,
  toKeys?: (record: T) => ConditionValues,
): Finder => {
  const find = keyedBy(table, ({ id }) => id);
  if (!toKeys) return find;
  return ({ tx, scope, arn, id }) => {
    const record = tx.table(table).get(scope, id);
    return record && { arn, tags: record.tags, keys: toKeys(record) };
  };
};

const byArn = <T extends Tagged>(table: TableDefinition<T>): Finder =>
  keyedBy(table, ({ arn }) => arn);

/** IAM's operations name what they are about without the path that is in its ARN. */
const byName =
  <T extends Tagged & { readonly arn: string }>(table: TableDefinition<T>): Finder =>
  ({ tx, scope, id }) => {
    const name = id.split("/").at(-1) ?? "";
    const { account } = scope;
    return tx.table(table).get({ account, region: globalRegion }, name);
  };

const finders: ReadonlyMap<string, Finder> = new Map(
  Object.entries({
    "ec2:vpc": byId(vpcs, ec2.vpcKeys),
    "ec2:subnet": byId(subnets, ec2.subnetKeys),
    "ec2:security-group": byId(securityGroups, ec2.groupKeys),
    "ec2:internet-gateway": byId(internetGateways, ec2.internetGatewayKeys),
    "ec2:elastic-ip": byId(elasticIps, ec2.elasticIpKeys),
    "ec2:natgateway": byId(natGateways),
    "ec2:route-table": byId(routeTables, ec2.routeTableKeys),
    "ec2:network-acl": byId(networkAcls, ec2.networkAclKeys),
    "ec2:network-interface": byId(networkInterfaces, ec2.interfaceKeys),
    "ec2:vpc-endpoint": byId(vpcEndpoints, ec2.vpcEndpointKeys),
    "ec2:vpc-peering-connection": byId(vpcPeeringConnections, ec2.peeringKeys),
    "ec2:prefix-list": byId(prefixLists),
    "ec2:dhcp-options": byId(dhcpOptions, ec2.dhcpOptionsKeys),
    "ec2:vpc-flow-log": byId(flowLogs),
    "ecr:repository": byId(repositories),
    "ecs:cluster": byArn(clusters),
    "ecs:service": byArn(services),
    "ecs:task": byArn(tasks),
    "ecs:task-definition": byId(taskDefinitions),
    "elasticloadbalancing:loadbalancer": byArn(loadBalancers),
    "elasticloadbalancing:targetgroup": byArn(targetGroups),
    "elasticloadbalancing:listener": byArn(listeners),
    "iam:group": ({ tx, scope, id }: Sought) => {
      const place = { account: scope.account, region: globalRegion };
      const group = tx.table(groups).get(place, id.split("/").at(-1) ?? "");
      return group && { arn: group.arn, tags: [] };
    },
    "iam:mfa": ({ tx, scope, arn }: Sought) => {
      const place = { account: scope.account, region: globalRegion };
      const device = tx.table(mfaDevices).get(place, arn);
      return device && { arn, tags: device.tags };
    },
    "iam:saml-provider": ({ tx, scope, arn }: Sought) =>
      tx.table(samlProviders).get({ account: scope.account, region: globalRegion }, arn),
    "iam:server-certificate": byName(serverCertificates),
    "iam:oidc-provider": ({ tx, scope, arn }: Sought) =>
      tx.table(oidcProviders).get({ account: scope.account, region: globalRegion }, arn),
    "iam:role": byName(roles),
    "iam:user": byName(users),
    "iam:instance-profile": byName(instanceProfiles),
    "iam:policy": ({ tx, scope, arn }: Sought) =>
      tx.table(managedPolicies).get({ account: scope.account, region: globalRegion }, arn),
    "kms:key": byId(kmsKeys),
    "logs:log-group": keyedBy(logGroups, ({ id }) => id.replace(/:.*$/, "")),
    "secretsmanager:secret": ({ tx, scope, arn }: Sought) => {
      const secret = findSecret(tx, scope, arn);
      return secret && { arn: secret.arn, tags: secret.tags };
    },
    "ssm:parameter": ({ tx, scope, arn, id }: Sought) => {
      const table = tx.table(parameters);
      const record = table.get(scope, id) ?? table.get(scope, `/${id}`);
      return record && { arn, tags: record.tags };
    },
  }),
);
