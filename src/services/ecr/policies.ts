/** The two policies that a repository may have. Both are kept as text; neither is carried out yet. */
import type * as Ecr from "@aws-sdk/client-ecr";
import { explainInvalidLifecyclePolicy } from "../../engine/lifecycle-policy.ts";
import { read, write } from "../../gateway/service.ts";
import type { Repository } from "../../model/ecr.ts";
import { repositories } from "../../state/tables/ecr.ts";
import { invalidParameter, lifecyclePolicyNotFound, repositoryPolicyNotFound } from "./errors.ts";
import { repositoryArns, requireRepository } from "./repositories.ts";

const repositoryMembers = { registryId: true, repositoryName: true } as const;

const nameOf = ({ account, name }: Repository) => ({ registryId: account, repositoryName: name });

function requireLifecyclePolicy(repository: Repository): string {
  if (repository.lifecyclePolicyText !== undefined) return repository.lifecyclePolicyText;
  throw lifecyclePolicyNotFound(repository.name, repository.account);
}

function requirePolicy(repository: Repository): string {
  if (repository.policyText !== undefined) return repository.policyText;
  throw repositoryPolicyNotFound(repository.name, repository.account);
}

export const putLifecyclePolicy = write<
  Ecr.PutLifecyclePolicyRequest,
  Ecr.PutLifecyclePolicyResponse
>({
  action: "ecr:PutLifecyclePolicy",
  resources: repositoryArns,
  accepts: { ...repositoryMembers, lifecyclePolicyText: true },
  stored: ["lifecyclePolicyText"],
  run(context, input) {
    const repository = requireRepository(context, input);
    const lifecyclePolicyText = input.lifecyclePolicyText ?? "";
    const reason = explainInvalidLifecyclePolicy(lifecyclePolicyText);
    if (reason) {
      const words = `Lifecycle policy validation failure: ${reason}`;
      throw invalidParameter("LifecyclePolicyText", words);
    }
    context.tx.table(repositories).put({ ...repository, lifecyclePolicyText });
    return { ...nameOf(repository), lifecyclePolicyText };
  },
});

export const getLifecyclePolicy = read<
  Ecr.GetLifecyclePolicyRequest,
  Ecr.GetLifecyclePolicyResponse
>({
  action: "ecr:GetLifecyclePolicy",
  resources: repositoryArns,
  accepts: repositoryMembers,
  run(context, input) {
    const repository = requireRepository(context, input);
    const lifecyclePolicyText = requireLifecyclePolicy(repository);
    return { ...nameOf(repository), lifecyclePolicyText };
  },
});

export const deleteLifecyclePolicy = write<
  Ecr.DeleteLifecyclePolicyRequest,
  Ecr.DeleteLifecyclePolicyResponse
>({
  action: "ecr:DeleteLifecyclePolicy",
  resources: repositoryArns,
  accepts: repositoryMembers,
  run(context, input) {
    const repository = requireRepository(context, input);
    const lifecyclePolicyText = requireLifecyclePolicy(repository);
    context.tx.table(repositories).put({ ...repository, lifecyclePolicyText: undefined });
    return { ...nameOf(repository), lifecyclePolicyText };
  },
});

export const setRepositoryPolicy = write<
  Ecr.SetRepositoryPolicyRequest,
  Ecr.SetRepositoryPolicyResponse
>({
  action: "ecr:SetRepositoryPolicy",
  resources: repositoryArns,
  // `force` lets a caller lock itself out; nobody is locked out while policies are not evaluated.
  accepts: { ...repositoryMembers, policyText: true, force: true },
  stored: ["policyText", "force"],
  run(context, input) {
    const repository = requireRepository(context, input);
    const policyText = input.policyText ?? "";
    if (!isJsonObject(policyText)) {
      throw invalidParameter("PolicyText", "Invalid repository policy provided");
    }
    context.tx.table(repositories).put({ ...repository, policyText });
    return { ...nameOf(repository), policyText };
  },
});

export const getRepositoryPolicy = read<
  Ecr.GetRepositoryPolicyRequest,
  Ecr.GetRepositoryPolicyResponse
>({
  action: "ecr:GetRepositoryPolicy",
  resources: repositoryArns,
  accepts: repositoryMembers,
  run(context, input) {
    const repository = requireRepository(context, input);
    return { ...nameOf(repository), policyText: requirePolicy(repository) };
  },
});

export const deleteRepositoryPolicy = write<
  Ecr.DeleteRepositoryPolicyRequest,
  Ecr.DeleteRepositoryPolicyResponse
>({
  action: "ecr:DeleteRepositoryPolicy",
  resources: repositoryArns,
  accepts: repositoryMembers,
  run(context, input) {
    const repository = requireRepository(context, input);
    const policyText = requirePolicy(repository);
    context.tx.table(repositories).put({ ...repository, policyText: undefined });
    return { ...nameOf(repository), policyText };
  },
});

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
