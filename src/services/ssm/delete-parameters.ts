/** DeleteParameter and DeleteParameters: all versions go at once. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { checkConstraints } from "../../gateway/constraints.ts";
import { write } from "../../gateway/service.ts";
import { deleteParameterRecord, parameterNamed } from "../../state/ssm.ts";
import { nameBounds, namesArns, parameterArns, requireParameter } from "./lookup.ts";

export const deleteParameter = write<Ssm.DeleteParameterRequest, Ssm.DeleteParameterResult>({
  action: "ssm:DeleteParameter",
  resources: parameterArns,
  accepts: { Name: true },
  run(context, input) {
    checkConstraints([["name", input.Name, nameBounds]]);
    deleteParameterRecord(context.tx, requireParameter(context, input.Name));
    return {};
  },
});

export const deleteParameters = write<Ssm.DeleteParametersRequest, Ssm.DeleteParametersResult>({
  action: "ssm:DeleteParameters",
  resources: namesArns,
  accepts: { Names: true },
  run({ tx, scope }, input) {
    checkConstraints([["names", input.Names, { length: [1, 10] }]]);
    const DeletedParameters: string[] = [];
    const InvalidParameters: string[] = [];
    for (const name of new Set(input.Names ?? [])) {
      const parameter = parameterNamed(tx, scope, name);
      if (parameter) deleteParameterRecord(tx, parameter);
      (parameter ? DeletedParameters : InvalidParameters).push(name);
    }
    return { DeletedParameters, InvalidParameters };
  },
});
