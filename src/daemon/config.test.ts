import { describe, expect, it } from "vitest";
import { ConfigError, type RawOptions, readConfig } from "./config.ts";

describe("engine options", () => {
  it("none: loopback, Docker, real time, the port left to the state directory", () => {
    const config = readConfig({ "state-dir": "/x" });
    expect(config).toMatchObject({
      port: undefined,
      host: "127.0.0.1",
      runtime: "docker",
      clock: { type: "real" },
    });
  });

  it.each([
    [{ port: "70000" }, "--port must be"],
    [{ port: "abc" }, "--port must be"],
    [{ runtime: "podman" }, "--runtime must be docker or simulated"],
    [{ clock: "fast" }, "--clock must be"],
    [{ clock: "0x" }, "--clock must be"],
    [{ clock: "manual" }, "needs --runtime simulated"],
    [{ region: "tokyo" }, "--region must look like"],
    [{ account: "12" }, "--account must be 12 digits"],
    [{ "log-level": "loud" }, "--log-level must be"],
    [{ "sandbox-pool": "-1" }, "--sandbox-pool must be"],
    [{ "log-store-limit": "63" }, "--log-store-limit must be"],
    [{ "as-role": "deploy" }, "--as-role must be the ARN of a role"],
    [
      { "as-role": "arn:aws:iam::000000000000:role/a", "strict-auth": true },
      "--strict-auth refuses",
    ],
  ])("%o: refused, naming the option", (options, sentence) => {
    expect(() => readConfig(options)).toThrow(ConfigError);
    expect(() => readConfig(options)).toThrow(sentence);
  });

  it("unknown keys: the root by default, refused or a role when told", () => {
    const roleArn = "arn:aws:iam::000000000000:role/team/deploy";
    const read = (options: RawOptions) => readConfig(options).unknownCallers;
    expect(read({})).toEqual({ type: "root" });
    expect(read({ "strict-auth": true })).toEqual({ type: "refused" });
    expect(read({ "as-role": roleArn })).toEqual({ type: "role", roleArn });
  });

  it("a factor: a scaled clock", () => {
    expect(readConfig({ clock: "20x" }).clock).toEqual({ type: "scaled", factor: 20 });
  });
});
