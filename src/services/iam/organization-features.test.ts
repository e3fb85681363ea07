import {
  DisableOrganizationsRootCredentialsManagementCommand,
  DisableOrganizationsRootSessionsCommand,
  EnableOrganizationsRootCredentialsManagementCommand,
  EnableOrganizationsRootSessionsCommand,
  ListOrganizationsFeaturesCommand,
} from "@aws-sdk/client-iam";
import { expect, it } from "vitest";
import { startIam } from "./testing.ts";

it("features of an organization, asked or changed: the account belongs to none", async () => {
  await using at = await startIam();
  const refused = {
    name: "OrganizationNotFoundException",
    message: expect.stringContaining("no organization"),
  };
  const { iam } = at;
  await expect(iam.send(new ListOrganizationsFeaturesCommand({}))).rejects.toMatchObject(refused);
  for (const command of [
    new EnableOrganizationsRootCredentialsManagementCommand({}),
    new EnableOrganizationsRootSessionsCommand({}),
    new DisableOrganizationsRootCredentialsManagementCommand({}),
    new DisableOrganizationsRootSessionsCommand({}),
  ]) {
    await expect(iam.send(command)).rejects.toMatchObject(refused);
  }
});
