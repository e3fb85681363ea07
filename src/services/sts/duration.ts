/** How long a session lasts. */
import type { Role } from "../../model/iam.ts";
import { validationError } from "./errors.ts";

const defaultSeconds = 3_600;

/** Seconds; an hour when nothing else is wanted. Throws for more than the role allows. */
export function readDuration(role: Role, wanted: number | undefined): number {
  const seconds = wanted ?? defaultSeconds;
  if (seconds <= role.maxSessionSeconds) return seconds;
  throw validationError(
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  );
}
