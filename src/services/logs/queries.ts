/** Logs Insights: queries are started, asked for and stopped. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import type { LogAnalysis } from "../../dataplane/logs/port.ts";
import { QueryError } from "../../engine/insights/lexer.ts";
import { mostRows, parseQuery } from "../../engine/insights/query.ts";
import { ApiError } from "../../gateway/api-error.ts";
import { type ReadContext, read } from "../../gateway/service.ts";
import { type LogGroup, retentionHorizon } from "../../model/logs.ts";
import type { Scope } from "../../model/scope.ts";
import { logStreamKey } from "../../state/log-streams.ts";
import { failedConstraint, invalidParameter, limitExceeded } from "./errors.ts";
import { groupArns, nameOfIdentifier, requireGroup, streamsOf } from "./lookup.ts";
import { pageOf, validateLimit } from "./paging.ts";
import type { QueryRun, QueryRuns } from "./query-runs.ts";

const longestQuery = 10_000;
const mostGroups = 50;

export const startQuery = (runs: QueryRuns) =>
  read<Logs.StartQueryRequest, Logs.StartQueryResponse>({
    action: "logs:StartQuery",
    resources: (input, context) =>
      groupNamesOf(input, context.scope).flatMap((logGroupName) =>
        groupArns({ logGroupName }, context),
      ),
    accepts: {
      queryLanguage: true,
      logGroupName: true,
      logGroupNames: true,
      logGroupIdentifiers: true,
      startTime: true,
      endTime: true,
      queryString: true,
      limit: true,
    },
    run(context, input) {
      const limit = validateLimit(input.limit, mostRows);
      const query = validateQuery(input);
      const names = validateGroupNames(input, context.scope);
      const groups = names.map((name) => requireGroup(context, name));
      const range = validateRange(input, groups, context.now);
      const run = runs.start(
        {
          id: context.ids.uuid(),
          scope: context.scope,
          analysis: { ...toTargets(context, groups), ...range, query, now: context.now, limit },
          groups: names,
          startedBy: context.caller.arn,
        },
        context.logger,
      );
      if (!run) throw limitExceeded();
      return { queryId: run.id };
    },
  });

function validateQuery({ queryString = "", queryLanguage = "CWLI" }: Logs.StartQueryRequest) {
  if (queryLanguage !== "CWLI") {
    throw invalidParameter(`Neargate evaluates no queries in ${queryLanguage} yet; use CWLI.`);
  }
  if (queryString.length > longestQuery) {
    const constraint = `Member must have length less than or equal to ${longestQuery}`;
    throw failedConstraint("queryString", queryString, constraint);
  }
  try {
    parseQuery(queryString);
    return queryString;
  } catch (error) {
    if (error instanceof QueryError) throw malformedQuery(error);
    throw error;
  }
}

const malformedQuery = ({ message, start, end }: QueryError): ApiError =>
  new ApiError("MalformedQueryException", message, {
    members: {
      queryCompileError: {
        location: { startCharOffset: start, endCharOffset: end },
        message,
      },
    },
  });

const groupNamesOf = (input: Logs.StartQueryRequest, scope: Scope): string[] => [
  ...(input.logGroupName === undefined ? [] : [input.logGroupName]),
  ...(input.logGroupNames ?? []),
  ...(input.logGroupIdentifiers ?? []).map((one) => nameOfIdentifier(one, scope)),
];

function validateGroupNames(input: Logs.StartQueryRequest, scope: Scope): string[] {
  const { logGroupName, logGroupNames, logGroupIdentifiers } = input;
  const given = [logGroupName, logGroupNames, logGroupIdentifiers].filter(
    (one) => one !== undefined && one.length > 0,
  );
  if (given.length !== 1) {
    throw invalidParameter(
      "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified.",
    );
  }
  const names = [...new Set(groupNamesOf(input, scope))];
  if (names.length <= mostGroups) return names;
  const constraint = `Member must have length less than or equal to ${mostGroups}`;
  throw failedConstraint("logGroupNames", `${names.length} names`, constraint);
}

/** Seconds, or milliseconds where the number could not be seconds. */
const toMilliseconds = (time: number): number => (time < 100_000_000_000 ? time * 1_000 : time);

function validateRange(
  input: Logs.StartQueryRequest,
  groups: readonly LogGroup[],
  now: number,
): Pick<LogAnalysis, "startTime" | "endTimeExclusive"> {
  const { startTime = 0, endTime = 0 } = input;
  if (startTime < 0 || endTime < startTime) {
    throw invalidParameter("The query's end time must not be before its start time.");
  }
  const isSeconds = endTime < 100_000_000_000;
  const end = toMilliseconds(endTime) + (isSeconds ? 1_000 : 1);
  const horizons = groups.map((group) => retentionHorizon(group, now) ?? 0);
  const isPast = groups.every((group, at) => end <= Math.max(group.createdAt, horizons[at] ?? 0));
  if (isPast) {
    throw new ApiError(
      "MalformedQueryException",
      "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings",
    );
  }
  // Of groups with different retentions the longest counts; the others' events go within the hour.
  const start = Math.max(toMilliseconds(startTime), Math.min(...horizons));
  return { startTime: start, endTimeExclusive: end };
}

function toTargets(
  { tx, scope }: ReadContext,
  groups: readonly LogGroup[],
): Pick<LogAnalysis, "streamKeys" | "names"> {
  const streams = groups.flatMap((group) => streamsOf({ tx, scope }, group));
  const names = Object.fromEntries(
    streams.map(({ group, name }) => [
      logStreamKey(scope, group, name),
      { log: `${scope.account}:${group}`, stream: name },
    ]),
  );
  return { streamKeys: Object.keys(names), names };
}

export const getQueryResults = (runs: QueryRuns) =>
  read<Logs.GetQueryResultsRequest, Logs.GetQueryResultsResponse>({
    action: "logs:GetQueryResults",
    resources: () => ["*"],
    accepts: { queryId: true },
    run({ scope }, input) {
      const { status, progress, rows, groups } = requireRun(runs, scope, input.queryId);
      return {
        queryLanguage: "CWLI",
        status,
        results: rows.map((row) => row.map((field) => ({ ...field }))),
        statistics: {
          recordsMatched: progress.matched,
          recordsScanned: progress.scanned,
          bytesScanned: progress.bytes,
          estimatedRecordsSkipped: 0,
          estimatedBytesSkipped: 0,
          logGroupsScanned: groups.length,
        },
      };
    },
  });

export const stopQuery = (runs: QueryRuns) =>
  read<Logs.StopQueryRequest, Logs.StopQueryResponse>({
    action: "logs:StopQuery",
    resources: () => ["*"],
    accepts: { queryId: true },
    run({ scope }, input) {
      const run = requireRun(runs, scope, input.queryId);
      if (runs.stop(run)) return { success: true };
      throw invalidParameter(`Query: ${run.id} is not running`);
    },
  });

export const describeQueries = (runs: QueryRuns) =>
  read<Logs.DescribeQueriesRequest, Logs.DescribeQueriesResponse>({
    action: "logs:DescribeQueries",
    resources: () => ["*"],
    accepts: {
      logGroupName: true,
      status: true,
      maxResults: true,
      nextToken: true,
      queryLanguage: true,
    },
    run({ scope }, input) {
      const found = runs
        .list(scope)
        .filter(
          ({ groups, status }) =>
            (input.logGroupName === undefined || groups.includes(input.logGroupName)) &&
            (input.status === undefined || input.status === status) &&
            (input.queryLanguage === undefined || input.queryLanguage === "CWLI"),
        );
      const asked = { limit: input.maxResults, nextToken: input.nextToken };
      const { page, nextToken } = pageOf(found, asked, {
        operation: "DescribeQueries",
        keyOf: ({ id }) => id,
        most: 1_000,
      });
      return { queries: page.map(toInfo), nextToken };
    },
  });

const toInfo = ({ id, analysis, status, groups, progress }: QueryRun): Logs.QueryInfo => ({
  queryLanguage: "CWLI",
  queryId: id,
  queryString: analysis.query,
  status,
  createTime: analysis.now,
  logGroupName: groups.join(","),
  bytesScanned: progress.bytes,
});

function requireRun(
  runs: QueryRuns,
  scope: ReadContext["scope"],
  id: string | undefined,
): QueryRun {
  const run = runs.find(scope, id ?? "");
  if (run) return run;
  throw new ApiError("ResourceNotFoundException", "The specified query does not exist.");
}
