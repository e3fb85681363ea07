import { describe, expect, it } from "vitest";
import { sessionOfPath, streamUrlOf } from "./port.ts";

describe("where a session is entered", () => {
  it.each([
    ["127.0.0.1", "ws://127.0.0.1:4566/v1/data-channel/s-1?role=publish_subscribe"],
    ["0.0.0.0", "ws://localhost:4566/v1/data-channel/s-1?role=publish_subscribe"],
    ["::", "ws://localhost:4566/v1/data-channel/s-1?role=publish_subscribe"],
    ["::1", "ws://[::1]:4566/v1/data-channel/s-1?role=publish_subscribe"],
  ])("an engine at %s: %s, and the session is read from it", (host, url) => {
    expect(streamUrlOf({ host, port: 4566 }, "s-1")).toBe(url);
    expect(sessionOfPath(url.replace(/^ws:\/\/[^/]+/, ""))).toBe("s-1");
  });

  it.each(["/", "/v1/data-channel/", "/v1/data-channel/a/b", "/v2/data-channel/a", ""])(
    "%s: no session's path",
    (path) => {
      expect(sessionOfPath(path)).toBeUndefined();
    },
  );
});
