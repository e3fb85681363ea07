/** Creations with a client token: the same request again answers with what it made the first time. */
import type { WriteContext } from "../../gateway/service.ts";
import { ecsClientTokens } from "../../state/tables/ecs.ts";
import { invalidParameter } from "./errors.ts";

/** How long a token is remembered. */
const rememberedMs = 24 * 60 * 60 * 1000;

const longestToken = 64;

export type TokenUse = {
  readonly operation: string;
  readonly token: string | undefined;
  readonly input: object;
};

export type TokenVerdict =
  | { readonly type: "new" }
  /** The same request came before and made these. */
  | { readonly type: "repeated"; readonly arns: readonly string[] }
  /** The token came with another request, which made these. */
  | { readonly type: "mismatch"; readonly arns: readonly string[] };

/** Throws when the token is none. */
export function judgeToken(context: WriteContext, use: TokenUse): TokenVerdict {
  if (!use.token) return { type: "new" };
  if (use.token.length > longestToken) {
    throw invalidParameter(`clientToken longer than ${longestToken}.`);
  }
  const { tx, scope, now } = context;
  const known = tx.table(ecsClientTokens).get(scope, `${use.operation}/${use.token}`);
  if (!known || now - known.usedAt > rememberedMs) return { type: "new" };
  const type = known.input === canonical(use.input) ? "repeated" : "mismatch";
  return { type, arns: known.arns };
}

/** Remembers what the token's request has made, and forgets what is long past. */
export function rememberToken(
  { tx, scope, now }: WriteContext,
  use: TokenUse,
  arns: readonly string[],
): void {
  if (!use.token) return;
  const table = tx.table(ecsClientTokens);
  for (const old of table.list(scope)) {
    if (now - old.usedAt > rememberedMs) table.delete(scope, ecsClientTokens.key(old));
  }
  table.put({
    account: scope.account,
    region: scope.region,
    operation: use.operation,
    token: use.token,
    input: canonical(use.input),
    arns,
    usedAt: now,
  });
}

const canonical = (input: object): string => JSON.stringify(Object.entries(input).sort());
