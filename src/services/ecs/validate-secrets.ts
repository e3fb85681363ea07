/** What a container definition may say of values that are fetched for it: secrets and a registry's login. */
import type {
  ContainerDefinition as Input,
  RepositoryCredentials,
  Secret,
} from "@aws-sdk/client-ecs";
import { parseArn } from "../../model/arn.ts";
import type { ContainerDefinition, SecretSetting } from "../../model/ecs.ts";
import { clientError } from "./errors.ts";

export function readSecrets({ secrets, environment }: Input): SecretSetting[] | undefined {
  if (!secrets?.length) return undefined;
  const taken = new Set((environment ?? []).map(({ name }) => name));
  const read = secrets.map(readSecret);
  for (const { name } of read) {
    if (taken.has(name)) throw nameTaken(name);
    taken.add(name);
  }
  return read;
}

export function readSecret({ name, valueFrom }: Secret): SecretSetting {
  if (!name) throw clientError("Secret.name should not be null or empty.");
  if (!valueFrom) throw clientError("Secret.valueFrom should not be null or empty.");
  checkReference(valueFrom, ["ssm", "secretsmanager"]);
  return { name, valueFrom };
}

export const nameTaken = (name: string) =>
  clientError(
    "The secret name must be unique and not shared with any new or existing environment variables set " +
      `on the container, such as '${name}'.`,
  );

export function readRepositoryCredentials(
  credentials: RepositoryCredentials | undefined,
): ContainerDefinition["repositoryCredentials"] {
  if (!credentials) return undefined;
  const { credentialsParameter } = credentials;
  if (!credentialsParameter) {
    throw clientError("RepositoryCredentials.credentialsParameter should not be null or empty.");
  }
  checkReference(credentialsParameter, ["secretsmanager"]);
  return { credentialsParameter };
}

/** An ARN must be one, of a service that holds secrets. */
function checkReference(reference: string, services: readonly string[]): void {
  if (!reference.startsWith("arn:")) return;
  if (services.includes(parseArn(reference)?.service ?? "")) return;
  throw clientError("Invalid arn syntax.");
}

/** Throws unless there is a role with which the containers' values can be fetched. */
export function checkFetchingRole(
  containers: readonly ContainerDefinition[],
  executionRoleArn: string | undefined,
): void {
  if (executionRoleArn) return;
  const needs = (what: string) =>
    clientError(
      `When you are specifying ${what}, you must also specify a value for 'executionRoleArn'.`,
    );
  const hasSecrets = ({ secrets, logConfiguration }: ContainerDefinition): boolean =>
    secrets !== undefined || Boolean(logConfiguration?.secretOptions?.length);
  if (containers.some(hasSecrets)) throw needs("container secrets");
  if (containers.some((container) => container.repositoryCredentials !== undefined)) {
    throw needs("repository credentials");
  }
}
