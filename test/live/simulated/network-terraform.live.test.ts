/**
 * The network's resources and data sources with Terraform's provider: applied, planned clean, changed
 * in place, planned clean again and destroyed. No container runs.
 */
import path from "node:path";
import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type LiveEngine, region, startLiveEngine } from "../support/live-engine.ts";
import { openTerraform } from "../support/terraform.ts";
import { describeTerraform } from "../support/terraform-stack.ts";

const fixtures = path.join(import.meta.dirname, "../../fixtures/network-terraform");
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
  { name: "links", finds: { counted: 3, named: 2, names: 4, offices: 2, peering: "active" } },
];

await describeTerraform("the network with Terraform", (mirror) => {
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
      const terraform = await openTerraform(engine, mirror, path.join(fixtures, name));
      const marker = "-var=marker=second";
      await terraform.apply("default");
      expect(JSON.parse(await terraform.ok("default", "output", "-json", "found"))).toEqual(finds);
      await terraform.expectNoChanges("default");
      await terraform.apply("default", marker);
      await terraform.expectNoChanges("default", marker);
      await terraform.destroy("default");
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
});
