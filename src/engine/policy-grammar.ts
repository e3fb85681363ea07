/**
 * The grammar of policy documents: which members there are, and of what form each is. What breaks it is
 * for IAM a syntax error, whatever else the document says.
 */
import { isConditionOperator } from "./policy/conditions.ts";
import { readOperator } from "./policy/document.ts";

export type Json = { readonly [key: string]: unknown };

const versions: readonly unknown[] = ["2008-10-17", "2012-10-17"];
const documentMembers = ["Version", "Id", "Statement"];
const statementMembers = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

/** The statements of a document that keeps the grammar, else undefined. */
export function readStatements(document: unknown): readonly Json[] | undefined {
  if (!isObject(document) || !hasOnly(document, documentMembers)) return undefined;
  const { Version, Id, Statement } = document;
  if (Version !== undefined && !versions.includes(Version)) return undefined;
  if (Id !== undefined && typeof Id !== "string") return undefined;
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  return statements.length > 0 && statements.every(isStatement) ? statements : undefined;
}

function isStatement(value: unknown): value is Json {
  if (!isObject(value) || !hasOnly(value, statementMembers)) return false;
  const { Sid, Effect, Condition } = value;
  if (Sid !== undefined && typeof Sid !== "string") return false;
  if (typeof Effect !== "string" || !/^(?:allow|deny)$/i.test(Effect)) return false;
  const isClear = ["Action", "Resource", "Principal"].every(
    (member) => !(has(value, member) && has(value, `Not${member}`)),
  );
  const texts = ["Action", "NotAction", "Resource", "NotResource"];
  if (!isClear || !texts.every((name) => !has(value, name) || isTexts(value[name]))) return false;
  return Condition === undefined || (isObject(Condition) && isConditions(Condition));
}

/** An operator that there is not breaks the grammar only where it is given something to compare. */
const isConditions = (conditions: Json): boolean =>
  Object.entries(conditions).every(
    ([operator, keys]) =>
      isObject(keys) &&
      (Object.keys(keys).length === 0 || isConditionOperator(operator)) &&
      Object.values(keys).every((values) => listOf(values).every(isScalar)),
  );

/** Dates that conditions compare with. */
export const datesOf = (statement: Json): readonly unknown[] =>
  Object.entries((statement["Condition"] ?? {}) as Json)
    .filter(([operator]) => readOperator(operator).operator.startsWith("date"))
    .flatMap(([, keys]) => Object.values(keys as Json).flat());

const iso =
  /^-?\d+(?:-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12]\d|3[01]))?)?(?:t(?:\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:[.,]\d{1,9})?)?)?(?:z|[+-]\d{2}(?::?\d{2})?)?)?)?$/i;

/** A date, seconds or milliseconds as far as 64 bits go, or a text with a variable in it. */
export function isDate(value: unknown): boolean {
  const text = String(value);
  if (text.includes("${")) return true;
  return /^-?\d+$/.test(text) ? BigInt.asIntN(64, BigInt(text)) === BigInt(text) : iso.test(text);
}

/** The text or texts of a member; none when it is absent. */
export const textsOf = (statement: Json, member: string): readonly string[] =>
  has(statement, member) ? (listOf(statement[member]) as string[]) : [];

export const has = (statement: Json, member: string): boolean => statement[member] !== undefined;

const isTexts = (value: unknown): boolean => listOf(value).every((one) => typeof one === "string");

const isScalar = (value: unknown): boolean =>
  ["string", "number", "boolean"].includes(typeof value);

const hasOnly = (value: Json, members: readonly string[]): boolean =>
  Object.keys(value).every((key) => members.includes(key));

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
