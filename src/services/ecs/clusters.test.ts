import { describe, expect, it } from "vitest";
import { networkConfiguration, refusal, startTestEcs } from "./testing.ts";

const arn = "arn:aws:ecs:ap-northeast-1:000000000000:cluster/shop";

describe("clusters", () => {
  it("a new cluster: ACTIVE, with the settings and tags it was made with", async () => {
    await using cloud = await startTestEcs();
    const { cluster } = await cloud.ecs.createCluster({
      clusterName: "shop",
      tags: [{ key: "team", value: "web" }],
    });
    expect(cluster).toEqual({
      clusterArn: arn,
      clusterName: "shop",
      status: "ACTIVE",
      registeredContainerInstancesCount: 0,
      runningTasksCount: 0,
      pendingTasksCount: 0,
      activeServicesCount: 0,
      statistics: [],
      tags: [{ key: "team", value: "web" }],
      settings: [{ name: "containerInsights", value: "disabled" }],
      capacityProviders: [],
      defaultCapacityProviderStrategy: [],
    });
  });

  it("no name: the cluster is called default", async () => {
    await using cloud = await startTestEcs();
    expect((await cloud.ecs.createCluster({})).cluster?.clusterName).toBe("default");
    expect((await cloud.ecs.describeClusters({})).clusters?.[0]?.clusterName).toBe("default");
  });

  it("the name of an ACTIVE cluster again: that cluster, as it is", async () => {
    await using cloud = await startTestEcs();
    const tags = [{ key: "first", value: "yes" }];
    await cloud.ecs.createCluster({ clusterName: "shop", tags });
    const { cluster } = await cloud.ecs.createCluster({ clusterName: "shop" });
    expect(cluster?.tags).toEqual(tags);
  });

  it("settings and tags that are not asked for: left out", async () => {
    await using cloud = await startTestEcs();
    await cloud.ecs.createCluster({ clusterName: "shop", tags: [{ key: "a", value: "b" }] });
    const plain = await cloud.ecs.describeClusters({ clusters: ["shop"] });
    expect(plain.clusters?.[0]).toMatchObject({ settings: [], tags: [], statistics: [] });
    const include = ["SETTINGS", "TAGS", "STATISTICS", "CONFIGURATIONS", "ATTACHMENTS"] as const;
    const full = await cloud.ecs.describeClusters({ clusters: [arn], include: [...include] });
    expect(full.clusters?.[0]?.settings).toHaveLength(1);
    expect(full.clusters?.[0]?.tags).toHaveLength(1);
    expect([plain, full].map(({ clusters }) => clusters?.[0]?.attachments)).toEqual([
      undefined,
      [],
    ]);
    expect(full.clusters?.[0]?.statistics).toContainEqual({
      name: "runningFargateTasksCount",
      value: "0",
    });
  });

  it("an unknown name: a failure with the full ARN, no error", async () => {
    await using cloud = await startTestEcs();
    const { clusters, failures } = await cloud.ecs.describeClusters({ clusters: ["shop"] });
    expect(clusters).toEqual([]);
    expect(failures).toEqual([{ arn, reason: "MISSING" }]);
  });

  it("changed settings: kept and shown", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const settings = [{ name: "containerInsights" as const, value: "enabled" }];
    const { cluster } = await cloud.ecs.updateClusterSettings({ cluster: "shop", settings });
    expect(cluster?.settings).toEqual(settings);
    const updated = await cloud.ecs.updateCluster({
      cluster: "shop",
      settings: [{ name: "containerInsights", value: "disabled" }],
    });
    expect(updated.cluster?.settings?.[0]?.value).toBe("disabled");
  });

  it("a deleted cluster: INACTIVE, described and not listed, refused for use", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    const deleted = await cloud.ecs.deleteCluster({ cluster: "shop" });
    expect(deleted.cluster?.status).toBe("INACTIVE");
    const { clusters } = await cloud.ecs.describeClusters({ clusters: ["shop"] });
    expect(clusters?.[0]?.status).toBe("INACTIVE");
    expect((await cloud.ecs.listClusters({})).clusterArns).toEqual([]);
    expect(await refusal(cloud.ecs.listServices({ cluster: "shop" }))).toBe(
      "ClusterNotFoundException: The referenced cluster was inactive.",
    );
    const again = await cloud.ecs.createCluster({ clusterName: "shop" });
    expect(again.cluster?.status).toBe("ACTIVE");
  });

  it("a cluster with a service, then with a task: not deleted, each with its reason", async () => {
    await using cloud = await startTestEcs({ cluster: "shop" });
    await cloud.ecs.createService({
      cluster: "shop",
      serviceName: "web",
      taskDefinition: "web",
      launchType: "FARGATE",
      networkConfiguration,
    });
    expect(await refusal(cloud.ecs.deleteCluster({ cluster: "shop" }))).toBe(
      "ClusterContainsServicesException: The Cluster cannot be deleted while Services are active.",
    );
    await cloud.ecs.createCluster({ clusterName: "jobs" });
    await cloud.ecs.runTask({
      cluster: "jobs",
      taskDefinition: "web",
      launchType: "FARGATE",
      networkConfiguration,
    });
    expect(await refusal(cloud.ecs.deleteCluster({ cluster: "jobs" }))).toBe(
      "ClusterContainsTasksException: The Cluster cannot be deleted while Tasks are active.",
    );
  });

  it("pages of two: every cluster once", async () => {
    await using cloud = await startTestEcs();
    for (const clusterName of ["a", "b", "c"]) await cloud.ecs.createCluster({ clusterName });
    const first = await cloud.ecs.listClusters({ maxResults: 2 });
    const nextToken = first.nextToken ?? "";
    const second = await cloud.ecs.listClusters({ maxResults: 2, nextToken });
    expect([...(first.clusterArns ?? []), ...(second.clusterArns ?? [])]).toEqual(
      ["a", "b", "c"].map((name) => arn.replace("shop", name)),
    );
    expect(second.nextToken).toBeUndefined();
  });

  it("what cannot be: refused, and nothing is made", async () => {
    await using cloud = await startTestEcs();
    const { ecs } = cloud;
    expect(await refusal(ecs.createCluster({ clusterName: "no spaces" }))).toBe(
      "InvalidParameterException: Cluster name contains invalid characters.",
    );
    expect(
      await refusal(
        ecs.createCluster({
          clusterName: "x",
          configuration: {
            executeCommandConfiguration: {
              logging: "OVERRIDE",
              logConfiguration: { s3BucketName: "sessions" },
            },
          },
        }),
      ),
    ).toBe(
      "UnknownOperationException: Neargate does not act on the member " +
        "configuration.executeCommandConfiguration.logConfiguration.s3BucketName of ecs:CreateCluster yet",
    );
    expect(await refusal(ecs.deleteCluster({ cluster: "gone" }))).toBe(
      "ClusterNotFoundException: Cluster not found.",
    );
    expect(await refusal(ecs.listClusters({ nextToken: "bogus" }))).toBe(
      "InvalidParameterException: Invalid token.",
    );
    expect((await ecs.listClusters({})).clusterArns).toEqual([]);
  });
});
