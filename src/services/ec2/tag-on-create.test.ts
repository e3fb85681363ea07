import { expect, it } from "vitest";
import { ec2Service } from "./service.ts";
import { tagOnCreate } from "./tag-on-create.ts";

it("every operation that takes specifications of tags: asks for the permission to give them", () => {
  const tagging = Object.entries(ec2Service().operations)
    .filter(([, { accepts }]) => "TagSpecifications" in accepts)
    .map(([name]) => name);
  expect(Object.keys(tagOnCreate).toSorted()).toEqual(tagging.toSorted());
});
