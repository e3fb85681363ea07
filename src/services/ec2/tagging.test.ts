import {
  CreateTagsCommand,
  DeleteTagsCommand,
  EC2Client,
  type TagSpecification,
} from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { startTestGateway } from "../../gateway/testing.ts";
import { authorizeSecurityGroupIngress } from "./authorize.ts";
import { describeAvailabilityZones, describeRegions } from "./regions.ts";
import { describeSecurityGroupRules } from "./security-group-rules.ts";
import { createSecurityGroup } from "./security-groups.ts";
import { ec2Service } from "./service.ts";
import { createTags, deleteTags, describeTags } from "./tagging.ts";
import { given, openRoom, refusal } from "./testing.ts";
import { createVpc, describeVpcs } from "./vpcs.ts";

function roomWithVpc() {
  const room = openRoom();
  const { Vpc } = room.call(createVpc, {
    CidrBlock: "10.0.0.0/16",
    TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "Name", Value: "one" }] }],
  });
  const VpcId = given(Vpc?.VpcId);
  const tags = () => room.call(describeVpcs, { VpcIds: [VpcId] }).Vpcs?.[0]?.Tags;
  return { room, VpcId, tags };
}

describe("tags", () => {
  it("on nothing: the request must have resources; specified for no type: refused", async () => {
    await using cloud = await startTestGateway([ec2Service()]);
    const ec2 = cloud.client(EC2Client);
    const Tags = [{ Key: "a", Value: "b" }];
    const refused = {
      name: "MissingParameter",
      message: "The request must contain the parameter resourceIdSet",
    };
    const nothing = { Resources: [], Tags };
    await expect(ec2.send(new CreateTagsCommand(nothing))).rejects.toMatchObject(refused);
    await expect(ec2.send(new DeleteTagsCommand(nothing))).rejects.toMatchObject(refused);
    const make = (specification: TagSpecification) =>
      refusal(() =>
        openRoom().call(createVpc, {
          CidrBlock: "10.0.0.0/16",
          TagSpecifications: [specification],
        }),
      );
    const words = "InvalidParameter: Tag specification";
    expect(make({ Tags })).toBe(`${words} resource type must have a value`);
    expect(make({ ResourceType: "vpc" })).toBe(`${words} must have at least one tag`);
  });

  it("set anew: replaced by key; deleted by key, or by key and value", () => {
    const { room, VpcId, tags } = roomWithVpc();
    const Resources = [VpcId];
    room.call(createTags, {
      Resources,
      Tags: [
        { Key: "Name", Value: "two" },
        { Key: "team", Value: "a" },
      ],
    });
    expect(tags()).toEqual([
      { Key: "Name", Value: "two" },
      { Key: "team", Value: "a" },
    ]);
    room.call(deleteTags, { Resources, Tags: [{ Key: "Name", Value: "one" }] });
    expect(tags()).toHaveLength(2);
    room.call(deleteTags, { Resources, Tags: [{ Key: "Name" }] });
    expect(tags()).toEqual([{ Key: "team", Value: "a" }]);
  });

  it("on a security group rule: found in DescribeTags and on the rule", () => {
    const { room, VpcId } = roomWithVpc();
    const { GroupId } = room.call(createSecurityGroup, { GroupName: "a", Description: "a", VpcId });
    const made = room.call(authorizeSecurityGroupIngress, {
      GroupId,
      IpProtocol: "tcp",
      FromPort: 80,
      ToPort: 80,
      CidrIp: "10.0.0.0/8",
      TagSpecifications: [
        { ResourceType: "security-group-rule", Tags: [{ Key: "a", Value: "1" }] },
      ],
    });
    const ruleId = given(made.SecurityGroupRules?.[0]?.SecurityGroupRuleId);
    room.call(createTags, { Resources: [ruleId], Tags: [{ Key: "b", Value: "2" }] });
    const Filters = [{ Name: "resource-id", Values: [ruleId] }];
    expect(room.call(describeTags, { Filters }).Tags).toEqual([
      { Key: "a", Value: "1", ResourceId: ruleId, ResourceType: "security-group-rule" },
      { Key: "b", Value: "2", ResourceId: ruleId, ResourceType: "security-group-rule" },
    ]);
    const rules = room.call(describeSecurityGroupRules, {
      Filters: [{ Name: "tag:b", Values: ["2"] }],
    }).SecurityGroupRules;
    expect(rules?.map((rule) => rule.SecurityGroupRuleId)).toEqual([ruleId]);
  });

  const bad: readonly (readonly [string, string[], { Key: string; Value: string }[], string])[] = [
    [
      "an id of no kind",
      ["thing-1"],
      [{ Key: "a", Value: "" }],
      "InvalidID: The ID 'thing-1' is not valid",
    ],
    ["an id of nothing", ["vpc-1"], [{ Key: "a", Value: "" }], "InvalidVpcID.NotFound"],
    ["no id", [], [{ Key: "a", Value: "" }], "MissingParameter"],
    ["no tag", ["vpc-1"], [], "MissingParameter"],
    ["a key of AWS's", ["vpc-1"], [{ Key: "aws:a", Value: "" }], "reserved for internal use"],
    ["a key too long", ["vpc-1"], [{ Key: "k".repeat(129), Value: "" }], "maximum length of 128"],
    [
      "a value too long",
      ["vpc-1"],
      [{ Key: "k", Value: "v".repeat(257) }],
      "maximum length of 256",
    ],
    [
      "a key twice",
      ["vpc-1"],
      [
        { Key: "k", Value: "" },
        { Key: "k", Value: "" },
      ],
      "Duplicate tag key 'k' specified.",
    ],
  ];
  for (const [title, Resources, Tags, words] of bad) {
    it(`${title}: refused`, () => {
      const { room } = roomWithVpc();
      expect(refusal(() => room.call(createTags, { Resources, Tags }))).toContain(words);
    });
  }

  it("more than 50: refused, on one resource of two and so on both", () => {
    const { room, VpcId, tags } = roomWithVpc();
    const Tags = Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: "" }));
    const Resources = [given(room.call(createVpc, { CidrBlock: "10.1.0.0/16" }).Vpc?.VpcId), VpcId];
    expect(refusal(() => room.call(createTags, { Resources, Tags }))).toContain("TagLimitExceeded");
    expect(tags()).toHaveLength(1);
    expect(room.call(describeVpcs, { VpcIds: Resources }).Vpcs?.[0]?.Tags).toEqual([]);
  });
});

describe("regions", () => {
  it("the zones of ap-northeast-1: a, c and d; of us-east-1: a to f", () => {
    const zones = (region: string) =>
      openRoom({ account: "000000000000", region })
        .call(describeAvailabilityZones, { Filters: [{ Name: "state", Values: ["available"] }] })
        .AvailabilityZones?.map((zone) => zone.ZoneName?.slice(-1))
        .join("");
    expect(zones("ap-northeast-1")).toBe("acd");
    expect(zones("us-east-1")).toBe("abcdef");
  });

  it("regions by name: found; one that is none: refused", () => {
    const room = openRoom();
    const statuses = (AllRegions: boolean) =>
      room.call(describeRegions, { AllRegions }).Regions?.map(({ OptInStatus }) => OptInStatus);
    expect(new Set(statuses(false))).toEqual(new Set(["opt-in-not-required"]));
    expect(new Set(statuses(true))).toEqual(new Set(["not-opted-in", "opt-in-not-required"]));
    const far = { RegionNames: ["me-south-1"] };
    expect(room.call(describeRegions, far).Regions?.[0]?.OptInStatus).toBe("not-opted-in");
    const found = room.call(describeRegions, { RegionNames: ["eu-west-1"] }).Regions;
    expect(found?.map((region) => region.RegionName)).toEqual(["eu-west-1"]);
    expect(refusal(() => room.call(describeRegions, { RegionNames: ["moon-1"] }))).toContain(
      "InvalidParameterValue",
    );
  });
});
