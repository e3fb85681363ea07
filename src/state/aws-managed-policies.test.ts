import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { explainMalformedPolicy } from "../engine/policy-document.ts";
import { findAwsPolicy, isUndocumented, listAwsPolicies } from "./aws-managed-policies.ts";

const documented = readdirSync(new URL("./aws-managed-policies/", import.meta.url))
  .map((file) => file.replace(".json", ""))
  .filter((name) => name !== "catalogue");

describe("policies of AWS's", () => {
  it("those with a document: a file for each and each file in the catalogue", () => {
    const known = listAwsPolicies().filter((policy) => !isUndocumented(policy));
    expect(known.map(({ name }) => name).toSorted()).toEqual(documented.toSorted());
  });

  it.each(documented)("%s: a well-formed document", (name) => {
    const policy = listAwsPolicies().find((one) => one.name === name);
    expect(explainMalformedPolicy(policy?.versions[0]?.document ?? "", "managed")).toBeUndefined();
  });

  it.each([
    ["/service-role/AmazonECSTaskExecutionRolePolicy", "v1"],
    ["/service-role/AmazonEC2ContainerServiceforEC2Role", undefined],
    ["/service-role/AmazonEC2ContainerServiceRole", "v2"],
    ["/service-role/AWSCodeDeployRole", undefined],
    ["/AmazonECS_FullAccess", undefined],
    ["/AmazonSSMReadOnlyAccess", "v1"],
    ["/AmazonSSMManagedInstanceCore", "v2"],
    ["/AWSCodeDeployRoleForECS", "v3"],
    ["/AWSCodeDeployRoleForECSLimited", "v3"],
    ["/ReadOnlyAccess", undefined],
    ["/AdministratorAccess", "v1"],
    ["/PowerUserAccess", undefined],
    ["/AmazonEC2ContainerRegistryReadOnly", "v3"],
    ["/AmazonEC2ContainerRegistryPowerUser", "v3"],
    ["/CloudWatchLogsFullAccess", undefined],
    ["/CloudWatchAgentServerPolicy", "v3"],
    ["/AmazonS3ReadOnlyAccess", "v3"],
    ["/AmazonS3FullAccess", "v2"],
    ["/SecretsManagerReadWrite", "v5"],
    ["/AmazonElasticFileSystemClientReadWriteAccess", "v1"],
  ])("%s: there, under its path, with its document and version", (path, version) => {
    const policy = findAwsPolicy(`arn:aws:iam::aws:policy${path}`);
    expect(policy && isUndocumented(policy)).toBe(false);
    if (version) expect(policy?.defaultVersionId).toBe(version);
    expect(policy?.versions[0]?.id).toBe(policy?.defaultVersionId);
  });

  it("a name with the wrong path: does not exist; one that is in no catalogue: allows nothing", () => {
    expect(
      findAwsPolicy("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"),
    ).toBeUndefined();
    expect(findAwsPolicy("arn:aws:iam::000000000000:policy/x")).toBeUndefined();
    const newer = findAwsPolicy("arn:aws:iam::aws:policy/NewerThanTheCatalogue");
    expect(newer && isUndocumented(newer)).toBe(true);
  });

  it("ids: one for each, the same every time", () => {
    const ids = listAwsPolicies().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(findAwsPolicy("arn:aws:iam::aws:policy/AdministratorAccess")?.id).toMatch(
      /^ANPA[A-Z2-7]{17}$/,
    );
  });
});
