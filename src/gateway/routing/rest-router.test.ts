import { expect, it } from "vitest";
import { buildModelOf } from "../../../tools/wire-model.ts";
import { restRouter } from "./rest-router.ts";
import { bucketOf, pathOf, queryOf } from "./url.ts";

const s3 = restRouter(buildModelOf("s3", await import("@aws-sdk/client-s3"), []));

it.each([
  ["GET", "/", "ListBuckets", {}],
  ["PUT", "/b", "CreateBucket", { Bucket: "b" }],
  ["PUT", "/b/", "CreateBucket", { Bucket: "b" }],
  ["GET", "/b?list-type=2", "ListObjectsV2", { Bucket: "b" }],
  ["GET", "/b", "ListObjects", { Bucket: "b" }],
  ["GET", "/b?location", "GetBucketLocation", { Bucket: "b" }],
  ["GET", "/b/k", "GetObject", { Bucket: "b", Key: "k" }],
  ["PUT", "/b/a/k%20c/", "PutObject", { Bucket: "b", Key: "a/k c/" }],
  ["PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart", { Bucket: "b", Key: "k" }],
  ["GET", "/b/k?tagging", "GetObjectTagging", { Bucket: "b", Key: "k" }],
  ["DELETE", "/b/k?uploadId=u", "AbortMultipartUpload", { Bucket: "b", Key: "k" }],
  ["PATCH", "/b", undefined, {}],
])("%s %s: %s", (method, url, name, labels) => {
  const found = s3({ method, path: pathOf(url), query: queryOf(url), headers: {} });
  expect(found?.name).toBe(name);
  expect(Object.fromEntries(found?.labels ?? [])).toEqual(labels);
});

it("a source to copy from: CopyObject", () => {
  const headers = { "x-amz-copy-source": "a/b" };
  expect(s3({ method: "PUT", path: "/b/k", query: new Map(), headers })?.name).toBe("CopyObject");
});

it.each([
  ["b.s3.amazonaws.com", "b"],
  ["a.b.s3.eu-west-1.amazonaws.com", "a.b"],
  ["b.s3.localhost:4566", "b"],
  ["s3.amazonaws.com", undefined],
  ["localhost:4566", undefined],
])("the bucket of %s: %s", (host, bucket) => {
  expect(bucketOf({ host })).toBe(bucket);
});
