/** Finding roles and policies, which are global to an account. */
import type { RequestContext, WriteContext } from "../../gateway/service.ts";
import { type AwsManagedPolicy, awsManagedPolicies } from "../../model/aws-managed-policies.ts";
import type { ManagedPolicy, Role } from "../../model/iam.ts";
import { globalRegion, type Scope } from "../../model/scope.ts";
import { iamAlphabet, sequentialIds } from "../../seams/ids.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { managedPolicies, roles } from "../../state/tables/iam.ts";
import { policyNotFound, roleNotFound, unmodifiable } from "./errors.ts";

type Place = { readonly tx: ReadTransaction; readonly scope: Scope };

export const globalScope = ({ scope }: { readonly scope: Scope }): Scope => ({
  account: scope.account,
  region: globalRegion,
});

/** ARNs of IAM have no region. */
export const iamArn = (account: string, resource: string): string =>
  `arn:aws:iam::${account}:${resource}`;

export function requireRole(context: Place, name: string | undefined): Role {
  const role = context.tx.table(roles).get(globalScope(context), name ?? "");
  if (!role) throw roleNotFound(name ?? "");
  return role;
}

/** A role that the account itself may change: not one that belongs to a service. */
export function requireOwnRole(context: WriteContext, name: string | undefined): Role {
  const role = requireRole(context, name);
  if (role.path.startsWith("/aws-service-role/")) throw unmodifiable(role.name);
  return role;
}

/** For the `resources` of operations on one role. */
export const roleArns = (
  input: { readonly RoleName?: string | undefined },
  { scope }: RequestContext,
): string[] => [iamArn(scope.account, `role/${input.RoleName ?? "*"}`)];

/** For the `resources` of operations on one policy. */
export const policyArns = (input: { readonly PolicyArn?: string | undefined }): string[] => [
  input.PolicyArn ?? "*",
];

export function requirePolicy(context: Place, arn: string | undefined): ManagedPolicy {
  const policy = findPolicy(context, arn ?? "");
  if (!policy) throw policyNotFound(arn ?? "");
  return policy;
}

/** A policy of the account, or one of AWS's. */
export function findPolicy(context: Place, arn: string): ManagedPolicy | undefined {
  const [, path, name] =
    /^arn:aws:iam::aws:policy(\/(?:[\w./-]+\/)?)([\w+=,.@-]+)$/.exec(arn) ?? [];
  if (!path || !name) return context.tx.table(managedPolicies).get(globalScope(context), arn);
  const known = awsManagedPolicies.find((one) => one.path === path && one.name === name);
  // AWS has more than a thousand. One that is not in our list exists, and allows nothing here.
  return toManagedPolicy(known ?? { path, name, statements: [] });
}

export const listAwsPolicies = (): ManagedPolicy[] => awsManagedPolicies.map(toManagedPolicy);

const awsPolicyDate = Date.UTC(2015, 1, 6, 18, 40);

function toManagedPolicy({ name, path, statements }: AwsManagedPolicy): ManagedPolicy {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements }, undefined, 4);
  return {
    account: "aws",
    region: globalRegion,
    arn: iamArn("aws", `policy${path}${name}`),
    id: `ANPA${sequentialIds(seedOf(path + name)).pick(iamAlphabet, 17)}`,
    name,
    path,
    description: undefined,
    versions: [{ id: "v1", document, createdAt: awsPolicyDate }],
    defaultVersionId: "v1",
    lastVersion: 1,
    createdAt: awsPolicyDate,
    updatedAt: awsPolicyDate,
    tags: [],
  };
}

/** The same policy has the same id in every engine. */
const seedOf = (text: string): number =>
  [...text].reduce((seed, letter) => (Math.imul(seed, 31) + letter.charCodeAt(0)) >>> 0, 7);
