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

/** `architecture` as Go names it. */
export const imageOfOtherPlatform = (architecture: string): string =>
  "CannotPullContainerError: pull image manifest has been retried 1 time(s): " +
  `image Manifest does not contain descriptor matching platform 'linux/${architecture}'`;

export const imagePullFailed = (image: string, tries: number, cause: string): string =>
  `CannotPullContainerError: pull image manifest has been retried ${tries} time(s): ` +
  `failed to resolve ref ${image}: ${cause}`;

export const imageNameInvalid = (image: string): string =>
  `CannotPullContainerError: invalid reference format: ${image}`;

export const logGroupMissing =
  "ResourceInitializationError: failed to validate logger args: create stream has been retried " +
  "1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log " +
  "group does not exist. : exit status 1";

/** `cause` is Go's, of an expression that is none. */
export const logPatternInvalid = (pattern: string, cause: string): string =>
  "ResourceInitializationError: failed to validate logger args: awslogs could not parse multiline " +
  `pattern key "${pattern}": ${cause} : exit status 1`;

const timedOut = (address: string): string => `dial tcp ${address}:443: i/o timeout`;

/** Reaching ECR's API for the login that a pull needs. */
export const registryAuthUnreachable = (region: string, address: string): string =>
  "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry " +
  "auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task " +
  "network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of " +
  "attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post " +
  `"https://api.ecr.${region}.amazonaws.com/": ${timedOut(address)}`;

export const registryUnreachable = (image: string, manifestUrl: string, address: string): string =>
  "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref " +
  `${image}: failed to do request: Head "${manifestUrl}": ${timedOut(address)}`;

/** The manifest came, the layers do not: S3 holds them. */
export const layersUnreachable = (region: string, address: string): string =>
  "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: " +
  `failed open: failed to do request: Get "https://prod-${region}-starport-layer-bucket.s3.${region}` +
  `.amazonaws.com/": ${timedOut(address)}`;

export const logsUnreachable =
  "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon " +
  "CloudWatch log group defined in the task definition. There is a connection issue between the task " +
  "and Amazon CloudWatch. Check your network configuration. signal: killed";

/** Whether a network that changes may let it go better the next time. */
export const isUnreachable = (reason: string): boolean =>
  ["i/o timeout", "There is a connection issue", "Check your network connection"].some((words) =>
    reason.includes(words),
  );

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
