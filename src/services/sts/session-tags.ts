/** Tags of a session: those asked for, and those that the caller's session hands on. */
import type { AssumeRoleRequest } from "@aws-sdk/client-sts";
import type { Tag } from "../../model/scope.ts";
import type { SessionContent } from "../../state/sessions.ts";
import { invalidParameter } from "./errors.ts";

export type SessionTags = {
  readonly tags: readonly Tag[];
  readonly transitiveTagKeys: readonly string[];
};

export function mergeSessionTags(
  session: SessionContent | undefined,
  { Tags = [], TransitiveTagKeys = [] }: Pick<AssumeRoleRequest, "Tags" | "TransitiveTagKeys">,
): SessionTags {
  const asked = Tags.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));
  if (new Set(asked.map(({ key }) => key.toLowerCase())).size < asked.length) {
    throw invalidParameter(
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  }
  const isAsked = (name: string): boolean => asked.some((tag) => isSameKey(tag.key, name));
  if (!TransitiveTagKeys.every(isAsked)) {
    throw invalidParameter(
      "The specified transitive tag key must be included in the requested tags.",
    );
  }
  const handedOn = session?.transitiveTagKeys ?? [];
  const inherited = (session?.tags ?? []).filter(({ key }) =>
    handedOn.some((name) => isSameKey(name, key)),
  );
  if (inherited.some(({ key }) => isAsked(key))) {
    throw invalidParameter(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive " +
        "tag key from the calling session.",
    );
  }
  return {
    tags: [...inherited, ...asked],
    transitiveTagKeys: [...handedOn, ...TransitiveTagKeys],
  };
}

const isSameKey = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();
