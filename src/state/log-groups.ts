/** Log groups for who makes them in passing: containers with `awslogs-create-group`. */
import { formatArn } from "../model/arn.ts";
import type { Scope } from "../model/scope.ts";
import type { WriteTransaction } from "./store.ts";
import { logGroups } from "./tables/logs.ts";

export function ensureLogGroup(
  tx: WriteTransaction,
  { scope, group, now }: { readonly scope: Scope; readonly group: string; readonly now: number },
): void {
  if (tx.table(logGroups).get(scope, group)) return;
  tx.table(logGroups).put({
    account: scope.account,
    region: scope.region,
    arn: formatArn("logs", scope, `log-group:${group}`),
    name: group,
    logGroupClass: "STANDARD",
    kmsKeyId: undefined,
    retentionDays: undefined,
    createdAt: now,
    tags: [],
  });
}
