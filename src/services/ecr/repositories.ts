/** Repositories: made, described, configured and deleted. */
import type * as Ecr from "@aws-sdk/client-ecr";
import { type RequestContext, read, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import { type Repository, type TagMutability, tagMutabilities } from "../../model/ecr.ts";
import type { Scope } from "../../model/scope.ts";
import { removeContents } from "../../state/images.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { images, repositories } from "../../state/tables/ecr.ts";
import {
  invalidParameter,
  repositoryAlreadyExists,
  repositoryNotEmpty,
  repositoryNotFound,
} from "./errors.ts";
import { pageOf } from "./paging.ts";
import { toTags } from "./tags.ts";

/** What nearly every input has: a repository, of this registry or of another account's. */
export type RepositoryInput = {
  readonly registryId?: string | undefined;
  readonly repositoryName: string | undefined;
};

type Context = RequestContext & { readonly tx: ReadTransaction };

/** The repository that an input names. Throws RepositoryNotFoundException. */
export function requireRepository(context: Context, input: RepositoryInput): Repository {
  const account = input.registryId ?? context.scope.account;
  const name = input.repositoryName ?? "";
  // Another account's registry is open only by its policy, and none is evaluated yet.
  const found =
    account === context.scope.account
      ? context.tx.table(repositories).get(context.scope, name)
      : undefined;
  if (!found) throw repositoryNotFound(name, account);
  return found;
}

/** For the `resources` of operations on one repository. */
export const repositoryArns = (input: RepositoryInput, { scope }: RequestContext): string[] => [
  arnOf({ ...scope, account: input.registryId ?? scope.account }, input.repositoryName ?? "*"),
];

export const createRepository = write<Ecr.CreateRepositoryRequest, Ecr.CreateRepositoryResponse>({
  action: "ecr:CreateRepository",
  resources: repositoryArns,
  accepts: {
    registryId: true,
    repositoryName: true,
    tags: true,
    imageTagMutability: true,
    imageTagMutabilityExclusionFilters: true,
    imageScanningConfiguration: true,
    encryptionConfiguration: true,
  },
  stored: ["imageScanningConfiguration.scanOnPush", "encryptionConfiguration"],
  run(context, input) {
    const { tx, scope, now } = context;
    const name = validateName(input.repositoryName);
    validateOwnRegistry(context, input.registryId);
    const mutability = toMutability(input);
    const tags = toTags(input.tags ?? []);
    if (tx.table(repositories).get(scope, name)) throw repositoryAlreadyExists(name, scope.account);
    const repository: Repository = {
      account: scope.account,
      region: scope.region,
      arn: arnOf(scope, name),
      name,
      ...mutability,
      scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
      encryption: {
        type: input.encryptionConfiguration?.encryptionType ?? "AES256",
        kmsKey: input.encryptionConfiguration?.kmsKey,
      },
      policyText: undefined,
      lifecyclePolicyText: undefined,
      createdAt: now,
      tags,
    };
    tx.table(repositories).put(repository);
    return { repository: toRepositoryView(context, repository) };
  },
});

export const describeRepositories = read<
  Ecr.DescribeRepositoriesRequest,
  Ecr.DescribeRepositoriesResponse
>({
  action: "ecr:DescribeRepositories",
  resources: (input, context) =>
    (input.repositoryNames ?? ["*"]).flatMap((repositoryName) =>
      repositoryArns({ registryId: input.registryId, repositoryName }, context),
    ),
  accepts: { registryId: true, repositoryNames: true, nextToken: true, maxResults: true },
  run(context, { registryId, repositoryNames, ...page }) {
    const named = repositoryNames?.map((repositoryName) =>
      requireRepository(context, { registryId, repositoryName }),
    );
    if (!named) validateOwnRegistry(context, registryId);
    const all = named ?? context.tx.table(repositories).list(context.scope).toSorted(byName);
    const result = pageOf("DescribeRepositories", all, (repository) => repository.name, page);
    return {
      repositories: result.page.map((repository) => toRepositoryView(context, repository)),
      nextToken: result.nextToken,
    };
  },
});

export const deleteRepository = write<Ecr.DeleteRepositoryRequest, Ecr.DeleteRepositoryResponse>({
  action: "ecr:DeleteRepository",
  resources: repositoryArns,
  accepts: { registryId: true, repositoryName: true, force: true },
  run(context, input) {
    const { tx, scope } = context;
    const repository = requireRepository(context, input);
    const isEmpty = tx.table(images).by("repository", scope, repository.name).length === 0;
    if (!isEmpty && !input.force) throw repositoryNotEmpty(repository.name, scope.account);
    removeContents(tx, repository);
    tx.table(repositories).delete(scope, repository.name);
    return { repository: toRepositoryView(context, repository) };
  },
});

export const putImageTagMutability = write<
  Ecr.PutImageTagMutabilityRequest,
  Ecr.PutImageTagMutabilityResponse
>({
  action: "ecr:PutImageTagMutability",
  resources: repositoryArns,
  accepts: {
    registryId: true,
    repositoryName: true,
    imageTagMutability: true,
    imageTagMutabilityExclusionFilters: true,
  },
  run(context, input) {
    const repository = requireRepository(context, input);
    const mutability = toMutability(input);
    context.tx.table(repositories).put({ ...repository, ...mutability });
    return {
      registryId: repository.account,
      repositoryName: repository.name,
      ...toMutabilityView({ ...repository, ...mutability }),
    };
  },
});

export const putImageScanningConfiguration = write<
  Ecr.PutImageScanningConfigurationRequest,
  Ecr.PutImageScanningConfigurationResponse
>({
  action: "ecr:PutImageScanningConfiguration",
  resources: repositoryArns,
  accepts: { registryId: true, repositoryName: true, imageScanningConfiguration: true },
  stored: ["imageScanningConfiguration.scanOnPush"],
  run(context, input) {
    const repository = requireRepository(context, input);
    const scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
    context.tx.table(repositories).put({ ...repository, scanOnPush });
    return {
      registryId: repository.account,
      repositoryName: repository.name,
      imageScanningConfiguration: { scanOnPush },
    };
  },
});

function validateName(name: string | undefined): string {
  const pattern = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";
  const isName = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
  if (name === undefined || name.length < 2 || name.length > 256) {
    throw invalidParameter("repositoryName", "must be between 2 and 256 characters long");
  }
  if (!isName.test(name)) {
    throw invalidParameter("repositoryName", `must satisfy regular expression '${pattern}'`);
  }
  return name;
}

/** New repositories and whole listings are of the caller's own registry. */
function validateOwnRegistry({ scope }: RequestContext, registryId: string | undefined): void {
  if (registryId === undefined || registryId === scope.account) return;
  throw invalidParameter("registryId", `must be the caller's own registry ${scope.account}`);
}

function toMutability(input: {
  imageTagMutability?: string | undefined;
  imageTagMutabilityExclusionFilters?: Ecr.ImageTagMutabilityExclusionFilter[] | undefined;
}): Pick<Repository, "tagMutability" | "mutabilityExclusions"> {
  const wanted = input.imageTagMutability ?? "MUTABLE";
  const tagMutability = tagMutabilities.find((value): value is TagMutability => value === wanted);
  if (!tagMutability) {
    throw invalidParameter(
      "imageTagMutability",
      `must satisfy enum value set: [${tagMutabilities.join(", ")}]`,
    );
  }
  const filters = input.imageTagMutabilityExclusionFilters ?? [];
  const takesFilters = tagMutability.endsWith("_WITH_EXCLUSION");
  if (takesFilters !== filters.length > 0) {
    const reason = takesFilters ? "must not be empty" : `must be absent with ${tagMutability}`;
    throw invalidParameter("imageTagMutabilityExclusionFilters", reason);
  }
  return { tagMutability, mutabilityExclusions: filters.map(toExclusion) };
}

function toExclusion({ filterType, filter }: Ecr.ImageTagMutabilityExclusionFilter): string {
  if (filterType !== "WILDCARD") throw invalidParameter("filterType", "must be WILDCARD");
  if (!filter || !/^[0-9a-zA-Z._*-]{1,128}$/.test(filter)) {
    throw invalidParameter("filter", "must satisfy regular expression '[0-9a-zA-Z._*-]{1,128}'");
  }
  return filter;
}

function toRepositoryView({ endpoint }: RequestContext, repository: Repository): Ecr.Repository {
  const { account, region, name } = repository;
  return {
    repositoryArn: repository.arn,
    registryId: account,
    repositoryName: name,
    repositoryUri: `localhost:${endpoint.port}/${account}/${region}/${name}`,
    createdAt: new Date(repository.createdAt),
    ...toMutabilityView(repository),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: {
      encryptionType: repository.encryption.type as Ecr.EncryptionType,
      kmsKey: repository.encryption.kmsKey,
    },
  };
}

const toMutabilityView = (
  repository: Repository,
): Pick<Ecr.Repository, "imageTagMutability" | "imageTagMutabilityExclusionFilters"> => ({
  imageTagMutability: repository.tagMutability,
  imageTagMutabilityExclusionFilters:
    repository.mutabilityExclusions.length === 0
      ? undefined
      : repository.mutabilityExclusions.map((filter) => ({ filterType: "WILDCARD", filter })),
});

const arnOf = (scope: Scope, name: string): string => formatArn("ecr", scope, `repository/${name}`);

const byName = (a: Repository, b: Repository): number => (a.name < b.name ? -1 : 1);
