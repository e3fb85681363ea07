/** Another name or path needs the permission on what it is to be called as well as on what it is called. */
import type { WriteContext } from "../../gateway/service.ts";
import type { Tag } from "../../model/scope.ts";
import { resourceTagKeys } from "../../state/tagged-resources.ts";

type Renamed = { readonly arn: string; readonly tags?: readonly Tag[] };

export function authorizeRenaming(
  context: WriteContext,
  action: string,
  { arn, tags = [] }: Renamed,
  newArn: string,
): void {
  if (newArn === arn) return;
  context.authorize({ action, resource: newArn, conditions: resourceTagKeys(action, tags) });
}
