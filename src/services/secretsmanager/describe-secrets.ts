/** DescribeSecret, ListSecrets and ListSecretVersionIds. */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { nextRotation } from "../../engine/secrets/rotation.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { paginate } from "../../gateway/pagination.ts";
import { read } from "../../gateway/service.ts";
import type { Secret, SecretVersion } from "../../model/secrets.ts";
import { secretVersionsOf } from "../../state/secrets.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { secrets } from "../../state/tables/secrets.ts";
import { invalidToken } from "./errors.ts";
import { matchesFilters } from "./filters.ts";
import { onSecret, requireAnySecret } from "./lookup.ts";

export const describeSecret = read<Secrets.DescribeSecretRequest, Secrets.DescribeSecretResponse>({
  ...onSecret,
  action: "secretsmanager:DescribeSecret",
  accepts: { SecretId: true },
  run(context, input) {
    const secret = requireAnySecret(context, input, "DescribeSecret");
    return { ...toView(secret), VersionIdsToStages: toStages(context.tx, secret) };
  },
});

export const listSecrets = read<Secrets.ListSecretsRequest, Secrets.ListSecretsResponse>({
  action: "secretsmanager:ListSecrets",
  resources: () => ["*"],
  accepts: {
    IncludePlannedDeletion: true,
    MaxResults: true,
    NextToken: true,
    Filters: true,
    SortOrder: true,
    SortBy: true,
  },
  run({ tx, scope }, input) {
    checkConstraints([
      ["maxResults", input.MaxResults, { range: [1, 100] }],
      ["sortOrder", input.SortOrder, { oneOf: ["asc", "desc"] }],
      ["sortBy", input.SortBy, { oneOf: ["name", ...Object.keys(times)] }],
    ]);
    const match = matchesFilters(input.Filters);
    const found = tx
      .table(secrets)
      .list(scope)
      .filter((secret) => (input.IncludePlannedDeletion || !secret.deletion) && match(secret));
    const { SortOrder: order = "asc", SortBy: by = "created-date" } = input;
    const page = paginate({
      items: found,
      ...orderOf(by, order),
      limit: input.MaxResults ?? 100,
      token: input.NextToken,
      operation: `secretsmanager:ListSecrets ${by} ${order}`,
      explainToken: invalidToken,
    });
    const SecretList = page.items.map((secret) => ({
      ...toView(secret),
      SecretVersionsToStages: toStages(tx, secret),
    }));
    return { SecretList, ...(page.nextToken && { NextToken: page.nextToken }) };
  },
});

const times: Readonly<
  Record<Exclude<Secrets.SortByType, "name">, (secret: Secret) => number | undefined>
> = {
  "created-date": ({ createdAt }) => createdAt,
  "last-accessed-date": ({ accessedAt }) => accessedAt,
  "last-changed-date": ({ changedAt }) => changedAt,
};

/** Those of one time by their names, whichever the direction. */
function orderOf(by: Secrets.SortByType, order: string) {
  if (by === "name") return { keyOf: ({ name }: Secret) => name, descending: order === "desc" };
  const latest = 9_999_999_999_999;
  const keyOf = (secret: Secret): string => {
    const time = times[by](secret) ?? 0;
    return `${String(order === "asc" ? time : latest - time).padStart(13, "0")} ${secret.name}`;
  };
  return { keyOf };
}

export const listSecretVersionIds = read<
  Secrets.ListSecretVersionIdsRequest,
  Secrets.ListSecretVersionIdsResponse
>({
  ...onSecret,
  action: "secretsmanager:ListSecretVersionIds",
  accepts: { SecretId: true, MaxResults: true, NextToken: true, IncludeDeprecated: true },
  run(context, input) {
    checkConstraints([["maxResults", input.MaxResults, { range: [1, 100] }]]);
    const secret = requireAnySecret(context, input, "ListSecretVersionIds");
    const versions = secretVersionsOf(context.tx, secret).filter(
      ({ stages }) => input.IncludeDeprecated || stages.length > 0,
    );
    const page = paginate({
      items: versions,
      keyOf: ({ versionId }) => versionId,
      limit: input.MaxResults ?? 100,
      token: input.NextToken,
      operation: `secretsmanager:ListSecretVersionIds ${secret.name}`,
      explainToken: invalidToken,
    });
    return {
      Versions: page.items.map(toVersionView),
      ...(page.nextToken && { NextToken: page.nextToken }),
      ARN: secret.arn,
      Name: secret.name,
    };
  },
});

const toVersionView = (version: SecretVersion): Secrets.SecretVersionsListEntry => ({
  VersionId: version.versionId,
  VersionStages: [...version.stages],
  ...(version.accessedAt !== undefined && { LastAccessedDate: new Date(version.accessedAt) }),
  CreatedDate: new Date(version.createdAt),
});

function toView(secret: Secret): Secrets.SecretListEntry {
  const { description, kmsKeyId, rotation, accessedAt, deletion, tags } = secret;
  const next = rotation?.enabled ? nextRotation(rotation.rules, secret.createdAt) : undefined;
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(description !== undefined && { Description: description }),
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    ...(rotation && {
      RotationEnabled: rotation.enabled,
      RotationLambdaARN: rotation.lambdaArn,
      RotationRules: {
        AutomaticallyAfterDays: rotation.rules.afterDays,
        Duration: rotation.rules.duration,
        ScheduleExpression: rotation.rules.schedule,
      },
    }),
    ...(next !== undefined && { NextRotationDate: new Date(next) }),
    LastChangedDate: new Date(secret.changedAt),
    ...(accessedAt !== undefined && { LastAccessedDate: new Date(accessedAt) }),
    ...(deletion && { DeletedDate: new Date(deletion.since) }),
    ...(tags.length > 0 && { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }),
    CreatedDate: new Date(secret.createdAt),
  };
}

/** Undefined without versions; those without a stage are not shown. */
function toStages(tx: ReadTransaction, secret: Secret): Record<string, string[]> | undefined {
  const entries = secretVersionsOf(tx, secret)
    .filter(({ stages }) => stages.length > 0)
    .map(({ versionId, stages }): [string, string[]] => [versionId, [...stages]]);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
