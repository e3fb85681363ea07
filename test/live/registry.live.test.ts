/** Stock Docker against the registry: a private daemon of the test's own, in a temporary directory. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  DescribeImagesCommand,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileBlobStore } from "../../src/dataplane/registry/blob-files.ts";
import { realClock } from "../../src/seams/clock.ts";
import { type ExecResult, processExec } from "../../src/seams/exec.ts";
import { startTestRegistry } from "../../src/services/ecr/testing.ts";

const exec = processExec();
const clock = realClock();

type Daemon = {
  docker(args: readonly string[], input?: string): Promise<ExecResult>;
  stop(): Promise<void>;
};

/** Starts `dockerd` with everything of its under `home`, and a client that keeps its logins there. */
async function startDaemon(home: string): Promise<Daemon> {
  const socket = `unix://${path.join(home, "docker.sock")}`;
  const dockerd = exec.start(
    "dockerd",
    [
      "--bridge=none",
      "--iptables=false",
      "--ip6tables=false",
      "--ip-forward=false",
      `--data-root=${path.join(home, "data")}`,
      `--exec-root=${path.join(home, "exec")}`,
      `--pidfile=${path.join(home, "pid")}`,
      "-H",
      socket,
    ],
    { output: "ignore" },
  );
  const ended = once(dockerd, "exit");
  const env = { DOCKER_HOST: socket, DOCKER_CONFIG: path.join(home, "client") };
  const docker = (args: readonly string[], input = ""): Promise<ExecResult> =>
    exec.run("docker", args, { input, env, timeoutMs: 240_000 });
  for (let tries = 0; (await docker(["info"])).code !== 0; tries++) {
    if (tries > 600 || dockerd.exitCode !== null) throw new Error("dockerd does not start");
    await clock.wallSleep(200);
  }
  return {
    docker,
    async stop() {
      dockerd.kill("SIGTERM");
      await ended;
    },
  };
}

/** An image of one small file, made offline. */
async function importImage(daemon: Daemon, home: string, name: string): Promise<void> {
  const root = path.join(home, "root");
  mkdirSync(root, { recursive: true });
  writeFileSync(path.join(root, "hello"), "hello from a tiny image\n");
  const archive = path.join(home, "root.tar");
  await exec.run("tar", ["-cf", archive, "-C", root, "hello"]);
  const imported = await daemon.docker(["import", archive, name]);
  expect(imported.stderr).toBe("");
}

describe("docker against the registry", () => {
  let home: string;
  let daemon: Daemon;
  beforeAll(async () => {
    home = mkdtempSync(path.join(tmpdir(), "ng-registry-"));
    daemon = await startDaemon(home);
  });
  afterAll(async () => {
    await daemon?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const openRegistry = async () => {
    const directory = mkdtempSync(path.join(home, "blobs-"));
    const blobs = fileBlobStore(directory);
    await blobs.start();
    const registry = await startTestRegistry(blobs);
    const host = `localhost:${registry.cloud.port}`;
    const { account, region } = registry.cloud.scope;
    const nameOf = (repository: string) => `${host}/${account}/${region}/${repository}`;
    const login = async (): Promise<ExecResult> => {
      const answer = await registry.ecr.send(new GetAuthorizationTokenCommand({}));
      const token = answer.authorizationData?.[0]?.authorizationToken ?? "";
      const password = Buffer.from(token, "base64").toString().replace(/^AWS:/, "");
      return daemon.docker(["login", "-u", "AWS", "--password-stdin", host], password);
    };
    return { ...registry, directory, nameOf, login, close: registry[Symbol.asyncDispose] };
  };

  it("push, remove, pull: the same digest comes back, and no upload is left behind", async () => {
    const registry = await openRegistry();
    const image = `${registry.nameOf("team/app")}:v1`;
    await registry.ecr.send(new CreateRepositoryCommand({ repositoryName: "team/app" }));
    expect((await registry.login()).stdout).toContain("Login Succeeded");
    await importImage(daemon, home, image);

    const pushed = await daemon.docker(["push", image]);
    expect(pushed.stderr).toBe("");
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed.stdout)?.[1];
    expect(digest).toBeDefined();
    const described = await registry.ecr.send(
      new DescribeImagesCommand({ repositoryName: "team/app", imageIds: [{ imageTag: "v1" }] }),
    );
    expect(described.imageDetails?.[0]?.imageDigest).toBe(digest);
    expect(await readdir(path.join(registry.directory, "uploads"))).toEqual([]);

    await daemon.docker(["rmi", image]);
    const pulled = await daemon.docker(["pull", image]);
    expect(pulled.stderr).toBe("");
    expect(pulled.stdout).toContain(`Digest: ${digest}`);
    const byDigest = `${registry.nameOf("team/app")}@${digest}`;
    expect((await daemon.docker(["pull", byDigest])).code).toBe(0);
    await daemon.docker(["rmi", "-f", image]);
    await registry.close();
  });

  it("another repository: its layers are not sent again", async () => {
    const registry = await openRegistry();
    for (const repositoryName of ["one", "two"]) {
      await registry.ecr.send(new CreateRepositoryCommand({ repositoryName }));
    }
    await registry.login();
    const [one, two] = [`${registry.nameOf("one")}:v1`, `${registry.nameOf("two")}:v1`];
    await importImage(daemon, home, one);
    await daemon.docker(["push", one]);
    await daemon.docker(["tag", one, two]);
    const pushed = await daemon.docker(["push", two]);
    expect(pushed.stdout).toMatch(/Mounted from .*one/);
    await registry.close();
  });

  it("what goes wrong: docker prints AWS's words", async () => {
    const registry = await openRegistry();
    const missing = `${registry.nameOf("missing")}:v1`;
    const fixed = `${registry.nameOf("fixed")}:v1`;
    await importImage(daemon, home, missing);

    const before = await daemon.docker(["push", missing]);
    expect(before.stderr).toContain("no basic auth credentials");

    await registry.login();
    const toNowhere = await daemon.docker(["push", missing]);
    expect(toNowhere.stderr).toContain(
      "name unknown: The repository with name 'missing' does not exist in the registry with id '000000000000'",
    );

    await registry.ecr.send(
      new CreateRepositoryCommand({ repositoryName: "fixed", imageTagMutability: "IMMUTABLE" }),
    );
    await daemon.docker(["tag", missing, fixed]);
    expect((await daemon.docker(["push", fixed])).code).toBe(0);
    await daemon.docker([
      "import",
      "--change",
      "LABEL other=1",
      path.join(home, "root.tar"),
      fixed,
    ]);
    const again = await daemon.docker(["push", fixed]);
    expect(again.stderr).toContain(
      "tag invalid: The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the tag is immutable.",
    );

    await registry.ecr.send(
      new BatchDeleteImageCommand({ repositoryName: "fixed", imageIds: [{ imageTag: "v1" }] }),
    );
    await daemon.docker(["rmi", "-f", fixed]);
    const gone = await daemon.docker(["pull", fixed]);
    expect(gone.stderr).toContain("manifest unknown: Requested image not found");
    await registry.close();
  });
});
