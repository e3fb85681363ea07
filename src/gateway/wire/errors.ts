/** Errors of a wire model. */
import type { ApiError } from "../api-error.ts";
import type { ErrorModel, WireModel } from "./model.ts";

/** By the shape's name or by its code in a query: services may throw either. */
export function findError(
  { errors }: WireModel,
  code: string,
): { readonly name: string; readonly model: ErrorModel } | undefined {
  const named = Object.hasOwn(errors, code) ? errors[code] : undefined;
  if (named) return { name: code, model: named };
  const found = Object.entries(errors).find(([, error]) => error.code === code);
  return found && { name: found[0], model: found[1] };
}

/** Its own, or the model's when it was thrown without one. */
export function statusOf(error: ApiError, model: ErrorModel | undefined): number {
  return error.hasStatus ? error.status : (model?.status ?? error.status);
}
