/** The errors of Amazon ECR, in its words. */
import { ApiError } from "../../gateway/api-error.ts";
import type { Broken } from "../../gateway/constraints.ts";
import { printPath } from "../../gateway/protocols/member-path.ts";

export const missingRepositoryText = (repository: string, account: string): string =>
  `The repository with name '${repository}' does not exist in the registry with id '${account}'`;

export const immutableTagText = (tag: string, repository: string): string =>
  `The image tag '${tag}' already exists in the '${repository}' repository and cannot be ` +
  "overwritten because the tag is immutable.";

export const repositoryNotFound = (repository: string, account: string): ApiError =>
  new ApiError("RepositoryNotFoundException", missingRepositoryText(repository, account));

export const repositoryAlreadyExists = (repository: string, account: string): ApiError =>
  new ApiError(
    "RepositoryAlreadyExistsException",
    `The repository with name '${repository}' already exists in the registry with id '${account}'`,
  );

export const repositoryNotEmpty = (repository: string, account: string): ApiError =>
  new ApiError(
    "RepositoryNotEmptyException",
    `The repository with name '${repository}' in registry with id '${account}' cannot be deleted ` +
      "because it still contains images",
  );

export const lifecyclePolicyNotFound = (repository: string, account: string): ApiError =>
  new ApiError(
    "LifecyclePolicyNotFoundException",
    `Lifecycle policy does not exist for the repository with name '${repository}' in the ` +
      `registry with id '${account}'`,
  );

export const repositoryPolicyNotFound = (repository: string, account: string): ApiError =>
  new ApiError(
    "RepositoryPolicyNotFoundException",
    `Repository policy does not exist for the repository with name '${repository}' in the ` +
      `registry with id '${account}'`,
  );

export const imageNotFound = (
  id: { readonly imageDigest?: string | undefined; readonly imageTag?: string | undefined },
  repository: string,
  account: string,
): ApiError =>
  new ApiError(
    "ImageNotFoundException",
    `The image with imageId {imageDigest:'${id.imageDigest ?? "null"}', ` +
      `imageTag:'${id.imageTag ?? "null"}'} does not exist within the repository with name ` +
      `'${repository}' in the registry with id '${account}'`,
  );

/** A parameter that breaks a constraint; `parameter` as in the request, first letter as given. */
export const invalidParameter = (parameter: string, reason: string): ApiError =>
  new ApiError(
    "InvalidParameterException",
    `Invalid parameter at '${parameter}' failed to satisfy constraint: '${reason}'`,
  );

/** Values that break constraints of the API's model. How long a policy may be, its own operation tells. */
export function explainBroken(broken: readonly Broken[]): ApiError | undefined {
  const [first] = broken.filter(({ path }) => printPath(path) !== "lifecyclePolicyText");
  if (!first) return undefined;
  const reason = first.sentence
    .replace(/^Member must/, "must")
    .replace(/regular expression pattern: (.*)$/s, "regular expression '$1'");
  return invalidParameter(printPath(first.path), reason);
}
