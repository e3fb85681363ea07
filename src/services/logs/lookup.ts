/** Finding groups and streams by what requests call them. */
import { parseArn } from "../../model/arn.ts";
import { type LogGroup, type LogStream, logStreamArn } from "../../model/logs.ts";
import type { Scope } from "../../model/scope.ts";
import type { ReadTransaction } from "../../state/store.ts";
import { logGroups, logStreamRecordKey, logStreams } from "../../state/tables/logs.ts";
import {
  failedConstraint,
  groupNotFound,
  invalidParameter,
  onlyStandard,
  streamNotFound,
} from "./errors.ts";

type Place = { readonly tx: ReadTransaction; readonly scope: Scope };

/** Inputs that take either; an identifier is a name or an ARN. */
export type GroupInput = {
  readonly logGroupName?: string | undefined;
  readonly logGroupIdentifier?: string | undefined;
};

/** The name of the group that an input means. Exactly one of the two must be given. */
export function groupNameOf(input: GroupInput, scope: Scope): string {
  const { logGroupName, logGroupIdentifier } = input;
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw invalidParameter("Exactly one of logGroupName and logGroupIdentifier must be specified.");
  }
  return logGroupName ?? nameOfIdentifier(logGroupIdentifier ?? "", scope);
}

/**
 * A name, or the name in an ARN with or without `:*`. An ARN of another account, region or service is
 * given back as it is, which no group is called.
 */
export function nameOfIdentifier(identifier: string, { account, region }: Scope): string {
  const arn = parseArn(identifier);
  const isHere = arn?.service === "logs" && arn.account === account && arn.region === region;
  return isHere ? arn.resource.replace(/^log-group:/, "").replace(/:\*$/, "") : identifier;
}

export function requireGroup({ tx, scope }: Place, name: string | undefined): LogGroup {
  const group = tx.table(logGroups).get(scope, name ?? "");
  if (!group) throw groupNotFound();
  return group;
}

/** A group of the class that filters and live tails are for. */
export function requireStandardGroup(place: Place, name: string | undefined): LogGroup {
  const group = requireGroup(place, name);
  if (group.logGroupClass !== "STANDARD") throw onlyStandard();
  return group;
}

export function requireStream(
  { tx, scope }: Place,
  group: LogGroup,
  name: string | undefined,
): LogStream {
  const stream = tx.table(logStreams).get(scope, logStreamRecordKey(group.name, name ?? ""));
  if (!stream) throw streamNotFound();
  return stream;
}

export const streamsOf = ({ tx, scope }: Place, group: LogGroup): LogStream[] =>
  tx.table(logStreams).by("group", scope, group.name);

/** For the `resources` of operations on one group. */
export const groupArns = (input: GroupInput, { scope }: { readonly scope: Scope }): string[] => {
  const name = input.logGroupName ?? nameOfIdentifier(input.logGroupIdentifier ?? "*", scope);
  return parseArn(name) ? [name] : [logStreamArn(scope, name)];
};

/** For those of operations on one stream. */
export const streamArns = (
  input: GroupInput & { readonly logStreamName?: string | undefined },
  context: { readonly scope: Scope },
): string[] => groupArns(input, context).map((arn) => arn + (input.logStreamName ?? ""));

export function validateGroupName(name: string | undefined): string {
  const isName = name !== undefined && /^[.\-_/#A-Za-z0-9]{1,512}$/.test(name);
  if (isName && /^aws\//i.test(name)) {
    throw invalidParameter("Log groups starting with AWS/ are reserved for AWS.");
  }
  if (isName) return name;
  throw failedConstraint(
    "logGroupName",
    name ?? "",
    String.raw`Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`,
  );
}

export function validateStreamName(name: string | undefined): string {
  const isName = name !== undefined && /^[^:*]{1,512}$/.test(name);
  if (isName) return name;
  throw failedConstraint(
    "logStreamName",
    name ?? "",
    "Member must satisfy regular expression pattern: [^:*]*",
  );
}

/** The name of a metric or subscription filter. */
export function validateFilterName(name: string | undefined): string {
  const isName = name !== undefined && /^[^:*]{1,512}$/.test(name);
  if (isName) return name;
  throw failedConstraint(
    "filterName",
    name ?? "",
    "Member must satisfy regular expression pattern: [^:*]*",
  );
}
