import { describe, expect, it } from "vitest";
import { splitReference } from "./reference.ts";

describe("image references", () => {
  it.each([
    ["nginx", "nginx", "latest"],
    ["nginx:1.27", "nginx", "1.27"],
    [
      "localhost:4566/000000000000/us-east-1/app",
      "localhost:4566/000000000000/us-east-1/app",
      "latest",
    ],
    ["localhost:4566/a/app:v1", "localhost:4566/a/app", "v1"],
    ["app@sha256:00", "app", "sha256:00"],
    ["localhost:4566/app:v1@sha256:00", "localhost:4566/app", "sha256:00"],
  ])("%s: split", (reference, repository, tag) => {
    expect(splitReference(reference)).toEqual({ repository, tag });
  });
});
