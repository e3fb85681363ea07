/**
 * The hello-fargate stack in a whole engine on the simulated runtime and a manual clock, in process: no
 * Docker, no privileges, no waiting. From nothing to steady, through a death of the state's owner, to gone.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import {
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clients } from "../../src/cli/demo/resource.ts";
import { helloFargate, makeResources } from "../../src/cli/demo/stack.ts";
import { readConfig } from "../../src/daemon/config.ts";
import { type Engine, startEngine } from "../../src/daemon/engine.ts";
import { clientsOf } from "../live/support/hello.ts";

const name = "hello-sim";
const region = "ap-northeast-1";

let home: string;
let engine: Engine;
let clients: Clients;

const start = async (): Promise<void> => {
  const options = { port: "0", "state-dir": home, runtime: "simulated", clock: "manual", region };
  engine = await startEngine(readConfig(options));
  await engine.ready;
  clients = clientsOf(engine);
};

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), "ng-scenario-"));
  await start();
});
afterEach(async () => {
  await engine.stop({ removeAll: true });
  rmSync(home, { recursive: true, force: true });
});

const service = async () => {
  const answer = await clients.ecs.send(
    new DescribeServicesCommand({ cluster: name, services: [name] }),
  );
  return answer.services?.[0];
};

const tasks = async (desiredStatus: "RUNNING" | "STOPPED") => {
  const { taskArns } = await clients.ecs.send(
    new ListTasksCommand({ cluster: name, desiredStatus }),
  );
  if (!taskArns?.length) return [];
  return (
    (await clients.ecs.send(new DescribeTasksCommand({ cluster: name, tasks: taskArns }))).tasks ??
    []
  );
};

const digestOf = (content: string): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** As `docker push` does, by plain requests. */
async function push(): Promise<void> {
  const { authorizationData } = await clients.ecr.send(new GetAuthorizationTokenCommand({}));
  const headers = { authorization: `Basic ${authorizationData?.[0]?.authorizationToken}` };
  const base = `${engine.endpoint}/v2/000000000000/${region}/${name}`;
  const config = "{}";
  for (const content of [config, "layer"]) {
    const answer = await fetch(`${base}/blobs/uploads/?digest=${digestOf(content)}`, {
      method: "POST",
      headers,
      body: content,
    });
    expect(answer.status).toBe(201);
  }
  const mediaType = "application/vnd.docker.distribution.manifest.v2+json";
  const part = (content: string, type: string) => ({
    mediaType: `application/vnd.docker.${type}`,
    digest: digestOf(content),
    size: content.length,
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: part(config, "container.image.v1+json"),
    layers: [part("layer", "image.rootfs.diff.tar.gzip")],
  });
  const answer = await fetch(`${base}/manifests/v1`, {
    method: "PUT",
    headers: { ...headers, "content-type": mediaType },
    body: manifest,
  });
  expect(answer.status).toBe(201);
}

describe("hello-fargate on the simulated runtime", () => {
  it("no image, then a push, then a restart, then the end: as on real containers", async () => {
    const made = await makeResources(
      helloFargate({ name, region, port: 80, imageTag: "v1" }),
      clients,
      () => {},
    );
    await engine.advance(1_000);
    expect((await tasks("STOPPED"))[0]?.stoppedReason).toMatch(/^CannotPullContainerError: /);

    await push();
    await engine.advance(30_000);
    expect(await service()).toMatchObject({
      runningCount: 2,
      deployments: [{ rolloutState: "COMPLETED" }],
    });
    const TargetGroupArn = made.id("aws_lb_target_group.app");
    const health = await clients.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    expect(health.TargetHealthDescriptions?.map((one) => one.TargetHealth?.State)).toEqual([
      "healthy",
      "healthy",
    ]);

    const before = (await tasks("RUNNING")).map((task) => task.taskArn).toSorted();
    await engine.stop({ removeAll: true });
    await start();
    await engine.advance(60_000);
    const after = (await tasks("RUNNING")).map((task) => task.taskArn).toSorted();
    expect(after).toHaveLength(2);
    expect(after).not.toEqual(before);
    expect(await service()).toMatchObject({ runningCount: 2 });

    await clients.ecs.send(
      new UpdateServiceCommand({ cluster: name, service: name, desiredCount: 0 }),
    );
    await clients.ecs.send(new DeleteServiceCommand({ cluster: name, service: name }));
    await engine.advance(60_000);
    expect((await service())?.status).toBe("INACTIVE");
    expect(await tasks("RUNNING")).toEqual([]);
  });
});
