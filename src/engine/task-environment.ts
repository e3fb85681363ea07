/** The variables that Fargate adds to every container of a task. */
import type { Task, TaskContainer } from "../model/ecs.ts";

/** Where a task finds its metadata; a link-local address of its VPC, as on AWS. */
const taskEndpoint = "http://169.254.170.2";

export type TaskEnvironmentInput = {
  readonly task: Pick<Task, "region">;
  /** Has its `runtimeId`; without one there are no metadata to point to. */
  readonly container: Pick<TaskContainer, "runtimeId">;
};

/** To be placed before the container's own variables, which win when a name occurs twice. */
export function taskEnvironment(
  input: TaskEnvironmentInput,
): { readonly name: string; readonly value: string }[] {
  const { task, container } = input;
  return [
    ...(container.runtimeId === undefined ? [] : endpoints(container.runtimeId)),
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
