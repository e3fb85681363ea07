/**
 * AWS's words for what a task could not get before its containers were made: registry logins, secrets,
 * log streams. `requestId` is that of the call that failed.
 */

/** A call that was refused for good, as its text ends. */
const refused = (code: string, message: string, requestId: string): string =>
  `${code}: ${message} status code: 400, request id: ${requestId}`;

const resources =
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed:";
const once = "service call has been retried 1 time(s):";
/** The requests of a client that hears nothing. */
const silence =
  "service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: " +
  "context deadline exceeded";

/** What a service said to a call. */
export type ServiceRefusal = {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
};

export const accessDenied = (message: string, requestId: string): ServiceRefusal => ({
  code: "AccessDeniedException",
  message,
  requestId,
});

const say = ({ code, message, requestId }: ServiceRefusal): string =>
  refused(code, message, requestId);

/** The role's trust does not let ECS in, or there is no such role. */
export const roleNotAssumed = (roleArn: string): string =>
  `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please verify that ` +
  "the role being passed has the proper trust relationship and permissions and that your IAM user has " +
  "permissions to pass this role.";

/** ECR gave no login. */
export const registryAuthRefused = (refusal: ServiceRefusal): string =>
  `${resources} unable to retrieve ecr registry auth: ${once} ${say(refusal)}`;

const parametersFrom = `${resources} unable to retrieve secrets from ssm:`;

export const parametersRefused = (refusal: ServiceRefusal): string =>
  `${parametersFrom} ${once} ${say(refusal)}`;

export const parametersInvalid = (names: readonly string[]): string =>
  `${parametersFrom} invalid ssm parameters: ${names.join(", ")}`;

export const parametersUnreachable =
  `${parametersFrom} The task cannot pull secrets from AWS Systems Manager Parameter Store. Check your ` +
  `network connection between the task and AWS Systems Manager. ${silence}`;

const secretFrom = `${resources} unable to retrieve secret from asm:`;

export const secretRefused = (arn: string, refusal: ServiceRefusal): string =>
  `${secretFrom} ${once} failed to fetch secret ${arn} from secrets manager: ${say(refusal)}`;

export const secretNotFound = (arn: string, refusal: ServiceRefusal): string =>
  `${secretFrom} The task can't retrieve the secret with ARN '${arn}' from AWS Secrets Manager. Check ` +
  `whether the secret exists in the specified Region. ${once} failed to fetch secret ${arn} from ` +
  `secrets manager: ${say(refusal)}`;

/** The value is there and is not what was asked for. */
export const secretUnusable = (arn: string, message: string): string =>
  `${secretFrom} ${once} failed to fetch secret ${arn} from secrets manager: ${message}`;

export const jsonKeyMissing = (key: string): string =>
  `retrieved secret from Secrets Manager did not contain json key ${key}`;

export const secretUnreachable = (arn: string): string =>
  `${secretFrom} The task cannot pull secrets from AWS Secrets Manager. Check your network connection ` +
  `between the task and AWS Secrets Manager. failed to fetch secret ${arn} from secrets manager: ${silence}`;

const loginFrom = (reference: string): string =>
  `asm fetching secret from the service for ${reference}:`;
const login = `${resources} unable to get registry auth from asm:`;

export const repositoryLoginRefused = (reference: string, refusal: ServiceRefusal): string =>
  `${login} ${once} ${loginFrom(reference)} ${say(refusal)}`;

export const repositoryLoginUnreachable = (reference: string): string =>
  `${login} Check your network connection between the task and AWS Secrets Manager. ` +
  `${loginFrom(reference)} ${silence}`;

/** Ours in part: AWS's agent prints what its parser says. */
export const repositoryLoginUnusable = (reference: string): string =>
  `${login} ${once} ${loginFrom(reference)} the secret is not a JSON object with username and password`;

const loggerArgs = "ResourceInitializationError: failed to validate logger args:";

export const logStreamRefused = (refusal: ServiceRefusal): string =>
  `${loggerArgs} create stream has been retried 1 times: failed to create Cloudwatch log stream: ` +
  `${say(refusal)} : exit status 1`;

export const logGroupRefused = (refusal: ServiceRefusal): string =>
  `${loggerArgs} create log group has been retried 1 times: failed to create Cloudwatch log group: ` +
  `${say(refusal)} : exit status 1`;

/** The registry refuses the role the image's manifest. */
export const manifestForbidden = (image: string, host: string, tag: string): string =>
  "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " +
  `${image}: pulling from host ${host} failed with status code [manifests ${tag}]: 403 Forbidden`;

/** The manifest came; the registry refuses the role its layers. */
export const layersForbidden = (blobUrl: string): string =>
  "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: " +
  `failed open: unexpected status code ${blobUrl}: 403 Forbidden`;

/** Whether a permission, a role's trust or a value that changes may let it go better the next time. */
export const isAboutResources = (reason: string): boolean =>
  reason.startsWith("ResourceInitializationError:") ||
  reason.endsWith("403 Forbidden") ||
  reason.startsWith("ECS was unable to assume");
