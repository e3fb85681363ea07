/**
 * Every resource and data source of IAM that stacks around ECS use, with Terraform's provider: applied,
 * planned clean, changed in place, planned clean again and destroyed. No container runs.
 */
import path from "node:path";
import { GetAccountSummaryCommand, IAMClient } from "@aws-sdk/client-iam";
import { expect, it } from "vitest";
import { region } from "../support/live-engine.ts";
import { describeTerraform, openStack } from "../support/terraform-stack.ts";

const fixture = path.join(import.meta.dirname, "../../fixtures/iam-terraform");
await describeTerraform("IAM with Terraform", (mirror) => {
  const stack = openStack(mirror, fixture);
  const apply = (stage: number) => stack.terraform.apply("default", `-var=stage=${stage}`);
  const plan = (stage: number) => stack.terraform.expectNoChanges("default", `-var=stage=${stage}`);
  const facts = async (): Promise<unknown> =>
    JSON.parse(await stack.terraform.ok("default", "output", "-json", "facts"));

  const credentials = async (): Promise<unknown> =>
    JSON.parse(await stack.terraform.ok("default", "output", "-json", "credentials"));

  it("applied: the data sources find what the resources made", async () => {
    await apply(1);
    expect(await facts()).toMatchObject({
      account: "000000000000",
      alias: "fixture-stage-1",
      execution: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
      role: "arn:aws:iam::000000000000:role/fixture/fixture-task",
      user: "arn:aws:iam::000000000000:user/fixture/fixture-deployer",
      group_users: ["fixture-deployer"],
      profile_role: "fixture-instance",
      profiles: ["fixture-instance"],
      roles: ["fixture-task"],
      users: ["fixture-deployer"],
      key_status: ["Active"],
      policy: [{ Action: "s3:GetObject" }],
      decisions: { "s3:GetObject": "allowed", "ecs:RunTask": "implicitDeny" },
    });
    expect(await credentials()).toMatchObject({
      certificate_path: "/fixture-1/",
      certificate_end: "2125-01-01T00:00:00Z",
      saml_end: expect.stringContaining("2125"),
      ssh_fingerprint: "da:d3:bb:4d:ff:03:06:72:e1:a5:60:ae:06:3d:0f:46",
      ssh_status: "Active",
      signing_status: "Active",
      sign_in_name: "fixture-deployer-at-000000000000",
      has_picture: true,
      credential_status: "Active",
    });
    await plan(1);
  });

  it("changed: everything has its new value, and the next plan is clean", async () => {
    await apply(2);
    expect(await facts()).toMatchObject({
      alias: "fixture-stage-2",
      description: "Stage 2",
      profile_role: "fixture-task",
      key_status: ["Inactive"],
      clients: ["sts.amazonaws.com", "other"],
      policy: [{ Action: ["s3:ListBucket", "s3:GetObject"] }],
    });
    expect(await credentials()).toMatchObject({
      certificate_path: "/fixture-2/",
      ssh_status: "Inactive",
      signing_status: "Inactive",
      credential_status: "Inactive",
    });
    await plan(2);
  });

  it("destroyed: nothing of it is left", async () => {
    await stack.terraform.destroy("default", "-var=stage=2");
    const iam = new IAMClient({
      endpoint: stack.engine.endpoint,
      region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    const { SummaryMap } = await iam.send(new GetAccountSummaryCommand({}));
    iam.destroy();
    expect(SummaryMap).toMatchObject({
      Users: 0,
      Groups: 0,
      Roles: 0,
      InstanceProfiles: 0,
      Policies: 0,
      Providers: 0,
      ServerCertificates: 0,
      MFADevices: 0,
    });
  });
});
