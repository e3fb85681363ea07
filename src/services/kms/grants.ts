/** Grants: made, listed, retired by those they are for and revoked by those who made them. */
import type * as Kms from "@aws-sdk/client-kms";
import { foreignOperations, grantOperations, isSymmetric } from "../../engine/kms/grants.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import { parseArn } from "../../model/arn.ts";
import type { KmsGrant, KmsKey } from "../../model/kms.ts";
import { kmsGrants } from "../../state/tables/kms.ts";
import { notFound, validation } from "./errors.ts";
import { invalidGrantToken } from "./grant-tokens.ts";
import { check, onKeyWith, requireChangeable, requireKey } from "./lookup.ts";
import { pageOf } from "./pages.ts";

export const createGrant = write<Kms.CreateGrantRequest, Kms.CreateGrantResponse>({
  ...onKeyWith((input: Kms.CreateGrantRequest) => ({
    "kms:GrantIsForAWSResource": false,
    "kms:GranteePrincipal": input.GranteePrincipal,
    "kms:RetiringPrincipal": input.RetiringPrincipal,
    "kms:GrantOperations": input.Operations,
    "kms:GrantConstraintType": Object.keys(input.Constraints ?? {}),
  })),
  action: "kms:CreateGrant",
  accepts: {
    KeyId: true,
    GranteePrincipal: true,
    RetiringPrincipal: true,
    Operations: true,
    Constraints: { EncryptionContextSubset: true, EncryptionContextEquals: true },
    GrantTokens: true,
    Name: true,
  },
  run(context, input) {
    check(
      ["name", input.Name, { length: [1, 256], pattern: /^[a-zA-Z0-9:/_-]+$/ }],
      ["granteePrincipal", input.GranteePrincipal, { length: [1, 256] }],
      ["retiringPrincipal", input.RetiringPrincipal, { length: [1, 256] }],
    );
    for (const [at, operation] of (input.Operations ?? []).entries()) {
      check([`operations.${at + 1}.member`, operation, { oneOf: grantOperations }]);
    }
    const key = requireChangeable(context, input.KeyId, "CreateGrant");
    if (!input.Operations?.length) throw validation("Operations must name at least one operation.");
    checkKind(key, input);
    const wanted = toGrant(context, key, input);
    const same = wanted.name === undefined ? undefined : findSame(context, wanted);
    const grant = same ?? wanted;
    context.tx.table(kmsGrants).put(grant);
    return { GrantToken: grant.token, GrantId: grant.grantId };
  },
});

/** A grant says nothing that its key could never do. */
function checkKind(key: KmsKey, { Operations, Constraints }: Kms.CreateGrantRequest): void {
  const [foreign] = foreignOperations(key, Operations ?? []);
  const kind = `KMS keys of spec ${key.spec} and usage ${key.usage}`;
  if (foreign) throw validation(`The operation ${foreign} is not supported by ${kind}.`);
  if (Object.keys(Constraints ?? {}).length > 0 && !isSymmetric(key)) {
    throw validation(`Encryption context constraints are not supported by ${kind}.`);
  }
}

function toGrant(
  { scope, ids, now }: WriteContext,
  key: KmsKey,
  input: Kms.CreateGrantRequest,
): KmsGrant {
  const { Constraints: constraints } = input;
  return {
    account: key.account,
    region: key.region,
    grantId: ids.hex(64),
    token: Buffer.from(ids.hex(128), "hex").toString("base64"),
    keyId: key.keyId,
    name: input.Name,
    granteePrincipal: checkPrincipal(input.GranteePrincipal),
    retiringPrincipal:
      input.RetiringPrincipal === undefined ? undefined : checkPrincipal(input.RetiringPrincipal),
    issuingAccount: scope.account,
    operations: [...new Set(input.Operations ?? [])],
    constraints: constraints && {
      encryptionContextSubset: constraints.EncryptionContextSubset,
      encryptionContextEquals: constraints.EncryptionContextEquals,
    },
    createdAt: now,
  };
}

function checkPrincipal(principal: string | undefined): string {
  const arn = parseArn(principal ?? "");
  if ((arn?.service === "iam" || arn?.service === "sts") && /^\d{12}$/.test(arn.account)) {
    return principal ?? "";
  }
  throw new ApiError("InvalidArnException", `Invalid principal ARN: ${principal}`);
}

/** A grant of the same name that says the same is the same grant, so that a repeated request is harmless. */
function findSame({ tx }: WriteContext, wanted: KmsGrant): KmsGrant | undefined {
  const said = (grant: KmsGrant): string =>
    JSON.stringify({
      ...grant,
      grantId: "",
      token: "",
      createdAt: 0,
      operations: grant.operations.toSorted(),
    });
  return tx
    .table(kmsGrants)
    .by("key", wanted, wanted.keyId)
    .find((grant) => said(grant) === said(wanted));
}

export const listGrants = read<Kms.ListGrantsRequest, Kms.ListGrantsResponse>({
  ...onKeyWith((_: Kms.ListGrantsRequest) => ({ "kms:GrantIsForAWSResource": false })),
  action: "kms:ListGrants",
  accepts: { KeyId: true, GrantId: true, GranteePrincipal: true, Limit: true, Marker: true },
  run(context, input) {
    const key = requireKey(context, input.KeyId, "ListGrants");
    const grants = context.tx
      .table(kmsGrants)
      .by("key", key, key.keyId)
      .filter(({ grantId }) => input.GrantId === undefined || grantId === input.GrantId)
      .filter(
        ({ granteePrincipal }) =>
          input.GranteePrincipal === undefined || granteePrincipal === input.GranteePrincipal,
      );
    const { items, rest } = pageOf(grants, ({ grantId }) => grantId, "ListGrants", input, 100);
    return { Grants: items.map((grant) => toEntry(grant, key.arn)), ...rest };
  },
});

export const listRetirableGrants = read<Kms.ListRetirableGrantsRequest, Kms.ListGrantsResponse>({
  action: "kms:ListRetirableGrants",
  resources: () => ["*"],
  accepts: { RetiringPrincipal: true, Limit: true, Marker: true },
  run({ tx, scope }, input) {
    const grants = tx
      .table(kmsGrants)
      .list(scope)
      .filter(({ retiringPrincipal }) => retiringPrincipal === input.RetiringPrincipal);
    const { items, rest } = pageOf(grants, (one) => one.grantId, "ListRetirableGrants", input, 100);
    const arnOf = ({ region, account, keyId }: KmsGrant): string =>
      `arn:aws:kms:${region}:${account}:key/${keyId}`;
    return { Grants: items.map((grant) => toEntry(grant, arnOf(grant))), ...rest };
  },
});

export const revokeGrant = write<Kms.RevokeGrantRequest, void>({
  ...onKeyWith((_: Kms.RevokeGrantRequest) => ({ "kms:GrantIsForAWSResource": false })),
  action: "kms:RevokeGrant",
  accepts: { KeyId: true, GrantId: true },
  run(context, input) {
    const key = requireKey(context, input.KeyId, "RevokeGrant");
    const grant = requireGrant(context, key, input.GrantId);
    context.tx.table(kmsGrants).delete(grant, grant.grantId);
  },
});

export const retireGrant = write<Kms.RetireGrantRequest, void>({
  action: "kms:RetireGrant",
  authorization: "own",
  resources: (input) => [input.KeyId ?? "*"],
  accepts: { GrantToken: true, KeyId: true, GrantId: true },
  run(context, input) {
    const { tx, scope } = context;
    const grants = tx.table(kmsGrants).list(scope);
    const id = input.GrantId;
    if (input.GrantToken === undefined && (id === undefined || input.KeyId === undefined)) {
      throw validation("Either a grant token or both a key ID and a grant ID must be given.");
    }
    const grant = grants.find((one) =>
      input.GrantToken === undefined
        ? one.grantId === id && input.KeyId?.endsWith(one.keyId)
        : one.token === input.GrantToken,
    );
    if (!grant && input.GrantToken !== undefined) {
      throw invalidGrantToken();
    }
    if (!grant) throw notFound(`Grant ID ${id} not found`);
    authorizeRetiring(context, grant);
    tx.table(kmsGrants).delete(grant, grant.grantId);
  },
});

/** Whom it names as retiring may, whom it is for if it says so, and whom the key's policy lets. */
function authorizeRetiring(context: WriteContext, grant: KmsGrant): void {
  const { principal } = context.caller;
  const own = "arn" in principal ? [principal.arn] : [];
  const arns = "roleArn" in principal ? [...own, principal.roleArn] : own;
  const isRetiring = arns.some((arn) => arn === grant.retiringPrincipal);
  const isGrantee =
    arns.includes(grant.granteePrincipal) && grant.operations.includes("RetireGrant");
  if (isRetiring || isGrantee) return;
  requireKey(context, grant.keyId, "RetireGrant");
}

function requireGrant({ tx }: WriteContext, key: KmsKey, grantId: string | undefined): KmsGrant {
  const grant = tx.table(kmsGrants).get(key, grantId ?? "");
  if (grant?.keyId === key.keyId) return grant;
  throw notFound(`Grant ID ${grantId} not found`);
}

const toEntry = (grant: KmsGrant, keyArn: string): Kms.GrantListEntry => ({
  KeyId: keyArn,
  GrantId: grant.grantId,
  ...(grant.name !== undefined && { Name: grant.name }),
  CreationDate: new Date(grant.createdAt),
  GranteePrincipal: grant.granteePrincipal,
  ...(grant.retiringPrincipal !== undefined && { RetiringPrincipal: grant.retiringPrincipal }),
  IssuingAccount: `arn:aws:iam::${grant.issuingAccount}:root`,
  Operations: [...grant.operations] as Kms.GrantOperation[],
  ...(grant.constraints && {
    Constraints: {
      EncryptionContextSubset: grant.constraints.encryptionContextSubset,
      EncryptionContextEquals: grant.constraints.encryptionContextEquals,
    },
  }),
});
