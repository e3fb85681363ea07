/**
 * Every AWS service there is here.
 *
 * A service is made by `<name>Service` in `<name>/service.ts`, from the ports that it needs: most need
 * none, since they meet the rest of the engine in the state. One that does takes an object, of which
 * `ServiceNeeds` is the sum: `logsService({ logs })`. Making a service must not use a port, because
 * tools make one to read its declarations.
 *
 * To add an operation: declare it in the service's `operations`, then `node tools/generate-models.ts`
 * and `node tools/coverage.ts`.
 */
import type { LogStore } from "../dataplane/logs/port.ts";
import type { BlobStore } from "../dataplane/registry/port.ts";
import type { ServiceModule } from "../gateway/service.ts";
import type { Sealing } from "../seams/sealing.ts";
import { ec2Service } from "./ec2/service.ts";
import type { RegistryCredentials } from "./ecr/credentials.ts";
import { ecrService } from "./ecr/service.ts";
import { ecsService } from "./ecs/service.ts";
import { elbv2Service } from "./elbv2/service.ts";
import { iamService } from "./iam/service.ts";
import { kmsService } from "./kms/service.ts";
import { logsService } from "./logs/service.ts";
import { secretsmanagerService } from "./secretsmanager/service.ts";
import { ssmService } from "./ssm/service.ts";
import { stsService } from "./sts/service.ts";

export type ServiceNeeds = {
  readonly logs: LogStore;
  readonly credentials: RegistryCredentials;
  readonly blobs: BlobStore;
  readonly sealing: Sealing;
};

export const services = (needs: ServiceNeeds): ServiceModule[] => [
  ec2Service(),
  ecrService(needs),
  ecsService(),
  elbv2Service(),
  iamService(),
  kmsService(needs),
  logsService(needs),
  secretsmanagerService(needs),
  ssmService(needs),
  stsService(needs),
];
