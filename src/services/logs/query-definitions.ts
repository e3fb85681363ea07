/** Query definitions: queries that somebody keeps under a name, whose part before a slash is a folder. */
import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { read, write } from "../../gateway/service.ts";
import type { QueryDefinition } from "../../model/logs.ts";
import { queryDefinitions } from "../../state/tables/logs.ts";
import { definitionNotFound, invalidParameter } from "./errors.ts";
import { nameOfIdentifier } from "./lookup.ts";
import { pageOf } from "./paging.ts";

const mostKept = 1_000;
const mostGroups = 50;

export const putQueryDefinition = write<
  Logs.PutQueryDefinitionRequest,
  Logs.PutQueryDefinitionResponse
>({
  action: "logs:PutQueryDefinition",
  resources: () => ["*"],
  accepts: {
    name: true,
    queryString: true,
    queryDefinitionId: true,
    logGroupNames: true,
    queryLanguage: true,
    clientToken: true,
  },
  run({ tx, scope, ids, now }, input) {
    if ((input.queryLanguage ?? "CWLI") !== "CWLI") {
      throw invalidParameter(`Neargate has no queries in ${input.queryLanguage} yet`);
    }
    const groups = (input.logGroupNames ?? []).map((identifier) =>
      nameOfIdentifier(identifier, scope),
    );
    if (groups.length > mostGroups) {
      throw invalidParameter(`A query definition can have no more than ${mostGroups} log groups.`);
    }
    const table = tx.table(queryDefinitions);
    const known = input.queryDefinitionId;
    if (known !== undefined && !table.get(scope, known)) throw definitionNotFound();
    // A repeated request must not keep the query twice.
    const id = known ?? input.clientToken ?? ids.uuid();
    if (!table.get(scope, id) && table.list(scope).length >= mostKept) {
      throw invalidParameter(`There can be no more than ${mostKept} query definitions.`);
    }
    const { account, region } = scope;
    const { name = "", queryString: query = "" } = input;
    table.put({ account, region, id, name, query, groups, updatedAt: now });
    return { queryDefinitionId: id };
  },
});

export const describeQueryDefinitions = read<
  Logs.DescribeQueryDefinitionsRequest,
  Logs.DescribeQueryDefinitionsResponse
>({
  action: "logs:DescribeQueryDefinitions",
  resources: () => ["*"],
  accepts: {
    queryDefinitionNamePrefix: true,
    queryLanguage: true,
    maxResults: true,
    nextToken: true,
  },
  run({ tx, scope }, input) {
    const isAsked = (input.queryLanguage ?? "CWLI") === "CWLI";
    const found = tx
      .table(queryDefinitions)
      .list(scope)
      .filter(({ name }) => isAsked && name.startsWith(input.queryDefinitionNamePrefix ?? ""));
    const request = { limit: input.maxResults, nextToken: input.nextToken };
    const { page, nextToken } = pageOf(found, request, {
      operation: "DescribeQueryDefinitions",
      keyOf: ({ id }) => id,
      most: 1_000,
    });
    return { queryDefinitions: page.map(toView), nextToken };
  },
});

export const deleteQueryDefinition = write<
  Logs.DeleteQueryDefinitionRequest,
  Logs.DeleteQueryDefinitionResponse
>({
  action: "logs:DeleteQueryDefinition",
  resources: () => ["*"],
  accepts: { queryDefinitionId: true },
  run({ tx, scope }, { queryDefinitionId = "" }) {
    const table = tx.table(queryDefinitions);
    if (!table.get(scope, queryDefinitionId)) throw definitionNotFound();
    table.delete(scope, queryDefinitionId);
    return { success: true };
  },
});

const toView = (definition: QueryDefinition): Logs.QueryDefinition => ({
  queryLanguage: "CWLI",
  queryDefinitionId: definition.id,
  name: definition.name,
  queryString: definition.query,
  lastModified: definition.updatedAt,
  logGroupNames: [...definition.groups],
});
