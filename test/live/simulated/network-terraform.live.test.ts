/**
 * The network's resources and data sources with Terraform's provider: applied, planned clean, changed
 * in place, planned clean again and destroyed. No container runs.
 */
import path from "node:path";
import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveEngine, region, startLiveEngine } from "../support/live-engine.ts";
import { findMirror, openTerraform } from "../support/terraform.ts";

const fixtures = path.join(import.meta.dirname, "../../fixtures/network-terraform");
const found = await findMirror();
const missing = "missing" in found ? found.missing : undefined;
if (missing) process.stderr.write(`\nTERRAFORM TESTS OF THE NETWORK ARE SKIPPED: ${missing}\n\n`);

type Stack = {
  readonly name: string;
  /** What the output `found` has in it after the first apply. */
  readonly finds: object;
};

const stacks: readonly Stack[] = [
  {
    name: "defaults",
    finds: {
      acls: 2,
      default_vpcs: 1,
      dynamodb: 1,
      groups: 1,
      route_tables: 3,
      s3: 1,
      subnets: 2,
      zone: `${region}a`,
    },
  },
  { name: "group-shape", finds: { groups: 4, rules: 12 } },
  { name: "vpc-shape", finds: { endpoints: 4, gateways: 2, subnets: 6 } },
  { name: "links", finds: { names: 4, offices: 2, peering: "active" } },
];

describe.skipIf(missing !== undefined)(
  `the network with Terraform${missing ? ` (${missing})` : ""}`,
  () => {
    let engine: LiveEngine;
    beforeAll(async () => {
      engine = await startLiveEngine({ args: ["--runtime", "simulated"] });
    });
    afterAll(async () => {
      await engine?.[Symbol.asyncDispose]();
    });

    // Side by side: the provider sleeps most of the time.
    it.concurrent.for(stacks)(
      "the stack $name: applied, planned clean, changed in place, planned clean, destroyed",
      { timeout: 600_000 },
      async ({ name, finds }, { expect }) => {
        const mirror = "mirror" in found ? found.mirror : "";
        const terraform = await openTerraform(engine, mirror, path.join(fixtures, name));
        const quiet = ["-input=false", "-no-color"];
        const run = (...args: string[]): Promise<string> => terraform.ok("default", ...args);
        const plan = async (...args: string[]): Promise<void> => {
          const words = ["plan", "-detailed-exitcode", ...quiet, ...args];
          const answer = await terraform.run("default", ...words);
          expect(answer.code, answer.stdout + answer.stderr).toBe(0);
        };
        const marker = "-var=marker=second";
        await run("apply", "-auto-approve", ...quiet);
        expect(JSON.parse(await run("output", "-json", "found"))).toEqual(finds);
        await plan();
        await run("apply", "-auto-approve", ...quiet, marker);
        await plan(marker);
        await run("destroy", "-auto-approve", ...quiet);
        terraform.dispose();
      },
    );

    it("all destroyed: nothing is left but what was adopted", async () => {
      const ec2 = new EC2Client({
        endpoint: engine.endpoint,
        region,
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      });
      const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
      expect(Vpcs?.map((vpc) => vpc.IsDefault)).toEqual([true]);
      const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
      expect(Subnets?.every((subnet) => subnet.DefaultForAz)).toBe(true);
    });
  },
);
