/**
 * The network's resources and data sources with Terraform's provider: applied, planned clean, changed
 * in place, planned clean again and destroyed. No container runs.
 */
import path from "node:path";
import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveEngine, region, startLiveEngine } from "./support/live-engine.ts";
import { findMirror, openTerraform, type Terraform } from "./support/terraform.ts";

const fixtures = path.join(import.meta.dirname, "../fixtures/network-terraform");
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

    for (const stack of stacks) {
      describe(`the stack ${stack.name}`, () => {
        let terraform: Terraform;
        beforeAll(async () => {
          const mirror = "mirror" in found ? found.mirror : "";
          terraform = await openTerraform(engine, mirror, path.join(fixtures, stack.name));
        });
        afterAll(() => terraform?.dispose());

        const quiet = ["-input=false", "-no-color"];
        const plan = async (...args: string[]): Promise<void> => {
          const answer = await terraform.run(
            "default",
            "plan",
            "-detailed-exitcode",
            ...quiet,
            ...args,
          );
          expect(answer.code, answer.stdout + answer.stderr).toBe(0);
        };

        it("applied: the data sources find what was made, and a second plan is clean", async () => {
          await terraform.ok("default", "apply", "-auto-approve", ...quiet);
          const output = await terraform.ok("default", "output", "-json", "found");
          expect(JSON.parse(output)).toEqual(stack.finds);
          await plan();
        });

        it("changed in place: a second plan is clean", async () => {
          const marker = "-var=marker=second";
          await terraform.ok("default", "apply", "-auto-approve", ...quiet, marker);
          await plan(marker);
        });

        it("destroyed: nothing of it is left but what was adopted", async () => {
          await terraform.ok("default", "destroy", "-auto-approve", ...quiet);
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
      });
    }
  },
);
