/** Lists of parameters: by path, by filters, and the versions of one. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { explainPath, isUnder } from "../../engine/ssm/names.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { paginate } from "../../gateway/pagination.ts";
import { type ReadOperation, read } from "../../gateway/service.ts";
import { formatArn } from "../../model/arn.ts";
import { latestVersion, publicArn, publicVersions, versionsOf } from "../../state/ssm.ts";
import { parameters } from "../../state/tables/ssm.ts";
import { invalidToken, validation } from "./errors.ts";
import { type Candidate, toMatch } from "./filters.ts";
import { arnOfName, type Reading, requireParameter, type SsmDependencies } from "./lookup.ts";
import { shownValue, toHistory, toMetadata, toParameter } from "./views.ts";

type PageInput = {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
};

export function getParametersByPath({
  sealing,
}: SsmDependencies): ReadOperation<Ssm.GetParametersByPathRequest, Ssm.GetParametersByPathResult> {
  return read<Ssm.GetParametersByPathRequest, Ssm.GetParametersByPathResult>({
    action: "ssm:GetParametersByPath",
    resources: (input, { scope }) => [arnOfName(scope, input.Path ?? "*")],
    conditions: (input) => ({ "ssm:Recursive": input.Recursive ?? false }),
    accepts: {
      Path: true,
      Recursive: true,
      ParameterFilters: true,
      WithDecryption: true,
      MaxResults: true,
      NextToken: true,
    },
    run(context, input) {
      const path = input.Path ?? "";
      const reason = explainPath(path);
      if (reason) throw validation(reason);
      const match = toMatch(input.ParameterFilters, ["Type", "KeyId", "Label"]);
      const found = candidates(context, /^\/aws\/service\b/.test(path))
        .filter(({ parameter }) => isUnder(parameter.name, path, input.Recursive ?? false))
        .filter(match);
      const page = pageOf(found, input, 10, "GetParametersByPath");
      const shown = page.items.map(({ parameter: { arn }, version }) => {
        const value = shownValue(context, sealing, arn, version, input.WithDecryption);
        return toParameter({ type: "found", arn, version, selector: undefined }, value);
      });
      return { Parameters: shown, ...page.rest };
    },
  });
}

export const describeParameters = read<Ssm.DescribeParametersRequest, Ssm.DescribeParametersResult>(
  {
    action: "ssm:DescribeParameters",
    resources: (_, { scope }) => [formatArn("ssm", scope, "*")],
    accepts: { Filters: true, ParameterFilters: true, MaxResults: true, NextToken: true },
    run(context, input) {
      if (input.Filters?.length && input.ParameterFilters?.length) {
        throw validation("You can use either Filters or ParameterFilters in a single request.");
      }
      const match = toMatch(input.ParameterFilters ?? olderFilters(input.Filters));
      const found = candidates(context, false).filter(match);
      const page = pageOf(found, input, 50, "DescribeParameters");
      const shown = page.items.map(({ parameter, version }) => toMetadata(parameter.arn, version));
      return { Parameters: shown, ...page.rest };
    },
  },
);

export function getParameterHistory({
  sealing,
}: SsmDependencies): ReadOperation<Ssm.GetParameterHistoryRequest, Ssm.GetParameterHistoryResult> {
  return read<Ssm.GetParameterHistoryRequest, Ssm.GetParameterHistoryResult>({
    action: "ssm:GetParameterHistory",
    resources: (input, { scope }) => [arnOfName(scope, input.Name ?? "*")],
    accepts: { Name: true, WithDecryption: true, MaxResults: true, NextToken: true },
    run(context, input) {
      checkPage(input, 50);
      const parameter = requireParameter(context, input.Name);
      const { items, nextToken } = paginate({
        items: versionsOf(context.tx, parameter),
        keyOf: ({ version }) => String(version).padStart(12, "0"),
        limit: input.MaxResults ?? 50,
        token: input.NextToken,
        operation: `ssm:GetParameterHistory ${parameter.name}`,
        explainToken: invalidToken,
      });
      const shown = items.map((version) =>
        toHistory(
          version,
          shownValue(context, sealing, parameter.arn, version, input.WithDecryption),
        ),
      );
      return { Parameters: shown, ...(nextToken && { NextToken: nextToken }) };
    },
  });
}

/** The filters of before `ParameterFilters`: a name stands for its beginning. */
const olderFilters = (
  filters: readonly Ssm.ParametersFilter[] | undefined,
): Ssm.ParameterStringFilter[] | undefined =>
  filters?.map(({ Key, Values }) => ({
    Key,
    Values,
    Option: Key === "Name" ? "BeginsWith" : "Equals",
  }));

/** Every parameter of the account, or those that AWS publishes. */
function candidates({ tx, scope }: Reading, published: boolean): Candidate[] {
  if (published) {
    return publicVersions(scope).map((version) => ({
      parameter: { name: version.name, arn: publicArn(scope, version.name), tags: [] },
      version,
      labels: [],
    }));
  }
  return tx
    .table(parameters)
    .list(scope)
    .map((parameter) => ({
      parameter,
      version: latestVersion(tx, parameter),
      labels: versionsOf(tx, parameter).flatMap(({ labels }) => labels),
    }));
}

function pageOf(
  items: readonly Candidate[],
  input: PageInput,
  most: number,
  operation: string,
): { items: Candidate[]; rest: { NextToken?: string } } {
  checkPage(input, most);
  const page = paginate({
    items,
    keyOf: ({ parameter }) => parameter.name,
    limit: input.MaxResults ?? most,
    token: input.NextToken,
    operation: `ssm:${operation}`,
    explainToken: invalidToken,
  });
  return { items: page.items, rest: page.nextToken ? { NextToken: page.nextToken } : {} };
}

const checkPage = (input: PageInput, most: number): void =>
  checkConstraints([["maxResults", input.MaxResults, { range: [1, most] }]]);
