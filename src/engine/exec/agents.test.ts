import { describe, expect, it } from "vitest";
import { aContainerDefinition, aTask, aTaskContainer } from "../../../test/builders/ecs.ts";
import { containersRestarted, deprovisioning, exitsRecorded } from "../task-lifecycle/outcomes.ts";
import { agentsJudged, explainUnfit, pendingAgent, unsettledAgents } from "./agents.ts";

const running = (agent = pendingAgent) =>
  aTask({
    lastStatus: "RUNNING",
    enableExecuteCommand: true,
    containers: [aTaskContainer({ lastStatus: "RUNNING", agent })],
  });
const agentOf = (task: ReturnType<typeof running>) => task.containers[0]?.agent;

describe("the agent of a container", () => {
  it("judged well: RUNNING from then on, and a new version", () => {
    const judged = agentsJudged(running(), new Map([["app", undefined]]), 5000);
    expect(agentOf(judged)).toEqual({ status: "RUNNING", startedAt: 5000, reason: undefined });
    expect(judged.version).toBe(running().version + 1);
    expect(unsettledAgents(judged)).toEqual([]);
  });

  it("judged ill: STOPPED with the reason; judged the same again: no new version", () => {
    const failures = new Map([["app", "denied"]]);
    const judged = agentsJudged(running(), failures, 5000);
    expect(agentOf(judged)).toMatchObject({ status: "STOPPED", reason: "denied" });
    expect(unsettledAgents(judged)).toEqual(["app"]);
    expect(agentsJudged(judged, failures, 9000).version).toBe(judged.version);
  });

  it("its container ends: STOPPED with it, in one version; a task that is stopped: not judged", () => {
    const task = agentsJudged(running(), new Map([["app", undefined]]), 5000);
    const exit = { name: "app", exitCode: 1, reason: undefined };
    const ended = exitsRecorded(task, [exit], undefined, 6000);
    expect(agentOf(ended)).toMatchObject({ status: "STOPPED", startedAt: 5000 });
    expect(ended.version).toBe(task.version + 1);
    expect(unsettledAgents({ ...running(), desiredStatus: "STOPPED" })).toEqual([]);
  });

  it("its container is started again: PENDING", () => {
    const task = agentsJudged(running(), new Map([["app", undefined]]), 5000);
    const again = containersRestarted(task, ["app"], { now: 7000, wall: 7000 });
    expect(agentOf(again)).toEqual(pendingAgent);
  });

  it("a task that never ran, and one without execute command: as they are", () => {
    const never = aTask({ containers: [aTaskContainer({ agent: pendingAgent })] });
    expect(deprovisioning(never).containers[0]?.agent?.status).toBe("STOPPED");
    const without = aTask({ containers: [aTaskContainer({ lastStatus: "RUNNING" })] });
    expect(unsettledAgents(without)).toEqual([]);
    expect(deprovisioning(aTask()).containers[0]?.agent).toBeUndefined();
  });
});

describe("a container that the agent cannot run in", () => {
  const readonlyRootFilesystem = true;
  const mounts = (...paths: string[]) =>
    paths.map((containerPath) => ({ sourceVolume: "v", containerPath }));

  it("a root filesystem to write to: none", () => {
    expect(explainUnfit(aContainerDefinition())).toBeUndefined();
  });

  it("one that is read-only: told where it cannot write", () => {
    const container = aContainerDefinition({ readonlyRootFilesystem });
    expect(explainUnfit(container)).toContain("/var/lib/amazon/ssm");
    const half = { ...container, mountPoints: mounts("/var/lib/amazon/ssm") };
    expect(explainUnfit(half)).toContain("/var/log/amazon/ssm");
  });

  it("read-only with volumes where it writes: it runs; not with volumes that are read-only too", () => {
    const container = aContainerDefinition({
      readonlyRootFilesystem,
      mountPoints: mounts("/var/"),
    });
    expect(explainUnfit(container)).toBeUndefined();
    const mountPoints = mounts("/var").map((mount) => ({ ...mount, readOnly: true }));
    expect(explainUnfit({ ...container, mountPoints })).toContain("read-only");
  });
});
