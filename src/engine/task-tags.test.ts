import { describe, expect, it } from "vitest";
import { aService, aTaskDefinition } from "../../test/builders/ecs.ts";
import { mergeTaskTags, serviceTaskTags } from "./task-tags.ts";

const tag = (key: string, value: string) => ({ key, value });

describe("mergeTaskTags", () => {
  it("own and inherited tags share a key: the task's own wins", () => {
    const tags = mergeTaskTags({
      own: [tag("team", "mine")],
      inherited: [tag("team", "theirs"), tag("cost", "1")],
      managed: undefined,
    });
    expect(tags).toEqual([tag("team", "mine"), tag("cost", "1")]);
  });

  it("ECS manages tags of a service's task: cluster and service are named", () => {
    const managed = { clusterName: "shop", serviceName: "web" };
    expect(mergeTaskTags({ own: [], inherited: [], managed })).toEqual([
      tag("aws:ecs:clusterName", "shop"),
      tag("aws:ecs:serviceName", "web"),
    ]);
  });
});

describe("serviceTaskTags", () => {
  const definition = aTaskDefinition({ tags: [tag("from", "definition")] });

  it.each([
    ["NONE", []],
    ["SERVICE", [tag("from", "service")]],
    ["TASK_DEFINITION", [tag("from", "definition")]],
  ] as const)("%s propagates: %j", (propagateTags, expected) => {
    const service = aService({ propagateTags, tags: [tag("from", "service")] });
    expect(serviceTaskTags(service, definition, "main")).toEqual(expected);
  });
});
