import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parseDockerHost } from "./docker-host.ts";

describe("DOCKER_HOST", () => {
  it.each([
    [
      "unix:///run/user/1000/podman/podman.sock",
      { socketPath: "/run/user/1000/podman/podman.sock" },
    ],
    ["tcp://10.0.0.1:2375", { host: "10.0.0.1", port: 2375, tls: undefined }],
    ["10.0.0.1:4000", { host: "10.0.0.1", port: 4000, tls: undefined }],
    ["tcp://docker.local", { host: "docker.local", port: 2375, tls: undefined }],
    ["tcp://[::1]:2375", { host: "::1", port: 2375, tls: undefined }],
  ])("%s: understood", (host, endpoint) => {
    expect(parseDockerHost(host, {})).toEqual(endpoint);
  });

  it("ssh: refused, with what to do instead", () => {
    expect(() => parseDockerHost("ssh://me@there", {})).toThrow("ssh -L");
  });

  it("DOCKER_TLS_VERIFY: the certificates of DOCKER_CERT_PATH, and port 2376", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "ng-tls-"));
    for (const name of ["ca.pem", "cert.pem", "key.pem"]) {
      writeFileSync(path.join(directory, name), name);
    }
    const environment = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: directory };
    expect(parseDockerHost("tcp://h", environment)).toMatchObject({
      port: 2376,
      tls: { key: Buffer.from("key.pem") },
    });
    rmSync(directory, { recursive: true });
    expect(() => parseDockerHost("tcp://h", environment)).toThrow("certificates");
  });
});
