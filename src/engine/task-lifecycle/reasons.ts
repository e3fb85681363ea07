/** AWS's words for why a task did not start or did not go on. */

export const essentialContainerExited = "Essential container in task exited";

export const outOfMemory = "OutOfMemoryError: Container killed due to memory usage";

/** Ours: AWS has no engine that is shut down. */
export const sandboxLost =
  "The task's sandbox no longer exists: the engine was shut down, or its containers were removed.";

/** Ours: the record of the definition went with the task still there. */
export const definitionLost = "TaskFailedToStart: the task definition no longer exists";

export const networkTimeout = "Timeout waiting for network interface provisioning to complete.";

/** `image` as the error prints it: in full for public registries, as written for ECR. */
export const imageNotFound = (image: string): string =>
  "CannotPullContainerError: pull image manifest has been retried 1 time(s): " +
  `failed to resolve ref ${image}: ${image}: not found`;

export const imagePullFailed = (image: string, tries: number, cause: string): string =>
  `CannotPullContainerError: pull image manifest has been retried ${tries} time(s): ` +
  `failed to resolve ref ${image}: ${cause}`;

export const imageNameInvalid = (image: string): string =>
  `CannotPullContainerError: invalid reference format: ${image}`;

export const logGroupMissing =
  "ResourceInitializationError: failed to validate logger args: create stream has been retried " +
  "1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log " +
  "group does not exist. : exit status 1";

export const sandboxFailed = (cause: string): string =>
  `ContainerRuntimeError: failed to create the task's sandbox: ${cause}`;

export const containerNotCreated = (cause: string): string =>
  `CannotCreateContainerError: Error response from daemon: ${cause}`;

export const containerNotStarted = (cause: string): string =>
  `CannotStartContainerError: Error response from daemon: ${cause}`;

/** `code` is EC2's, such as InsufficientFreeAddressesInSubnet. */
export const interfaceNotCreated = (
  subnetId: string,
  assignPublicIp: "ENABLED" | "DISABLED",
  code: string,
): string =>
  "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment " +
  `${assignPublicIp.toLowerCase()} in subnet '${subnetId}': ${code}`;

/** In the words of the ECS agent. */
export const dependencyFailed = (dependency: string, dependent: string): string =>
  `TaskDependencyError: dependency graph: failed to resolve container ordering dependency [${dependency}] ` +
  `for target [${dependent}] as dependency did not exit successfully.`;

export const dependencyTimedOut = (dependency: string, dependent: string): string =>
  `TaskDependencyError: dependency graph: container ordering dependency [${dependency}] ` +
  `for target [${dependent}] has timed out.`;
