import { describe, expect, it } from "vitest";
import {
  aContainerDefinition,
  aService,
  aTask,
  aTaskDefinition,
  scope,
} from "../../../test/builders/ecs.ts";
import { type LoopWorld, loopWorld } from "../../../test/builders/loop-world.ts";
import { awsPrefixLists } from "../../model/aws-prefix-lists.ts";
import type {
  InterfaceEndpoint,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  VpcEndpoint,
} from "../../model/network.ts";
import type { WriteTransaction } from "../../state/store.ts";
import {
  internetGateways,
  natGateways,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcEndpoints,
  vpcs,
} from "../../state/tables/network.ts";
import { type Destination, taskPath } from "./paths.ts";

const fullAccess = JSON.stringify({
  Statement: [{ Effect: "Allow", Principal: "*", Action: "*", Resource: "*" }],
});

/** Engine time after which a try is given up. */
const patienceMs = 8000;
const common = { ...scope, tags: [], createdAt: 0 };

const everything = (direction: SecurityGroupRule["direction"]): SecurityGroupRule => ({
  ruleId: `sgr-${direction}`,
  direction,
  protocol: "-1",
  fromPort: undefined,
  toPort: undefined,
  peer: { type: "ipv4", cidr: "0.0.0.0/0" },
  description: undefined,
  tags: [],
});

/** A world whose tasks' ways are those of its records: groups open, and no route but the local one. */
function worldWithPaths(): LoopWorld {
  const world = loopWorld();
  Object.assign(world.overrides, {
    pathTo: (task: Parameters<typeof taskPath>[1], to: Destination) =>
      world.store.read((tx) => taskPath(tx, task, to)),
  });
  world.store.write((tx) => {
    tx.table(securityGroups).put({
      ...common,
      groupId: "sg-app",
      groupName: "app",
      description: "",
      vpcId: "vpc-1",
      rules: [everything("ingress"), everything("egress")],
    } satisfies SecurityGroup);
    tx.table(routeTables).put(tableWith([]));
    tx.table(internetGateways).put({ ...common, internetGatewayId: "igw-1", vpcId: "vpc-1" });
    const subnet = tx.table(subnets).get(scope, "subnet-a");
    if (subnet)
      tx.table(subnets).put({ ...subnet, subnetId: "subnet-public", cidr: "10.0.9.0/24" });
    tx.table(natGateways).put({
      ...common,
      natGatewayId: "nat-1",
      vpcId: "vpc-1",
      subnetId: "subnet-public",
      connectivityType: "public",
      state: "available",
      deletedAt: undefined,
      networkInterfaceId: "eni-nat",
      privateIp: "10.0.9.9",
      allocationId: "eipalloc-1",
      publicIp: "198.18.0.1",
    });
    tx.table(routeTables).put({
      ...tableWith([
        {
          destinationCidr: "0.0.0.0/0",
          target: { type: "internet-gateway", id: "igw-1" },
          origin: "CreateRoute",
        },
      ]),
      routeTableId: "rtb-public",
      associations: [{ associationId: "a", subnetId: "subnet-public", main: false }],
    });
  });
  return world;
}

const tableWith = (routes: RouteTable["routes"]): RouteTable => ({
  ...common,
  routeTableId: "rtb-main",
  vpcId: "vpc-1",
  routes: [
    { destinationCidr: "10.0.0.0/16", target: { type: "local" }, origin: "CreateRouteTable" },
    ...routes,
  ],
  associations: [{ associationId: "m", subnetId: undefined, main: true }],
});
const natRoute: RouteTable["routes"][number] = {
  destinationCidr: "0.0.0.0/0",
  target: { type: "nat-gateway", id: "nat-1" },
  origin: "CreateRoute",
};

async function launch(world: LoopWorld): Promise<void> {
  world.pushImage();
  world.putTask(aTask());
  world.start();
  await world.clock.advance(0);
}

const outcome = (world: LoopWorld) => {
  const [task] = world.tasks();
  return task?.stop?.reason ?? task?.lastStatus;
};

describe("what the engine does on a task's behalf", () => {
  it("no way to ECR: waits for a while, then fails in AWS's words", async () => {
    const world = worldWithPaths();
    await launch(world);
    await world.clock.advance(patienceMs - 1);
    expect(world.tasks()[0]?.stop).toBeUndefined();
    await world.clock.advance(1);
    expect(outcome(world)).toMatch(
      /^ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: .* Post "https:\/\/api\.ecr\.ap-northeast-1\.amazonaws\.com\/": dial tcp 203\.0\.113\.\d+:443: i\/o timeout$/,
    );
    expect(world.tasks()[0]?.stop?.code).toBe("TaskFailedToStart");
    expect(world.starts.size).toBe(0);
  });

  it("a route that comes while it waits: the task runs", async () => {
    const world = worldWithPaths();
    await launch(world);
    await world.clock.advance(3000);
    world.store.write((tx) => tx.table(routeTables).put(tableWith([natRoute])));
    await world.clock.advance(2000);
    expect(outcome(world)).toBe("RUNNING");
  });

  it("interface endpoints for ECR without S3: the layers do not come; with its gateway endpoint they do", async () => {
    const endpoint = (service: string): VpcEndpoint => ({
      ...common,
      vpcEndpointId: `vpce-${service}`,
      vpcId: "vpc-1",
      serviceName: `com.amazonaws.${scope.region}.${service}`,
      policy: fullAccess,
      ...(service === "s3"
        ? { type: "gateway", routeTableIds: ["rtb-main"] }
        : {
            type: "interface",
            subnetIds: ["subnet-a"],
            groupIds: ["sg-app"],
            networkInterfaceIds: [`eni-${service}`],
            privateDnsEnabled: true,
          }),
    });
    const withEndpoints = async (services: readonly string[]): Promise<string | undefined> => {
      const world = worldWithPaths();
      addEndpoints(world, services.map(endpoint));
      await launch(world);
      await world.clock.advance(patienceMs);
      return outcome(world);
    };
    expect(await withEndpoints(["ecr.api"])).toMatch(
      /^CannotPullContainerError: pull image manifest has been retried 5 time\(s\): failed to resolve ref \S+: failed to do request: Head "https:\/\/\d{12}\.dkr\.ecr\.ap-northeast-1\.amazonaws\.com\/v2\/app\/manifests\/v1": dial tcp .*: i\/o timeout$/,
    );
    expect(await withEndpoints(["ecr.api", "ecr.dkr"])).toMatch(
      /httpReadSeeker.*starport-layer-bucket/,
    );
    expect(await withEndpoints(["ecr.api", "ecr.dkr", "s3"])).toBe("RUNNING");
  });

  it("a public image without a way out: the registry's name and a timeout", async () => {
    const world = worldWithPaths();
    world.putDefinition(
      aTaskDefinition({ containers: [aContainerDefinition({ image: "nginx:1" })] }),
    );
    await launch(world);
    await world.clock.advance(patienceMs);
    expect(outcome(world)).toBe(
      "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/library/nginx:1: " +
        'failed to do request: Head "https://registry-1.docker.io/v2/library/nginx/manifests/1": dial tcp 203.0.113.1:443: i/o timeout',
    );
  });

  it("no way to CloudWatch Logs: the log driver fails before any process runs", async () => {
    const world = loopWorld();
    Object.assign(world.overrides, {
      pathTo: (_: unknown, to: Destination) =>
        to.type === "service" && to.service === "logs" ? { address: "203.0.113.9" } : undefined,
    });
    const log = { logDriver: "awslogs", options: { "awslogs-group": "/web" } };
    world.putDefinition(
      aTaskDefinition({ containers: [aContainerDefinition({ logConfiguration: log })] }),
    );
    await launch(world);
    await world.clock.advance(patienceMs);
    expect(outcome(world)).toMatch(
      /^ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group .* signal: killed$/,
    );
    expect(world.starts.size).toBe(0);
  });

  it("a service that backed off: starts at once when the route is there", async () => {
    const world = worldWithPaths();
    world.pushImage();
    world.putService(aService({ desiredCount: 1 }));
    world.start();
    await world.clock.advance(10 * 60_000);
    const [deployment] = world.service().deployments;
    expect(deployment?.throttle).toBeDefined();
    expect(world.tasks().filter((task) => task.lastStatus === "RUNNING")).toEqual([]);
    world.store.write((tx) => tx.table(routeTables).put(tableWith([natRoute])));
    await world.clock.advance(1000);
    expect(world.tasks().filter((task) => task.lastStatus === "RUNNING")).toHaveLength(1);
  });
});

/** With the interfaces of those that have one, and DNS on. */
function addEndpoints(world: LoopWorld, endpoints: readonly VpcEndpoint[]): void {
  world.store.write((tx) => {
    const vpc = tx.table(vpcs).get(scope, "vpc-1");
    if (vpc) tx.table(vpcs).put({ ...vpc, enableDnsSupport: true, enableDnsHostnames: true });
    for (const endpoint of endpoints) {
      tx.table(vpcEndpoints).put(endpoint);
      if (endpoint.type === "interface") putInterface(tx, endpoint);
      else tx.table(routeTables).put(tableWith([s3Route(endpoint.vpcEndpointId)]));
    }
  });
}

const putInterface = (tx: WriteTransaction, endpoint: InterfaceEndpoint): void =>
  tx.table(networkInterfaces).put({
    ...common,
    networkInterfaceId: endpoint.networkInterfaceIds[0] ?? "",
    vpcId: "vpc-1",
    subnetId: "subnet-a",
    availabilityZone: `${scope.region}a`,
    privateIp: endpoint.serviceName.endsWith("api") ? "10.0.1.201" : "10.0.1.202",
    macAddress: "0a:00:00:00:00:01",
    groupIds: endpoint.groupIds,
    description: "",
    owner: { type: "vpc-endpoint", vpcEndpointId: endpoint.vpcEndpointId },
    publicIp: undefined,
    sourceDestCheck: true,
    status: "in-use",
    attachmentId: undefined,
  } satisfies NetworkInterface);

function s3Route(endpointId: string): RouteTable["routes"][number] {
  const list = awsPrefixLists(scope.region).find((one) => one.prefixListName.endsWith(".s3"));
  if (!list) throw new Error("a list");
  return {
    destinationCidr: undefined,
    destinationPrefixListId: list.prefixListId,
    target: { type: "vpc-endpoint", id: endpointId },
    origin: "CreateRoute",
  };
}
