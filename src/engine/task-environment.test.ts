import { describe, expect, it } from "vitest";
import { taskEnvironment } from "./task-environment.ts";

describe("variables of a task's container", () => {
  it("a container with a runtime id: its own metadata, the execution environment, the region", () => {
    const variables = taskEnvironment({
      task: { id: "0".repeat(32), region: "ap-northeast-1" },
      hasRole: false,
      container: { runtimeId: "0123-4567890123" },
    });
    expect(Object.fromEntries(variables.map(({ name, value }) => [name, value]))).toEqual({
      ECS_CONTAINER_METADATA_URI: "http://169.254.170.2/v3/0123-4567890123",
      ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/0123-4567890123",
      ECS_AGENT_URI: "http://169.254.170.2/api/0123-4567890123",
      AWS_ENDPOINT_URL: "http://169.254.170.2:4566",
      AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
      AWS_REGION: "ap-northeast-1",
      AWS_DEFAULT_REGION: "ap-northeast-1",
    });
  });

  it("no runtime id yet: no address that leads nowhere", () => {
    const variables = taskEnvironment({
      task: { id: "0".repeat(32), region: "us-east-1" },
      hasRole: false,
      container: { runtimeId: undefined },
    });
    expect(variables.map(({ name }) => name)).not.toContain("ECS_CONTAINER_METADATA_URI_V4");
  });

  it("a task role: where its credentials are; the path is the task's own", () => {
    const pathOf = (id: string) =>
      taskEnvironment({
        task: { id, region: "us-east-1" },
        hasRole: true,
        container: { runtimeId: undefined },
      }).find(({ name }) => name === "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")?.value;
    const uuid = /^\/v2\/credentials\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    expect(pathOf("0123456789abcdef0123456789abcdef")).toMatch(uuid);
    expect(pathOf("0".repeat(32))).not.toBe(pathOf("1".repeat(32)));
  });
});
