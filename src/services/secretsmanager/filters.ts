/**
 * Filters of lists of secrets. Values match from their beginning: of names and tags as they are, of
 * descriptions and of `all` word by word in any case. `!` in front turns one round.
 */
import type * as Secrets from "@aws-sdk/client-secrets-manager";
import { checkConstraints } from "../../gateway/constraints.ts";
import type { Secret } from "../../model/secrets.ts";

const keys = [
  "description",
  "name",
  "tag-key",
  "tag-value",
  "primary-region",
  "owning-service",
  "all",
];

export function matchesFilters(
  filters: readonly Secrets.Filter[] | undefined,
): (secret: Secret) => boolean {
  checkConstraints([["filters", filters, { length: [0, 10] }]]);
  for (const [at, { Key, Values }] of (filters ?? []).entries()) {
    const member = `filters.${at + 1}.member`;
    checkConstraints([
      [`${member}.key`, Key ?? "null", { oneOf: keys }],
      [`${member}.values`, Values ?? [], { length: [1, 10] }],
    ]);
  }
  return (secret) =>
    (filters ?? []).every(({ Key, Values }) =>
      (Values ?? []).some((value) => matchesValue(secret, Key ?? "", value)),
    );
}

function matchesValue(secret: Secret, key: string, value: string): boolean {
  const isNegated = value.startsWith("!");
  const wanted = isNegated ? value.slice(1) : value;
  return hasValue(secret, key, wanted) !== isNegated;
}

function hasValue(secret: Secret, key: string, wanted: string): boolean {
  const begins = (held: string): boolean => held.startsWith(wanted);
  const { name, description = "", tags } = secret;
  switch (key) {
    case "name":
      return begins(name);
    case "description":
      return holdsWords([description], wanted);
    case "tag-key":
      return tags.some((tag) => begins(tag.key));
    case "tag-value":
      return tags.some((tag) => begins(tag.value));
    case "all":
      return holdsWords(
        [name, description, ...tags.flatMap((tag) => [tag.key, tag.value])],
        wanted,
      );
    // Nothing here is replicated or owned by a service.
    default:
      return false;
  }
}

/** Whether each word that is wanted begins some word of the texts; no word at all is in none. */
function holdsWords(texts: readonly string[], wanted: string): boolean {
  const words = wordsOf(wanted);
  const held = texts.flatMap(wordsOf);
  return words.length > 0 && words.every((word) => held.some((one) => one.startsWith(word)));
}

/** In lower case; `AppBeta` is `app` and `beta`, and `HTTPServer` is `http` and `server`. */
const wordsOf = (text: string): string[] =>
  (text.match(/\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{N}]+|\p{Lu}+/gu) ?? []).map((word) =>
    word.toLowerCase(),
  );
