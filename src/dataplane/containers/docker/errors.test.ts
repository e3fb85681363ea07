import { describe, expect, it } from "vitest";
import { DockerApiError } from "./client.ts";
import { toDriverError, tolerate, toPullError } from "./errors.ts";

describe("failures of the Docker Engine API", () => {
  it.each([
    [404, "not-found"],
    [409, "conflict"],
    [400, "fatal"],
    [500, "fatal"],
    [503, "unavailable"],
  ])("status %i: %s, in the daemon's words", (status, kind) => {
    const error = toDriverError(new DockerApiError(status, "its words"));
    expect(error).toMatchObject({ kind, message: "its words" });
  });

  it("no answer at all: unavailable", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    expect(toDriverError(refused).kind).toBe("unavailable");
  });

  it.each([
    [
      "manifest for app:v2 not found: manifest unknown: Requested image not found",
      404,
      "not-found",
    ],
    ["manifest unknown", undefined, "not-found"],
    [
      "pull access denied for x, repository does not exist or may require authorization",
      404,
      "fatal",
    ],
    ["unauthorized: authentication required", 500, "fatal"],
    ["Get https://registry/v2/: dial tcp: i/o timeout", 500, "unavailable"],
  ])("a pull that ends with %s: classified", (message, status, kind) => {
    expect(toPullError(message, status)).toMatchObject({ kind, message });
  });

  it("a tolerated status: the other value; any other: the error", async () => {
    const gone = Promise.reject(new DockerApiError(404, "gone"));
    expect(await tolerate<string | undefined>([404], undefined, gone)).toBeUndefined();
    const broken = Promise.reject(new DockerApiError(500, "broken"));
    await expect(tolerate([404], undefined, broken)).rejects.toMatchObject({ kind: "fatal" });
  });
});
