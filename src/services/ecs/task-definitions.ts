/** Task definitions: registering makes a new revision each time; a revision never changes. */
import type {
  DeleteTaskDefinitionsRequest,
  DeleteTaskDefinitionsResponse,
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  Failure,
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
} from "@aws-sdk/client-ecs";
import { findRequiredAttributes } from "../../engine/task-definition-needs.ts";
import { read, type WriteContext, write } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import type { TaskDefinition } from "../../model/ecs.ts";
import type { Scope } from "../../model/scope.ts";
import { taskDefinitions, taskFamilies } from "../../state/tables/ecs.ts";
import { checkAtMost, checkEnum, toTagViews } from "./checks.ts";
import { clientError, invalidParameter } from "./errors.ts";
import { findTaskDefinition, parseTaskDefinitionName } from "./lookup.ts";
import { page } from "./pages.ts";
import { authorizePassing, definitionConditions } from "./permissions.ts";
import { checkEnvironmentFiles } from "./validate-environment-files.ts";
import { readTaskDefinition, type TaskDefinitionSpec } from "./validate-task-definition.ts";
import { toTaskDefinitionView } from "./views/task-definition.ts";

const lastRevisionAllowed = 1_000_000;

export const RegisterTaskDefinition = write<
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse
>({
  action: "ecs:RegisterTaskDefinition",
  resources: ({ family }, { scope }) => [arnOf(scope, family ?? "*", "*")],
  conditions: definitionConditions,
  accepts: {
    family: true,
    taskRoleArn: true,
    executionRoleArn: true,
    networkMode: true,
    containerDefinitions: {
      name: true,
      image: true,
      cpu: true,
      memory: true,
      memoryReservation: true,
      essential: true,
      portMappings: {
        containerPort: true,
        containerPortRange: true,
        hostPort: true,
        protocol: true,
        name: true,
        appProtocol: true,
      },
      environment: { name: true, value: true },
      secrets: { name: true, valueFrom: true },
      repositoryCredentials: { credentialsParameter: true },
      versionConsistency: true,
      entryPoint: true,
      command: true,
      workingDirectory: true,
      user: true,
      startTimeout: true,
      stopTimeout: true,
      healthCheck: true,
      dependsOn: { containerName: true, condition: true },
      restartPolicy: { enabled: true, ignoredExitCodes: true, restartAttemptPeriod: true },
      linuxParameters: true,
      readonlyRootFilesystem: true,
      pseudoTerminal: true,
      interactive: true,
      ulimits: { name: true, softLimit: true, hardLimit: true },
      systemControls: { namespace: true, value: true },
      dockerLabels: true,
      mountPoints: { sourceVolume: true, containerPath: true, readOnly: true },
      volumesFrom: { sourceContainer: true, readOnly: true },
      logConfiguration: {
        logDriver: true,
        options: true,
        secretOptions: { name: true, valueFrom: true },
      },
      // Kept for instances, refused for Fargate in AWS's words.
      resourceRequirements: { type: true, value: true },
      links: true,
      dnsServers: true,
      disableNetworking: true,
      privileged: true,
      dockerSecurityOptions: true,
      hostname: true,
      extraHosts: true,
      dnsSearchDomains: true,
    },
    requiresCompatibilities: true,
    cpu: true,
    memory: true,
    tags: true,
    ephemeralStorage: { sizeInGiB: true },
    runtimePlatform: { cpuArchitecture: true, operatingSystemFamily: true },
    pidMode: true,
    // Taken to be refused in AWS's words.
    inferenceAccelerators: true,
    // Kept for instances, refused for Fargate in AWS's words.
    ipcMode: true,
    placementConstraints: true,
    volumes: {
      name: true,
      host: { sourcePath: true },
      dockerVolumeConfiguration: true,
      fsxWindowsFileServerVolumeConfiguration: true,
    },
  },
  stored: [
    "placementConstraints",
    "ipcMode",
    "volumes.host.sourcePath",
    "volumes.dockerVolumeConfiguration",
    "volumes.fsxWindowsFileServerVolumeConfiguration",
    "containerDefinitions.resourceRequirements",
    "containerDefinitions.links",
    "containerDefinitions.dnsServers",
    "containerDefinitions.disableNetworking",
    "containerDefinitions.privileged",
    "containerDefinitions.dockerSecurityOptions",
    "containerDefinitions.hostname",
    "containerDefinitions.extraHosts",
    "containerDefinitions.dnsSearchDomains",
    "containerDefinitions.logConfiguration.secretOptions",
    "containerDefinitions.portMappings.name",
    "containerDefinitions.portMappings.appProtocol",
  ],
  checkUnbuilt: ({ containerDefinitions }) => {
    for (const container of containerDefinitions ?? []) checkEnvironmentFiles(container);
  },
  run: (context, input) => {
    const spec = readTaskDefinition(context.scope, input);
    authorizePassing(context, [spec.taskRoleArn, spec.executionRoleArn]);
    const definition = register(context, spec);
    const tags = definition.tags.length > 0 ? toTagViews(definition.tags) : undefined;
    return { taskDefinition: toTaskDefinitionView(definition), tags };
  },
});

export const DescribeTaskDefinition = read<
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse
>({
  action: "ecs:DescribeTaskDefinition",
  resources: () => ["*"],
  accepts: { taskDefinition: true, include: true },
  run: (context, input) => {
    for (const field of input.include ?? []) checkEnum("include", field, ["TAGS"]);
    const definition = findTaskDefinition(context, input.taskDefinition ?? "");
    if (!definition) throw clientError("Unable to describe task definition.");
    const tags = input.include?.includes("TAGS") ? toTagViews(definition.tags) : undefined;
    return { taskDefinition: toTaskDefinitionView(definition), tags };
  },
});

export const DeregisterTaskDefinition = write<
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse
>({
  action: "ecs:DeregisterTaskDefinition",
  resources: () => ["*"],
  accepts: { taskDefinition: true },
  run: (context, input) => {
    const identifier = input.taskDefinition ?? "";
    const { family, revision } = parseTaskDefinitionName(context.scope, identifier);
    const definition = findTaskDefinition(context, identifier);
    // An ARN of elsewhere is no family's.
    if (revision === undefined && !family.startsWith("arn:"))
      throw clientError("Revision is missing.");
    if (!definition) throw clientError("Unable to describe task definition.");
    if (definition.status !== "ACTIVE") return { taskDefinition: toTaskDefinitionView(definition) };
    const deregistered: TaskDefinition = {
      ...definition,
      status: "INACTIVE",
      deregisteredAt: context.now,
    };
    context.tx.table(taskDefinitions).put(deregistered);
    return { taskDefinition: toTaskDefinitionView(deregistered) };
  },
});

/** They are gone once no task and no service refers to them. */
export const DeleteTaskDefinitions = write<
  DeleteTaskDefinitionsRequest,
  DeleteTaskDefinitionsResponse
>({
  action: "ecs:DeleteTaskDefinitions",
  resources: ({ taskDefinitions: names = [] }, { scope }) =>
    names.map((name) =>
      name.startsWith("arn:") ? name : formatArn("ecs", scope, `task-definition/${name}`),
    ),
  accepts: { taskDefinitions: true },
  run: (context, input) => {
    const names = input.taskDefinitions ?? [];
    if (names.length === 0) throw invalidParameter("Task definitions can not be empty.");
    checkAtMost("taskDefinitions", names, 10);
    const deleted: TaskDefinition[] = [];
    const failures: Failure[] = [];
    for (const name of new Set(names)) {
      const result = deleteDefinition(context, name);
      if (typeof result === "string") failures.push({ arn: name, reason: result });
      else deleted.push(result);
    }
    return { taskDefinitions: deleted.map(toTaskDefinitionView), failures };
  },
});

/** The definition on its way out, or why it stays. */
function deleteDefinition(context: WriteContext, name: string): TaskDefinition | string {
  if (!/^(?:arn:[^/]+:task-definition\/)?[\w-]+:\d+$/.test(name)) {
    return "The specified task definition identifier is invalid. Specify a valid name or ARN and try again.";
  }
  const definition = findTaskDefinition(context, name);
  if (!definition) {
    return "The specified task definition does not exist. Specify a valid account, family, revision and try again.";
  }
  if (definition.status === "ACTIVE") {
    return "The specified task definition is still in ACTIVE status. Please deregister the target and try again.";
  }
  if (definition.status === "DELETE_IN_PROGRESS") return definition;
  const deleted: TaskDefinition = {
    ...definition,
    status: "DELETE_IN_PROGRESS",
    deleteRequestedAt: context.now,
  };
  context.tx.table(taskDefinitions).put(deleted);
  return deleted;
}

export const ListTaskDefinitions = read<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse>({
  action: "ecs:ListTaskDefinitions",
  resources: () => ["*"],
  accepts: { familyPrefix: true, status: true, sort: true, maxResults: true, nextToken: true },
  run: ({ tx, scope }, input) => {
    const { familyPrefix, status = "ACTIVE", sort = "ASC" } = input;
    checkEnum("status", status, ["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"]);
    checkEnum("sort", sort, ["ASC", "DESC"]);
    const table = tx.table(taskDefinitions);
    // Despite its name the prefix is a whole family.
    const all = familyPrefix ? table.by("family", scope, familyPrefix) : table.list(scope);
    const sorted = all.filter((one) => one.status === status).sort(byFamilyAndRevision);
    if (sort === "DESC") sorted.reverse();
    const { items, nextToken } = page(
      "ListTaskDefinitions",
      sorted.map((definition) => definition.arn),
      input,
      { keyOf: keyOfRevision, descending: sort === "DESC" },
    );
    return { taskDefinitionArns: items, nextToken };
  },
});

export const ListTaskDefinitionFamilies = read<
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse
>({
  action: "ecs:ListTaskDefinitionFamilies",
  resources: () => ["*"],
  accepts: { familyPrefix: true, status: true, maxResults: true, nextToken: true },
  run: ({ tx, scope }, input) => {
    const { familyPrefix = "", status = "ALL" } = input;
    checkEnum("status", status, ["ACTIVE", "INACTIVE", "ALL"]);
    const table = tx.table(taskDefinitions);
    const isShown = (family: string): boolean => {
      if (!family.startsWith(familyPrefix)) return false;
      if (status === "ALL") return true;
      const active = table.by("family", scope, family).some((one) => one.status === "ACTIVE");
      return active === (status === "ACTIVE");
    };
    const families = tx.table(taskFamilies).list(scope);
    const names = families.map(({ family }) => family).filter(isShown);
    const { items, nextToken } = page("ListTaskDefinitionFamilies", names.sort(), input);
    return { families: items, nextToken };
  },
});

/** In the order of families, then of revisions as numbers. */
function keyOfRevision(arn: string): string {
  const colon = arn.lastIndexOf(":");
  // Less than any character of a name, so that a family comes before those it is the beginning of.
  return `${arn.slice(0, colon)} ${arn.slice(colon + 1).padStart(10, "0")}`;
}

const arnOf = (scope: Scope, family: string, revision: number | string): string =>
  formatArn("ecs", scope, `task-definition/${family}:${revision}`);

function register(context: WriteContext, spec: TaskDefinitionSpec): TaskDefinition {
  const { tx, scope, now, caller } = context;
  const { account, region } = scope;
  const { family } = spec;
  const revision = (tx.table(taskFamilies).get(scope, family)?.lastRevision ?? 0) + 1;
  if (revision > lastRevisionAllowed) {
    throw clientError(
      `Family ${family} has reached the limit of ${lastRevisionAllowed} revisions.`,
    );
  }
  const definition: TaskDefinition = {
    account,
    region,
    ...spec,
    arn: arnOf(scope, family, revision),
    revision,
    status: "ACTIVE",
    requiresAttributes: findRequiredAttributes(spec),
    registeredAt: now,
    deregisteredAt: undefined,
    registeredBy: caller.arn,
  };
  tx.table(taskFamilies).put({ account, region, family, lastRevision: revision });
  tx.table(taskDefinitions).put(definition);
  return definition;
}

function byFamilyAndRevision(one: TaskDefinition, other: TaskDefinition): number {
  if (one.family === other.family) return one.revision - other.revision;
  return one.family < other.family ? -1 : 1;
}
