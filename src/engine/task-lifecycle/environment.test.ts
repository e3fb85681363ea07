import { describe, expect, it } from "vitest";
import { aContainerDefinition, aTask, aTaskContainer } from "../../../test/builders/ecs.ts";
import { containerEnvironment } from "./environment.ts";
import { runtimeIdOf } from "./runtime-id.ts";

describe("a container's environment", () => {
  it("a name in the definition and in the overrides: the override's value, once; secrets beside them", () => {
    const container = aContainerDefinition({
      environment: [
        { name: "A", value: "definition" },
        { name: "B", value: "definition" },
      ],
    });
    const override = {
      name: "app",
      command: undefined,
      environment: [{ name: "A", value: "run" }],
    };
    const task = aTask({
      overrides: { containers: [override], executionRoleArn: undefined, taskRoleArn: undefined },
    });
    const variables = containerEnvironment(task, container, "id", {
      secrets: [{ name: "C", value: "secret" }],
      hasRole: false,
    });
    expect(variables.filter(({ name }) => name.length === 1)).toEqual([
      { name: "A", value: "run" },
      { name: "B", value: "definition" },
      { name: "C", value: "secret" },
    ]);
  });

  it("always: says where it runs, and the name of its interface", () => {
    const { attachment } = aTask();
    const task = aTask({ attachment: { ...attachment, privateDnsName: "ip-10-0-0-4.internal" } });
    const variables = containerEnvironment(task, aContainerDefinition(), "id", {
      secrets: [],
      hasRole: false,
    });
    expect(variables).toContainEqual({ name: "HOSTNAME", value: "ip-10-0-0-4.internal" });
    expect(variables).toContainEqual({ name: "AWS_EXECUTION_ENV", value: "AWS_ECS_FARGATE" });
  });
});

describe("a runtime id", () => {
  it("of one container: the task's id and ten digits, always the same", () => {
    const arn = "arn:aws:ecs:eu-west-1:1:container/main/1/0f6b9a3e-2c41-4d21-8b0a-0c1d2e3f4a5b";
    const container = aTaskContainer({ arn });
    const id = runtimeIdOf(aTask(), container);
    expect(id).toMatch(/^0{32}-\d{10}$/);
    expect(runtimeIdOf(aTask(), container)).toBe(id);
  });
});
