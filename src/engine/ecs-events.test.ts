import { describe, expect, it } from "vitest";
import {
  aDeployment,
  aService,
  aTask,
  aTaskContainer,
  aTaskDefinition,
} from "../../test/builders/ecs.ts";
import type { Service } from "../model/ecs.ts";
import { serviceEvents, taskEvent } from "./ecs-events.ts";

const now = Date.UTC(2026, 0, 1);
const at = new Date(now).toISOString();

const saying = (...texts: string[]): Partial<Service> => ({
  events: texts
    .map((text, index) => ({ id: `e${index}`, createdAt: now, message: `(service web) ${text}` }))
    .toReversed(),
});

describe("a task's event", () => {
  const task = aTask({
    lastStatus: "STOPPED",
    desiredStatus: "STOPPED",
    version: 6,
    stop: { code: "EssentialContainerExited", reason: "x", at: now },
    attachment: { ...aTask().attachment, status: "DELETED", privateIp: "10.0.0.4" },
    containers: [aTaskContainer({ lastStatus: "STOPPED", exitCode: 137 })],
    healthStatus: "HEALTHY",
  });

  it("as DescribeTasks, with an attachment of type eni, texts for times, and no health", () => {
    const event = taskEvent(aTask({ version: 5 }), task, aTaskDefinition(), now);
    expect(event).toMatchObject({
      detailType: "ECS Task State Change",
      resource: task.arn,
      detail: {
        attachments: [{ type: "eni", status: "DELETED" }],
        containers: [{ exitCode: 137, lastStatus: "STOPPED", cpu: "0" }],
        cpu: "256",
        memory: "512",
        lastStatus: "STOPPED",
        stopCode: "EssentialContainerExited",
        stoppingAt: at,
        updatedAt: at,
        version: 6,
      },
    });
    expect(JSON.stringify(event)).not.toContain("health");
    expect(event?.detail).not.toHaveProperty("startedAt");
  });

  it("an agent of ECS Exec: by its name and status, and a change of it is an event", () => {
    const withAgent = (status: "PENDING" | "RUNNING", version: number) =>
      aTask({
        version,
        containers: [aTaskContainer({ agent: { status, startedAt: now, reason: undefined } })],
      });
    const event = taskEvent(withAgent("PENDING", 4), withAgent("RUNNING", 5), undefined, now);
    expect(event?.detail).toMatchObject({
      containers: [{ managedAgents: [{ name: "ExecuteCommandAgent", status: "RUNNING" }] }],
    });
  });

  it("what the whole task overrides: beside what its containers do", () => {
    const overrides = {
      ...{ containers: [], cpu: 512, memory: 1024, ephemeralStorageGiB: 30 },
      ...{ executionRoleArn: undefined, taskRoleArn: "arn:aws:iam::123456789012:role/task" },
    };
    const after = aTask({ version: 6, overrides });
    expect(taskEvent(aTask({ version: 5 }), after, undefined, now)?.detail["overrides"]).toEqual({
      containerOverrides: after.containers.map(({ name }) => ({ name })),
      cpu: "512",
      memory: "1024",
      ephemeralStorage: { sizeInGiB: 30 },
      taskRoleArn: "arn:aws:iam::123456789012:role/task",
    });
  });

  it("a change that leaves the version: no event", () => {
    expect(taskEvent(task, { ...task, healthStatus: "UNHEALTHY" }, undefined, now)).toBeUndefined();
  });
});

describe("a service's events", () => {
  const names = (before: Service | undefined, after: Service) =>
    serviceEvents(before, after, now).map(({ detailType, detail }) => [
      detailType,
      detail["eventName"],
    ]);

  it("made: its deployment is in progress, in AWS's words", () => {
    expect(serviceEvents(undefined, aService(), now)).toEqual([
      {
        detailType: "ECS Deployment State Change",
        resource: aService().arn,
        detail: {
          eventType: "INFO",
          eventName: "SERVICE_DEPLOYMENT_IN_PROGRESS",
          clusterArn: aService().clusterArn,
          deploymentId: "ecs-svc/1",
          updatedAt: new Date(0).toISOString(),
          reason: "ECS deployment ecs-svc/1 in progress.",
        },
      },
    ]);
  });

  it("deployed and steady: both, the deployment first", () => {
    const deployments = [aDeployment({ rolloutState: "COMPLETED" })];
    const after = aService({ ...saying("has reached a steady state."), deployments });
    expect(names(aService(), after)).toEqual([
      ["ECS Deployment State Change", "SERVICE_DEPLOYMENT_COMPLETED"],
      ["ECS Service Action", "SERVICE_STEADY_STATE"],
    ]);
  });

  it("scaled by somebody: no event, which AWS has for counts that it computed itself", () => {
    expect(serviceEvents(aService(), aService({ desiredCount: 5 }), now)).toEqual([]);
  });

  it("a task that cannot start on a capacity provider: which providers the service has", () => {
    const after = aService({
      ...saying("was unable to place a task. Reason: Capacity is unavailable at this time."),
      clusterArn: "arn:aws:ecs:us-west-2:111122223333:cluster/default",
      capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1, base: 0 }],
    });
    expect(serviceEvents(aService(), after, now)[0]?.detail).toEqual({
      eventType: "ERROR",
      eventName: "SERVICE_TASK_PLACEMENT_FAILURE",
      clusterArn: after.clusterArn,
      createdAt: at,
      capacityProviderArns: ["arn:aws:ecs:us-west-2:111122223333:capacity-provider/FARGATE_SPOT"],
      reason: "Capacity is unavailable at this time",
    });
  });

  it("a task that cannot start: an error with the reason, told once", () => {
    const text = "was unable to place a task. Reason: CannotPullContainerError: no.";
    const after = aService(saying(text));
    expect(serviceEvents(aService(), after, now)[0]?.detail).toMatchObject({
      eventType: "ERROR",
      eventName: "SERVICE_TASK_PLACEMENT_FAILURE",
      reason: "CannotPullContainerError: no",
    });
    expect(serviceEvents(after, after, now)).toEqual([]);
  });

  it("tasks stopped, and a definition that cannot be launched: which, and why", () => {
    const said = (text: string) =>
      serviceEvents(aService(), aService(saying(text)), now)[0]?.detail;
    const cluster = aService().clusterArn.replace(":cluster/", ":task/");
    expect(said("has stopped 2 running tasks: (task a1) (task b2).")).toMatchObject({
      eventType: "INFO",
      eventName: "TASKS_STOPPED",
      taskArns: [`${cluster}/a1`, `${cluster}/b2`],
    });
    expect(said("failed to launch a task with (error ECS was unable to assume it.)")).toMatchObject(
      {
        eventType: "ERROR",
        eventName: "SERVICE_TASK_CONFIGURATION_FAILURE",
        reason: "ECS was unable to assume it.",
      },
    );
  });

  it("what is told to people only: no event", () => {
    expect(names(aService(), aService(saying("has started 1 tasks: (task 1).")))).toEqual([]);
  });
});
