/** The disk of the engine's own state is full: requests are refused in words, nothing is lost, and it goes on. */
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  clock,
  exec,
  type LiveEngine,
  region,
  runOk,
  startLiveEngine,
} from "./support/live-engine.ts";

let disk: string;
let engine: LiveEngine;

beforeAll(async () => {
  disk = mkdtempSync(path.join(tmpdir(), "ng-disk-"));
  await runOk("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", disk]);
  const home = path.join(disk, "state");
  await runOk("mkdir", ["-m", "700", home]);
  engine = await startLiveEngine({ args: ["--runtime", "simulated"], home });
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await exec.run("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
});

it("no write succeeds while it is full, reads do, and with room again all goes on", async () => {
  const options = {
    region,
    endpoint: engine.endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const [ssm, logs] = [new SSMClient(options), new CloudWatchLogsClient(options)];
  const stream = { logGroupName: "g", logStreamName: "s" };
  const put = (Name: string) =>
    ssm.send(new PutParameterCommand({ Name, Value: "v".repeat(4000), Type: "String" }));
  const write = (message: string) =>
    logs.send(
      new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: clock.wall(), message }] }),
    );
  await put("/before");
  await logs.send(new CreateLogGroupCommand(stream));
  await logs.send(new CreateLogStreamCommand(stream));
  await write("before");

  const filler = path.join(disk, "filler");
  writeFileSync(filler, "");
  for (let piece = 1 << 20; piece >= 4096; piece /= 2) {
    while (statfsSync(disk).bavail * 4096 >= piece) {
      const size = statfsSync(disk).bavail * 4096;
      writeFileSync(filler, Buffer.alloc(Math.min(piece, size)), { flag: "a" });
    }
  }
  const refusal = { name: "ServiceUnavailableException", message: expect.stringMatching(/full/) };
  await expect(put("/full")).rejects.toMatchObject(refusal);
  // A log of some pages may still take a line; a megabyte it cannot.
  await expect(write("x".repeat(200_000))).rejects.toMatchObject(refusal);
  const during = await ssm.send(new GetParametersCommand({ Names: ["/before", "/full"] }));
  expect(during).toMatchObject({ Parameters: [{ Name: "/before" }], InvalidParameters: ["/full"] });

  rmSync(filler);
  await put("/after");
  await write("after");
  await engine.kill();
  await engine.restart();
  const Names = ["/before", "/full", "/after"];
  const { Parameters } = await ssm.send(new GetParametersCommand({ Names }));
  expect(Parameters?.map(({ Name }) => Name).sort()).toEqual(["/after", "/before"]);
  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: "g" }));
  expect(events?.map(({ message }) => message)).toEqual(["before", "after"]);
});
