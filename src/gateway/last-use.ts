/**
 * When access keys and roles were last used. It is a write, so of each it is noted seldom: AWS, too,
 * tells it only roughly.
 */
import { accountOfAccessKeyId } from "../model/access-key-id.ts";
import type { LastUse } from "../model/iam.ts";
import { noteAccessKeyUse, noteRoleUse } from "../state/iam-principals.ts";
import type { Store } from "../state/store.ts";
import type { Caller } from "./service.ts";

export type UseLog = { note(caller: Caller, use: LastUse): void };

const interval = 15 * 60_000;
const mostHeld = 1_000;

export function createUseLog(store: Store): UseLog {
  /** When each was noted last, by access key id or the ARN of a role's session without its name. */
  const noted = new Map<string, number>();

  const isDue = (key: string, at: number): boolean => {
    const before = noted.get(key);
    // A clock that was set back must not silence a key for long.
    if (before !== undefined && at >= before && at < before + interval) return false;
    if (noted.size >= mostHeld) noted.clear();
    noted.set(key, at);
    return true;
  };

  return {
    note({ accessKeyId, arn }, use) {
      const [role, account, name] = /^arn:aws:sts::(\d{12}):assumed-role\/([^/]+)/.exec(arn) ?? [];
      if (role !== undefined && account !== undefined && name !== undefined) {
        if (isDue(role, use.at)) store.write((tx) => noteRoleUse(tx, { account, name }, use));
        return;
      }
      if (accountOfAccessKeyId(accessKeyId) === undefined || !isDue(accessKeyId, use.at)) return;
      store.write((tx) => noteAccessKeyUse(tx, accessKeyId, use));
    },
  };
}
