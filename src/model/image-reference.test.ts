import { describe, expect, it } from "vitest";
import { parseImageReference } from "./image-reference.ts";

const digest = `sha256:${"a".repeat(64)}`;
const own = (image: string) => {
  const reference = parseImageReference(image, 4566);
  if (reference?.type !== "own") throw new Error(`${image} is not ours`);
  return reference;
};
const foreign = (image: string) => {
  const reference = parseImageReference(image, 4566);
  if (reference?.type !== "foreign") throw new Error(`${image} is not foreign`);
  return reference;
};

describe("parseImageReference", () => {
  it("a local name on another port: ours, pulled from the present port", () => {
    expect(own("localhost:9999/000000000000/us-east-1/team/app:v1")).toMatchObject({
      account: "000000000000",
      region: "us-east-1",
      repository: "team/app",
      tag: "v1",
      pullReference: "localhost:4566/000000000000/us-east-1/team/app:v1",
    });
  });

  it("127.0.0.1 without a tag: ours, latest", () => {
    expect(own("127.0.0.1:4566/000000000000/ap-northeast-1/app").tag).toBe("latest");
  });

  it("AWS's own registry name: ours", () => {
    expect(own("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v2").pullReference).toBe(
      "localhost:4566/123456789012/eu-west-1/app:v2",
    );
  });

  it("a tag and a digest: the digest decides", () => {
    const reference = own(`localhost:4566/000000000000/us-east-1/app:v1@${digest}`);
    expect(reference).toMatchObject({ tag: undefined, digest });
    expect(reference.pullReference).toBe(`localhost:4566/000000000000/us-east-1/app@${digest}`);
  });

  it.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["bitnami/redis:7", "docker.io/bitnami/redis:7"],
    ["public.ecr.aws/nginx/nginx:1", "public.ecr.aws/nginx/nginx:1"],
    ["localhost:5000/app:v1", "localhost:5000/app:v1"],
    [`nginx@${digest}`, `docker.io/library/nginx@${digest}`],
  ])("%s: foreign, in full %s", (image, canonical) => {
    expect(foreign(image).canonical).toBe(canonical);
  });

  it.each(["", "UPPER/case", "a b", "nginx:", "app@sha256:12"])(
    "%j: not an image name",
    (image) => {
      expect(parseImageReference(image, 4566)).toBeUndefined();
    },
  );
});
