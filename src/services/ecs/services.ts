/** Finding, listing and deleting services. */
import type {
  DeleteServiceRequest,
  DeleteServiceResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServicesRequest,
  ListServicesResponse,
} from "@aws-sdk/client-ecs";
import { read, write } from "../../gateway/service.ts";
import type { Service } from "../../model/ecs.ts";
import { services } from "../../state/tables/ecs.ts";
import { checkAtMost, checkEnum } from "./checks.ts";
import { withDesiredCount } from "./deployments.ts";
import { invalidParameter, serviceNotFound } from "./errors.ts";
import { arnInCluster, clusterArnOf, findService, getCluster, getService } from "./lookup.ts";
import { page } from "./pages.ts";
import { clusterCondition } from "./permissions.ts";
import { toServiceView } from "./views/service.ts";

export const DescribeServices = read<DescribeServicesRequest, DescribeServicesResponse>({
  action: "ecs:DescribeServices",
  resources: ({ cluster, services: names }, { scope }) =>
    (names ?? []).map((name) => arnInCluster(scope, "service", clusterArnOf(scope, cluster), name)),
  conditions: clusterCondition,
  accepts: { cluster: true, services: true, include: true },
  run: (context, input) => {
    const names = input.services ?? [];
    if (names.length === 0) throw invalidParameter("Services cannot be empty.");
    checkAtMost("services", names, 10);
    for (const field of input.include ?? []) checkEnum("include", field, ["TAGS"]);
    const cluster = getCluster(context, input.cluster);
    const found: Service[] = [];
    const failures = [];
    for (const name of new Set(names)) {
      const service = findService(context, cluster, name);
      const arn = arnInCluster(context.scope, "service", cluster.arn, name);
      if (service) found.push(service);
      else failures.push({ arn, reason: "MISSING" });
    }
    const showTags = input.include?.includes("TAGS") ?? false;
    return { services: found.map((one) => toServiceView(context, one, showTags)), failures };
  },
});

export const ListServices = read<ListServicesRequest, ListServicesResponse>({
  action: "ecs:ListServices",
  resources: () => ["*"],
  conditions: clusterCondition,
  accepts: {
    cluster: true,
    launchType: true,
    schedulingStrategy: true,
    maxResults: true,
    nextToken: true,
  },
  run: (context, input) => {
    const { launchType, schedulingStrategy } = input;
    checkEnum("launchType", launchType, ["EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES"]);
    checkEnum("schedulingStrategy", schedulingStrategy, ["REPLICA", "DAEMON"]);
    const cluster = getCluster(context, input.cluster);
    const listed = context.tx
      .table(services)
      .by("cluster", context.scope, cluster.arn)
      .filter((service) => service.status === "ACTIVE")
      .filter((service) => !launchType || service.launchType === launchType)
      .filter((one) => !schedulingStrategy || one.schedulingStrategy === schedulingStrategy);
    const { items, nextToken } = page(
      "ListServices",
      listed.map((service) => service.arn),
      input,
      { size: 10 },
    );
    return { serviceArns: items, nextToken };
  },
});

export const DeleteService = write<DeleteServiceRequest, DeleteServiceResponse>({
  action: "ecs:DeleteService",
  resources: ({ cluster, service }, { scope }) => [
    arnInCluster(scope, "service", clusterArnOf(scope, cluster), service ?? "*"),
  ],
  conditions: clusterCondition,
  accepts: { cluster: true, service: true, force: true },
  run: (context, input) => {
    const cluster = getCluster(context, input.cluster);
    const service = getService(context, cluster, input.service);
    if (service.status === "INACTIVE") throw serviceNotFound();
    if (service.desiredCount > 0 && !input.force) {
      throw invalidParameter("The service cannot be stopped while it is scaled above 0.");
    }
    const draining: Service = {
      ...withDesiredCount(service, 0, context.now),
      status: "DRAINING",
    };
    context.tx.table(services).put(draining);
    return { service: toServiceView(context, draining, true) };
  },
});
