/**
 * Every AWS service there is here.
 *
 * A service is made by `<name>Service` in `<name>/service.ts`, from the ports that it needs: most need
 * none, since they meet the rest of the engine in the state. One that does takes an object, of which
 * `ServiceNeeds` is the sum: `logsService({ logs, clock })`. Making a service must not use a port, because
 * tools make one to read its declarations.
 *
 * Each is imported when the first request for it comes: an engine carries what it is used for.
 *
 * To add an operation: declare it in the service's `operations`, then `node tools/generate-models.ts`
 * and `node tools/coverage.ts`.
 */
import type { LogStore } from "../dataplane/logs/port.ts";
import type { BlobStore } from "../dataplane/registry/port.ts";
import type { SessionBroker } from "../dataplane/sessions/port.ts";
import type { ServiceSource } from "../gateway/service.ts";
import type { Clock } from "../seams/clock.ts";
import type { Sealing } from "../seams/sealing.ts";
import type { RegistryCredentials } from "./ecr/credentials.ts";
export type ServiceNeeds = {
  readonly logs: LogStore;
  readonly clock: Clock;
  readonly credentials: RegistryCredentials;
  readonly blobs: BlobStore;
  readonly sealing: Sealing;
  readonly sessions: SessionBroker;
};

export const services = (needs: ServiceNeeds): ServiceSource[] => [
  {
    name: "ec2",
    load: async () => {
      await inPieces([
        () => import("./ec2/describe.ts"),
        () => import("./ec2/subnets.ts"),
        () => import("./ec2/security-groups.ts"),
        () => import("./ec2/network-interfaces.ts"),
        () => import("./ec2/route-tables.ts"),
        () => import("./ec2/vpc-endpoints.ts"),
        () => import("./ec2/vpc-peering-connections.ts"),
      ]);
      return (await import("./ec2/service.ts")).ec2Service();
    },
  },
  {
    name: "ecr",
    load: async () => (await import("./ecr/service.ts")).ecrService(needs),
  },
  {
    name: "ecs",
    load: async () => {
      await inPieces([
        () => import("./ecs/task-definitions.ts"),
        () => import("./ecs/create-service.ts"),
      ]);
      return (await import("./ecs/service.ts")).ecsService(needs);
    },
  },
  {
    name: "elbv2",
    load: async () => (await import("./elbv2/service.ts")).elbv2Service(),
  },
  {
    name: "iam",
    load: async () => (await import("./iam/service.ts")).iamService(),
  },
  {
    name: "kms",
    load: async () => (await import("./kms/service.ts")).kmsService(needs),
  },
  {
    name: "logs",
    load: async () => (await import("./logs/service.ts")).logsService(needs),
  },
  {
    name: "secretsmanager",
    load: async () => (await import("./secretsmanager/service.ts")).secretsmanagerService(needs),
  },
  {
    name: "ssm",
    load: async () => (await import("./ssm/service.ts")).ssmService(needs),
  },
  {
    name: "sts",
    load: async () => (await import("./sts/service.ts")).stsService(needs),
  },
];

/**
 * Reads the largest services' files a part at a time, with a turn of the event loop after each: all at
 * once would keep every other request waiting.
 */
async function inPieces(parts: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const part of parts) {
    await part();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
