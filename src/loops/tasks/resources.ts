/**
 * What Fargate gets for a task before it pulls anything: logins of registries and the values of secrets,
 * by the task's own interface and with its execution role. Values are handed on and kept nowhere.
 */
import * as words from "../../engine/task-lifecycle/resource-reasons.ts";
import { parseArn } from "../../model/arn.ts";
import type { ContainerDefinition, Task, TaskDefinition } from "../../model/ecs.ts";
import type { ActingRole } from "../../state/role-access.ts";
import { isTaskRole } from "../../state/task-roles.ts";
import {
  parseSecretReference,
  readSecretReference,
  type SecretReading,
  type SecretReferenceFailure,
} from "../../state/task-secrets.ts";
import { taskOrigin } from "../../state/vpc-endpoints.ts";
import { TaskFailure, type TaskLoopNeeds } from "./needs.ts";
import { reach } from "./reach.ts";
import { loginAtEcr } from "./registry.ts";

type Variable = { readonly name: string; readonly value: string };

export type RegistryLogin = { readonly username: string; readonly password: string };

/** By container name. */
export type TaskResources = {
  readonly secrets: ReadonlyMap<string, readonly Variable[]>;
  readonly logins: ReadonlyMap<string, RegistryLogin>;
};

/** Who gets them: one launch of a task. */
type Fetch = {
  readonly needs: TaskLoopNeeds;
  readonly task: Task;
  readonly role: ActingRole | undefined;
  readonly signal: AbortSignal;
};

/** The session in which the execution role acts for a task; undefined when it has none. */
export function executionRoleOf(
  { id }: Pick<Task, "id">,
  { executionRoleArn: roleArn }: Pick<TaskDefinition, "executionRoleArn">,
): ActingRole | undefined {
  return roleArn === undefined ? undefined : { roleArn, sessionName: id };
}

/** Throws `TaskFailure` with AWS's reason, or the signal's own. */
export async function fetchResources(
  needs: TaskLoopNeeds,
  task: Task,
  definition: TaskDefinition,
  signal: AbortSignal,
): Promise<TaskResources> {
  const { containers } = definition;
  const role = executionRoleOf(task, definition);
  if (role && !needs.store.read((tx) => isTaskRole(tx, task, role.roleArn))) {
    throw new TaskFailure(words.roleNotAssumed(role.roleArn));
  }
  const fetch: Fetch = { needs, task, role, signal };
  for (const region of ecrRegions(needs, task, containers)) {
    await loginAtEcr(needs, task, role, region, signal);
  }
  const logins = new Map<string, RegistryLogin>();
  for (const { name, repositoryCredentials } of containers) {
    const reference = repositoryCredentials?.credentialsParameter;
    if (reference !== undefined) logins.set(name, await fetchLogin(fetch, reference));
  }
  const values = await fetchValues(fetch, containers);
  const secrets = containers.map(({ name, secrets = [] }) => {
    const variables = secrets.map((one) => ({
      name: one.name,
      value: values.get(one.valueFrom) ?? "",
    }));
    return [name, variables] as const;
  });
  return { secrets: new Map(secrets), logins };
}

function ecrRegions(
  { findImage }: TaskLoopNeeds,
  task: Task,
  containers: readonly ContainerDefinition[],
): Set<string> {
  const regions = containers.flatMap(({ image }) => {
    const found = findImage(task, image);
    return found.type === "invalid" ? [] : (found.registry.ecr?.region ?? []);
  });
  return new Set(regions);
}

const isSecret = (reference: string): boolean => parseArn(reference)?.service === "secretsmanager";

const regionOf = (task: Task, reference: string): string =>
  parseArn(reference)?.region ?? task.region;

/** Each reference once, whoever refers to it. */
async function fetchValues(
  fetch: Fetch,
  containers: readonly ContainerDefinition[],
): Promise<ReadonlyMap<string, string>> {
  const references = containers.flatMap(({ secrets = [] }) =>
    secrets.map(({ valueFrom }) => valueFrom),
  );
  const all = [...new Set(references)];
  const parameters = await fetchParameters(
    fetch,
    all.filter((one) => !isSecret(one)),
  );
  const values = new Map(parameters);
  for (const reference of all.filter(isSecret)) {
    values.set(reference, await fetchSecret(fetch, reference));
  }
  return values;
}

/** Those of a region together: the ones that do not exist are told together. */
async function fetchParameters(
  fetch: Fetch,
  references: readonly string[],
): Promise<[string, string][]> {
  const { needs, task, signal } = fetch;
  for (const region of new Set(references.map((one) => regionOf(task, one)))) {
    const ssm = { type: "service", service: "ssm", region } as const;
    await reach(needs, task, ssm, signal, () => new TaskFailure(words.parametersUnreachable));
  }
  const readings = references.map((one) => [one, read(fetch, one)] as const);
  for (const [, reading] of readings) {
    if (reading.type === "denied" || reading.type === "key-unusable") {
      throw new TaskFailure(words.parametersRefused(toRefusal(needs, reading)));
    }
  }
  const invalid = readings.flatMap(([, one]) =>
    one.type === "invalid-parameter" ? [one.name] : [],
  );
  if (invalid.length > 0) throw new TaskFailure(words.parametersInvalid(invalid));
  return readings.flatMap(([reference, one]) =>
    one.type === "value" ? [[reference, one.value] as [string, string]] : [],
  );
}

async function fetchSecret(fetch: Fetch, reference: string): Promise<string> {
  const { arn } = parseSecretReference(reference);
  await reachSecrets(fetch, reference, () => words.secretUnreachable(arn));
  const reading = read(fetch, reference);
  if (reading.type === "value") return reading.value;
  throw new TaskFailure(explainSecret(fetch.needs, arn, reading));
}

function explainSecret(needs: TaskLoopNeeds, arn: string, failure: SecretReferenceFailure): string {
  switch (failure.type) {
    case "missing-json-key":
      return words.secretUnusable(arn, words.jsonKeyMissing(failure.key));
    case "not-json":
      return words.secretUnusable(arn, failure.message);
    case "secret-unavailable": {
      const refusal = toRefusal(needs, failure);
      return failure.code === "ResourceNotFoundException"
        ? words.secretNotFound(arn, refusal)
        : words.secretRefused(arn, refusal);
    }
    case "invalid-parameter":
      return words.parametersInvalid([failure.name]);
    case "denied":
    case "key-unusable":
      return words.secretRefused(arn, toRefusal(needs, failure));
  }
}

/** A registry's user name and password; a reference without an ARN is a secret's name. */
async function fetchLogin(fetch: Fetch, reference: string): Promise<RegistryLogin> {
  await reachSecrets(fetch, reference, () => words.repositoryLoginUnreachable(reference));
  const reading = read(fetch, secretArn(fetch.task, reference));
  switch (reading.type) {
    case "value": {
      const login = parseLogin(reading.value);
      if (login) return login;
      throw new TaskFailure(words.repositoryLoginUnusable(reference));
    }
    case "denied":
    case "key-unusable":
    case "secret-unavailable": {
      const refusal = toRefusal(fetch.needs, reading);
      throw new TaskFailure(words.repositoryLoginRefused(reference, refusal));
    }
    case "missing-json-key":
    case "not-json":
    case "invalid-parameter":
      throw new TaskFailure(words.repositoryLoginUnusable(reference));
  }
}

const secretArn = ({ account, region }: Task, reference: string): string =>
  reference.startsWith("arn:")
    ? reference
    : `arn:aws:secretsmanager:${region}:${account}:secret:${reference}`;

function parseLogin(text: string): RegistryLogin | undefined {
  try {
    const { username, password } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (typeof username !== "string" || typeof password !== "string") return undefined;
    return username === "" || password === "" ? undefined : { username, password };
  } catch {
    return undefined;
  }
}

const reachSecrets = (
  { needs, task, signal }: Fetch,
  reference: string,
  explain: () => string,
): Promise<void> =>
  reach(
    needs,
    task,
    { type: "service", service: "secretsmanager", region: regionOf(task, reference) },
    signal,
    () => new TaskFailure(explain()),
  );

const read = ({ needs, task, role }: Fetch, reference: string): SecretReading =>
  needs.store.read((tx) => {
    const scope = { account: task.account, region: task.region };
    const service = isSecret(reference) ? "secretsmanager" : "ssm";
    const origin = taskOrigin(tx, task, { service, region: regionOf(task, reference) });
    const reader = { tx, sealing: needs.sealing, scope, role, now: needs.clock.now(), origin };
    return readSecretReference(reader, reference);
  });

type Refused = Extract<
  SecretReferenceFailure,
  { type: "denied" | "key-unusable" | "secret-unavailable" }
>;

const toRefusal = ({ ids }: TaskLoopNeeds, failure: Refused): words.ServiceRefusal => ({
  code: failure.type === "denied" ? "AccessDeniedException" : failure.code,
  message: failure.message,
  requestId: ids.uuid(),
});
