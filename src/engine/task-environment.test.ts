import { describe, expect, it } from "vitest";
import { taskEnvironment } from "./task-environment.ts";

describe("variables of a task's container", () => {
  it("a container with a runtime id: its own metadata, the execution environment, the region", () => {
    const variables = taskEnvironment({
      task: { region: "ap-northeast-1" },
      container: { runtimeId: "0123-4567890123" },
    });
    expect(Object.fromEntries(variables.map(({ name, value }) => [name, value]))).toEqual({
      ECS_CONTAINER_METADATA_URI: "http://169.254.170.2/v3/0123-4567890123",
      ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/0123-4567890123",
      ECS_AGENT_URI: "http://169.254.170.2/api/0123-4567890123",
      AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
      AWS_REGION: "ap-northeast-1",
      AWS_DEFAULT_REGION: "ap-northeast-1",
    });
  });

  it("no runtime id yet: no address that leads nowhere", () => {
    const variables = taskEnvironment({
      task: { region: "us-east-1" },
      container: { runtimeId: undefined },
    });
    expect(variables.map(({ name }) => name)).not.toContain("ECS_CONTAINER_METADATA_URI_V4");
  });
});
