import { expect, it } from "vitest";
import { awsPrefixLists } from "./aws-prefix-lists.ts";

it("the lists of two regions: one each for S3, DynamoDB and CloudFront, with ids of their own that stay", () => {
  const lists = [...awsPrefixLists("us-east-1"), ...awsPrefixLists("eu-west-1")];
  expect(lists.map((list) => list.prefixListName)).toEqual([
    "com.amazonaws.us-east-1.dynamodb",
    "com.amazonaws.us-east-1.s3",
    "com.amazonaws.global.cloudfront.origin-facing",
    "com.amazonaws.eu-west-1.dynamodb",
    "com.amazonaws.eu-west-1.s3",
    "com.amazonaws.global.cloudfront.origin-facing",
  ]);
  expect(new Set(lists.map((list) => list.prefixListId)).size).toBe(6);
  for (const { prefixListId } of lists) expect(prefixListId).toMatch(/^pl-[0-9a-f]{8}$/);
  expect(awsPrefixLists("us-east-1")).toEqual(lists.slice(0, 3));
});
