/** Condition keys of IAM's own: what policies may ask about requests that give out permissions. */
import type { ConditionValues } from "../../engine/policy/condition-keys.ts";
import type { ReadContext } from "../../gateway/service.ts";
import { roles, users } from "../../state/tables/iam.ts";
import { globalScope } from "./lookup.ts";

type Named = { readonly RoleName?: string | undefined; readonly UserName?: string | undefined };

/** Of requests that give a boundary: the one that they give. */
export const givenBoundary = ({
  PermissionsBoundary,
}: {
  readonly PermissionsBoundary?: string | undefined;
}): ConditionValues => ({ "iam:PermissionsBoundary": PermissionsBoundary });

/** Of requests that change what a role or user may do: the boundary that it has. */
export function heldBoundary({ RoleName, UserName }: Named, context: ReadContext): ConditionValues {
  const scope = globalScope(context);
  const holder =
    RoleName === undefined
      ? context.tx.table(users).get(scope, UserName ?? "")
      : context.tx.table(roles).get(scope, RoleName);
  return { "iam:PermissionsBoundary": holder?.permissionsBoundary };
}
