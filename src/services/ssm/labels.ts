/** Labels of parameter versions: each is on at most one version of its parameter. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { isLabel } from "../../engine/ssm/names.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { type WriteContext, write } from "../../gateway/service.ts";
import type { Parameter, ParameterVersion } from "../../model/ssm.ts";
import { versionsOf } from "../../state/ssm.ts";
import { parameterVersions } from "../../state/tables/ssm.ts";
import { versionNotFound } from "./errors.ts";
import { parameterArns, requireParameter } from "./lookup.ts";

const mostLabels = 10;

export const labelParameterVersion = write<
  Ssm.LabelParameterVersionRequest,
  Ssm.LabelParameterVersionResult
>({
  action: "ssm:LabelParameterVersion",
  resources: parameterArns,
  accepts: { Name: true, ParameterVersion: true, Labels: true },
  run(context, input) {
    const labels = validateLabels(input.Labels);
    const parameter = requireParameter(context, input.Name);
    const number = input.ParameterVersion ?? parameter.version;
    const version = requireVersion(context, parameter, number);
    const good = labels.filter(isLabel);
    const InvalidLabels = labels.filter((label) => !isLabel(label));
    if (InvalidLabels.length > 0) return { InvalidLabels, ParameterVersion: number };
    const together = new Set([...version.labels, ...good]);
    if (together.size > mostLabels) {
      throw new ApiError(
        "ParameterVersionLabelLimitExceeded",
        `A parameter version can have maximum ${mostLabels} labels.Move one or more labels to another version and try again.`,
      );
    }
    const table = context.tx.table(parameterVersions);
    for (const other of versionsOf(context.tx, parameter)) {
      if (other.version === number || !other.labels.some((label) => good.includes(label))) continue;
      table.put({ ...other, labels: other.labels.filter((label) => !good.includes(label)) });
    }
    table.put({ ...version, labels: [...together] });
    return { InvalidLabels: [], ParameterVersion: number };
  },
});

export const unlabelParameterVersion = write<
  Ssm.UnlabelParameterVersionRequest,
  Ssm.UnlabelParameterVersionResult
>({
  action: "ssm:UnlabelParameterVersion",
  resources: parameterArns,
  accepts: { Name: true, ParameterVersion: true, Labels: true },
  run(context, input) {
    const labels = validateLabels(input.Labels);
    const parameter = requireParameter(context, input.Name);
    const version = requireVersion(context, parameter, input.ParameterVersion ?? 0);
    const RemovedLabels = labels.filter((label) => version.labels.includes(label));
    const kept = version.labels.filter((label) => !labels.includes(label));
    context.tx.table(parameterVersions).put({ ...version, labels: kept });
    const InvalidLabels = labels.filter((label) => !version.labels.includes(label));
    return { RemovedLabels, InvalidLabels };
  },
});

function validateLabels(labels: readonly string[] | undefined): readonly string[] {
  checkConstraints([["labels", labels, { length: [1, mostLabels] }]]);
  for (const [at, label] of (labels ?? []).entries()) {
    checkConstraints([[`labels.${at + 1}.member`, label, { length: [1, 100] }]]);
  }
  return labels ?? [];
}

function requireVersion(
  { tx }: WriteContext,
  parameter: Parameter,
  number: number,
): ParameterVersion {
  const found = versionsOf(tx, parameter).find(({ version }) => version === number);
  if (found) return found;
  throw versionNotFound(parameter.name, String(number));
}
