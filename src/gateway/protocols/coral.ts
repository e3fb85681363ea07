/** The words in which AWS's common service framework reports constraint violations. */
import { ApiError } from "../api-error.ts";
import type { MemberPath } from "./member-path.ts";

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** `1 validation error detected: Value null at 'tags.1.member.key' failed to satisfy …` */
export function explainNulls(code: string, paths: readonly MemberPath[]): ApiError {
  const sentences = paths.map(
    (path) =>
      `Value null at '${coralPath(path)}' failed to satisfy constraint: Member must not be null`,
  );
  const plural = paths.length === 1 ? "error" : "errors";
  return new ApiError(
    code,
    `${paths.length} validation ${plural} detected: ${sentences.join("; ")}`,
  );
}

/** `tags.1.member.key` */
export function coralPath(path: MemberPath): string {
  return path
    .map((step) => {
      if (typeof step === "object") return lowerFirst(step.name);
      return `${step}.member`;
    })
    .join(".");
}
