/** For tests of services: one service `web` of the cluster `shop`, asked for and looked at. */
import type { CreateServiceRequest, Service as ServiceView } from "@aws-sdk/client-ecs";
import type { Service } from "../../model/ecs.ts";
import { services } from "../../state/tables/ecs.ts";
import { awsvpc, balancedGroupArn, networkConfiguration, type TestEcs } from "./testing.ts";

export const serviceArn = "arn:aws:ecs:ap-northeast-1:000000000000:service/shop/web";
export const definitionArn = "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web";

export const create: CreateServiceRequest = {
  cluster: "shop",
  serviceName: "web",
  taskDefinition: "web",
  desiredCount: 2,
  launchType: "FARGATE",
  networkConfiguration,
};

export const loadBalancers = [
  { targetGroupArn: balancedGroupArn, containerName: "app", containerPort: 8080 },
];

/** The usual network with some of it changed. */
export const network = (more: object) => ({
  networkConfiguration: { awsvpcConfiguration: { ...awsvpc, ...more } },
});

export async function describeWeb({ ecs }: TestEcs): Promise<ServiceView | undefined> {
  const answer = await ecs.describeServices({ cluster: "shop", services: ["web"] });
  return answer.services?.[0];
}

/** What the service loop does to the service. */
export function changeWeb({ cloud }: TestEcs, values: Partial<Service>): void {
  cloud.store.write((tx) => {
    const service = tx.table(services).get(cloud.scope, serviceArn);
    if (service) tx.table(services).put({ ...service, ...values });
  });
}
