/** The policy of an endpoint: a document that says who may do what through it. */
import { has, type Json, readStatements } from "../../engine/policy-grammar.ts";
import { invalidPolicy } from "./link-errors.ts";

/** What an endpoint has when it is given nothing else, as AWS writes it. */
export const fullAccess = JSON.stringify({
  Version: "2008-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
});

const mostCharacters = 20_480;

/** The text; undefined when none is given. */
export function policyOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (text.length > mostCharacters) throw invalidPolicy();
  const statements = readStatements(parse(text));
  if (!statements?.every(isComplete)) throw invalidPolicy();
  return text;
}

/** All who come through are strangers to the endpoint: each statement says of whom it speaks. */
const isComplete = (statement: Json): boolean =>
  ["Principal", "Action", "Resource"].every(
    (member) => has(statement, member) || has(statement, `Not${member}`),
  ) && isPrincipal(statement["Principal"] ?? statement["NotPrincipal"]);

function isPrincipal(value: unknown): boolean {
  if (value === "*") return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([kind, names]) => isKind(kind) && areNames(names));
}

const isKind = (kind: string): boolean =>
  ["AWS", "Service", "Federated", "CanonicalUser"].includes(kind);

const areNames = (names: unknown): boolean =>
  [names].flat().every((name) => typeof name === "string" && name !== "");

/** Throws where in the text it stops being JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidPolicy(positionIn(text, error));
  }
}

/** `(line,column)`, both from 1, as the parser tells it; it says nothing of a text that is cut off. */
function positionIn(text: string, error: unknown): string {
  const told = /at position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  const before = text.slice(0, told === undefined ? text.length : Number(told)).split("\n");
  return `(${before.length},${(before.at(-1) ?? "").length + 1})`;
}
