/** Errors of a wire model. */
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

/** 400 is what an error has that was thrown without a status: then the model's counts. */
export function statusOf(thrown: number, model: ErrorModel | undefined): number {
  return thrown === 400 ? (model?.status ?? 400) : thrown;
}
