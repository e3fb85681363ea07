/**
 * Grant tokens. AWS needs them until a grant is known everywhere; here that is at once, so all they can do
 * is be wrong.
 */
import { ApiError } from "../../gateway/api-error.ts";
import type {
  AnyOperation,
  LiveContext,
  ReadContext,
  WriteContext,
} from "../../gateway/service.ts";
import type { Scope } from "../../model/scope.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { kmsGrants } from "../../state/tables/kms.ts";

type Operations = { readonly [name: string]: AnyOperation };

export const invalidGrantToken = (): ApiError =>
  new ApiError("InvalidGrantTokenException", "The grant token is not valid.");

/** The operations; those that take grant tokens refuse what is no grant's. */
export const withGrantTokens = (operations: Operations): Operations =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      operation.accepts["GrantTokens"] === undefined ? operation : checkingTokens(operation),
    ]),
  );

function checkingTokens(operation: AnyOperation): AnyOperation {
  switch (operation.mode) {
    case "read":
      return {
        ...operation,
        run(context: ReadContext, input: never) {
          requireTokens(context.tx, context.scope, input);
          return operation.run(context, input);
        },
      };
    case "write":
      return {
        ...operation,
        run(context: WriteContext, input: never) {
          requireTokens(context.tx, context.scope, input);
          return operation.run(context, input);
        },
      };
    case "live":
      return {
        ...operation,
        async run(context: LiveContext, input: never) {
          context.read((tx) => requireTokens(tx, context.scope, input));
          return await operation.run(context, input);
        },
      };
  }
}

function requireTokens(
  tx: ReadTransaction,
  { region }: Scope,
  { GrantTokens = [] }: { readonly GrantTokens?: readonly string[] | undefined },
): void {
  if (GrantTokens.length === 0) return;
  // A grant may be of another account's key.
  const known = tx.table(kmsGrants).all();
  const tokens = new Set([...known].filter((one) => one.region === region).map((one) => one.token));
  if (!GrantTokens.every((token) => tokens.has(token))) throw invalidGrantToken();
}
