/** What operations on parameters share: dependencies, ARNs to authorise, finding one by its name. */

import { isPublicName } from "../../engine/ssm/public-parameters.ts";
import type { RequestContext } from "../../gateway/service.ts";
import type { Scope } from "../../model/scope.ts";
import type { Parameter } from "../../model/ssm.ts";
import type { Sealing } from "../../seams/sealing.ts";
import type { KmsCall } from "../../state/kms.ts";
import { parameterArn, parameterNamed, publicArn } from "../../state/ssm.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { parameterNotFound } from "./errors.ts";

export type SsmDependencies = { readonly sealing: Sealing };

export type Reading = RequestContext & { readonly tx: ReadTransaction };

export const nameBounds = { length: [1, 2048] } as const;

/** The ARN of a name or an ARN, either of which may have a selector. */
export function arnOfName(scope: Scope, name: string): string {
  if (name.startsWith("arn:")) return name.split(":", partsOfArn).join(":");
  const [plain = ""] = name.split(":");
  return isPublicName(plain) ? publicArn(scope, plain) : parameterArn(scope, plain);
}

const partsOfArn = 6;

export const parameterArns = (
  input: { readonly Name?: string | undefined },
  { scope }: { readonly scope: Scope },
): string[] => [arnOfName(scope, input.Name ?? "*")];

export const namesArns = (
  input: { readonly Names?: readonly string[] | undefined },
  { scope }: { readonly scope: Scope },
): string[] => (input.Names ?? []).map((name) => arnOfName(scope, name));

/** A parameter by its plain name. */
export function requireParameter({ tx, scope }: Reading, name: string | undefined): Parameter {
  const parameter = parameterNamed(tx, scope, name ?? "");
  if (parameter) return parameter;
  throw parameterNotFound();
}

export const toCall = ({ scope, ids, now }: RequestContext, sealing: Sealing): KmsCall => ({
  scope,
  ids,
  now,
  sealing,
});
