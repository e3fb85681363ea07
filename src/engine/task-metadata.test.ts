import { describe, expect, it } from "vitest";
import {
  aContainerDefinition,
  aTask,
  aTaskContainer,
  aTaskDefinition,
} from "../../test/builders/ecs.ts";
import { taskMetadata } from "./task-metadata.ts";

const id = "0123456789abcdef0123456789abcdef";
const definition = aTaskDefinition({
  containers: [
    aContainerDefinition({
      cpu: 128,
      memory: 256,
      portMappings: [
        {
          containerPort: 80,
          hostPort: 80,
          protocol: "tcp",
          name: undefined,
          appProtocol: undefined,
        },
      ],
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": "/ecs/app",
          "awslogs-region": "ap-northeast-1",
          "awslogs-stream-prefix": "web",
        },
      },
    }),
  ],
});
const task = aTask({
  id,
  group: "service:web",
  lastStatus: "RUNNING",
  pullStartedAt: Date.UTC(2026, 0, 1, 0, 0, 1),
  pullStoppedAt: Date.UTC(2026, 0, 1, 0, 0, 2),
  startedAt: Date.UTC(2026, 0, 1, 0, 0, 3),
  containers: [
    aTaskContainer({
      lastStatus: "RUNNING",
      runtimeId: `${id}-1234567890`,
      imageDigest: "sha256:a",
    }),
  ],
  attachment: {
    id: "a",
    status: "ATTACHED",
    subnetId: "subnet-a",
    networkInterfaceId: "eni-1",
    macAddress: "0a:00:00:00:00:01",
    privateDnsName: "ip-10-0-11-7.ap-northeast-1.compute.internal",
    privateIp: "10.0.11.7",
  },
});
const input = {
  task,
  definition,
  names: { servers: ["10.0.0.2"], search: ["ap-northeast-1.compute.internal"] },
  subnet: { cidr: "10.0.11.0/24" },
};

describe("task metadata", () => {
  it("a running service task: the task's document", () => {
    const { task: document } = taskMetadata(input);
    expect(document).toMatchObject({
      Cluster: task.clusterArn,
      TaskARN: task.arn,
      Family: "web",
      Revision: "1",
      DesiredStatus: "RUNNING",
      KnownStatus: "RUNNING",
      Limits: { CPU: 0.25, Memory: 512 },
      PullStartedAt: "2026-01-01T00:00:01.000Z",
      PullStoppedAt: "2026-01-01T00:00:02.000Z",
      AvailabilityZone: "ap-northeast-1a",
      LaunchType: "FARGATE",
      ServiceName: "web",
      EphemeralStorageMetrics: { Reserved: 20_496 },
    });
    expect(document).not.toHaveProperty("ExecutionStoppedAt");
  });

  it("its container: names, limits, the log stream instead of the prefix, the network", () => {
    const [container] = taskMetadata(input).containers;
    expect(container?.runtimeId).toBe(`${id}-1234567890`);
    expect(container?.document).toMatchObject({
      DockerId: `${id}-1234567890`,
      Name: "app",
      DockerName: "app",
      ImageID: "sha256:a",
      Labels: { "com.amazonaws.ecs.task-definition-version": "1" },
      KnownStatus: "RUNNING",
      Limits: { CPU: 128, Memory: 256 },
      StartedAt: "2026-01-01T00:00:03.000Z",
      Type: "NORMAL",
      LogDriver: "awslogs",
      ContainerARN: task.containers[0]?.arn,
      Networks: [
        {
          NetworkMode: "awsvpc",
          IPv4Addresses: ["10.0.11.7"],
          AttachmentIndex: 0,
          MACAddress: "0a:00:00:00:00:01",
          IPv4SubnetCIDRBlock: "10.0.11.0/24",
          DomainNameServers: ["10.0.0.2"],
          DomainNameSearchList: ["ap-northeast-1.compute.internal"],
          PrivateDNSName: "ip-10-0-11-7.ap-northeast-1.compute.internal",
          SubnetGatewayIpv4Address: "10.0.11.1/24",
        },
      ],
    });
    expect(definition.containers[0]?.portMappings).toHaveLength(1);
    expect(container?.document).not.toHaveProperty("Ports");
    expect(container?.document["LogOptions"]).toEqual({
      "awslogs-group": "/ecs/app",
      "awslogs-region": "ap-northeast-1",
      "awslogs-stream": `web/app/${id}`,
    });
  });

  it("the task's document: holds its containers'", () => {
    const { task: document, containers } = taskMetadata(input);
    expect(document["Containers"]).toEqual(containers.map((container) => container.document));
  });

  it("a stand-alone task and a container with no share of its own: no service, the smallest share", () => {
    const alone = { ...task, group: "family:web" };
    const plain = aTaskDefinition();
    const { task: document, containers } = taskMetadata({
      ...input,
      task: alone,
      definition: plain,
    });
    expect(document).not.toHaveProperty("ServiceName");
    expect(containers[0]?.document["Limits"]).toEqual({ CPU: 2 });
  });
});
