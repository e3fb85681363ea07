import { describe, expect, it } from "vitest";
import {
  isDigest,
  isImageTag,
  isTagImmutable,
  type Repository,
  type TagMutability,
} from "./ecr.ts";

const repository = (tagMutability: TagMutability): Repository => ({
  account: "000000000000",
  region: "us-east-1",
  arn: "",
  name: "app",
  tagMutability,
  mutabilityExclusions: ["dev-*", "a.b"],
  scanOnPush: false,
  encryption: { type: "AES256", kmsKey: undefined },
  policyText: undefined,
  lifecyclePolicyText: undefined,
  createdAt: 0,
  tags: [],
});

describe("isTagImmutable", () => {
  it.each<[TagMutability, string, boolean]>([
    ["MUTABLE", "v1", false],
    ["IMMUTABLE", "dev-1", true],
    ["IMMUTABLE_WITH_EXCLUSION", "v1", true],
    ["IMMUTABLE_WITH_EXCLUSION", "dev-1", false],
    ["MUTABLE_WITH_EXCLUSION", "dev-1", true],
    ["MUTABLE_WITH_EXCLUSION", "v1", false],
    ["MUTABLE_WITH_EXCLUSION", "a.b", true],
    ["MUTABLE_WITH_EXCLUSION", "aXb", false],
  ])("%s and the tag %s: %s", (mutability, tag, expected) => {
    expect(isTagImmutable(repository(mutability), tag)).toBe(expected);
  });
});

describe("names", () => {
  it("digests and tags: told apart from what is neither", () => {
    expect(isDigest(`sha256:${"0a".repeat(32)}`)).toBe(true);
    expect(isDigest(`sha256:${"0A".repeat(32)}`)).toBe(false);
    expect(isImageTag("v1.2_3-x")).toBe(true);
    expect(isImageTag(".v1")).toBe(false);
    expect(isImageTag("x".repeat(129))).toBe(false);
  });
});
