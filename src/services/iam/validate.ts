/** Checks that several operations of IAM share. */
import type { Tag as WireTag } from "@aws-sdk/client-iam";
import { explainMalformedPolicy, type PolicyKind } from "../../engine/policy-document.ts";
import type { Tag } from "../../model/scope.ts";
import { invalidInput, malformedPolicy, validationError } from "./errors.ts";

/** A name of at most `longest` characters. `member` is the wire's name for it, first letter small. */
export function validateName(name: string | undefined, member: string, longest: number): string {
  if (name === undefined || name === "" || name.length > longest) {
    throw validationError(
      `1 validation error detected: Value '${name ?? ""}' at '${member}' failed to satisfy ` +
        `constraint: Member must have length between 1 and ${longest}`,
    );
  }
  if (/^[\w+=,.@-]+$/.test(name)) return name;
  throw validationError(
    `The specified value for ${member} is invalid. It must contain only alphanumeric characters ` +
      "and/or the following: +=,.@_-",
  );
}

export function validatePath(path: string | undefined): string {
  if (path === undefined) return "/";
  if (path.length <= 512 && /^\/([!-~]+\/)?$/.test(path)) return path;
  throw validationError(
    "The specified value for path is invalid. It must begin and end with / and contain only " +
      "alphanumeric characters and/or / characters.",
  );
}

export function validateDocument(text: string | undefined, kind: PolicyKind): string {
  const reason = explainMalformedPolicy(text ?? "", kind);
  if (reason) throw malformedPolicy(reason);
  return text ?? "";
}

export function validateSession(seconds: number | undefined): number {
  if (seconds === undefined) return 3600;
  if (seconds >= 3600 && seconds <= 43_200) return seconds;
  const bound = seconds < 3600 ? "greater than or equal to 3600" : "less than or equal to 43200";
  throw validationError(
    `1 validation error detected: Value '${seconds}' at 'maxSessionDuration' failed to satisfy ` +
      `constraint: Member must have value ${bound}`,
  );
}

/** Tags of a request, checked. Keys are told apart without regard to case, as IAM does. */
export function toTags(tags: readonly WireTag[] | undefined): Tag[] {
  const result = (tags ?? []).map(({ Key: key = "", Value: value = "" }) => ({ key, value }));
  for (const { key, value } of result) {
    const isGood = key.length >= 1 && key.length <= 128 && value.length <= 256;
    if (!isGood || /^aws:/i.test(key)) throw invalidInput(`The tag key '${key}' is not valid.`);
  }
  if (new Set(result.map((tag) => tag.key.toLowerCase())).size < result.length) {
    throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  return mergeTags([], result);
}

export function mergeTags(old: readonly Tag[], added: readonly Tag[]): Tag[] {
  const replaced = new Set(added.map((tag) => tag.key.toLowerCase()));
  const merged = [...old.filter((tag) => !replaced.has(tag.key.toLowerCase())), ...added];
  if (merged.length > 50) throw invalidInput("A resource can have at most 50 tags.");
  return merged;
}

/** Documents in answers are percent-encoded, as RFC 3986 has it. */
export const encodeDocument = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
