import {
  AddTagsCommand,
  DescribeTagsCommand,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { listen, makeBalancer, makeGroup, openBench } from "./testing.ts";

describe("tags", () => {
  it("added and taken away, on each kind of resource", async () => {
    await using bench = await openBench();
    const [balancer, group] = [await makeBalancer(bench), await makeGroup(bench)];
    const ResourceArns = [balancer, group, await listen(bench, balancer, group)];
    const Tags = [
      { Key: "env", Value: "dev" },
      { Key: "team", Value: "" },
    ];
    await bench.elb.send(new AddTagsCommand({ ResourceArns, Tags }));
    await bench.elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ["team"] }));
    const { TagDescriptions } = await bench.elb.send(new DescribeTagsCommand({ ResourceArns }));
    expect(TagDescriptions).toEqual(
      ResourceArns.map((ResourceArn) => ({ ResourceArn, Tags: [{ Key: "env", Value: "dev" }] })),
    );
  });

  it("a resource that does not exist: the kind's own error, and the others stay untouched", async () => {
    await using bench = await openBench();
    const group = await makeGroup(bench);
    const ResourceArns = [group, `${group}0`];
    await expect(
      bench.elb.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key: "a", Value: "b" }] })),
    ).rejects.toMatchObject({ name: "TargetGroupNotFoundException" });
    const { TagDescriptions } = await bench.elb.send(
      new DescribeTagsCommand({ ResourceArns: [group] }),
    );
    expect(TagDescriptions?.[0]?.Tags).toEqual([]);
  });
});
