/** Log streams for everyone who writes to one: the API and what ships the lines of containers. */
import { logStreamArn } from "../model/logs.ts";
import type { Scope } from "../model/scope.ts";
import type { WriteTransaction } from "./store.ts";
import { logGroups, logStreamRecordKey, logStreams } from "./tables/logs.ts";

export type NewLogStream = {
  readonly scope: Scope;
  readonly group: string;
  readonly stream: string;
  /** Engine time. */
  readonly now: number;
};

/** Makes the stream if its group exists and the stream does not. */
export function ensureLogStream(
  tx: WriteTransaction,
  { scope, group, stream, now }: NewLogStream,
): "created" | "exists" | "no-group" {
  if (!tx.table(logGroups).get(scope, group)) return "no-group";
  if (tx.table(logStreams).get(scope, logStreamRecordKey(group, stream))) return "exists";
  tx.table(logStreams).put({
    account: scope.account,
    region: scope.region,
    arn: logStreamArn(scope, group, stream),
    group,
    name: stream,
    createdAt: now,
  });
  return "created";
}

/** What the log store calls a stream. */
export const logStreamKey = (scope: Scope, group: string, stream: string): string =>
  `${scope.account}/${scope.region}/${logStreamRecordKey(group, stream)}`;
