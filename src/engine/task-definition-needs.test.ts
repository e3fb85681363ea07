import { describe, expect, it } from "vitest";
import { aContainerDefinition } from "../../test/builders/ecs.ts";
import type { ContainerDefinition } from "../model/ecs.ts";
import {
  findCompatibilities,
  findRequiredAttributes,
  isEcrImage,
} from "./task-definition-needs.ts";

const nginx = (given: Partial<ContainerDefinition>): ContainerDefinition =>
  aContainerDefinition({ image: "nginx", ...given });
const awslogs = { logDriver: "awslogs", options: { "awslogs-group": "g" } };
const ecrImage = "000000000000.dkr.ecr.us-east-1.amazonaws.com/app:v1";
const role = "arn:aws:iam::000000000000:role/r";

describe("findCompatibilities", () => {
  it("a Fargate size: Fargate is among them", () => {
    expect(findCompatibilities({ cpu: 256, memory: 512 })).toContain("FARGATE");
  });

  it.each([
    { cpu: 256, memory: 4096 },
    { cpu: undefined, memory: undefined },
  ])("$cpu CPU units and $memory MiB: not Fargate", (size) => {
    expect(findCompatibilities(size)).toEqual(["EC2", "MANAGED_INSTANCES"]);
  });
});

describe("findRequiredAttributes", () => {
  const required = (containers: ContainerDefinition[], roles: object = {}): string[] =>
    findRequiredAttributes({
      containers,
      executionRoleArn: undefined,
      taskRoleArn: undefined,
      ...roles,
    });

  it("a plain container: an interface and the remote API that has it", () => {
    expect(required([nginx({})])).toEqual([
      "com.amazonaws.ecs.capability.docker-remote-api.1.18",
      "ecs.capability.task-eni",
    ]);
  });

  it("awslogs and an ECR image with an execution role: pulling and logging by that role", () => {
    const attributes = required([nginx({ image: ecrImage, logConfiguration: awslogs })], {
      executionRoleArn: role,
    });
    expect(attributes).toEqual(
      expect.arrayContaining([
        "com.amazonaws.ecs.capability.logging-driver.awslogs",
        "ecs.capability.execution-role-awslogs",
        "com.amazonaws.ecs.capability.ecr-auth",
        "ecs.capability.execution-role-ecr-pull",
        "com.amazonaws.ecs.capability.docker-remote-api.1.19",
      ]),
    );
  });

  it("a task role: the capability to hand it out", () => {
    expect(required([nginx({})], { taskRoleArn: role })).toContain(
      "com.amazonaws.ecs.capability.task-iam-role",
    );
  });
});

describe("isEcrImage", () => {
  it.each([
    [ecrImage, true],
    ["localhost:4566/000000000000/us-east-1/app:v1", true],
    ["nginx:1", false],
    ["public.ecr.aws/nginx/nginx:1", false],
  ])("%s: %s", (image, expected) => {
    expect(isEcrImage(image)).toBe(expected);
  });
});
