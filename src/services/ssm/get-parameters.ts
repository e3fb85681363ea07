/** GetParameter and GetParameters. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { checkConstraints } from "../../gateway/constraints.ts";
import { type ReadOperation, read } from "../../gateway/service.ts";
import { findParameter } from "../../state/ssm.ts";
import { explainParameterFailure } from "./errors.ts";
import { nameBounds, namesArns, parameterArns, type SsmDependencies } from "./lookup.ts";
import { getSecretParameter, isSecretReference } from "./secret-references.ts";
import { shownValue, toParameter } from "./views.ts";

export function getParameter({
  sealing,
}: SsmDependencies): ReadOperation<Ssm.GetParameterRequest, Ssm.GetParameterResult> {
  return read<Ssm.GetParameterRequest, Ssm.GetParameterResult>({
    action: "ssm:GetParameter",
    resources: parameterArns,
    accepts: { Name: true, WithDecryption: true },
    run(context, input) {
      checkConstraints([["name", input.Name, nameBounds]]);
      const name = input.Name ?? "";
      if (isSecretReference(name)) {
        return { Parameter: getSecretParameter(context, sealing, name, input.WithDecryption) };
      }
      const found = findParameter(context.tx, context.scope, name);
      if (found.type !== "found") throw explainParameterFailure(found);
      const { arn, version } = found;
      const value = shownValue(context, sealing, arn, version, input.WithDecryption);
      return { Parameter: toParameter(found, value) };
    },
  });
}

export function getParameters({
  sealing,
}: SsmDependencies): ReadOperation<Ssm.GetParametersRequest, Ssm.GetParametersResult> {
  return read<Ssm.GetParametersRequest, Ssm.GetParametersResult>({
    action: "ssm:GetParameters",
    resources: namesArns,
    accepts: { Names: true, WithDecryption: true },
    run(context, input) {
      checkConstraints([["names", input.Names, { length: [1, 10] }]]);
      const Parameters: Ssm.Parameter[] = [];
      const InvalidParameters: string[] = [];
      for (const name of new Set(input.Names ?? [])) {
        if (isSecretReference(name)) {
          Parameters.push(getSecretParameter(context, sealing, name, input.WithDecryption));
          continue;
        }
        const found = findParameter(context.tx, context.scope, name);
        if (found.type !== "found") {
          InvalidParameters.push(name);
          continue;
        }
        const { arn, version } = found;
        const value = shownValue(context, sealing, arn, version, input.WithDecryption);
        Parameters.push(toParameter(found, value));
      }
      return { Parameters, InvalidParameters };
    },
  });
}
