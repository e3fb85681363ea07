/** Classifies what the Docker Engine API answers, by status code, into the kinds loops act on. */
import { DriverError, type DriverErrorKind } from "../../errors.ts";
import { DockerApiError } from "./client.ts";

export const statusOf = (error: unknown): number | undefined =>
  error instanceof DockerApiError ? error.statusCode : undefined;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function kindOf(error: unknown): DriverErrorKind {
  const status = statusOf(error);
  // Without an answer: the socket's error, which has a name such as ECONNREFUSED.
  if (status === undefined) return hasCode(error) ? "unavailable" : "fatal";
  if (status === 404) return "not-found";
  if (status === 409) return "conflict";
  return status === 502 || status === 503 || status === 504 ? "unavailable" : "fatal";
}

const hasCode = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code !== undefined;

export function toDriverError(error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  return new DriverError(kindOf(error), messageOf(error), { cause: error });
}

/**
 * A failed pull. Once the daemon has begun to answer, the status is 200 and the failure is only text
 * in the body, so the words of registries for "there is no such image" have to be known here.
 */
export function toPullError(message: string, status: number | undefined): DriverError {
  const absent = /not found|manifest unknown|name unknown|does not exist|no matching manifest/i;
  // Docker Hub says it of repositories that do not exist as well, and so do Fargate's reasons.
  const isDenied = /pull access denied/i.test(message);
  if (!isDenied && (status === 404 || absent.test(message))) {
    return new DriverError("not-found", message);
  }
  const denied = /denied|unauthorized|authentication required|no basic auth/i;
  if (status === 401 || status === 403 || denied.test(message)) {
    return new DriverError("fatal", message);
  }
  return new DriverError("unavailable", message);
}

/** Runs `call`, giving `otherwise` when the API answers one of `statuses`. */
export async function tolerate<T>(
  statuses: readonly number[],
  otherwise: T,
  call: Promise<T>,
): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0)) return otherwise;
    throw toDriverError(error);
  }
}
