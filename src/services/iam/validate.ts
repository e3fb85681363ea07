/** Checks that several operations of IAM share. */
import type { Tag as WireTag } from "@aws-sdk/client-iam";
import { explainMalformedPolicy, type PolicyKind } from "../../engine/policy-document.ts";
import type { Tag } from "../../model/scope.ts";
import {
  choiceError,
  constraintError,
  invalidInput,
  malformedPolicy,
  validationError,
} from "./errors.ts";

/** A name of at most `longest` characters. `member` is the wire's name for it, first letter small. */
export function validateName(given: string | undefined, member: string, longest: number): string {
  const name = validateLength(given ?? "", member, 1, longest);
  if (/^[\w+=,.@-]+$/.test(name)) return name;
  throw validationError(
    `The specified value for ${member} is invalid. It must contain only alphanumeric characters ` +
      "and/or the following: +=,.@_-",
  );
}

export function validateLength(
  text: string,
  member: string,
  shortest: number,
  longest: number,
): string {
  if (text.length < shortest) {
    throw constraintError(member, text, `length greater than or equal to ${shortest}`);
  }
  if (text.length > longest) {
    throw constraintError(member, text, `length less than or equal to ${longest}`);
  }
  return text;
}

export function validatePath(path: string | undefined, member = "path"): string {
  if (path === undefined) return "/";
  validateLength(path, member, 1, 512);
  if (/^\/([!-~]+\/)?$/.test(path)) return path;
  throw validationError(
    `The specified value for ${member} is invalid. It must begin and end with / and contain only ` +
      "alphanumeric characters and/or / characters.",
  );
}

/** The beginning of paths that a list is wanted of; it need not end with a slash. */
export function validatePrefix(prefix: string | undefined): string {
  if (prefix === undefined) return "/";
  validateLength(prefix, "pathPrefix", 1, 512);
  if (/^\/[!-~]*$/.test(prefix)) return prefix;
  throw validationError(
    "The specified value for pathPrefix is invalid. It must begin with / and contain only " +
      "alphanumeric characters and/or / characters.",
  );
}

export function validateDescription(text: string | undefined): string | undefined {
  return text === undefined ? undefined : validateLength(text, "description", 0, 1000);
}

export function validateChoice<Choice extends string>(
  value: string | undefined,
  member: string,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw choiceError(member, value, choices);
  return choice;
}

export function validateDocument(text: string | undefined, kind: PolicyKind): string {
  const reason = explainMalformedPolicy(text ?? "", kind);
  if (reason) throw malformedPolicy(reason);
  return text ?? "";
}

/** What counts against a quota of size: white space does not. */
export const sizeOf = (document: string): number => document.replace(/\s/g, "").length;

export function validateSession(seconds: number | undefined): number {
  if (seconds === undefined) return 3600;
  if (seconds >= 3600 && seconds <= 43_200) return seconds;
  const bound = seconds < 3600 ? "greater than or equal to 3600" : "less than or equal to 43200";
  throw constraintError("maxSessionDuration", seconds, `value ${bound}`);
}

/** Keys of users' and roles' tags are told apart without regard to case, all others with it. */
export type TagCase = "folded" | "exact";

export const foldTagKey = (key: string, tagCase: TagCase): string =>
  tagCase === "folded" ? key.toLowerCase() : key;

/** Tags of a request, checked. */
export function toTags(tags: readonly WireTag[] | undefined, tagCase: TagCase = "exact"): Tag[] {
  const result = (tags ?? []).map(({ Key: key = "", Value: value = "" }) => ({ key, value }));
  result.forEach(({ key, value }, at) => {
    validateLength(key, `tags.${at + 1}.member.key`, 1, 128);
    validateLength(value, `tags.${at + 1}.member.value`, 0, 256);
    if (/^aws:/i.test(key)) {
      throw invalidInput(`Tag keys may not begin with aws:, which ${key} does.`);
    }
    if (![key, value].every((text) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text))) {
      throw invalidInput(`The tag ${key} holds characters that tags may not hold.`);
    }
  });
  if (new Set(result.map((tag) => foldTagKey(tag.key, tagCase))).size < result.length) {
    throw invalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
  }
  return mergeTags([], result, tagCase);
}

export function mergeTags(old: readonly Tag[], added: readonly Tag[], tagCase: TagCase): Tag[] {
  const folded = ({ key }: Tag): string => foldTagKey(key, tagCase);
  const replaced = new Set(added.map(folded));
  const merged = [...old.filter((tag) => !replaced.has(folded(tag))), ...added];
  if (merged.length > 50) {
    throw invalidInput("The number of tags has reached the maximum limit of 50.");
  }
  return merged;
}

const mostEncoded = 200;
// Lists of roles tell the same few trust policies, each time they are asked for.
const encoded = new Map<string, string>();

/** Documents in answers are percent-encoded, as RFC 3986 has it. */
export function encodeDocument(text: string): string {
  const known = encoded.get(text);
  if (known !== undefined) return known;
  const printed = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (encoded.size >= mostEncoded) encoded.clear();
  encoded.set(text, printed);
  return printed;
}
