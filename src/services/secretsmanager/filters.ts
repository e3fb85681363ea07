/** Filters of lists of secrets: values match from their beginning, `!` in front turns one round. */
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
  const beginsAnyCase = (held: string): boolean =>
    held.toLowerCase().startsWith(wanted.toLowerCase());
  const { name, description = "", tags } = secret;
  switch (key) {
    case "name":
      return begins(name);
    case "description":
      return beginsAnyCase(description);
    case "tag-key":
      return tags.some((tag) => begins(tag.key));
    case "tag-value":
      return tags.some((tag) => begins(tag.value));
    case "all": {
      const words = wanted
        .toLowerCase()
        .split(/[^a-z0-9]+/i)
        .filter((word) => word !== "");
      const texts = [name, description, ...tags.flatMap((tag) => [tag.key, tag.value])];
      const held = texts.flatMap((text) => text.toLowerCase().split(/[^a-z0-9]+/i));
      return words.some((word) => held.some((one) => one.startsWith(word)));
    }
    // Nothing here is replicated or owned by a service.
    default:
      return false;
  }
}
