/** Creations with a ClientToken: the same request again answers with what it made the first time. */
import { clientTokens } from "../../state/tables/network.ts";
import { tokenOfOtherRequest } from "./errors.ts";
import type { Context } from "./resources.ts";

/** AWS remembers a token for at least a day. */
const rememberedMs = 24 * 60 * 60 * 1000;

/**
 * The id of the resource that this request made when it first came, or undefined when it is new.
 * Throws when the token came with another request.
 */
export function madeBefore(
  context: Context,
  operation: string,
  token: string | undefined,
  input: object,
): string | undefined {
  if (!token) return undefined;
  const use = context.tx.table(clientTokens).get(context.scope, `${operation}/${token}`);
  if (!use || isForgotten(context, use.usedAt)) return undefined;
  if (use.input === canonical(input)) return use.resourceId;
  throw tokenOfOtherRequest();
}

/** Remembers what the token's request has made, and forgets what is long past. */
export function rememberToken(
  context: Context,
  operation: string,
  token: string | undefined,
  input: object,
  resourceId: string,
): void {
  if (!token) return;
  const { tx, scope, now } = context;
  for (const use of tx.table(clientTokens).list(scope)) {
    if (isForgotten(context, use.usedAt)) {
      tx.table(clientTokens).delete(scope, `${use.operation}/${use.token}`);
    }
  }
  tx.table(clientTokens).put({
    account: scope.account,
    region: scope.region,
    operation,
    token,
    input: canonical(input),
    resourceId,
    usedAt: now,
  });
}

const isForgotten = ({ now }: Context, usedAt: number): boolean => now - usedAt > rememberedMs;

const canonical = (input: object): string => JSON.stringify(Object.entries(input).sort());
