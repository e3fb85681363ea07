import { describe, expect, it } from "vitest";
import { explainPullRefusal } from "./pull-refusal.ts";

const said = (message: string, hasLogin = true) =>
  explainPullRefusal({ message, host: "registry.example", version: "v1", hasLogin });
const denied = "pull access denied, repository does not exist or may require authorization:";

describe("a registry's refusal in Fargate's words", () => {
  it("a password is asked for and there is none: no basic auth credentials", () => {
    expect(said('Head "https://registry.example/v2/app": no basic auth credentials', false)).toBe(
      `${denied} authorization failed: no basic auth credentials`,
    );
  });

  it("Docker Hub has no such repository, or not for them: insufficient scope", () => {
    const message =
      "pull access denied for a/b, repository does not exist or may require 'docker login': denied: " +
      "requested access to the resource is denied";
    expect(said(message, false)).toBe(
      `${denied} server message: insufficient_scope: authorization failed`,
    );
  });

  it.each([
    [true, "oauth"],
    [false, "anonymous"],
  ])("no token is given, with a login %s: which token failed", (hasLogin, token) => {
    const message =
      'Head "https://x/v2/a/manifests/v1": unauthorized: incorrect username or password';
    expect(said(message, hasLogin)).toBe(
      `failed to authorize: failed to fetch ${token} token: unexpected status: 401 Unauthorized`,
    );
  });

  it.each([
    ["unauthorized", "401 Unauthorized"],
    ["unauthorized: authentication required", "401 Unauthorized"],
    ["denied: no permission", "403 Forbidden"],
  ])("the manifest itself is refused with '%s': its status", (message, status) => {
    expect(said(message)).toBe(
      `pulling from host registry.example failed with status code [manifests v1]: ${status}`,
    );
  });

  it("another failure: not theirs to explain", () => {
    expect(said("connection reset by peer")).toBeUndefined();
  });
});
