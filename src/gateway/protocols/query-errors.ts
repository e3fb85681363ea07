/** What services that once spoke AWS query still tell of an error in their newer protocols. */
import type { ApiError } from "../api-error.ts";
import { findError } from "../wire/errors.ts";
import type { LinkedModel } from "../wire/shapes.ts";

/** `x-amzn-query-error: <code of the query protocol>;<whose fault>`, where clients expect it. */
export function queryErrorHeader(
  error: ApiError,
  model: LinkedModel | undefined,
): Record<string, string> {
  if (!model?.model.metadata.awsQueryCompatible) return {};
  const known = findError(model.model, error.code);
  const code = known ? (known.model.code ?? known.name) : error.code;
  const fault = error.status < 500 ? "Sender" : "Receiver";
  return { "x-amzn-query-error": `${code};${fault}` };
}
