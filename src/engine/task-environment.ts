/**
 * The variables that Fargate adds to every container of a task, and one of ours: AWS_ENDPOINT_URL, since
 * no client trusts the certificates of AWS's own names here by itself.
 */
import type { Task, TaskContainer } from "../model/ecs.ts";
import { taskApiPort, taskEndpointAddress } from "../model/task-endpoint.ts";
import { credentialsPathOf } from "./task-credentials.ts";

const taskEndpoint = `http://${taskEndpointAddress}`;

export type TaskEnvironmentInput = {
  readonly task: Pick<Task, "id" | "region">;
  /** Whether it has a task role, whose credentials its processes may have. */
  readonly hasRole: boolean;
  /** Has its `runtimeId`; without one there are no metadata to point to. */
  readonly container: Pick<TaskContainer, "runtimeId">;
};

/** To be placed before the container's own variables, which win when a name occurs twice. */
export function taskEnvironment(
  input: TaskEnvironmentInput,
): { readonly name: string; readonly value: string }[] {
  const { task, container, hasRole } = input;
  return [
    ...(container.runtimeId === undefined ? [] : endpoints(container.runtimeId)),
    ...(hasRole
      ? [{ name: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", value: credentialsPathOf(task) }]
      : []),
    { name: "AWS_ENDPOINT_URL", value: `${taskEndpoint}:${taskApiPort}` },
    { name: "AWS_EXECUTION_ENV", value: "AWS_ECS_FARGATE" },
    { name: "AWS_REGION", value: task.region },
    { name: "AWS_DEFAULT_REGION", value: task.region },
  ];
}

const endpoints = (runtimeId: string): { name: string; value: string }[] => [
  { name: "ECS_CONTAINER_METADATA_URI", value: `${taskEndpoint}/v3/${runtimeId}` },
  { name: "ECS_CONTAINER_METADATA_URI_V4", value: `${taskEndpoint}/v4/${runtimeId}` },
  { name: "ECS_AGENT_URI", value: `${taskEndpoint}/api/${runtimeId}` },
];
