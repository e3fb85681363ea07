/** Aliases: names of keys that may point elsewhere tomorrow. */
import type * as Kms from "@aws-sdk/client-kms";
import { specOf } from "../../engine/kms/key-specs.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { KmsAlias, KmsKey } from "../../model/kms.ts";
import type { Scope } from "../../model/scope.ts";
import { managedServices } from "../../state/kms.ts";
import { kmsAliases, kmsKeys } from "../../state/tables/kms.ts";
import { aliasExists, aliasNotFound, limitExceeded, validation } from "./errors.ts";
import { check, type Reading, requireChangeable, requireKey } from "./lookup.ts";
import { pageOf } from "./pages.ts";

const aliasesPerKey = 50;

type AliasInput = { readonly AliasName?: string | undefined };

/** The alias by the caller's policies; the key that it is to name by the key's own, when it is found. */
const aliasArns = (input: AliasInput, { scope }: { readonly scope: Scope }): string[] => [
  formatArn("kms", scope, input.AliasName ?? "alias/*"),
];

function validateName(name: string | undefined): string {
  const text = name ?? "";
  check(["aliasName", text, { length: [1, 256], pattern: /^[a-zA-Z0-9:/_-]+$/ }]);
  if (!text.startsWith("alias/") || text === "alias/") throw validation("Invalid identifier");
  if (text.includes(":")) {
    throw new ApiError(
      "InvalidAliasNameException",
      `${text} contains invalid characters for an alias`,
    );
  }
  if (text.startsWith("alias/aws/")) throw new ApiError("NotAuthorizedException", "");
  return text;
}

export const createAlias = write<Kms.CreateAliasRequest, void>({
  action: "kms:CreateAlias",
  resources: aliasArns,
  accepts: { AliasName: true, TargetKeyId: true },
  run(context, input) {
    const name = validateName(input.AliasName);
    const { tx, scope, now } = context;
    const arn = formatArn("kms", scope, name);
    const key = requireTarget(context, input.TargetKeyId, "CreateAlias");
    if (tx.table(kmsAliases).get(scope, name)) throw aliasExists(arn);
    if (tx.table(kmsAliases).by("key", scope, key.keyId).length >= aliasesPerKey) {
      throw limitExceeded(`A key can have no more than ${aliasesPerKey} aliases: ${key.arn}`);
    }
    const { account, region } = scope;
    const times = { createdAt: now, updatedAt: now };
    tx.table(kmsAliases).put({ account, region, name, arn, targetKeyId: key.keyId, ...times });
  },
});

export const updateAlias = write<Kms.UpdateAliasRequest, void>({
  action: "kms:UpdateAlias",
  resources: aliasArns,
  accepts: { AliasName: true, TargetKeyId: true },
  run(context, input) {
    const alias = requireAlias(context, validateName(input.AliasName));
    const key = requireTarget(context, input.TargetKeyId, "UpdateAlias");
    const before = context.tx.table(kmsKeys).get(context.scope, alias.targetKeyId);
    // Whoever uses the alias would otherwise find a key of another kind behind it.
    if (before && (before.usage !== key.usage || isSymmetric(before) !== isSymmetric(key))) {
      throw validation(
        `The alias ${alias.arn} cannot be moved from a key of ${before.spec} and ${before.usage} to one of ${key.spec} and ${key.usage}`,
      );
    }
    context.tx.table(kmsAliases).put({ ...alias, targetKeyId: key.keyId, updatedAt: context.now });
  },
});

export const deleteAlias = write<Kms.DeleteAliasRequest, void>({
  action: "kms:DeleteAlias",
  resources: aliasArns,
  accepts: { AliasName: true },
  run(context, input) {
    const alias = requireAlias(context, validateName(input.AliasName));
    context.tx.table(kmsAliases).delete(context.scope, alias.name);
  },
});

export const listAliases = read<Kms.ListAliasesRequest, Kms.ListAliasesResponse>({
  action: "kms:ListAliases",
  resources: () => ["*"],
  accepts: { KeyId: true, Limit: true, Marker: true },
  run(context, input) {
    const { tx, scope } = context;
    const table = tx.table(kmsAliases);
    const entries =
      input.KeyId === undefined
        ? [...table.list(scope).map(toEntry), ...predefined(context)]
        : table
            .by("key", scope, requireKey(context, input.KeyId, "ListAliases").keyId)
            .map(toEntry);
    const nameOf = ({ AliasName }: Kms.AliasListEntry): string => AliasName ?? "";
    const { items, rest } = pageOf(entries, nameOf, "ListAliases", input, 100);
    return { Aliases: items, ...rest };
  },
});

/** AWS's own aliases are there before their keys are; clients find them here and ask for the key then. */
const predefined = ({ tx, scope }: Reading): Kms.AliasListEntry[] =>
  managedServices
    .map((service) => `alias/aws/${service}`)
    .filter((name) => !tx.table(kmsAliases).get(scope, name))
    .map((name) => ({ AliasName: name, AliasArn: formatArn("kms", scope, name) }));

const toEntry = (alias: KmsAlias): Kms.AliasListEntry => ({
  AliasName: alias.name,
  AliasArn: alias.arn,
  TargetKeyId: alias.targetKeyId,
  CreationDate: new Date(alias.createdAt),
  LastUpdatedDate: new Date(alias.updatedAt),
});

function requireAlias({ tx, scope }: WriteContext, name: string): KmsAlias {
  const alias = tx.table(kmsAliases).get(scope, name);
  if (alias) return alias;
  throw aliasNotFound(formatArn("kms", scope, name));
}

function requireTarget(
  context: WriteContext,
  target: string | undefined,
  operation: string,
): KmsKey {
  if (/^(?:arn:.*:)?alias\//.test(target ?? "")) {
    throw validation("Aliases must refer to keys. Not aliases");
  }
  return requireChangeable(context, target, operation);
}

const isSymmetric = (key: KmsKey): boolean => specOf(key).material.type === "octets";
