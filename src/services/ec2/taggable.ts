/** Every resource that can have tags, found by its id alone. */
import type { Tag } from "../../model/scope.ts";
import { securityGroups } from "../../state/tables/network.ts";
import {
  type Context,
  dhcpOptionsKind,
  elasticIpKind,
  find,
  flowLogKind,
  internetGatewayKind,
  type Kind,
  natGatewayKind,
  networkAclKind,
  networkInterfaceKind,
  prefixListKind,
  routeTableKind,
  securityGroupKind,
  subnetCidrReservationKind,
  subnetKind,
  type TaggedRecord,
  vpcEndpointKind,
  vpcKind,
  vpcPeeringConnectionKind,
} from "./resources.ts";
import { ruleNotFound } from "./revoke.ts";

type Change = (old: readonly Tag[]) => Tag[];
type Tagged = { readonly id: string; readonly type: string; readonly tags: readonly Tag[] };

type Taggable = {
  readonly prefix: string;
  /** Throws when there is no resource with the id. */
  readonly retag: (context: Context, id: string, change: Change) => void;
  readonly list: (context: Context) => readonly Tagged[];
};

const ofKind = <T extends TaggedRecord>(kind: Kind<T>): Taggable => ({
  prefix: kind.prefix,
  retag(context, id, change) {
    const record = find(context, kind, id);
    context.tx.table(kind.table).put({ ...record, tags: change(record.tags) });
  },
  list: ({ tx, scope }) =>
    tx
      .table(kind.table)
      .list(scope)
      .map((record) => ({ id: kind.table.key(record), type: kind.type, tags: record.tags })),
});

/** Rules are parts of their group. */
const securityGroupRule: Taggable = {
  prefix: "sgr-",
  retag({ tx, scope }, id, change) {
    const table = tx.table(securityGroups);
    const group = table.list(scope).find(({ rules }) => rules.some((rule) => rule.ruleId === id));
    if (!group) throw ruleNotFound(id);
    const rules = group.rules.map((rule) =>
      rule.ruleId === id ? { ...rule, tags: change(rule.tags) } : rule,
    );
    table.put({ ...group, rules });
  },
  list: ({ tx, scope }) =>
    tx
      .table(securityGroups)
      .list(scope)
      .flatMap(({ rules }) => rules)
      .map(({ ruleId, tags }) => ({ id: ruleId, type: "security-group-rule", tags })),
};

const taggables: readonly Taggable[] = [
  ofKind(vpcKind),
  ofKind(subnetKind),
  ofKind(subnetCidrReservationKind),
  ofKind(internetGatewayKind),
  ofKind(elasticIpKind),
  ofKind(natGatewayKind),
  ofKind(routeTableKind),
  ofKind(securityGroupKind),
  securityGroupRule,
  ofKind(networkAclKind),
  ofKind(networkInterfaceKind),
  ofKind(dhcpOptionsKind),
  ofKind(vpcEndpointKind),
  ofKind(vpcPeeringConnectionKind),
  ofKind(prefixListKind),
  ofKind(flowLogKind),
];

/** Changes the tags of the resource; false when the id is of no kind that there is. */
export function retag(context: Context, id: string, change: Change): boolean {
  const taggable = taggables.find(({ prefix }) => id.startsWith(prefix));
  taggable?.retag(context, id, change);
  return taggable !== undefined;
}

export const listTagged = (context: Context): readonly Tagged[] =>
  taggables.flatMap((taggable) => taggable.list(context));
