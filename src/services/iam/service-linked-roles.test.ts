import {
  AttachRolePolicyCommand,
  CreateServiceLinkedRoleCommand,
  DeleteServiceLinkedRoleCommand,
  GetRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  ListAttachedRolePoliciesCommand,
  TagRoleCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { findAwsPolicy } from "../../state/aws-managed-policies.ts";
import { clusters } from "../../state/tables/ecs.ts";
import { linkedServices } from "./linked-services.ts";
import { refusalOf, startIam } from "./testing.ts";

const AWSServiceName = "ecs.amazonaws.com";
const RoleName = "AWSServiceRoleForECS";

describe("roles of services", () => {
  it.each(Object.entries(linkedServices))("%s: its policy is one of AWS's", (_, { policy }) => {
    expect(findAwsPolicy(`arn:aws:iam::aws:policy/aws-service-role/${policy}`)?.name).toBe(policy);
  });

  it("made: with its policy; described anew and tagged, and nothing else of it changed", async () => {
    await using at = await startIam();
    await at.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName, Description: "one" }));
    await at.iam.send(new UpdateRoleCommand({ RoleName, Description: "two" }));
    await at.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: "a", Value: "1" }] }));
    const { Role } = await at.iam.send(new GetRoleCommand({ RoleName }));
    expect(Role).toMatchObject({ Description: "two", Tags: [{ Key: "a", Value: "1" }] });
    const held = await at.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    expect(held.AttachedPolicies).toMatchObject([{ PolicyName: "AmazonECSServiceRolePolicy" }]);
    const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (const change of [
      new UpdateRoleCommand({ RoleName, MaxSessionDuration: 7200 }),
      new AttachRolePolicyCommand({ RoleName, PolicyArn }),
    ]) {
      expect(await refusalOf(at.iam.send(change as UpdateRoleCommand))).toContain(
        "UnmodifiableEntity",
      );
    }
  });

  it("with a suffix: where the service allows one", async () => {
    await using at = await startIam();
    const make = (service: string) =>
      at.iam.send(
        new CreateServiceLinkedRoleCommand({ AWSServiceName: service, CustomSuffix: "blue" }),
      );
    const { Role } = await make("autoscaling.amazonaws.com");
    expect(Role?.RoleName).toBe("AWSServiceRoleForAutoScaling_blue");
    expect(await refusalOf(make(AWSServiceName))).toBe(
      `InvalidInput: Custom suffix is not allowed for ${AWSServiceName}`,
    );
    expect(await refusalOf(make("nothing.amazonaws.com"))).toContain(
      "InvalidInput: Cannot find Service Linked Role template",
    );
  });

  it("deleted: gone, and the task says that it succeeded", async () => {
    await using at = await startIam();
    await at.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName }));
    const { DeletionTaskId } = await at.iam.send(new DeleteServiceLinkedRoleCommand({ RoleName }));
    expect(DeletionTaskId).toMatch(
      /^task\/aws-service-role\/ecs\.amazonaws\.com\/AWSServiceRoleForECS\/[0-9a-f-]{36}$/,
    );
    const ask = new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId });
    expect(await at.iam.send(ask)).toMatchObject({ Status: "SUCCEEDED" });
    expect(await refusalOf(at.iam.send(new GetRoleCommand({ RoleName })))).toContain(
      "NoSuchEntity",
    );
    const unknown = new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId: "task/no" });
    expect(await refusalOf(at.iam.send(unknown))).toContain("NoSuchEntity");
  });

  it("deleted while the service has something: stays, and the task says what", async () => {
    await using at = await startIam();
    await at.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName }));
    const arn = "arn:aws:ecs:us-east-1:000000000000:cluster/c";
    const cluster = { account: "000000000000", region: "us-east-1", arn, name: "c" };
    at.cloud.store.write((tx) => tx.table(clusters).put(cluster as never));
    const { DeletionTaskId } = await at.iam.send(new DeleteServiceLinkedRoleCommand({ RoleName }));
    const ask = new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId });
    expect(await at.iam.send(ask)).toMatchObject({
      Status: "FAILED",
      Reason: { RoleUsageList: [{ Region: "us-east-1", Resources: [arn] }] },
    });
    expect(await refusalOf(at.iam.send(new GetRoleCommand({ RoleName })))).toBe("done");
  });
});
