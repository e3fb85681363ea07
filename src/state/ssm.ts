/**
 * Finding a parameter and reading its value, for Parameter Store itself and for what refers to
 * parameters from elsewhere.
 */

import { parseReference } from "../engine/ssm/names.ts";
import { isPublicName, publicParameters } from "../engine/ssm/public-parameters.ts";
import { formatArn, parseArn } from "../model/arn.ts";
import type { Scope } from "../model/scope.ts";
import type { Parameter, ParameterVersion } from "../model/ssm.ts";
import { decryptWith, type KmsCall, type KmsFailure } from "./kms.ts";
import type { ReadTransaction, WriteTransaction } from "./store.ts";
import { parameters, parameterVersionKey, parameterVersions } from "./tables/ssm.ts";

export type FoundParameter = {
  readonly type: "found";
  readonly arn: string;
  readonly version: ParameterVersion;
  /** `:3` or `:label` when the reference had one. */
  readonly selector: string | undefined;
};

export type ParameterFailure =
  | { readonly type: "no-such-parameter"; readonly name: string }
  | { readonly type: "no-such-version"; readonly name: string; readonly selector: string };

/** The parameter of a name or ARN, each with or without `:version` or `:label`. */
export function findParameter(
  tx: ReadTransaction,
  scope: Scope,
  reference: string,
): FoundParameter | ParameterFailure {
  const missing = { type: "no-such-parameter", name: reference } as const;
  const parsed = parseReference(localName(scope, reference) ?? "");
  if (!parsed) return missing;
  const { name, selector } = parsed;
  if (isPublicName(name)) return findPublic(scope, name, selector) ?? missing;
  const named = parameterNamed(tx, scope, name);
  // An ARN does not tell whether the name began with a slash.
  const isArn = reference.startsWith("arn:");
  const parameter = isArn ? (parameterNamed(tx, scope, `/${name}`) ?? named) : named;
  if (!parameter) return missing;
  const version =
    selector === undefined ? latestVersion(tx, parameter) : selectVersion(tx, parameter, selector);
  if (!version) return { type: "no-such-version", name: parameter.name, selector: selector ?? "" };
  return {
    type: "found",
    arn: parameter.arn,
    version,
    selector: selector === undefined ? undefined : `:${selector}`,
  };
}

/** The value of a version in plain text. */
export function readParameterValue(
  tx: ReadTransaction,
  call: Pick<KmsCall, "scope" | "sealing">,
  arn: string,
  version: ParameterVersion,
): { readonly type: "value"; readonly value: string } | KmsFailure {
  if (version.type !== "SecureString") return { type: "value", value: version.value };
  const ciphertext = Buffer.from(version.value, "base64");
  const opened = decryptWith(tx, call, ciphertext, parameterContext(arn));
  if (opened.type !== "decrypted") return opened;
  return { type: "value", value: opened.plaintext.toString("utf8") };
}

/** What Parameter Store authenticates along with a SecureString. */
export const parameterContext = (arn: string) => ({ PARAMETER_ARN: arn });

export const parameterArn = (scope: Scope, name: string): string =>
  formatArn("ssm", scope, `parameter/${name.replace(/^\//, "")}`);

export function latestVersion(tx: ReadTransaction, parameter: Parameter): ParameterVersion {
  const key = parameterVersionKey(parameter.name, parameter.version);
  const version = tx.table(parameterVersions).get(parameter, key);
  if (!version) throw new Error(`parameter ${parameter.name} has no version ${parameter.version}`);
  return version;
}

/** Oldest first. */
export const versionsOf = (tx: ReadTransaction, parameter: Parameter): ParameterVersion[] =>
  tx.table(parameterVersions).by("name", parameter, parameter.name);

export function deleteParameterRecord(tx: WriteTransaction, parameter: Parameter): void {
  for (const version of versionsOf(tx, parameter)) {
    const key = parameterVersionKey(version.name, version.version);
    tx.table(parameterVersions).delete(parameter, key);
  }
  tx.table(parameters).delete(parameter, parameter.name);
}

/** What AWS publishes, as versions of parameters that are nobody's. */
export function publicVersions(scope: Scope): ParameterVersion[] {
  return publicParameters(scope.region).map(({ name, value }) => ({
    account: scope.account,
    region: scope.region,
    name,
    version: 1,
    type: "String",
    value,
    keyId: undefined,
    description: undefined,
    allowedPattern: undefined,
    tier: "Standard",
    dataType: "text",
    policies: [],
    labels: [],
    modifiedAt: Date.UTC(2025, 0, 2),
    modifiedBy: "arn:aws:iam::aws:root",
  }));
}

/** An ARN of a public parameter has no account. */
export const publicArn = (scope: Scope, name: string): string =>
  parameterArn({ account: "", region: scope.region }, name);

/** The name in a reference, with its selector; undefined for an ARN that is not of this scope. */
function localName(scope: Scope, reference: string): string | undefined {
  if (!reference.startsWith("arn:")) return reference;
  const arn = parseArn(reference);
  const name = /^parameter\/(.+)$/.exec(arn?.resource ?? "")?.[1];
  if (arn?.service !== "ssm" || arn.region !== scope.region || name === undefined) return undefined;
  if (isPublicName(`/${name}`)) return `/${name}`;
  return arn.account === scope.account ? name : undefined;
}

/** The parameter of a plain name. Outside of a hierarchy a slash in front makes no other name of it. */
export function parameterNamed(
  tx: ReadTransaction,
  scope: Scope,
  name: string,
): Parameter | undefined {
  const table = tx.table(parameters);
  const bare = name.replace(/^\//, "");
  const found = table.get(scope, name);
  if (found || bare.includes("/")) return found;
  return table.get(scope, name === bare ? `/${bare}` : bare);
}

function selectVersion(
  tx: ReadTransaction,
  parameter: Parameter,
  selector: string,
): ParameterVersion | undefined {
  if (/^\d+$/.test(selector)) {
    const key = parameterVersionKey(parameter.name, Number(selector));
    return tx.table(parameterVersions).get(parameter, key);
  }
  return versionsOf(tx, parameter).find((version) => version.labels.includes(selector));
}

function findPublic(
  scope: Scope,
  name: string,
  selector: string | undefined,
): FoundParameter | undefined {
  const version = publicVersions(scope).find((one) => one.name === name);
  if (!version || (selector !== undefined && selector !== "1")) return undefined;
  const arn = publicArn(scope, name);
  return { type: "found", arn, version, selector: selector && `:${selector}` };
}
