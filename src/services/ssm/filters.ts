/** ParameterFilters: which parameters of a list are asked for. Unknown ones are refused in AWS's words. */
import type * as Ssm from "@aws-sdk/client-ssm";
import { explainPath, isUnder } from "../../engine/ssm/names.ts";
import { checkConstraints } from "../../gateway/constraints.ts";
import { type Parameter, type ParameterVersion, parameterTypes } from "../../model/ssm.ts";
import { invalidFilterKey, invalidFilterOption, invalidFilterValue, validation } from "./errors.ts";

/** A parameter with its latest version, and every label on any of its versions. */
export type Candidate = {
  readonly parameter: Pick<Parameter, "name" | "arn" | "tags">;
  readonly version: ParameterVersion;
  readonly labels: readonly string[];
};

type Filter = Ssm.ParameterStringFilter;
type Match = (candidate: Candidate) => boolean;

const keyPattern = /^(?:tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$/;
const describeKeys = ["Path", "Name", "Type", "KeyId", "Tier", "DataType"];

/** The filters of a request as one test. `allowed`: the keys that the operation takes. */
export function toMatch(
  filters: readonly Filter[] | undefined,
  allowed: readonly string[] = describeKeys,
): Match {
  for (const [at, { Key, Option, Values }] of (filters ?? []).entries()) {
    const member = `parameterFilters.${at + 1}.member`;
    checkConstraints([
      [`${member}.key`, Key, { length: [1, 132], pattern: keyPattern }],
      [`${member}.option`, Option, { length: [1, 10] }],
      [`${member}.values`, Values, { length: [0, 50] }],
    ]);
  }
  const seen = new Set<string>();
  const matches = (filters ?? []).map((filter) => {
    const key = filter.Key ?? "";
    if (seen.has(key)) {
      throw invalidFilterKey(
        `The following filter is duplicated in the request: ${key}. A request can contain only one occurrence of a specific filter.`,
      );
    }
    seen.add(key);
    return matchOf(filter, key, allowed);
  });
  return (candidate) => matches.every((match) => match(candidate));
}

function matchOf(filter: Filter, key: string, allowed: readonly string[]): Match {
  const isTag = key.startsWith("tag:");
  if (!(isTag && allowed === describeKeys) && !allowed.includes(key)) {
    throw invalidFilterKey(
      `The following filter key is not valid: ${key}. Valid filter keys include: [${allowed.join(", ")}].`,
    );
  }
  const values = filter.Values ?? [];
  if (values.length === 0 && !isTag) {
    throw invalidFilterValue(
      `The following filter values are missing : null for filter key ${key}.`,
    );
  }
  if (key === "Path") return matchPath(filter, values);
  const option = checkOption(filter.Option ?? "Equals", key);
  if (key === "Type") requireTypes(values);
  return (candidate) => {
    const held = heldBy(candidate, key);
    if (isTag && values.length === 0) return held.length > 0;
    return held.some((one) => values.some((value) => isHit(one, value, option, key)));
  };
}

function checkOption(option: string, key: string): string {
  const options = key === "Name" ? ["BeginsWith", "Contains", "Equals"] : ["BeginsWith", "Equals"];
  if (options.includes(option)) return option;
  throw invalidFilterOption(
    `The following filter option is not valid: ${option}. Valid options include: [${options.join(", ")}].`,
  );
}

function requireTypes(values: readonly string[]): void {
  const odd = values.find((value) => !parameterTypes.some((type) => type === value));
  if (odd === undefined) return;
  throw invalidFilterValue(
    `The following filter value is not valid: ${odd}. Valid values include: [${parameterTypes.join(", ")}].`,
  );
}

function matchPath(filter: Filter, values: readonly string[]): Match {
  const option = filter.Option ?? "OneLevel";
  if (option !== "OneLevel" && option !== "Recursive") {
    throw invalidFilterOption(
      `The following filter option is not valid: ${option}. Valid options include: [Recursive, OneLevel].`,
    );
  }
  for (const value of values) {
    const reason = explainPath(value);
    if (reason) throw validation(reason);
  }
  const recursive = option === "Recursive";
  return ({ parameter }) => values.some((path) => isUnder(parameter.name, path, recursive));
}

function isHit(held: string, value: string, option: string, key: string): boolean {
  // `/a` and `a` are told apart by Equals only.
  const [one, other] =
    key === "Name" && option !== "Equals" ? [bare(held), bare(value)] : [held, value];
  if (option === "BeginsWith") return one.startsWith(other);
  return option === "Contains" ? one.includes(other) : one === other;
}

const bare = (name: string): string => name.replace(/^\//, "");

function heldBy({ parameter, version, labels }: Candidate, key: string): readonly string[] {
  switch (key) {
    case "Name":
      return [parameter.name];
    case "Type":
      return [version.type];
    case "KeyId":
      return version.keyId === undefined ? [] : [version.keyId];
    case "Label":
      return labels;
    case "Tier":
      return [version.tier];
    case "DataType":
      return [version.dataType];
    default: {
      const tag = key.slice("tag:".length);
      return parameter.tags.filter(({ key: name }) => name === tag).map(({ value }) => value);
    }
  }
}
