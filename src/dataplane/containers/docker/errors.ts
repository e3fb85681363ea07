/** Classifies what the Docker Engine API answers, by status code, into the kinds loops act on. */
import { DriverError, type DriverErrorKind } from "../../errors.ts";

/** What dockerode rejects with: an HTTP answer has a status code, a broken connection an errno name. */
type ApiFailure = { statusCode?: number; code?: string; message?: string; json?: unknown };

const asFailure = (error: unknown): ApiFailure =>
  typeof error === "object" && error !== null ? (error as ApiFailure) : {};

export const statusOf = (error: unknown): number | undefined => asFailure(error).statusCode;

/** The daemon's own words, without what the client library puts around them. */
export function messageOf(error: unknown): string {
  const { json, message } = asFailure(error);
  const own = (json as { message?: unknown } | undefined)?.message;
  if (typeof own === "string") return own;
  return (message ?? String(error)).replace(/^\(HTTP code \d+\) [^-]*- /, "").trim();
}

function kindOf(error: unknown): DriverErrorKind {
  const status = statusOf(error);
  if (status === undefined) return asFailure(error).code === undefined ? "fatal" : "unavailable";
  if (status === 404) return "not-found";
  if (status === 409) return "conflict";
  return status === 502 || status === 503 || status === 504 ? "unavailable" : "fatal";
}

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
  if (status === 404 || absent.test(message)) return new DriverError("not-found", message);
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
