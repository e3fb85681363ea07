import { expect, it } from "vitest";
import {
  aCluster,
  aContainerDefinition,
  aService,
  aTaskDefinition,
} from "../../test/builders/ecs.ts";
import { type NewTask, newTask, noOverrides } from "./new-task.ts";

const containers = [
  aContainerDefinition({ name: "app" }),
  aContainerDefinition({ name: "side", essential: false }),
];
const input: NewTask = {
  cluster: aCluster(),
  definition: aTaskDefinition({ containers }),
  subnet: { subnetId: "subnet-c", availabilityZone: "ap-northeast-1c" },
  network: aService().network,
  group: "service:web",
  startedBy: "ecs-svc/1",
  serviceArn: aService().arn,
  deploymentId: "ecs-svc/1",
  capacityProviderName: undefined,
  platformVersion: "1.4.0",
  overrides: noOverrides,
  defaultLogMode: "non-blocking",
  enableExecuteCommand: false,
  tags: [],
  now: 5,
};
const id = "0123456789abcdef0123456789abcdef";

it("a service's task: PROVISIONING in its subnet, all of it named and nothing made", () => {
  const task = newTask(input, { task: id, attachment: "attachment-1", containers: ["c1", "c2"] });
  expect(task).toMatchObject({
    arn: `arn:aws:ecs:ap-northeast-1:000000000000:task/main/${id}`,
    availabilityZone: "ap-northeast-1c",
    desiredStatus: "RUNNING",
    lastStatus: "PROVISIONING",
    version: 1,
    createdAt: 5,
    deploymentId: "ecs-svc/1",
    attachment: { id: "attachment-1", status: "PRECREATED", subnetId: "subnet-c" },
  });
  expect(task.containers.map(({ name, essential, arn }) => [name, essential, arn])).toEqual([
    ["app", true, `arn:aws:ecs:ap-northeast-1:000000000000:container/main/${id}/c1`],
    ["side", false, `arn:aws:ecs:ap-northeast-1:000000000000:container/main/${id}/c2`],
  ]);
});

it("fewer ids than containers: a mistake of the caller, thrown", () => {
  const ids = { task: id, attachment: "attachment-1", containers: ["c1"] };
  expect(() => newTask(input, ids)).toThrow("no id for container side");
});
