import { describe, expect, it } from "vitest";
import { aContainerDefinition } from "../../test/builders/ecs.ts";
import type { ContainerDefinition, TaskDefinition } from "../model/ecs.ts";
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
  it("awsvpc: instances, and Fargate when it fits; other modes: instances, AWS's and others'", () => {
    expect(findCompatibilities("awsvpc", true)).toEqual(["EC2", "MANAGED_INSTANCES", "FARGATE"]);
    expect(findCompatibilities("awsvpc", false)).toEqual(["EC2", "MANAGED_INSTANCES"]);
    for (const mode of ["bridge", "host", "none", undefined] as const) {
      expect(findCompatibilities(mode, false)).toEqual(["EXTERNAL", "EC2"]);
    }
  });
});

describe("findRequiredAttributes", () => {
  const api = (version: string): string =>
    `com.amazonaws.ecs.capability.docker-remote-api.${version}`;
  const required = (
    container: Partial<ContainerDefinition>,
    more: Partial<TaskDefinition> = {},
  ): string[] =>
    findRequiredAttributes({
      containers: [nginx(container)],
      executionRoleArn: undefined,
      taskRoleArn: undefined,
      networkMode: "awsvpc",
      ...more,
    });
  const healthCheck = { command: ["CMD", "true"], interval: 30, timeout: 5, retries: 3 };
  const onBridge = { networkMode: undefined };

  it("a plain container: an interface and the remote API that has it; on a bridge nothing", () => {
    expect(required({})).toEqual([api("1.18"), "ecs.capability.task-eni"]);
    expect(required({}, onBridge)).toEqual([]);
  });

  it("a Fargate task as consoles and CDK make them: AWS's names in AWS's order", () => {
    const container = {
      image: ecrImage,
      memoryReservation: 512,
      healthCheck: { ...healthCheck, startPeriod: undefined },
      logConfiguration: {
        logDriver: "awslogs",
        options: { mode: "non-blocking", "awslogs-create-group": "true" },
      },
    };
    expect(required(container, { executionRoleArn: role, taskRoleArn: role })).toEqual([
      "com.amazonaws.ecs.capability.logging-driver.awslogs",
      api("1.24"),
      "ecs.capability.execution-role-awslogs",
      "com.amazonaws.ecs.capability.ecr-auth",
      api("1.19"),
      api("1.28"),
      api("1.21"),
      "com.amazonaws.ecs.capability.task-iam-role",
      "ecs.capability.container-health-check",
      "ecs.capability.execution-role-ecr-pull",
      api("1.18"),
      "ecs.capability.task-eni",
      api("1.29"),
    ]);
  });

  it("secrets and a registry's login: the capability of each source", () => {
    const arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf";
    const [asm, ssm] = ["asm", "ssm"].map(
      (source) => `ecs.capability.secrets.${source}.environment-variables`,
    );
    const both = required({
      secrets: [
        { name: "A", valueFrom: arn },
        { name: "B", valueFrom: "/b" },
      ],
    });
    expect(both).toEqual(expect.arrayContaining([asm, ssm]));
    const one = required({ secrets: [{ name: "B", valueFrom: "/b" }] });
    expect(one).toContain(ssm);
    expect(one).not.toContain(asm);
    expect(required({ repositoryCredentials: { credentialsParameter: arn } })).toContain(
      "ecs.capability.private-registry-authentication.secretsmanager",
    );
  });

  it("shared processes, order, a start period: their capabilities", () => {
    const container = {
      image: ecrImage,
      dependsOn: [{ containerName: "side", condition: "HEALTHY" as const }],
      healthCheck: { ...healthCheck, startPeriod: 10 },
    };
    expect(required(container, { pidMode: "task" })).toEqual([
      "com.amazonaws.ecs.capability.ecr-auth",
      "ecs.capability.pid-ipc-namespace-sharing",
      api("1.17"),
      "ecs.capability.container-ordering",
      "ecs.capability.container-health-check",
      api("1.18"),
      "ecs.capability.task-eni",
      api("1.29"),
    ]);
  });

  it("what only instances have: security options, memory file systems, Docker's volumes", () => {
    const container = {
      image: ecrImage,
      linuxParameters: {
        initProcessEnabled: undefined,
        capabilities: undefined,
        tmpfs: [{ containerPath: "/run", size: 50 }],
      },
      onInstances: { dockerSecurityOptions: ["label:seccomp:unconfined"] },
    };
    const roles = { executionRoleArn: role, taskRoleArn: role };
    expect(required(container, { ...onBridge, ...roles })).toEqual([
      "com.amazonaws.ecs.capability.ecr-auth",
      "com.amazonaws.ecs.capability.selinux",
      api("1.22"),
      "com.amazonaws.ecs.capability.task-iam-role",
      "ecs.capability.execution-role-ecr-pull",
    ]);
    const volumesOnInstances = { data: { dockerVolumeConfiguration: { scope: "shared" } } };
    expect(required({ logConfiguration: awslogs }, { ...onBridge, volumesOnInstances })).toEqual([
      "com.amazonaws.ecs.capability.logging-driver.awslogs",
      api("1.19"),
      "ecs.capability.docker-plugin.local",
      api("1.25"),
    ]);
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
